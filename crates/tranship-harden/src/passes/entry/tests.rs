//! What is reached, under which names and by what.

use tranship_kube::cluster;
use tranship_model::{PathMatch, Route, Stack, Traced, Way};

use super::run;
use crate::expose::Expose;
use crate::fixture::{lines, stack};
use crate::notes::Notes;
use crate::settings::Settings;
use crate::switches::Switch;

fn chosen<T>(value: T) -> Traced<T> {
    Traced::decided(value, "override", "you said so")
}

fn by(way: Way) -> Expose {
    Expose { way: Some(chosen(Some(way))), ..Expose::default() }
}

/// The routes of a project as `host/path > service:port`, with the port outside where there is one, and what was found.
fn routes(compose: &str, expose: Expose) -> (Vec<String>, Vec<String>) {
    let (stack, found) = reached(compose, expose);
    let line = |route: &Traced<Route>| {
        let Route { service, port, host, path, replace, redirect: _, outside } = &route.value;
        let exact = if matches!(path, PathMatch::Exact(_)) { "$" } else { "" };
        let replace = replace.as_ref().map(|text| format!(" as {text:?}")).unwrap_or_default();
        let outside = outside.map(|port| format!(" at {port}")).unwrap_or_default();
        format!("{}{}{exact} > {service}:{port}{replace}{outside}", host.as_deref().unwrap_or("*"), path.text())
    };
    (stack.exposure.routes.iter().map(line).collect(), found)
}

fn reached(compose: &str, expose: Expose) -> (Stack, Vec<String>) {
    let mut stack = stack(compose);
    let settings = Settings { expose, ..Settings::default() };
    let mut notes = Notes::default();
    let pass = &crate::passes::PASSES.iter().find(|pass| pass.name == super::NAME).unwrap();
    notes.begin(super::NAME, Switch::of(pass, &stack, &settings));
    run(&mut stack, &settings, &mut notes);
    (stack, lines(&notes.diagnostics))
}

#[test]
fn what_is_published_and_speaks_http_is_reached() {
    for (services, expect) in [
        ("web: {image: 'nginx:1.29', ports: ['8080:80']}", &["*/ > web:80"][..]),
        ("web: {build: ., ports: ['3000']}", &["*/ > web:3000"]),
        ("web: {build: ., expose: ['3000']}", &[]),
        ("web: {build: ., ports: ['127.0.0.1:3000:3000']}", &[]),
        ("web: {build: ., ports: ['22:22', '53:53/udp', '5005:5005']}", &[]),
        ("web: {build: ., ports: [{target: 22, app_protocol: http}]}", &["*/ > web:22"]),
        ("web: {build: ., ports: [{target: 9999, name: grpc, app_protocol: grpc}]}", &[]),
        ("web: {image: 'nginx:1.29', ports: ['80:80', '443:443']}", &["*/ > web:80"]),
        ("db: {image: 'postgres:16', ports: ['5432:5432']}", &[]),
        ("s3: {image: 'minio/minio', ports: ['9000:9000', '9001:9001']}", &[]),
        ("look: {image: 'adminer', ports: ['8080:8080']}", &[]),
        ("watch: {image: 'grafana/grafana', ports: ['3000:3000']}", &[]),
        ("job: {build: ., ports: ['80:80'], x-tranship: {workload: job}}", &[]),
        (
            "web: {build: ., ports: ['80:80', '9229:9229']}\n  api: {build: ., ports: ['8000:8000', '8001:8001']}",
            &["*/ > web:80", "api.localhost/ > api:8000", "api-8001.localhost/ > api:8001"],
        ),
        (
            "a_b: {build: ., ports: ['3000:3000']}\n  c: {build: ., ports: ['4000:4000']}",
            &["a-b.localhost/ > a_b:3000", "c.localhost/ > c:4000"],
        ),
        (
            "front: {image: 'nginx:1.29', ports: ['8080:80']}\n  api: {build: ., ports: ['8000:8000']}",
            &["*/ > front:80", "api.localhost/ > api:8000"],
        ),
    ] {
        let (found, faults) = routes(&format!("services:\n  {services}\n"), Expose::default());
        assert_eq!(found, expect, "{services} {faults:?}");
        assert!(faults.is_empty(), "{services} {faults:?}");
    }
}

