//! Who the pods of a service are to the platform's API: an account of their own, a role where they may do something there.

use tranship_model::operations::{Account, Right};
use tranship_model::{Service, Traced};
use tranship_source::yaml::Node;

use super::fields::{Fields, blamed, texts};
use super::workload::Place;
use super::{Lowering, metadata};
use crate::object::Object;

/// Adds the account of a pod's services to the pod and to the objects. It is the first service's; what others of the pod
/// may do, it may.
pub(crate) fn lower(cx: &mut Lowering<'_>, place: &Place, spec: Fields, services: &[&Service]) -> Fields {
    let accounts: Vec<&Traced<Account>> = services.iter().filter_map(|s| s.operations.account.as_ref()).collect();
    let Some(first) = accounts.first() else { return spec };
    let mut rights: Vec<&Right> = Vec::new();
    for account in &accounts {
        cx.ledger.kept(&account.origin, &format!("Role/{} rules", place.name));
        for right in &account.value.rights {
            if !rights.contains(&right) {
                rights.push(right);
            }
        }
    }
    let mut account = Object::new("v1", "ServiceAccount", blamed(first, place.name.clone()));
    account.set(&["metadata", "labels"], metadata::labels(cx, &place.name));
    account.set(&["automountServiceAccountToken"], !rights.is_empty());
    cx.add(account);
    if !rights.is_empty() {
        role(cx, place, first, &rights);
    }
    spec.put("serviceAccountName", blamed(first, place.name.clone()))
        .put("automountServiceAccountToken", blamed(first, !rights.is_empty()))
}

/// The role of an account, and what binds it.
fn role(cx: &mut Lowering<'_>, place: &Place, from: &Traced<Account>, rights: &[&Right]) {
    let rule = |Right { group, resources, verbs }: &&Right| {
        Node::from([("apiGroups", texts([group])), ("resources", texts(resources)), ("verbs", texts(verbs))])
    };
    let mut object = Object::new("rbac.authorization.k8s.io/v1", "Role", blamed(from, place.name.clone()));
    object.set(&["metadata", "labels"], metadata::labels(cx, &place.name));
    object.set(&["rules"], rights.iter().map(rule).collect::<Vec<Node>>());
    let mut binding = Object::new("rbac.authorization.k8s.io/v1", "RoleBinding", blamed(from, place.name.clone()));
    binding.set(&["metadata", "labels"], metadata::labels(cx, &place.name));
    let role_ref = [("apiGroup", "rbac.authorization.k8s.io"), ("kind", "Role"), ("name", &place.name)];
    binding.set(&["roleRef"], Node::from(role_ref.map(|(key, text)| (key, Node::from(text)))));
    let subject = [("kind", "ServiceAccount"), ("name", &*place.name), ("namespace", &*cx.namespace)];
    let subject = Node::from(subject.map(|(key, text)| (key, Node::from(text))));
    binding.set(&["subjects"], vec![subject]);
    cx.add(object);
    cx.add(binding);
}
