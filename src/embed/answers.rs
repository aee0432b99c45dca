//! Scripted answers, added and removed in the middle of a test.

use super::error::or_panic;
use super::handle::Handle;
use crate::answers::AnswerReport;
use crate::scenario::load;

impl Handle {
    /// Adds one answer, or a list, in YAML or JSON as in docs/answers.md; returns their names. On the handle to one account
    /// they match its calls alone. Panics if one does not fit its operation, with the line that is wrong; if one is for
    /// another account, or has the name of one that is there.
    ///
    /// ```
    /// # use sas_emulator::Emulator;
    /// # let emulator = Emulator::start();
    /// let names = emulator.answer("{ id: none, match: { action: DescribeVulList }, reply: { TotalCount: 0 } }");
    /// assert_eq!(names, ["none"]);
    /// emulator.remove_answer("none");
    /// ```
    #[track_caller]
    pub fn answer(&self, answers: &str) -> Vec<String> {
        let mut answers = or_panic(load::answers("answer", answers).map_err(|error| error.report()));
        if let Some(account) = self.only() {
            for answer in &mut answers {
                or_panic(answer.for_account(account));
            }
        }
        or_panic(self.emulator.session().answers.add(answers))
    }

    /// Removes an answer.
    ///
    /// # Panics
    ///
    /// If none is called that.
    #[track_caller]
    pub fn remove_answer(&self, name: &str) {
        if self.emulator.session().answers.remove(|answer| answer.id == name) == 0 {
            let known: Vec<String> = self.answers().into_iter().map(|answer| answer.id).collect();
            panic!("no answer is called {name:?}; there are {known:?}");
        }
    }

    /// The answers, and how often each was given to calls of all accounts or of this one.
    pub fn answers(&self) -> Vec<AnswerReport> {
        self.emulator.session().answers.reports(self.only())
    }
}
