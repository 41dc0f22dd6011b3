//! What a chart needs to know: the objects once more, with marks where the names of an installation stand.

use std::collections::BTreeMap;

use tranship_emit::release::{Marks, Release};
use tranship_infer::{prefixed, rewrite};
use tranship_kube::lower::{Options, lower_prefixed};
use tranship_model::Stack;

use crate::secrets::Plan;

/// Lowers a stack with marks. `before` is the stack before names were put in that Kubernetes carries, `carried` are these,
/// `texts` the objects without marks.
pub fn marked(
    (stack, before): (&Stack, Option<&Stack>),
    carried: &BTreeMap<String, String>,
    options: &Options,
    plan: &Plan,
    texts: &[String],
) -> Release {
    let marks = Marks::foreign_to(texts);
    let mut stack = before.unwrap_or(stack).clone();
    let names = prefixed(&stack, carried, &marks.prefix);
    let mut faults = Vec::new();
    rewrite(&mut stack, &names).take(&mut faults);
    let project = std::mem::replace(&mut stack.name.value, marks.instance.clone());
    let options = Options { namespace: Some(marks.namespace.clone()), ..options.clone() };
    let mut objects = lower_prefixed(&stack, &options, &marks.prefix);
    plan.place(&mut objects, &project);
    let fixed = faults.into_iter().filter(|fault| fault.code == "name-not-rewritten");
    let sentence = |message: String| {
        let message = message.replace(", which Kubernetes cannot carry, and", ":");
        message.replace(char::is_control, " ")
    };
    Release { objects, marks, fixed: fixed.map(|fault| sentence(fault.message)).collect() }
}
