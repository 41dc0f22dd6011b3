//! Ways in from outside: each kind of object, and the way back.

use super::*;

fn route(service: &str, host: Option<&str>, path: PathMatch) -> Route {
    let (service, host) = (service.to_owned(), host.map(str::to_owned));
    Route { service, port: 80, host, path, replace: None, redirect: false, outside: None }
}

fn reached(way: Way, routes: Vec<Route>, class: Option<&str>, tls: Option<Tls>) -> Stack {
    let mut web = service("My_Web");
    web.ports = vec![port(80, Protocol::Tcp)];
    let mut api = service("api");
    api.ports = vec![port(80, Protocol::Tcp)];
    let mut out = stack([web, api]);
    out.exposure = Exposure {
        routes: routes.into_iter().map(|route| at(route, "services.api.ports[0]")).collect(),
        closed: Vec::new(),
        way: Some(at(way, "way")),
        class: class.map(|class| at(class.to_owned(), "class")),
        tls: tls.map(|tls| at(tls, "tls")),
    };
    out
}

fn with_servers_outside() -> Stack {
    let mut out = stack([service("web")]);
    for (name, host) in [("db", "db.example.com"), ("my_cache", "10.0.0.5")] {
        let origin = Origin::decided("test", "a test");
        let outside = Outside { origin, host: host.to_owned(), port: Some(6380), called_at: vec![6379] };
        out.outside.insert(name.to_owned(), outside);
    }
    out
}

/// One stack for each way in, and one with ways out.
pub(crate) fn samples() -> Vec<(&'static str, Stack)> {
    let below = |path: &str| PathMatch::Prefix(path.to_owned());
    let exact = |path: &str| PathMatch::Exact(path.to_owned());
    let named = || {
        vec![
            route("My_Web", Some("shop.example.com"), PathMatch::all()),
            route("My_Web", Some("www.example.com"), PathMatch::all()),
            route("api", Some("shop.example.com"), below("/api")),
            route("api", Some("shop.example.com"), exact("/version")),
        ]
    };
    let issuer = |email: Option<&str>| Tls::Issuer {
        name: "letsencrypt".to_owned(),
        cluster_wide: email.is_none(),
        email: email.map(str::to_owned),
    };
    let replaced =
        Route { replace: Some(String::new()), redirect: true, ..route("api", Some("a.test"), below("/api")) };
    let outside = |port| Route { outside: Some(port), ..route("My_Web", None, PathMatch::all()) };
    vec![
        ("any host", reached(Way::Ingress, vec![route("My_Web", None, PathMatch::all())], None, None)),
        ("hosts and paths", reached(Way::Ingress, named(), Some("traefik"), Some(Tls::Secret("shop-tls".to_owned())))),
        ("certificates", reached(Way::Ingress, named(), None, Some(issuer(Some("a@example.com"))))),
        ("gateway", reached(Way::Gateway, named(), Some("traefik"), None)),
        ("gateway with certificates", reached(Way::Gateway, vec![replaced], Some("x"), Some(issuer(None)))),
        ("load balancer", reached(Way::LoadBalancer, vec![outside(8080)], None, None)),
        ("servers outside", with_servers_outside()),
        ("node port", reached(Way::NodePort, vec![outside(30_080)], None, None)),
    ]
}

#[test]
fn every_way_in_is_taken_by_a_server_and_leads_to_ports_that_are_there() {
    for (_, stack) in samples() {
        lowered(&stack);
    }
}

#[test]
fn an_ingress_leads_hosts_and_paths_to_services() {
    let all = samples();
    let of = |name: &str| lowered(&all.iter().find(|(known, _)| *known == name).unwrap().1);
    let out = of("hosts and paths");
    for (object, path, expect) in [
        ("my-web", "spec/ingressClassName", "traefik"),
        ("my-web", "spec/rules/1/host", "www.example.com"),
        ("my-web", "spec/rules/0/http/paths/0/backend/service/name", "my-web"),
        ("my-web", "spec/tls/0/secretName", "shop-tls"),
        ("api", "spec/rules/0/http/paths/0/path", "/api"),
        ("api", "spec/rules/0/http/paths/1/pathType", "Exact"),
    ] {
        assert_eq!(text(&out, "Ingress", object, path), expect, "{object} {path}");
    }
    assert_eq!(out.external_secrets, ["shop-tls"]);
    let out = of("certificates");
    assert_eq!(text(&out, "Issuer", "letsencrypt", "spec/acme/email"), "a@example.com");
    assert_eq!(text(&out, "Ingress", "api", "spec/tls/0/secretName"), "api-tls");
    let out = of("gateway");
    assert_eq!(text(&out, "HTTPRoute", "my-web", "spec/hostnames/1"), "www.example.com");
    assert_eq!(text(&out, "HTTPRoute", "api", "spec/rules/1/matches/0/path/type"), "Exact");
    let out = of("gateway with certificates");
    assert_eq!(text(&out, "HTTPRoute", "api-redirect", "spec/rules/0/filters/0/requestRedirect/scheme"), "https");
    assert_eq!(text(&out, "HTTPRoute", "api", "spec/parentRefs/0/sectionName"), "https");
    let out = of("node port");
    assert_eq!(text(&out, "Service", "my-web-entry", "spec/ports/0/nodePort"), "30080");
    assert_eq!(text(&out, "Service", "my-web", "spec/type"), "-");
}
