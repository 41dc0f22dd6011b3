//! How a workload is run: probes beside the health check, autoscaler, disruption budget, drain, marks.

use tranship_model::{Metrics, Operations, Scaling, Traced};
use tranship_source::yaml::Node;

use super::read::{Part, scalar, template, text_of};
use super::workload::seconds;
use super::{Lifting, origin, probe};
use crate::lower::checksum;
use crate::object::Object;

/// What stands in the workload and in the objects that belong to it.
pub(crate) fn lift(cx: &Lifting<'_>, object: &Object, container: &Part<'_>) -> Operations {
    Operations {
        scaling: scaling(cx, object),
        disruption: disruption(cx, object),
        refreshed: refreshed(object),
        metrics: metrics(object),
        ..of_container(container)
    }
}

/// What stands in a container.
pub(crate) fn of_container(container: &Part<'_>) -> Operations {
    Operations {
        ready: probe::question(container, "readinessProbe"),
        live: probe::question(container, "livenessProbe"),
        started: probe::question(container, "startupProbe"),
        drain: seconds(container, "lifecycle.preStop.sleep.seconds"),
        ..Operations::default()
    }
}

/// The bounds of the autoscaler that targets the workload, where it goes by the use of CPU.
fn scaling(cx: &Lifting<'_>, workload: &Object) -> Option<Traced<Scaling>> {
    let targets = |object: &&Object| {
        let target = object.get(&["spec", "scaleTargetRef"]);
        object.kind() == "HorizontalPodAutoscaler"
            && target.is_some_and(|at| text_of(at, "kind") == workload.kind() && text_of(at, "name") == workload.name())
    };
    let scaler = cx.set.iter().find(targets)?;
    let number = |path: &[&str]| scaler.get(path).and_then(Node::as_int).and_then(|n| u32::try_from(n).ok());
    let metrics = scaler.get(&["spec", "metrics"]).and_then(Node::as_seq).unwrap_or_default();
    let cpu = |metric: &Node| {
        let resource = metric.get("resource").filter(|resource| text_of(resource, "name") == "cpu")?;
        u32::try_from(resource.at(&["target", "averageUtilization"])?.as_int()?).ok()
    };
    let bounds = Scaling {
        min: number(&["spec", "minReplicas"]).unwrap_or(1),
        max: number(&["spec", "maxReplicas"])?,
        cpu_percent: metrics.iter().find_map(cpu)?,
    };
    Some(Traced::new(bounds, origin(scaler, "spec", &scaler.tree)))
}

/// The budget whose selector is the workload's own.
fn disruption(cx: &Lifting<'_>, workload: &Object) -> Option<Traced<u32>> {
    let selector = workload.get(&["spec", "selector"])?;
    let same = |object: &&Object| {
        object.kind() == "PodDisruptionBudget" && object.get(&["spec", "selector"]) == Some(selector)
    };
    let budget = cx.set.iter().find(same)?;
    let most = u32::try_from(budget.get(&["spec", "maxUnavailable"])?.as_int()?).ok()?;
    Some(Traced::new(most, origin(budget, "spec.maxUnavailable", &budget.tree)))
}

fn annotation<'a>(object: &'a Object, name: &str) -> Option<&'a Node> {
    template(object)?.at(&["metadata", "annotations", name])
}

/// Whether the template carries a mark of what its pods are given.
fn refreshed(object: &Object) -> Option<Traced<bool>> {
    let mark = [checksum::CONFIG, checksum::SECRET].into_iter().find_map(|name| annotation(object, name))?;
    Some(Traced::new(true, origin(object, "spec.template.metadata.annotations", mark)))
}

/// Where the annotations that Prometheus goes by say that metrics are told.
fn metrics(object: &Object) -> Option<Traced<Metrics>> {
    let scrape = annotation(object, "prometheus.io/scrape").filter(|node| scalar(node).as_deref() == Some("true"))?;
    let text = |name: &str| annotation(object, name).and_then(scalar);
    let port = text("prometheus.io/port")?.parse().ok()?;
    let path = text("prometheus.io/path").unwrap_or_else(|| "/metrics".to_owned());
    Some(Traced::new(Metrics { port, path }, origin(object, "spec.template.metadata.annotations", scrape)))
}