#[test]
fn what_stays_closed_says_why_and_how_to_open_it() {
    let (stack, _) = reached("services:\n  db: {image: 'postgres:16', ports: ['5432:5432']}\n", Expose::default());
    let closed = &stack.exposure.closed;
    assert_eq!(closed.len(), 1);
    assert!(closed[0].because.contains("--host db=NAME"), "{closed:?}");
    let host = |service: &str| (Some(service.to_owned()), chosen("look.example.com".to_owned()));
    let asked = Expose { hosts: vec![host("look")], ..Expose::default() };
    let (found, _) = routes("services:\n  look: {image: adminer, ports: ['8080:8080']}\n", asked);
    assert_eq!(found, ["look.example.com/ > look:8080"]);
}

#[test]
fn hosts_go_to_the_front_door_or_the_service_that_is_named() {
    let two = "services:\n  web: {build: ., ports: ['80:80']}\n  api: {build: ., ports: ['8000:8000']}\n";
    let host = |service: Option<&str>, name: &str| (service.map(str::to_owned), chosen(name.to_owned()));
    let all = |hosts: &[(Option<String>, Traced<String>)], domain: Option<&str>| Expose {
        hosts: hosts.to_vec(),
        domain: domain.map(|domain| chosen(domain.to_owned())),
        ..Expose::default()
    };
    for (expose, expect) in [
        (
            all(&[host(None, "a.test"), host(None, "b.test")], None),
            &["a.test/ > web:80", "b.test/ > web:80", "api.localhost/ > api:8000"][..],
        ),
        (all(&[host(Some("api"), "a.test")], None), &["*/ > web:80", "a.test/ > api:8000"]),
        (all(&[], Some("shop.test")), &["shop.test/ > web:80", "api.shop.test/ > api:8000"]),
    ] {
        assert_eq!(routes(two, expose).0, expect);
    }
    let (_, faults) = routes(two, all(&[host(Some("apo"), "a.test")], None));
    assert!(faults[0].contains("option-host") && faults[0].contains("did you mean `api`?"), "{faults:?}");
    let (found, faults) = routes(two, all(&[host(None, "a.test"), host(Some("api"), "A.test")], None));
    assert_eq!(found, ["a.test/ > web:80"]);
    assert!(faults[0].contains("route-twice"), "{faults:?}");
}

#[test]
fn ports_of_nodes_are_the_same_on_every_run_and_never_shared() {
    let two = "services:\n  web: {build: ., ports: ['80:3000']}\n  api: {build: ., ports: ['2848:8000']}\n";
    assert_eq!(routes(two, by(Way::NodePort)).0, ["*/ > web:3000 at 30080", "*/ > api:8000 at 30081"]);
    let fixed = Expose { node_ports: vec![("web".to_owned(), chosen(30_000))], ..by(Way::NodePort) };
    assert_eq!(routes(two, fixed).0, ["*/ > web:3000 at 30000", "*/ > api:8000 at 30080"]);
    for ports in [&[("web", 80)][..], &[("web", 30_000), ("api", 30_000)], &[("wen", 30_000)]] {
        let node_ports = ports.iter().map(|(service, port)| ((*service).to_owned(), chosen(*port))).collect();
        let (_, faults) = routes(two, Expose { node_ports, ..by(Way::NodePort) });
        assert!(faults.iter().any(|fault| fault.contains("option-node-port")), "{ports:?} {faults:?}");
    }
    assert_eq!(routes(two, by(Way::LoadBalancer)).0, ["*/ > web:3000 at 80", "*/ > api:8000 at 2848"]);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let web = "services:\n  web: {build: ., ports: ['80:80']}\n";
    let tls = Some(chosen(tranship_model::Tls::Secret("x".to_owned())));
    let class = || Some(chosen("x".to_owned()));
    for (expose, code) in [
        (Expose { tls: tls.clone(), ..by(Way::NodePort) }, "option-tls"),
        (Expose { class: class(), ..by(Way::LoadBalancer) }, "option-expose"),
        (by(Way::Gateway), "option-expose"),
        (Expose { cluster: cluster::find("kind").unwrap(), ..by(Way::LoadBalancer) }, "option-expose"),
        (Expose { node_ports: vec![("web".to_owned(), chosen(30_000))], ..Expose::default() }, "option-node-port"),
    ] {
        let (found, faults) = routes(web, expose);
        assert!(found.is_empty() && faults.iter().any(|fault| fault.contains(code)), "{code} {faults:?}");
    }
    assert_eq!(routes(web, Expose { class: class(), ..by(Way::Gateway) }).0, ["*/ > web:80"]);
}

