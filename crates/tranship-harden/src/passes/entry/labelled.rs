//! Routes that a proxy of the container engine was to read from labels and variables of services.

use tranship_model::{EnvValue, Origin, Port, Protocol, Route, Service, Stack, Traced, Way};
use tranship_proxy::docker::{Asked, Middlewares, Refusal, Wish, caddy, nginx_proxy, traefik};
use tranship_source::Diagnostic;

use super::NAME;
use crate::expose::Expose;
use crate::notes::Notes;

/// What the labels of each service ask for, in the order of services that ask for anything.
pub(super) struct Labelled<'a> {
    asked: Vec<(&'a Service, Asked)>,
}

/// What the labels and variables of every service ask for.
pub(super) fn read(stack: &Stack) -> Labelled<'_> {
    let mut middlewares = Middlewares::default();
    for service in stack.services.values().filter(|service| !service.labels.is_empty()) {
        middlewares.read(&labels(service));
    }
    let asked = stack.services.values().filter_map(|service| {
        let mut asked = Asked::default();
        if !service.labels.is_empty() {
            let labels = labels(service);
            asked.extend(traefik(&labels, &middlewares));
            asked.extend(caddy(&labels));
        }
        asked.extend(nginx_proxy(&variables(service)));
        (!asked.keys.is_empty()).then_some((service, asked))
    });
    Labelled { asked: asked.collect() }
}

fn labels(service: &Service) -> Vec<(&str, &str)> {
    service.labels.iter().map(|(key, value)| (key.as_str(), value.value.as_str())).collect()
}

fn variables(service: &Service) -> Vec<(&str, &str)> {
    let plain = service.env.iter().filter_map(|variable| match &variable.value.value {
        EnvValue::Plain(text) if variable.name.starts_with("VIRTUAL_") || variable.name == "LETSENCRYPT_HOST" => {
            Some((variable.name.as_str(), text.as_str()))
        }
        _ => None,
    });
    plain.collect()
}

/// Adds the ports that labels name and the project does not, so that Services have them.
/// The Service of one whose ports nobody knows has none, so that no route could lead there.
pub(crate) fn declare_ports(stack: &mut Stack) {
    let mut wanted: Vec<(String, u16, Origin)> = Vec::new();
    for (service, asked) in &read(stack).asked {
        for wish in &asked.wishes {
            let Some(port) = wish.port.or_else(|| service.ports.is_empty().then_some(80)) else { continue };
            let known = |known: &Port| known.container == port && known.protocol == Protocol::Tcp;
            let noted = wanted.iter().any(|(name, number, _)| *name == service.name && *number == port);
            if !noted && !service.ports.iter().any(known) {
                wanted.push((service.name.clone(), port, origin(service, &wish.keys)));
            }
        }
    }
    for (name, container, from) in wanted {
        let Some(service) = stack.services.get_mut(&name) else { continue };
        let because = format!("the proxy's labels say that it listens on {container}");
        let origin = Origin::Decided { by: "label-port", because, from: from.leaves().to_vec() };
        let (name, app_protocol, published) = (None, None, None);
        service.ports.push(Port { origin, container, protocol: Protocol::Tcp, name, app_protocol, published });
    }
}

/// Where labels and variables are written.
fn origin(service: &Service, keys: &[String]) -> Origin {
    let labels = service.labels.iter().filter(|(key, _)| keys.contains(key)).map(|(_, value)| &value.origin);
    let variables = service.env.iter().filter(|variable| keys.contains(&variable.name)).map(|v| &v.value.origin);
    Origin::From(labels.chain(variables).flat_map(|origin| origin.leaves().to_vec()).collect())
}

