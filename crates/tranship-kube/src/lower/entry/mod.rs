//! The way in from outside: an Ingress or an HTTPRoute for each service that is reached, or a Service of its own.
//!
//! What is reached, by what and under which names was decided before; what a way in cannot serve is not among the routes.

mod front;
mod gateway;
mod ingress;
mod issuer;

pub(crate) use front::OF;

use indexmap::IndexMap;
use tranship_model::{Exposure, Route, Tls, Traced, Way};

use super::Lowering;

/// Adds what leads from outside to the services.
pub(crate) fn lower(cx: &mut Lowering<'_>, exposure: &Exposure) {
    let Exposure { routes, closed: _, way, class, tls } = exposure; // What is closed is noted with its port.
    let Some(way) = way.as_ref().filter(|_| !routes.is_empty()) else { return };
    let mut of_service: IndexMap<&str, Vec<&Traced<Route>>> = IndexMap::new();
    for route in routes {
        of_service.entry(route.value.service.as_str()).or_default().push(route);
    }
    if let Some(Tls::Secret(name)) = tls.as_ref().map(|tls| &tls.value) {
        cx.external_secrets.push(name.clone());
    }
    match way.value {
        Way::Ingress => {
            for (service, routes) in &of_service {
                ingress::lower(cx, service, routes, class.as_ref(), tls.as_ref());
            }
        }
        Way::Gateway => gateway::lower(cx, &of_service, class.as_ref(), tls.as_ref()),
        Way::LoadBalancer | Way::NodePort => {
            for (service, routes) in &of_service {
                front::lower(cx, service, routes, way.value);
            }
        }
    }
    if let Some(tls) = tls {
        issuer::lower(cx, tls, way.value, class.as_ref());
    }
}

/// The annotation by which cert-manager is told who is to issue.
fn issuer_annotation(tls: &Tls) -> Option<(&'static str, &str)> {
    match tls {
        Tls::Issuer { name, cluster_wide: true, email: _ } => Some(("cert-manager.io/cluster-issuer", name)),
        Tls::Issuer { name, cluster_wide: false, email: _ } => Some(("cert-manager.io/issuer", name)),
        Tls::Secret(_) => None,
    }
}

/// Notes for what led to a route where it stands now.
fn note(cx: &mut Lowering<'_>, route: &Traced<Route>, to: &str) {
    cx.ledger.translated(&route.origin, to, "what asks for it from outside comes in there");
}
