//! Where a pod may run.

use tranship_model::{Placement, Service, Traced};
use tranship_source::yaml::Node;

use super::fields::{Fields, blamed, whole};
use super::workload::{Place, warn};
use super::{Lowering, claim, metadata};

/// The label of nodes that tells them apart.
const HOSTNAME: &str = "kubernetes.io/hostname";

/// Node selector, affinity, spread.
#[allow(clippy::too_many_arguments, reason = "one argument per section of the service")]
pub(crate) fn lower(
    cx: &mut Lowering<'_>,
    place: &Place,
    spec: Fields,
    platform: Option<&Traced<String>>,
    runtime: Option<&Traced<String>>,
    placement: &Placement,
    companions: Option<&str>,
    service: &Service,
) -> Fields {
    let Placement { constraints, spread, max_per_node } = placement;
    let mut expressions = Vec::new();
    if let Some(platform) = platform {
        expressions.extend(of_platform(cx, place, platform));
    }
    let class = runtime.and_then(|runtime| runtime_class(cx, place, runtime, &service.name));
    for constraint in constraints {
        match expression(&constraint.value) {
            Some(node) => {
                cx.ledger.translated(
                    &constraint.origin,
                    &place.pod("affinity.nodeAffinity"),
                    "the same condition on node labels",
                );
                expressions.push(blamed(constraint, node));
            }
            None => {
                let why = format!("`{}` asks for something nodes of a cluster have no label for", constraint.value);
                cx.ledger.dropped(&constraint.origin, &why, "label the nodes and write a condition on the label");
                let message = format!("a placement constraint of `{}` is not carried over", service.name);
                warn(cx, "constraint-dropped", constraint.span(), message, "label the nodes and select the label");
            }
        }
    }
    let mut spreads = Vec::new();
    let mut spread_on_nodes = false;
    for label in spread {
        let key = node_label(&label.value).unwrap_or_else(|| label.value.clone());
        cx.ledger.translated(
            &label.origin,
            &place.pod("topologySpreadConstraints"),
            "replicas are spread over its values",
        );
        spread_on_nodes |= key == HOSTNAME;
        let node = Fields::new()
            .put("maxSkew", whole(1))
            .put("topologyKey", key)
            .put("whenUnsatisfiable", "ScheduleAnyway")
            .put("labelSelector", Node::from([("matchLabels", metadata::selector(cx, &place.name))]))
            .node();
        spreads.push(blamed(label, node));
    }
    let mut apart = None;
    if let Some(most) = max_per_node {
        if most.value == 1 {
            cx.ledger.translated(&most.origin, &place.pod("affinity.podAntiAffinity"), "no two replicas on one node");
            let selector = Node::from([("matchLabels", metadata::selector(cx, &place.name))]);
            apart = Some(blamed(most, required_pods(selector)));
            if companions.is_some() && claim::pods(service) > 1 {
                let message = format!(
                    "no two pods of `{}` can run: they keep apart, and one node has their volume",
                    service.name
                );
                let help = "leave out `max_replicas_per_node`, run one replica, or write `x-tranship: {accessMode: ReadWriteMany}` \
                            to the volume where the storage class can do that";
                warn(cx, "cannot-be-scheduled", most.span(), message, help);
            }
        } else {
            let why =
                format!("a pod can be kept from sharing a node, and not from sharing it with {} others", most.value);
            cx.ledger.dropped(&most.origin, &why, "ask for resources so that no more fit on a node");
        }
    }
    if spread_on_nodes && apart.is_none() && companions.is_none() {
        apart = Some(preferably_apart(Node::from([("matchLabels", metadata::selector(cx, &place.name))])));
    }
    let affinity = Fields::new()
        .maybe("nodeAffinity", required_nodes(expressions))
        .maybe("podAffinity", companions.map(together))
        .maybe("podAntiAffinity", apart)
        .some();
    spec.maybe("runtimeClassName", class).maybe("affinity", affinity).filled("topologySpreadConstraints", spreads)
}

/// A runtime of the engine is a class of the cluster by the same name; the usual one is what every pod gets.
fn runtime_class(cx: &mut Lowering<'_>, place: &Place, runtime: &Traced<String>, service: &str) -> Option<Node> {
    let name = runtime.value.as_str();
    if matches!(name, "runc" | "io.containerd.runc.v2") {
        cx.ledger.decided(&runtime.origin, "`runc` is what nodes run containers with unless a pod asks for another");
        return None;
    }
    if !crate::names::is_legal(name, 63) {
        let why = format!("`{name}` cannot be the name of a RuntimeClass, and a cluster knows runtimes by those only");
        cx.ledger.dropped(&runtime.origin, &why, "install a RuntimeClass and name it in `runtimeClassName`");
        let message = format!("`{service}` runs with the cluster's default runtime");
        warn(cx, "runtime-dropped", runtime.span(), message, "install a RuntimeClass and name it");
        return None;
    }
    let why = "the cluster's RuntimeClass of this name, which has to be there before the app is applied";
    cx.ledger.translated(&runtime.origin, &place.pod("runtimeClassName"), why);
    let message = format!("`{service}` asks for the RuntimeClass `{name}`");
    let help = format!("see that `kubectl get runtimeclass {name}` finds it: no pod starts without");
    warn(cx, "runtime-class", runtime.span(), message, &help);
    Some(blamed(runtime, name))
}

