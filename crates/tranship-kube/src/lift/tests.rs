//! What was lowered comes back.

use tranship_model::diff::diff;
use tranship_model::tree::tree;
use tranship_model::{Ledger, Stack};

use super::lift;
use crate::lower::tests::*;
use crate::lower::{Options, lower};

/// Paths at which a stack differs from what its objects give back.
fn lost(stack: &Stack) -> Vec<String> {
    let objects = lower(stack, &Options::default(), Ledger::new()).value.objects;
    let back = lift(&objects);
    assert!(back.diagnostics.is_empty(), "{:?}", back.diagnostics);
    let digest = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
    let (left, right) = (tree(stack, &digest), tree(&back.value, &digest));
    diff(&left, &right).into_iter().map(|d| format!("{}: {:?} | {:?}", d.path, d.left, d.right)).collect()
}

#[test]
fn samples_of_everything_a_stack_holds_come_back() {
    let run = [("run with care", operations::run_with_care())];
    for (name, stack) in samples().into_iter().chain(entry::samples()).chain(reach::samples()).chain(run) {
        assert_eq!(lost(&stack), Vec::<String>::new(), "{name}");
    }
}
