//! How the app is reached: rows for `report.json`, and commands and addresses for people.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde::Serialize;
use tranship_kube::cluster::Profile;
use tranship_model::{Exposure, PathMatch, Route, Stack, Tls, Traced, Way};

use super::text::{code, grouped, sentence};
use super::{Report, ServiceRow};

/// The way in from outside.
#[derive(Clone, Debug, Serialize)]
pub struct ReachRow<'a> {
    /// The kind of cluster.
    pub cluster: &'static str,
    /// `ingress`, `gateway`, `loadbalancer` or `nodeport`; `None` where nothing is reached.
    pub way: Option<&'static str>,
    /// The class of the controller that serves it.
    pub class: Option<&'a str>,
    /// Where certificates come from.
    pub tls: Option<String>,
    /// What leads where.
    pub routes: Vec<RouteRow<'a>>,
    /// Published ports that are not reached from outside.
    pub closed: Vec<ClosedRow<'a>>,
    /// What is known of the kind of cluster.
    #[serde(skip)]
    pub profile: &'static Profile,
}

/// One way to a service.
#[derive(Clone, Debug, Serialize)]
pub struct RouteRow<'a> {
    /// The service.
    pub service: &'a str,
    /// The port of its container.
    pub port: u16,
    /// The host that is asked for; `None` for every host.
    pub host: Option<&'a str>,
    /// The path that is asked for.
    pub path: &'a str,
    /// Whether the path alone fits and nothing below it.
    pub exact: bool,
    /// The port of every node or of the address, where each route has its own.
    pub outside: Option<u16>,
    /// The address to ask, with `ADDRESS` where the cluster alone knows it.
    pub url: String,
}

/// A published port that stays closed.
#[derive(Clone, Debug, Serialize)]
pub struct ClosedRow<'a> {
    /// The service.
    pub service: &'a str,
    /// The port of its container.
    pub port: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: &'static str,
    /// Why.
    pub because: &'a str,
}

/// The rows of a stack for a kind of cluster.
pub(super) fn row<'a>(stack: &'a Stack, profile: &'static Profile) -> ReachRow<'a> {
    let Exposure { routes, closed, way, class, tls } = &stack.exposure;
    let way = way.as_ref().map(|way| way.value);
    let secure = tls.is_some();
    let tls = tls.as_ref().map(|tls| match &tls.value {
        Tls::Secret(name) => format!("Secret/{name}"),
        Tls::Issuer { name, cluster_wide: true, email: _ } => format!("ClusterIssuer/{name}"),
        Tls::Issuer { name, cluster_wide: false, email: _ } => format!("Issuer/{name}"),
    });
    ReachRow {
        cluster: profile.name,
        way: way.map(Way::as_str),
        class: class.as_ref().map(|class| class.value.as_str()),
        tls,
        routes: routes.iter().filter_map(|route| Some(route_row(route, way?, secure))).collect(),
        closed: closed
            .iter()
            .map(|one| ClosedRow {
                service: &one.service,
                port: one.port,
                protocol: one.protocol.as_str(),
                because: &one.because,
            })
            .collect(),
        profile,
    }
}

fn route_row(route: &Traced<Route>, way: Way, secure: bool) -> RouteRow<'_> {
    let Route { service, port, host, path, replace: _, redirect: _, outside } = &route.value;
    let scheme = if secure { "https" } else { "http" };
    let address = host.as_deref().map_or_else(|| "ADDRESS".to_owned(), |host| host.replace('*', "NAME"));
    let number = match way {
        Way::Ingress | Way::Gateway => None,
        Way::LoadBalancer => Some(outside.unwrap_or(*port)).filter(|port| *port != 80),
        Way::NodePort => *outside,
    };
    let number = number.map(|port| format!(":{port}")).unwrap_or_default();
    RouteRow {
        service,
        port: *port,
        host: host.as_deref(),
        path: path.text(),
        exact: matches!(path, PathMatch::Exact(_)),
        outside: *outside,
        url: format!("{scheme}://{address}{number}{}", path.text()),
    }
}

