//! Look-ups by a worker that is real, of places that are numbers.

use std::sync::{
    Arc,
    mpsc::{Receiver, channel},
};

use super::*;

type Numbers = Lookups<u8, u32, u32>;

/// Odd places are refused.
fn work(question: &Question<u8, u32>) -> Result<u32, Refusal> {
    if question.place.is_multiple_of(2) { Ok(question.place * 10) } else { Err(Refusal::Gone) }
}

fn lookups(capacity: usize) -> (Numbers, Receiver<()>) {
    let (rope, bell) = channel();
    let wake: Wake = Arc::new(move || rope.send(()).unwrap_or_default());
    let capacity = NonZeroUsize::new(capacity).unwrap();
    let patience = Duration::from_mins(1);
    (Lookups::new("test", capacity, patience, work, wake), bell)
}

fn answered(lookups: &mut Numbers, bell: &Receiver<()>) {
    bell.recv().unwrap();
    assert!(lookups.take());
}

#[test]
fn what_was_found_is_remembered() {
    let (mut lookups, bell) = lookups(9);
    assert_eq!(lookups.find(&1, 5, || 4), Found::Pending);
    assert_eq!(lookups.find(&1, 6, || panic!("asked twice")), Found::Pending);
    assert!(lookups.is_waiting(&1) && !lookups.is_waiting(&2));
    answered(&mut lookups, &bell);
    assert_eq!(lookups.find(&1, u64::MAX, || panic!("asked again")), Found::Known(40));
    assert!(!lookups.take());
}

#[test]
fn a_failure_is_told_and_tried_again_after_a_while() {
    let (mut lookups, bell) = lookups(9);
    assert_eq!(lookups.find(&1, 5, || 3), Found::Pending);
    answered(&mut lookups, &bell);
    assert_eq!(lookups.find(&1, RETRY, || panic!("too soon")), Found::Refused(Refusal::Gone));
    assert_eq!(lookups.find(&1, RETRY + 5, || 2), Found::Pending);
    answered(&mut lookups, &bell);
    assert_eq!(lookups.find(&1, RETRY + 6, || 0), Found::Known(20));
    let counters: Vec<_> = lookups.counters.rows().filter(|(_, count)| *count > 0).collect();
    assert_eq!(counters.len(), 3, "{counters:?}");
}

#[test]
fn what_is_known_stays_while_it_is_renewed() {
    let (mut lookups, bell) = lookups(9);
    lookups.learn(1, 7);
    assert!(!lookups.renew(&1, 10, 100, || panic!("not due")));
    assert!(lookups.renew(&1, 100, 100, || 3));
    assert_eq!(lookups.find(&1, 101, || 0), Found::Known(7));
    answered(&mut lookups, &bell);
    assert_eq!(lookups.find(&1, 102, || 0), Found::Known(7), "the failure changes nothing");
    assert!(!lookups.renew(&2, 900, 1, || panic!("unknown")));
}

#[test]
fn the_oldest_are_forgotten() {
    let (mut lookups, _bell) = lookups(2);
    for key in 0..5 {
        assert_eq!(lookups.find(&key, 5, || 4), Found::Pending);
    }
    assert_eq!(lookups.counters.evicted, 3);
}
