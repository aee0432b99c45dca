//! The ring of the journal, filled by hand: order, cursors, eviction, clearing, sessions; calls that overlap.

use sas_emulator::SignedDuration;
use sas_emulator::internals::domain::{ApiError, Code};
use sas_emulator::internals::journal::{Batch, Capacity, Completion, Journal};

use crate::harness::records::{Made, finish};

/// Records calls that do not overlap.
fn record(journal: &Journal, times: usize) {
    for _ in 0..times {
        finish(journal, &Made::default().arrive(journal), 0, 200, None);
    }
}

fn numbers(batch: &Batch) -> Vec<u64> {
    batch.records.iter().map(|record| record.sequence).collect()
}

#[test]
fn either_limit_holds() {
    for (entries, bytes) in [(10, 1 << 20), (1_000, 10_000)] {
        let journal = Journal::new(Capacity { entries, bytes, keep_cleared: false });
        record(&journal, 100);
        let batch = journal.after(0, usize::MAX);
        assert_eq!(batch.missed + batch.records.len() as u64, 100);
        assert!(batch.missed > 50, "{entries} {bytes}");
    }
}

#[test]
fn cleared_calls_may_be_kept_and_count() {
    let journal = Journal::new(Capacity { entries: 6, keep_cleared: true, ..Capacity::default() });
    record(&journal, 3);
    assert_eq!((journal.clear(Some("b")), journal.clear(Some("a")), journal.clear(None)), (0, 3, 0));
    record(&journal, 2);
    let generations = |batch: Batch| -> Vec<_> {
        batch.records.iter().map(|record| (record.sequence, record.generation)).collect()
    };
    assert_eq!(generations(journal.after(0, 9)), [(4, 1), (5, 1)]);
    assert_eq!(generations(journal.everything()), [(1, 0), (2, 0), (3, 0), (4, 1), (5, 1)]);
    record(&journal, 2);
    assert_eq!((journal.everything().records.len(), journal.everything().missed), (6, 1));
}

#[test]
fn readers_continue_where_they_were() {
    let journal = Journal::new(Capacity::default());
    record(&journal, 5);
    let after = |sequence, most| numbers(&journal.after(sequence, most));
    assert_eq!(after(0, 2), [1, 2]);
    assert_eq!(after(2, 9), [3, 4, 5]);
    assert!(after(5, 9).is_empty() && after(99, 9).is_empty());
    assert_eq!((journal.clear(Some("b")), journal.clear(Some("a"))), (0, 5));
    record(&journal, 1);
    assert_eq!((after(0, 9), numbers(&journal.finished_after(5, 9))), (vec![6], vec![6]));
    assert_eq!(journal.after(0, 9).missed, 0, "what was cleared was not missed");
}

#[test]
fn calls_in_flight_are_there_and_finish_in_their_own_order() {
    let journal = Journal::new(Capacity::default());
    let calls = [(); 3].map(|()| Made::default().arrive(&journal));
    assert_eq!(numbers(&journal.after(0, 9)), [1, 2, 3]);
    assert!(journal.finished_after(0, 9).records.is_empty() && calls[0].is_in_flight());
    assert_eq!(calls[0].to_json()["in_flight"], true);
    for place in [1, 2, 1, 0] {
        finish(&journal, &calls[place], 0, 200, None);
    }
    let finished = journal.finished_after(0, 9);
    assert_eq!(numbers(&finished), [2, 3, 1]);
    let cursors: Vec<_> = finished.records.iter().map(|record| record.cursor()).collect();
    assert_eq!(cursors, [Some(1), Some(2), Some(3)]);
    assert_eq!(numbers(&journal.finished_after(2, 9)), [1]);
}

#[test]
fn a_call_that_was_evicted_or_cleared_finishes_silently() {
    let journal = Journal::new(Capacity { entries: 2, ..Capacity::default() });
    let [evicted, ..] = [(); 3].map(|()| Made::default().arrive(&journal));
    let error = Err(ApiError::with_message(Code::INTERNAL, "x".repeat(2_000)));
    journal
        .finish(&evicted, &Completion { result: Some(&error), status: Some(200), ..Completion::default() });
    assert_eq!((evicted.status(), evicted.cursor()), (Some(200), Some(1)));
    assert_eq!((journal.clear(None), journal.usage().1), (2, 0));
    let cleared = Made::default().arrive(&journal);
    journal.next_generation();
    journal
        .finish(&cleared, &Completion { result: Some(&error), status: Some(200), ..Completion::default() });
    assert_eq!(journal.usage().1, 0, "its memory is not the journal's");
    assert!(journal.finished_after(0, 9).records.is_empty());
}

#[test]
fn a_call_of_an_earlier_session_is_not_kept() {
    let journal = Journal::new(Capacity::default());
    record(&journal, 1);
    let before = journal.generation();
    assert_eq!(journal.next_generation(), before + 1);
    let late = Made::default().arrive_in(&journal, before).unwrap_err();
    journal.finish(&late, &Completion::abandoned(false, SignedDuration::ZERO));
    assert_eq!((late.sequence, late.broke()), (0, Some("abandoned")));
    assert!(journal.after(0, 9).records.is_empty());
    assert_eq!(Made::default().arrive(&journal).sequence, 2, "numbers continue");
}