/// The section of the report: how to reach the app, and what stays closed.
pub(super) fn section(report: &Report<'_>) -> String {
    let ReachRow { routes, .. } = &report.reach;
    let mut out = String::new();
    if !routes.is_empty() {
        out += &entry(report);
    }
    let closed = closed(report);
    if !closed.is_empty() && !out.is_empty() {
        out.push('\n');
    }
    out += &closed;
    if out.is_empty() { out } else { format!("## Reach it\n\n{out}") }
}

fn entry(report: &Report<'_>) -> String {
    let ReachRow { way, class, tls, routes, profile, .. } = &report.reach;
    let way = way.unwrap_or_default();
    let of_class = class.map(|class| format!(" of the class {}", code(class))).unwrap_or_default();
    let by_default = if profile.name == "generic" { "that is the cluster's default" } else { "that the cluster has" };
    let mut out = match way {
        "ingress" if class.is_none() => {
            format!("Requests come in by the Ingress controller {by_default}; `--ingress-class` names another.\n")
        }
        "ingress" => format!("Requests come in by the Ingress controller{of_class}.\n"),
        "gateway" => format!("Requests come in by a Gateway{of_class}.\n"),
        "loadbalancer" => "Each service that is reached has an address of its own.\n".to_owned(),
        _ => "Each service that is reached has a port of its own at every node.\n".to_owned(),
    };
    if *class == Some("nginx") && way == "ingress" {
        out += "The controller `ingress-nginx` is retired upstream and gets no more releases: choose another for new \
                clusters (`--ingress-class`), or `--expose gateway`.\n";
    }
    if !profile.entry_setup.is_empty() && matches!(way, "ingress" | "gateway") {
        let is_command = ["minikube ", "gcloud ", "az "].iter().any(|head| profile.entry_setup.starts_with(head));
        let setup = if is_command { code(profile.entry_setup) } else { profile.entry_setup.to_owned() };
        _ = writeln!(out, "Once for the cluster ({}): {setup}.", profile.title);
    }
    out.push('\n');
    for row in routes {
        let outside = if row.exact { " (this path alone)" } else { "" };
        _ = writeln!(out, "- {}{outside} leads to {} at {}", code(&row.url), code(row.service), row.port);
    }
    out += "\n```sh\n";
    out += &commands(report, way);
    out += "```\n";
    let hosts: BTreeSet<&str> = routes.iter().filter_map(|row| row.host).collect();
    let (local, named): (Vec<&str>, Vec<&str>) =
        hosts.into_iter().partition(|host| *host == "localhost" || host.ends_with(".localhost"));
    if !local.is_empty() {
        out += "\nNames below `localhost` lead a browser to the machine it runs on: use them where the entry's port is forwarded to it, \
                or name hosts of your own with `--domain` or `--host SERVICE=NAME`.\n";
    }
    if !named.is_empty() {
        let hosts: Vec<String> = named.into_iter().map(code).collect();
        _ = writeln!(out, "\nIn the DNS, point {} at that address.", hosts.join(", "));
    }
    if tls.is_none() && matches!(way, "ingress" | "gateway") {
        out += "\nNothing is encrypted yet: `--tls secret:NAME` takes a certificate that is there, `--tls cert-manager:ISSUER` asks for one.\n";
    }
    out
}

