//! How a workload replaces its pods: strategies, shares and counts.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::report::Report;
use super::{Subject, ask};

/// Reports strategies that contradict themselves and counts below zero.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let object = subject.object;
    let Some(spec) = object.get(&["spec"]) else { return };
    match (object.api_version(), object.kind()) {
        ("apps/v1", "Deployment") => deployment(spec, report),
        ("apps/v1", "StatefulSet") => stateful_set(spec, report),
        ("apps/v1", "DaemonSet") => daemon_set(spec, report),
        ("apps/v1", "ReplicaSet") | ("v1", "ReplicationController") => {}
        _ => return,
    }
    for count in ["replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"] {
        ask::at_least(spec, count, 0, report);
    }
}

fn deployment(spec: &Node, report: &mut Report<'_>) {
    let (ready, deadline) =
        (spec.int("minReadySeconds").unwrap_or(0), spec.int("progressDeadlineSeconds").unwrap_or(600));
    if deadline <= ready && deadline >= 0 {
        let what = format!("{deadline} is not more than minReadySeconds, which is {ready}");
        report.fault_at(spec, "progressDeadlineSeconds", "kube-range", what, "raise it above `minReadySeconds`");
    }
    let Some(strategy) = spec.field("strategy") else { return };
    let Some(rolling) = strategy.field("rollingUpdate") else { return };
    if strategy.text("type") == Some("Recreate") {
        let help = "leave `rollingUpdate` out, or write `type: RollingUpdate`";
        report.fault(rolling, "kube-strategy", "goes only with the type RollingUpdate", help);
        return;
    }
    let unavailable = ask::share(rolling, "maxUnavailable", true, report);
    let surge = ask::share(rolling, "maxSurge", false, report);
    if unavailable == Some(0) && surge == Some(0) {
        let help = "raise one of them, or no pod can ever be replaced";
        report.fault_at(rolling, "maxUnavailable", "kube-strategy", "is 0 and `maxSurge` is 0 too", help);
    }
}

fn stateful_set(spec: &Node, report: &mut Report<'_>) {
    if let Some(strategy) = spec.field("updateStrategy")
        && let Some(rolling) = strategy.field("rollingUpdate")
    {
        if strategy.text("type") == Some("OnDelete") {
            let help = "leave `rollingUpdate` out, or write `type: RollingUpdate`";
            report.fault(rolling, "kube-strategy", "goes only with the type RollingUpdate", help);
        }
        ask::at_least(rolling, "partition", 0, report);
    }
    ask::name(spec, "serviceName", super::super::names::label, report);
    if let Some(ordinals) = spec.field("ordinals") {
        ask::at_least(ordinals, "start", 0, report);
    }
}

fn daemon_set(spec: &Node, report: &mut Report<'_>) {
    let Some(rolling) = spec.field("updateStrategy").and_then(|strategy| strategy.field("rollingUpdate")) else {
        return;
    };
    if spec.field("updateStrategy").and_then(|strategy| strategy.text("type")) == Some("OnDelete") {
        return;
    }
    let unavailable = ask::share(rolling, "maxUnavailable", true, report);
    let surge = ask::share(rolling, "maxSurge", true, report);
    // The server fills in 1 and 0.
    match (unavailable.unwrap_or(1) != 0, surge.unwrap_or(0) != 0) {
        (true, true) => {
            let help = "set `maxUnavailable: 0` to use `maxSurge`";
            report.fault_at(rolling, "maxSurge", "kube-strategy", "goes only with `maxUnavailable: 0`", help);
        }
        (false, false) => {
            let help = "raise one of them, or no pod can ever be replaced";
            report.fault_at(rolling, "maxUnavailable", "kube-strategy", "is 0 and `maxSurge` is 0 too", help);
        }
        _ => {}
    }
}
