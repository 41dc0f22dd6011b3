//! What Services, budgets and policies select must be there, and so must the ports that Services lead to.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::report::Report;
use super::super::selector;
use super::Index;
use crate::Object;

/// Reports selectors that select nothing, and named target ports that no selected pod has.
pub fn check(object: &Object, index: &Index<'_>, report: &mut Report<'_>) {
    let Some(spec) = object.get(&["spec"]) else { return };
    match object.kind() {
        "Service" if object.api_version() == "v1" => service(object, spec, index, report),
        "PodDisruptionBudget" => labels(object, spec.field("selector"), index, report),
        "NetworkPolicy" if object.api_version() == "networking.k8s.io/v1" => {
            labels(object, spec.field("podSelector"), index, report);
            for (direction, side) in [("ingress", "from"), ("egress", "to")] {
                let peers = spec.items(direction).iter().flat_map(|rule| rule.items(side));
                for peer in peers.filter(|peer| peer.field("namespaceSelector").is_none()) {
                    labels(object, peer.field("podSelector"), index, report);
                }
            }
        }
        _ => {}
    }
}

fn labels(object: &Object, wanted: Option<&Node>, index: &Index<'_>, report: &mut Report<'_>) {
    let Some(wanted) = wanted.filter(|wanted| !selector::is_empty(wanted)) else { return };
    if !index.pods.any_selected(object.namespace(), wanted) && !promised(object, index) {
        let help = "use labels of a pod template of the same namespace";
        report.fault(wanted, "kube-dangling-selector", "selects no pod of the set", help);
    }
}

/// A promise of the pods themselves: `Pod/NAME` with the name of the object that selects them.
fn promised(object: &Object, index: &Index<'_>) -> bool {
    index.is_external(object, "Pod", object.name())
}

fn service(object: &Object, spec: &Node, index: &Index<'_>, report: &mut Report<'_>) {
    let Some(wanted) = spec.field("selector").filter(|wanted| !wanted.is_empty()) else { return };
    if spec.text("type") == Some("ExternalName") || promised(object, index) {
        return;
    }
    let pods: Vec<&Node> = index.pods.with_labels(object.namespace(), wanted);
    if pods.is_empty() {
        let help = "use labels of a pod template of the same namespace";
        report.fault(wanted, "kube-dangling-selector", "selects no pod of the set", help);
        return;
    }
    for port in spec.items("ports") {
        let Some(name) = port.text("targetPort") else { continue };
        let lists = || pods.iter().flat_map(|pod| ["containers", "initContainers"].map(|key| pod.items(key)));
        let mut ports = lists().flatten().flat_map(|container| container.items("ports"));
        if !ports.any(|port| port.text("name") == Some(name)) {
            let what = format!("no selected pod has a port called `{name}`");
            let help = "name the container's port so, or write its number";
            report.fault_at(port, "targetPort", "kube-dangling-port", what, help);
        }
    }
}
