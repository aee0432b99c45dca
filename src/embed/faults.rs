//! Fault rules, armed and disarmed in the middle of a test.

use super::error::or_panic;
use super::handle::Handle;
use crate::clock::uptime;
use crate::fault::Report;
use crate::scenario::load;

impl Handle {
    /// Arms one rule, or a list, in YAML or JSON as in docs/faults.md; returns their names. On the handle to one account
    /// they match its calls alone. Panics if they are not rules, with the line that is wrong; if one is for another account,
    /// or has the name of an armed one.
    ///
    /// ```
    /// # use sas_emulator::Emulator;
    /// # let emulator = Emulator::start();
    /// let names = emulator.arm("{ id: flaky, trigger: { every: 3 }, effect: { error: ServerError } }");
    /// assert_eq!(names, ["flaky"]);
    /// emulator.disarm("flaky");
    /// ```
    #[track_caller]
    pub fn arm(&self, rules: &str) -> Vec<String> {
        let mut rules = or_panic(load::faults("rule", rules).map_err(|error| error.report()));
        if let Some(account) = self.only() {
            for rule in &mut rules {
                let given = rule.matches.account.replace(account.to_owned());
                let other = given.filter(|given| given != account);
                let report =
                    |other| format!("the rule is for the account {other:?}, and this is {account:?}");
                or_panic(other.map(report).map_or(Ok(()), Err));
            }
        }
        or_panic(self.emulator.arm(rules))
    }

    /// Disarms a rule.
    ///
    /// # Panics
    ///
    /// If none is called that.
    #[track_caller]
    pub fn disarm(&self, name: &str) {
        if self.emulator.session().faults.disarm(|rule| rule.id == name) == 0 {
            let armed: Vec<String> = self.faults().into_iter().map(|fault| fault.id).collect();
            panic!("no fault is called {name:?}; armed are {armed:?}");
        }
    }

    /// The armed rules, and their counters for calls of all accounts or of this one.
    pub fn faults(&self) -> Vec<Report> {
        self.emulator.session().faults.reports(self.only(), uptime())
    }
}