impl Labelled<'_> {
    /// The routes that labels ask for, and a finding for each that cannot be had.
    pub(super) fn routes(
        &self,
        wanted: impl Fn(&Service) -> Option<bool>,
        expose: &Expose,
        way: Way,
        notes: &mut Notes,
    ) -> Vec<Traced<Route>> {
        let mut out: Vec<(Traced<Route>, Option<i64>)> = Vec::new();
        let mut secure = Vec::new();
        for (service, asked) in self.asked.iter().filter(|(service, _)| wanted(service) != Some(false)) {
            for refusal in &asked.refused {
                notes.find(refused(service, refusal));
            }
            for lost in &asked.lost {
                notes.find(left_out(service, lost));
            }
            for wish in &asked.wishes {
                let Some(route) = route(service, wish, way) else { continue };
                if wish.secure && expose.tls.is_none() {
                    secure.push((service.name.as_str(), route.span()));
                }
                if wish.redirect && way == Way::Ingress && expose.tls.is_some() {
                    notes.find(no_redirect(service, &route));
                }
                out.push((route, wish.priority));
            }
        }
        if let Some((first, span)) = secure.first() {
            notes.find(no_certificates(first, secure.len(), *span));
        }
        out_of_order(&out, notes);
        out.into_iter().map(|(route, _)| route).collect()
    }

    /// Whether labels of a service ask for what no route does, so that a plain route to it might let in whom they keep out.
    pub(super) fn guards(&self, service: &str) -> bool {
        self.asked.iter().any(|(known, asked)| known.name == service && !asked.refused.is_empty())
    }
}

fn route(service: &Service, wish: &Wish, way: Way) -> Option<Traced<Route>> {
    let Wish { name, host, path, port, replace, redirect, secure: _, priority: _, keys } = wish;
    let tcp = || service.ports.iter().filter(|port| port.protocol == Protocol::Tcp).map(|port| port.container);
    // The proxies take the only port, else the least one.
    let port = port.or_else(|| tcp().min())?;
    let route = Route {
        service: service.name.clone(),
        port,
        host: host.clone().filter(|_| way.reads_requests()),
        path: path.clone(),
        replace: replace.clone(),
        redirect: *redirect,
        outside: None,
    };
    let because = format!("the labels of a proxy say so (`{name}`)");
    let from = origin(service, keys).leaves().to_vec();
    Some(Traced::new(route, Origin::Decided { by: NAME, because, from }))
}

fn refused(service: &Service, refusal: &Refusal) -> Diagnostic {
    let Refusal { name, why, keys } = refusal;
    let message = format!("`{}` is not reached by `{name}` of its labels: {why}", service.name);
    let help = "write a route for it by hand, or keep the proxy as a service with a configuration file of its own";
    Diagnostic::error("route-not-served", message).at(origin(service, keys).span()).help(help)
}

fn left_out(service: &Service, lost: &Refusal) -> Diagnostic {
    let message = format!("`{}` is reached by `{}` of its labels, but {}", service.name, lost.name, lost.why);
    let help = "ask the controller of the entry for it in its own words, as annotations or objects of its own";
    Diagnostic::warning("route-loses", message).at(origin(service, &lost.keys).span()).help(help)
}

fn no_redirect(service: &Service, route: &Traced<Route>) -> Diagnostic {
    let message =
        format!("`{}` is reached without encryption as well: an Ingress cannot send requests elsewhere", service.name);
    let help = "take `--expose gateway`, whose routes can, or switch it on for the controller";
    Diagnostic::warning("route-loses", message).at(route.span()).help(help)
}

fn no_certificates(first: &str, count: usize, span: tranship_source::Span) -> Diagnostic {
    let more = if count > 1 { format!(" and {} more routes", count - 1) } else { String::new() };
    let message = format!("`{first}`{more} was to be reached encrypted, and nothing says where certificates come from");
    let help = "say `--tls cert-manager --tls-email ADDRESS`, `--tls cert-manager:ISSUER` or `--tls secret:NAME`";
    Diagnostic::warning("route-unencrypted", message).at(span).help(help)
}

/// Routes whose order by priority is not the order by how exact they are, which is every entry's.
fn out_of_order(routes: &[(Traced<Route>, Option<i64>)], notes: &mut Notes) {
    let said = || routes.iter().filter_map(|(route, priority)| Some((route, (*priority)?)));
    for (wide, high) in said() {
        let (host, path) = (&wide.value.host, wide.value.path.text());
        let narrower =
            |other: &Route| other.host == *host && other.path.text() != path && other.path.text().starts_with(path);
        let beaten = said().find(|(route, low)| *low < high && narrower(&route.value));
        if let Some((narrow, _)) = beaten {
            let (wide_to, narrow_to) = (&wide.value.service, &narrow.value.service);
            let message = format!(
                "`{path}` of `{wide_to}` was to win over `{}` of `{narrow_to}` by its priority, and the longer path wins",
                narrow.value.path.text()
            );
            let help = "take one of the two away, or give them hosts of their own";
            notes.find(Diagnostic::error("route-order", message).at(wide.span()).help(help));
        }
    }
}
