//! The account of a pod, where it is the pod's own.

use tranship_model::Traced;
use tranship_model::operations::{Account, Right};
use tranship_source::yaml::Node;

use super::read::Part;
use super::{Lifting, origin};
use crate::object::Object;

/// The account that is called as the workload is, with what its role lets it do.
pub(super) fn lift(cx: &Lifting<'_>, object: &Object, pod: &Part<'_>) -> Option<Traced<Account>> {
    let name = pod.text("serviceAccountName").filter(|name| name.value == object.name())?;
    cx.set.find("ServiceAccount", &name.value)?;
    let role = cx.set.find("Role", &name.value);
    let rules = role.and_then(|role| role.get(&["rules"])).and_then(Node::as_seq).unwrap_or_default();
    let words = |node: &Node, key: &str| -> Vec<String> {
        let items = node.get(key).and_then(Node::as_seq).unwrap_or_default();
        items.iter().filter_map(Node::as_str).map(str::to_owned).collect()
    };
    let right = |node: &Node| {
        let groups = words(node, "apiGroups");
        let (resources, verbs) = (words(node, "resources"), words(node, "verbs"));
        groups.into_iter().map(move |group| Right { group, resources: resources.clone(), verbs: verbs.clone() })
    };
    let rights = rules.iter().flat_map(right).collect();
    let from = origin(object, "spec.template.spec.serviceAccountName", &object.tree);
    Some(Traced::new(Account { rights }, from))
}
