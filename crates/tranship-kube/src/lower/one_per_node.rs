//! How pods are replaced of which a node can run one.

use tranship_source::yaml::Node;

use super::Lowering;
use super::fields::{Fields, whole};

/// A pod that holds a port of its node, or keeps others of its kind off it, leaves before the next one comes: on a node
/// of its own kind's the next one would wait forever. What is written or said of the strategy stays.
pub(crate) fn lower(cx: &mut Lowering<'_>) {
    for object in cx.objects.iter_mut().filter(|object| object.kind() == "Deployment") {
        let holds = object.get(&["spec", "template", "spec"]).is_some_and(holds_its_node);
        if !holds || object.get(&["spec", "strategy"]).is_some() {
            continue;
        }
        let several = object.get(&["spec", "replicas"]).and_then(Node::as_int).is_some_and(|count| count > 1);
        let rolling = || Fields::new().put("maxSurge", whole(0)).put("maxUnavailable", whole(1)).node();
        let strategy = if several {
            Node::from([("type", "RollingUpdate".into()), ("rollingUpdate", rolling())])
        } else {
            Node::from([("type", "Recreate".into())])
        };
        object.set(&["spec", "strategy"], strategy);
    }
}

/// Whether two pods of the template never run on one node.
fn holds_its_node(pod: &Node) -> bool {
    let on_node = pod.get("hostNetwork").and_then(Node::as_bool) == Some(true);
    let apart = pod.at(&["affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]);
    let containers = pod.get("containers").and_then(Node::as_seq).unwrap_or_default();
    let mut ports =
        containers.iter().flat_map(|container| container.get("ports").and_then(Node::as_seq).unwrap_or_default());
    on_node || apart.is_some() || ports.any(|port| port.get("hostPort").is_some())
}
