//! Two independent pieces of work at the same time.

use std::panic::resume_unwind;
use std::thread::{Builder, scope};

/// Runs both closures, the first on a thread of its own where one can be had, and gives both results.
///
/// What they give does not depend on which ends first, so neither does anything made of it.
pub fn both<A: Send, B>(one: impl Fn() -> A + Sync, other: impl FnOnce() -> B) -> (A, B) {
    scope(|scope| match Builder::new().spawn_scoped(scope, &one) {
        Ok(thread) => {
            let other = other();
            (thread.join().unwrap_or_else(|panic| resume_unwind(panic)), other)
        }
        Err(_) => (one(), other()),
    })
}

/// [`both`] where the work is `large`; else one after the other, since a thread costs as much as a small project.
pub fn both_if<A: Send, B>(large: bool, one: impl Fn() -> A + Sync, other: impl FnOnce() -> B) -> (A, B) {
    if large {
        return both(one, other);
    }
    let one = one();
    (one, other())
}

#[cfg(test)]
mod tests {
    use super::{both, both_if};

    #[test]
    fn both_results_come_back_whichever_takes_longer() {
        let slow = || (0..100_000_u64).map(std::hint::black_box).sum::<u64>();
        assert_eq!(both(slow, || 1), (4_999_950_000, 1));
        assert_eq!(both(|| 1, slow), (1, 4_999_950_000));
        for large in [false, true] {
            assert_eq!(both_if(large, || 1, || 2), (1, 2));
        }
    }
}
