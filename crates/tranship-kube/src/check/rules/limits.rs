//! Bounds of a LimitRange must not cross.

use std::cmp::Ordering;

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::quantity::Quantity;
use super::super::report::Report;
use super::Subject;

/// From the smallest to the largest.
const ORDER: [&str; 4] = ["min", "defaultRequest", "default", "max"];

/// Reports bounds in the wrong order.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let limits = subject.object.get(&["spec"]).map(|spec| spec.items("limits")).unwrap_or_default();
    for limit in limits {
        for (at, low) in ORDER.iter().enumerate() {
            for high in ORDER.iter().skip(at + 1) {
                crossed(limit, low, high, report);
            }
        }
    }
}

fn crossed(limit: &Node, low: &str, high: &str, report: &mut Report<'_>) {
    for (name, amount) in limit.entries(low) {
        let upper = limit.field(high).and_then(|amounts| amounts.get(&name.text));
        let (Some(lower), Some(upper)) = (Quantity::of(amount), upper.and_then(Quantity::of)) else { continue };
        if lower.compare(upper) == Ordering::Greater {
            let what = format!("is more than `{high}` of {}", name.text);
            report.fault(amount, "kube-limits", what, format!("lower it, or raise `{high}`"));
        }
    }
}
