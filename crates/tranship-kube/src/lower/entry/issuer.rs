//! An Issuer that asks Let's Encrypt for certificates by answering a request over HTTP.

use tranship_model::{Tls, Traced, Way};
use tranship_source::yaml::Node;

use super::super::fields::{Fields, blamed};
use super::super::{Lowering, metadata};
use crate::names::label;
use crate::object::Object;

/// The directory of the authority (letsencrypt.org/docs/acme-protocol-updates).
const AUTHORITY: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Adds the Issuer, where an address for the authority's mail says that it is wanted.
pub(super) fn lower(cx: &mut Lowering<'_>, tls: &Traced<Tls>, way: Way, class: Option<&Traced<String>>) {
    let Tls::Issuer { name, cluster_wide: false, email: Some(email) } = &tls.value else { return };
    let mut object = Object::new("cert-manager.io/v1", "Issuer", blamed(tls, name.as_str()));
    object.set(&["metadata", "labels"], metadata::project_labels(cx));
    let solver = if way == Way::Gateway {
        let parent = Node::from([("name", label(&cx.stack.name.value).into()), ("kind", "Gateway".into())]);
        Node::from([("gatewayHTTPRoute", Node::from([("parentRefs", vec![parent].into())]))])
    } else {
        let class = class.map(|class| class.value.as_str());
        Node::from([("ingress", Fields::new().maybe("ingressClassName", class).node())])
    };
    let acme = Fields::new()
        .put("server", AUTHORITY)
        .put("email", blamed(tls, email.as_str()))
        .put("privateKeySecretRef", Node::from([("name", format!("{name}-account").into())]))
        .put("solvers", vec![Node::from([("http01", solver)])]);
    object.set(&["spec", "acme"], acme.node());
    cx.add(object);
}