/// Commands that print the address and ask it.
fn commands(report: &Report<'_>, way: &str) -> String {
    let ReachRow { routes, tls, profile, .. } = &report.reach;
    let namespace = report.namespace;
    let first = report.objects.iter().find(|object| match way {
        "ingress" => object.kind == "Ingress",
        "gateway" => object.kind == "Gateway",
        _ => object.kind == "Service" && object.name.ends_with("-entry"),
    });
    let name = first.map_or("", |object| object.name);
    let by_node = !profile.address.is_empty() && way != "loadbalancer" && way != "gateway";
    let source = if by_node {
        profile.address.to_owned()
    } else {
        match way {
            "ingress" => {
                format!("kubectl -n {namespace} get ingress {name} -o jsonpath='{{.status.loadBalancer.ingress[0]..}}'")
            }
            "gateway" => {
                format!("kubectl -n {namespace} get gateway {name} -o jsonpath='{{.status.addresses[0].value}}'")
            }
            "loadbalancer" => {
                format!("kubectl -n {namespace} get service {name} -o jsonpath='{{.status.loadBalancer.ingress[0]..}}'")
            }
            _ => "kubectl get nodes -o jsonpath='{.items[0].status.addresses[0].address}'".to_owned(),
        }
    };
    let source = source.replace("ingress[0]..}", "ingress[0].ip}");
    let mut out = format!("ADDRESS=$({source})\n");
    if profile.name == "minikube" && way == "loadbalancer" {
        out.insert_str(0, "minikube tunnel   # in a terminal of its own: it gives addresses to load balancers\n");
    }
    for row in routes.iter().take(3) {
        let path = row.path;
        let line = match (row.host, tls) {
            (None, _) => format!("curl {}", row.url.replace("ADDRESS", "$ADDRESS")),
            (Some(host), None) => format!("curl -H 'Host: {}' http://$ADDRESS{path}", host.replace('*', "NAME")),
            (Some(host), Some(_)) => {
                let host = host.replace('*', "NAME");
                format!("curl --connect-to {host}:443:$ADDRESS:443 https://{host}{path}")
            }
        };
        out.extend([&*line, "\n"]);
    }
    out
}

/// What was published and stays closed: why, and the way to it.
fn closed(report: &Report<'_>) -> String {
    let mut out = String::new();
    let rows = report.reach.closed.iter();
    for (because, rows) in grouped(rows, |row| row.because) {
        let names: Vec<String> =
            rows.iter().map(|row| format!("{} at {}/{}", code(row.service), row.port, row.protocol)).collect();
        _ = writeln!(out, "- {}: {}", names.join(", "), sentence(because));
    }
    let forwards = forwards(report);
    match (out.is_empty(), forwards.is_empty()) {
        (true, _) => forwards,
        (false, true) => format!("Published and not reached from outside:\n\n{out}"),
        (false, false) => format!("Published and not reached from outside:\n\n{out}\n{forwards}"),
    }
}

/// Ways to the published ports that no entry leads to.
fn forwards(report: &Report<'_>) -> String {
    let mut lines = String::new();
    let mut unreachable = Vec::new();
    for service in &report.services {
        for port in &service.ports {
            let Some(published) = port.published else { continue };
            let entered = |row: &RouteRow<'_>| row.service == service.name && row.port == port.container;
            if port.protocol != "tcp" {
                unreachable.push(format!("{} {}/{}", service.name, port.container, port.protocol));
                continue;
            }
            if report.reach.routes.iter().any(entered) {
                continue;
            }
            let Some(target) = forward_target(service) else { continue };
            let local = local_port(published.parse().unwrap_or(port.container));
            _ = writeln!(lines, "kubectl -n {} port-forward {target} {local}:{}", report.namespace, port.container);
        }
    }
    let mut out = String::new();
    if !lines.is_empty() {
        out = format!("From this machine alone (one command each, it stays open):\n\n```sh\n{lines}```\n");
    }
    if !unreachable.is_empty() {
        let gap = if out.is_empty() { "" } else { "\n" };
        _ = writeln!(out, "{gap}`kubectl port-forward` carries TCP only; it cannot show {}.", unreachable.join(", "));
    }
    out
}

/// `service/x` where there is one, else the workload.
fn forward_target(service: &ServiceRow<'_>) -> Option<String> {
    let kinds = ["Service/", "Deployment/", "StatefulSet/"];
    let found = kinds.iter().find_map(|kind| service.objects.iter().find(|object| object.starts_with(kind)))?;
    found.split_once('/').map(|(kind, name)| format!("{}/{name}", kind.to_lowercase()))
}

/// A port that needs no special rights on the user's machine.
fn local_port(port: u16) -> u16 {
    match port {
        80 => 8080,
        443 => 8443,
        0..1024 => port + 10_000,
        _ => port,
    }
}