fn required_nodes(expressions: Vec<Node>) -> Option<Node> {
    if expressions.is_empty() {
        return None;
    }
    let term = Node::from(vec![Node::from([("matchExpressions", Node::from(expressions))])]);
    let selector = Node::from([("nodeSelectorTerms", term)]);
    Some(Node::from([("requiredDuringSchedulingIgnoredDuringExecution", selector)]))
}

/// Replicas keep off each other's nodes as long as there are others: what spreads them evens numbers out, and this one
/// counts while there are few.
fn preferably_apart(selector: Node) -> Node {
    let term = Node::from([("labelSelector", selector), ("topologyKey", HOSTNAME.into())]);
    let weighed = Fields::new().put("weight", whole(100)).put("podAffinityTerm", term).node();
    Node::from([("preferredDuringSchedulingIgnoredDuringExecution", Node::from(vec![weighed]))])
}

/// Pods of one label run on one node.
fn together(label: &str) -> Node {
    required_pods(Node::from([("matchLabels", Node::from([(label, "true".into())]))]))
}

/// A term over pods of one node.
fn required_pods(selector: Node) -> Node {
    let term = Node::from([("labelSelector", selector), ("topologyKey", "kubernetes.io/hostname".into())]);
    Node::from([("requiredDuringSchedulingIgnoredDuringExecution", vec![term].into())])
}

fn of_platform(cx: &mut Lowering<'_>, place: &Place, platform: &Traced<String>) -> Vec<Node> {
    let mut parts = platform.value.split('/');
    let (os, arch) = match (parts.next(), parts.next()) {
        (Some(os), Some(arch)) => (Some(os), Some(arch)),
        (Some(os @ ("linux" | "windows")), None) => (Some(os), None),
        (arch, None) => (None, arch),
        (None, _) => (None, None),
    };
    cx.ledger.translated(&platform.origin, &place.pod("affinity.nodeAffinity"), "nodes carry these labels themselves");
    let pair = |key: &str, value: &str| is_in(key, "In", value).blamed_on(platform.span());
    let arch = arch.map(tranship_model::rollout::architecture);
    os.map(|os| pair("kubernetes.io/os", os))
        .into_iter()
        .chain(arch.map(|arch| pair("kubernetes.io/arch", arch)))
        .collect()
}

/// A constraint such as `node.labels.zone == a` as a condition on a node's labels.
fn expression(constraint: &str) -> Option<Node> {
    let (operator, at) = match (constraint.find("=="), constraint.find("!=")) {
        (Some(at), None) => ("In", at),
        (None, Some(at)) => ("NotIn", at),
        _ => return None,
    };
    let key = constraint.get(..at)?.trim();
    let value = constraint.get(at + 2..)?.trim();
    if key == "node.role" {
        let exists = matches!((operator, value), ("In", "manager") | ("NotIn", "worker"));
        let operator = if exists { "Exists" } else { "DoesNotExist" };
        return Some(Node::from([
            ("key", "node-role.kubernetes.io/control-plane".into()),
            ("operator", operator.into()),
        ]));
    }
    let key = node_label(key)?;
    (!value.is_empty()).then(|| is_in(&key, operator, value))
}

/// The node label for a property of Swarm's nodes.
fn node_label(property: &str) -> Option<String> {
    Some(match property {
        "node.hostname" => "kubernetes.io/hostname".to_owned(),
        "node.platform.os" => "kubernetes.io/os".to_owned(),
        "node.platform.arch" => "kubernetes.io/arch".to_owned(),
        _ => property.strip_prefix("node.labels.")?.to_owned(),
    })
}

fn is_in(key: &str, operator: &str, value: &str) -> Node {
    let values = Node::from(vec![Node::from(value)]);
    Fields::new().put("key", key).put("operator", operator).put("values", values).node()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_become_conditions_on_labels() {
        for (constraint, key) in [
            ("node.labels.zone == a", Some("zone")),
            ("node.hostname!=x", Some("kubernetes.io/hostname")),
            ("node.role == manager", Some("node-role.kubernetes.io/control-plane")),
            ("engine.labels.x == y", None),
            ("nonsense", None),
        ] {
            let got = expression(constraint);
            let got = got.as_ref().and_then(|node| node.get("key")).and_then(Node::as_str);
            assert_eq!(got, key, "{constraint}");
        }
    }
}
