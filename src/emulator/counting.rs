//! Tests of which accounts are visited to count tasks, and by listeners.

use jiff::Timestamp;

use super::account_map::TaskCounts;
use super::accounts::{AccountState, AccountStore};
use crate::dice::Dice;
use crate::domain::{Account, Lifecycle, Task, TaskFilter, TaskId, TaskType};

fn new() -> AccountState {
    AccountState::new(Account::default(), Dice::new(0, "x"))
}

fn start(account: &mut AccountState, id: u128, task_type: &str) {
    let plan = Lifecycle::default().plan(Some(1), |span| span.min);
    let task = Task::new(TaskId::new(id), TaskType::new(task_type), Timestamp::UNIX_EPOCH, plan);
    account.account.tasks.add(task, Timestamp::UNIX_EPOCH, 9);
}

/// The counts, and the names of the accounts that were visited; the tasks have ended at `now`.
fn count(store: &AccountStore, task_type: Option<&str>, now: Timestamp) -> ((usize, usize), usize) {
    let mut visited = 0;
    let wanted = TaskFilter { task_type: task_type.map(TaskType::new), status: None };
    let counts = store.count(&wanted, |account| {
        visited += 1;
        let tasks = &mut account.account.tasks;
        let counts = TaskCounts { running: tasks.running(now), by_type: tasks.counts_by_type(now, false) };
        (counts, account.is_still(now))
    });
    (counts, visited)
}

#[test]
fn only_accounts_that_may_have_changed_are_counted_again() {
    let (store, late) = (AccountStore::new(Vec::new(), 9), Timestamp::MAX);
    for (place, id) in ["a", "b", "c"].into_iter().enumerate() {
        let account = store.get_or_make(id, new).unwrap();
        (0..=place).for_each(|number| start(&mut account.lock().unwrap(), number as u128, "X"));
    }
    let all = |now| count(&store, None, now);
    assert_eq!(all(Timestamp::UNIX_EPOCH), ((6, 6), 3));
    assert_eq!(all(late), ((6, 0), 3), "time may have changed all of them");
    assert_eq!((all(late), count(&store, Some("Y"), late)), (((6, 0), 0), ((0, 0), 0)));

    let held = store.get_or_make("b", new).unwrap();
    assert_eq!((all(late), all(late)), (((6, 0), 1), ((6, 0), 1)), "a call may change it at any time");
    start(&mut held.lock().unwrap(), 9, "Y");
    drop(held);
    assert_eq!((all(late), all(late)), (((7, 0), 1), ((7, 0), 0)));
    assert_eq!(count(&store, Some("Y"), late), ((1, 0), 0));

    store.change("c", |account| start(account, 9, "X")).unwrap();
    store.retire("a", None, || ());
    assert_eq!((all(late), all(late)), (((7, 0), 1), ((7, 0), 0)));
    store.evict(|_, _| true).unwrap();
    store.retire("c", Some(new()), || ());
    assert_eq!((all(late), all(late)), (((0, 0), 1), ((0, 0), 0)));
}

#[test]
fn a_cursor_finds_the_accounts_that_were_used_since() {
    let store = AccountStore::new(Vec::new(), 9);
    let make = |id| drop(store.get_or_make(id, new).unwrap());
    ["a", "b", "c"].into_iter().for_each(make);
    let used_since = |cursor| {
        let (ids, next) = store.used_since(cursor);
        (ids.concat(), next)
    };
    let (ids, cursor) = used_since(0);
    assert_eq!((&*ids, &*used_since(cursor).0), ("abc", "c"), "the last one may be used again unnoticed");
    make("c");
    assert_eq!(used_since(cursor).0, "c");
    make("a");
    make("d");
    assert_eq!(used_since(cursor).0, "cad");
}
