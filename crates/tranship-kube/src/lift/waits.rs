//! What a service waits for and restarts with, from the containers and annotations tranship writes for that.

use tranship_model::{Condition, Dependency, Traced, Until, Wait};
use tranship_source::yaml::Node;

use super::read::{Part, template};
use super::{Lifting, source_name};
use crate::lower::{after, waits};
use crate::object::Object;

/// What the pod waits for, in order.
pub(crate) fn lift(cx: &Lifting<'_>, pod: &Part<'_>) -> Vec<Traced<Wait>> {
    let host = |service: &str| {
        let named = |object: &&Object| object.kind() == "Service" && source_name(object) == service;
        cx.set.iter().find(named).map(|object| object.name().to_owned())
    };
    let inits = pod.list("initContainers").iter();
    inits.filter_map(|node| Some(Traced::new(waits::read(node, &host)?, pod.origin("initContainers", node)))).collect()
}

/// What a workload depends on, as far as something waits for it.
pub(crate) fn dependencies(cx: &Lifting<'_>, object: &Object, waits: &[Traced<Wait>]) -> Vec<Dependency> {
    let annotations = template(object).and_then(|t| t.at(&["metadata", "annotations"])).and_then(Node::as_map);
    let keys = annotations.into_iter().flatten().map(|(key, _)| key.text.as_str());
    let restarts: Vec<&str> = keys.filter_map(|key| key.strip_prefix(after::RESTART)).collect();
    let workload = |service: &str| cx.set.iter().find(|o| template(o).is_some() && source_name(o) == service);
    let one = |wait: &Traced<Wait>| {
        let Wait { service, until, image: _, patience } = &wait.value;
        let condition = match (until, patience) {
            (Until::Completed, _) => Condition::Completed,
            (_, Some(_)) => Condition::Started,
            (_, None) => Condition::Healthy,
        };
        let name = workload(service).map(|object| object.name().to_owned()).unwrap_or_default();
        Dependency {
            service: service.clone(),
            origin: wait.origin.clone(),
            condition,
            restart: restarts.iter().any(|other| *other == name),
            required: true,
        }
    };
    waits.iter().map(one).collect()
}