#[test]
fn a_kind_of_cluster_says_the_class_and_whether_there_are_gateways() {
    for (name, way, class) in [
        ("generic", Way::Ingress, None),
        ("k3s", Way::Ingress, Some("traefik")),
        ("gke", Way::Gateway, Some("gke-l7-global-external-managed")),
    ] {
        let expose = Expose { cluster: cluster::find(name).unwrap(), ..Expose::default() };
        let (stack, _) = reached("services:\n  web: {build: ., ports: ['80:80']}\n", expose);
        let exposure = stack.exposure;
        assert_eq!(exposure.way.map(|way| way.value), Some(way), "{name}");
        assert_eq!(exposure.class.as_ref().map(|class| class.value.as_str()), class, "{name}");
    }
}

#[test]
fn a_port_that_is_encrypted_is_left_to_the_entry() {
    let (found, faults) = routes("services:\n  web: {build: ., ports: ['443:443']}\n", Expose::default());
    assert!(found.is_empty() && faults[0].contains("entry-encrypted"), "{faults:?}");
    assert_eq!(routes("services:\n  web: {build: ., ports: ['443:443']}\n", by(Way::LoadBalancer)).0, ["*/ > web:443"]);
}

#[test]
fn labels_of_proxies_are_routes() {
    let text = r#"services:
  web:
    build: .
    ports: ['3000:3000']
    labels:
      traefik.http.routers.web.rule: Host(`shop.test`)
      traefik.http.services.web.loadbalancer.server.port: "3000"
  api:
    build: .
    labels:
      traefik.http.routers.api.rule: Host(`shop.test`) && PathPrefix(`/api`)
      traefik.http.routers.api.middlewares: strip
      traefik.http.middlewares.strip.stripprefix.prefixes: /api
      traefik.http.services.api.loadbalancer.server.port: "8000"
  blog: {build: ., labels: {caddy: http://blog.test, caddy.reverse_proxy: "{{upstreams 2368}}"}}
  wiki: {build: ., expose: ['80'], environment: {VIRTUAL_HOST: wiki.test}}
  admin:
    build: .
    ports: ['9000:9000']
    labels:
      traefik.http.routers.admin.rule: Host(`admin.test`)
      traefik.http.routers.admin.middlewares: auth
      traefik.http.middlewares.auth.basicauth.users: a:b
"#;
    let gateway = || Expose { class: Some(chosen("x".to_owned())), ..by(Way::Gateway) };
    let (found, faults) = routes(text, gateway());
    let expect =
        ["shop.test/ > web:3000", "shop.test/api > api:8000 as \"\"", "blog.test/ > blog:2368", "wiki.test/ > wiki:80"];
    assert_eq!(found, expect);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("basicauth"), "{faults:?}");
    let (found, faults) = routes(text, Expose::default());
    assert_eq!(found, ["shop.test/ > web:3000", "blog.test/ > blog:2368", "wiki.test/ > wiki:80"]);
    assert!(faults.iter().any(|fault| fault.contains("--expose gateway")), "{faults:?}");
    let (stack, _) = reached(text, gateway());
    assert!(stack.exposure.closed.iter().any(|one| one.service == "admin"), "{:?}", stack.exposure.closed);
}

#[test]
fn what_was_to_be_encrypted_or_ordered_otherwise_is_told() {
    let text = |more: &str| {
        format!(
            "services:\n  a:\n    build: .\n    expose: ['80']\n    labels:\n      traefik.http.routers.a.rule: \"Host(`a.test`)\"\n      {more}\n  b:\n    build: .\n    expose: ['80']\n    labels:\n      traefik.http.routers.b.rule: \"Host(`a.test`) && PathPrefix(`/b`)\"\n      traefik.http.routers.b.priority: \"1\"\n"
        )
    };
    for (more, code) in [
        ("traefik.http.routers.a.tls: \"true\"", "route-unencrypted"),
        ("traefik.http.routers.a.priority: \"100\"", "route-order"),
        ("traefik.http.routers.a.tls: \"false\"", ""),
    ] {
        let (found, faults) = routes(&text(more), Expose::default());
        assert_eq!(found.len(), 2, "{more}");
        assert_eq!(faults.iter().any(|fault| fault.contains("route-")), !code.is_empty(), "{faults:?}");
        assert!(faults.iter().all(|fault| fault.contains(code)), "{faults:?}");
    }
}

#[test]
fn a_port_that_a_label_names_is_declared() {
    let mut stack =
        stack("services:\n  a: {build: ., labels: {caddy: a.test, caddy.reverse_proxy: '{{upstreams 81}}'}}\n");
    super::declare_ports(&mut stack);
    assert_eq!(stack.services["a"].ports.iter().map(|port| port.container).collect::<Vec<_>>(), [81]);
}
