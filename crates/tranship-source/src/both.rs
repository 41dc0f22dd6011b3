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

#[cfg(test)]
mod tests {
    use super::both;

    #[test]
    fn both_results_come_back_whichever_takes_longer() {
        let slow = || (0..100_000_u64).map(std::hint::black_box).sum::<u64>();
        assert_eq!(both(slow, || 1), (4_999_950_000, 1));
        assert_eq!(both(|| 1, slow), (1, 4_999_950_000));
    }
}
