//! What happened since somebody last looked.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Gateway;
use super::resident::TaskTransition;
use crate::clock::Step;

/// Up to when an onlooker knows what happened: each account may have its own time.
#[derive(Debug, Default)]
pub struct Watermark(HashMap<String, Timestamp>);

impl Gateway {
    /// Now, for all accounts or for one. Of an account that comes later, everything is news.
    pub fn watermark(&self, account: Option<&str>) -> Watermark {
        let run = self.run();
        let mut marks = HashMap::new();
        run.accounts.each(account, |id, resident| {
            marks.insert(id.to_owned(), resident.now(&run.clock));
        });
        Watermark(marks)
    }

    /// Births and changes of status since the mark, in order; the mark moves to now. What is done to a task while its
    /// clock stands still shows in no change of time, so it is not told.
    pub fn news(&self, account: Option<&str>, Watermark(marks): &mut Watermark) -> Vec<TaskTransition> {
        let run = self.run();
        let mut told = Vec::new();
        run.accounts.each(account, |id, resident| {
            let now = resident.now(&run.clock);
            let before = marks.get(id).copied().unwrap_or(run.first_instant);
            if before == now {
                return;
            }
            // A clock that was turned back, by a reset, shows nothing new until it goes on.
            if before < now {
                let step = Step { before, after: now };
                told.extend(resident.happened(id, step, &run.clock, &run.setup.world));
            }
            marks.insert(id.to_owned(), now);
        });
        told.sort_by_key(|transition| transition.at);
        told
    }
}
