//! Concern by concern: what is used now and then, and the points of each.

use super::formula::{Weight, delta_word, effort, level, point};
use super::site::{Site, Thing};
use super::{Component, Concern, Delivery, Effort, Point};
use crate::analysis::Facts;

/// Every concern, in the order of the report.
pub(super) fn concerns(facts: &Facts<'_>, site: &Site) -> Vec<Concern> {
    vec![
        orchestration(facts, site),
        scaling(facts, site),
        discovery(),
        deployment(facts, site),
        proxy(facts, site),
        limits(site),
        database(facts, site),
        caching(site),
        pipeline(facts, site),
        monitoring(site),
        secrets(facts, site),
    ]
}

fn concern(
    name: &'static str,
    category: &'static str,
    (current_tool, current): (String, Effort),
    (target_tool, target): (String, Effort),
) -> Concern {
    let delta = target.sum - current.sum;
    Concern { name, category, current_tool, current, target_tool, target, delta, delta_word: delta_word(delta) }
}

fn titles(things: &[Thing]) -> String {
    let mut names: Vec<&str> = things.iter().map(|thing| thing.title.as_str()).collect();
    names.dedup();
    names.join(", ")
}

fn each(weight: Weight, things: &[Thing], what: &str) -> Vec<Point> {
    things
        .iter()
        .map(|thing| point(weight, format!("{} `{}`: {what}", thing.title, thing.name), thing.place.clone()))
        .collect()
}

fn orchestration(facts: &Facts<'_>, site: &Site) -> Concern {
    let number = facts.stack.services.len();
    let first = facts.stack.services.values().next().and_then(|service| facts.places.of(service.origin.span()));
    let now =
        vec![point(Weight::Component, "the Docker engine", None), point(Weight::Format, "the Compose file", first)];
    let mut then = vec![
        point(Weight::Component, super::cluster(facts), None),
        point(Weight::Format, "Kubernetes objects and kubectl", None),
        point(Weight::Manual, "upgrading nodes: drain, upgrade, uncordon", None),
    ];
    if facts.cluster.load_image.is_empty() && !site.built.is_empty() {
        then.push(point(Weight::Format, "a registry that nodes may read", None));
    }
    concern(
        "Orchestration",
        "Cluster management",
        (format!("`{}` ({number} services)", site.compose), effort(now, true)),
        (super::cluster(facts).to_owned(), effort(then, true)),
    )
}

fn scaling(facts: &Facts<'_>, site: &Site) -> Concern {
    let several = facts.stack.services.values().filter_map(|service| {
        let replicas = service.replicas.as_ref()?;
        let said = !matches!(replicas.origin, tranship_model::Origin::Decided { .. });
        (said && replicas.value > 1).then(|| facts.places.of(replicas.span()))
    });
    let said: Vec<_> = several.collect();
    let now = match said.first() {
        Some(place) => {
            let points = vec![point(Weight::Manual, "changing the number of replicas by hand", place.clone())];
            (format!("`replicas` of {} services", said.len()), effort(points, true))
        }
        None => ("not used (one of each)".to_owned(), effort(Vec::new(), false)),
    };
    let then = if site.scaled > 0 {
        let points = vec![point(Weight::Format, "limits of the autoscalers", None)];
        (format!("HorizontalPodAutoscaler for {} services", site.scaled), effort(points, true))
    } else {
        ("`kubectl scale`, where data allows it".to_owned(), effort(Vec::new(), true))
    };
    concern("Scaling", "Cluster management", now, then)
}

fn discovery() -> Concern {
    concern(
        "Service discovery",
        "Cluster management",
        ("Docker DNS (service names)".to_owned(), effort(Vec::new(), true)),
        ("Services and cluster DNS (the same names)".to_owned(), effort(Vec::new(), true)),
    )
}

fn deployment(facts: &Facts<'_>, site: &Site) -> Concern {
    let mut now = vec![point(Weight::Manual, "`docker compose up -d` on the machine", None)];
    now.push(point(
        Weight::Manual,
        "editing env files on the machine",
        site.secret_files.first().and_then(|f| f.place.clone()),
    ));
    let then = match facts.delivery {
        Delivery::Kubectl => vec![
            point(Weight::Manual, "`kubectl apply` for each release", None),
            point(Weight::Format, "manifests", None),
        ],
        delivery => vec![
            point(Weight::Component, delivery.title(), None),
            point(Weight::Format, "its objects, and manifests or Helm values", None),
        ],
    };
    concern(
        "Deployment",
        "Deployment",
        ("`docker compose up -d`".to_owned(), effort(now, true)),
        (facts.delivery.title().to_owned(), effort(then, true)),
    )
}

fn proxy(facts: &Facts<'_>, site: &Site) -> Concern {
    let mut now = each(Weight::Component, &site.proxies, "a program to upgrade");
    now.extend(each(Weight::Format, &site.proxies, "its configuration"));
    let there = !site.proxies.is_empty();
    let published: Vec<String> = facts
        .stack
        .services
        .values()
        .flat_map(|service| service.ports.iter())
        .filter_map(|port| port.published.as_ref().map(|published| published.port.clone()))
        .collect();
    let current = match (there, published.is_empty()) {
        (true, _) => titles(&site.proxies),
        (false, false) => format!("published ports ({})", published.join(", ")),
        (false, true) => "None".to_owned(),
    };
    // Proxies of the project stay; what leads to them is new.
    let mut then = now.clone();
    let routes = !facts.stack.exposure.routes.is_empty();
    let way = facts.stack.exposure.way.as_ref().map_or("", |way| way.value.as_str());
    let mut target = Vec::new();
    if routes {
        then.push(point(Weight::Format, format!("the way in ({way})"), None));
        target.push(match facts.cluster.ingress_class {
            Some(class) if way == "ingress" => format!("Ingress by {class}"),
            _ => way.to_owned(),
        });
        if matches!(facts.stack.exposure.tls.as_ref().map(|tls| &tls.value), Some(tranship_model::Tls::Issuer { .. })) {
            then.push(point(Weight::Component, "cert-manager", None));
            target.push("cert-manager".to_owned());
        }
    }
    target.extend(there.then(|| titles(&site.proxies) + " behind it"));
    concern(
        "Reverse proxy",
        "Networking",
        (current, effort(now, there || !published.is_empty())),
        (if target.is_empty() { "None".to_owned() } else { target.join(", ") }, effort(then, routes || there)),
    )
}

fn limits(site: &Site) -> Concern {
    let now = each(Weight::Manual, &site.limiters, "counts in one process");
    let there = !site.limiters.is_empty();
    let tool = |there: bool, suffix: &str| {
        if there { format!("in the memory of {}{suffix}", names(&site.limiters)) } else { "None".to_owned() }
    };
    concern(
        "Rate limiting",
        "Networking",
        (tool(there, ""), effort(now.clone(), there)),
        (tool(there, ", counted per replica"), effort(now, there)),
    )
}

fn names(things: &[Thing]) -> String {
    things.iter().map(|thing| format!("`{}`", thing.name)).collect::<Vec<_>>().join(", ")
}

fn database(facts: &Facts<'_>, site: &Site) -> Concern {
    let mut now = each(Weight::Backup, &site.embedded, "a copy of the file is the backup");
    now.extend(each(Weight::Component, &site.stores, "a program to upgrade"));
    now.extend(each(Weight::Backup, &site.stores, "data to back up"));
    now.extend(each(Weight::Component, &site.queues, "a program to upgrade"));
    if let Some(tool) = &site.migrations {
        now.push(point(Weight::Migrations, format!("changes of the schema by {}", tool.title), tool.place.clone()));
    }
    let there = !now.is_empty();
    let mut all: Vec<String> = Vec::new();
    if !site.stores.is_empty() {
        all.push(titles(&site.stores));
    }
    if !site.embedded.is_empty() {
        all.push(format!("SQLite (a file, no server) in {}", names(&site.embedded)));
    }
    if !site.queues.is_empty() {
        all.push(titles(&site.queues));
    }
    let claims = facts.claims.len();
    let mut then = now.clone();
    if claims > 0 {
        then.push(point(Weight::Format, format!("{claims} claims and their storage class"), None));
    }
    let outside: Vec<&str> = facts.stack.outside.keys().map(String::as_str).collect();
    let target = match (all.is_empty(), outside.is_empty()) {
        (true, true) => "None".to_owned(),
        (true, false) => format!("a server outside ({})", outside.join(", ")),
        (false, _) => format!("the same, in StatefulSets or on claims ({claims})"),
    };
    concern(
        "Database",
        "Data layer",
        (if all.is_empty() { "None".to_owned() } else { all.join(", ") }, effort(now, there)),
        (target, effort(then, there || claims > 0)),
    )
}

fn caching(site: &Site) -> Concern {
    let now = each(Weight::Component, &site.caches, "a program to upgrade");
    let there = !site.caches.is_empty();
    let tool = if there { titles(&site.caches) } else { "None".to_owned() };
    concern("Caching", "Data layer", (tool.clone(), effort(now.clone(), there)), (tool, effort(now, there)))
}

fn pipeline(facts: &Facts<'_>, site: &Site) -> Concern {
    let (tool, now) =
        match site.ci.first() {
            Some(ci) => (titles(&site.ci), vec![point(Weight::Format, ci.title.clone(), ci.place.clone())]),
            None => {
                let mut now = vec![point(Weight::Manual, "building by hand (`docker compose build`)", None)];
                let tests = site.tests.as_ref();
                now.extend(tests.map(|tests| {
                    point(Weight::Manual, format!("running {} by hand", tests.title), tests.place.clone())
                }));
                ("Manual (`docker compose up --build`)".to_owned(), now)
            }
        };
    let built = !site.built.is_empty();
    let mut then = Vec::new();
    if built {
        then.push(point(
            Weight::Format,
            "a pipeline that builds, scans and pushes",
            site.ci.first().and_then(|ci| ci.place.clone()),
        ));
        then.push(point(Weight::Component, "a registry", None));
        then.push(point(Weight::Manual, "tags or digests of each release", None));
    }
    let target = match (built, facts.delivery) {
        (false, _) => "nothing to build: only versions of images are raised".to_owned(),
        (true, Delivery::Kubectl) => "a CI pipeline and a registry".to_owned(),
        (true, delivery) => format!("a CI pipeline and a registry; {} deploys", delivery.title()),
    };
    concern(
        "CI/CD",
        "CI/CD",
        (tool, effort(if built { now } else { Vec::new() }, built)),
        (target, effort(then, built)),
    )
}

fn monitoring(site: &Site) -> Concern {
    let there = !site.observers.is_empty();
    let mut now = vec![point(Weight::Manual, "reading logs (`docker logs`)", None)];
    now.extend(each(Weight::Component, &site.observers, "a program to upgrade"));
    let mut then = now.clone();
    if let Some(first) = then.first_mut() {
        "reading logs and events (`kubectl logs`, `kubectl events`)".clone_into(&mut first.what);
    }
    then.push(point(Weight::Format, "probes, and what they mean for traffic and restarts", None));
    let current = if there { titles(&site.observers) } else { "None (logs on the standard output)".to_owned() };
    let mut target = vec!["kubectl, probes".to_owned()];
    if site.scaled > 0 {
        target.push("metrics-server".to_owned());
    }
    if there {
        target.push(titles(&site.observers));
    }
    concern("Monitoring", "Monitoring", (current, effort(now, true)), (target.join(", "), effort(then, true)))
}

fn secrets(facts: &Facts<'_>, site: &Site) -> Concern {
    let files = &site.secret_files;
    let there = site.credentials > 0;
    let mut now = Vec::new();
    if there {
        now.push(point(Weight::Format, "who may read the files", files.first().and_then(|file| file.place.clone())));
        now.push(point(Weight::Manual, "editing them to rotate", files.first().and_then(|file| file.place.clone())));
    }
    let current = match (there, files.is_empty()) {
        (false, _) => "None".to_owned(),
        (true, true) => "`secrets:` of the project".to_owned(),
        (true, false) => files.iter().take(4).map(|file| format!("`{}`", file.title)).collect::<Vec<_>>().join(", "),
    };
    let mut then = Vec::new();
    if there {
        then.push(point(Weight::Format, "Secrets and who may read them (RBAC)", None));
        then.push(point(Weight::Manual, "changing a Secret to rotate; pods follow by themselves", None));
    }
    if there && facts.delivery != Delivery::Kubectl {
        then.push(point(Weight::Format, "a form for Git (SOPS, Sealed Secrets or an external store)", None));
    }
    let target =
        if there { format!("Kubernetes Secrets ({} credentials)", site.credentials) } else { "None".to_owned() };
    concern("Secret management", "Secret management", (current, effort(now, there)), (target, effort(then, there)))
}

/// What is new, with what it costs.
pub(super) fn components(facts: &Facts<'_>, site: &Site) -> Vec<Component> {
    let mut out = Vec::new();
    let mut add = |name: &str, purpose: &str, parts: &[(&str, Weight)]| {
        let points: Vec<Point> = parts.iter().map(|(what, weight)| point(*weight, *what, None)).collect();
        let sum: i64 = points.iter().map(|point| point.points).sum();
        let because: Vec<String> = points.iter().map(|point| format!("{} {}", point.points, point.what)).collect();
        out.push(Component {
            name: name.to_owned(),
            purpose: purpose.to_owned(),
            cost: level(sum),
            because: if because.is_empty() {
                "it comes and is upgraded with the cluster".to_owned()
            } else {
                because.join(", ")
            },
        });
    };
    add(
        super::cluster(facts),
        "runs the pods",
        &[
            ("to upgrade and watch", Weight::Component),
            ("kubectl and objects", Weight::Format),
            ("draining nodes", Weight::Manual),
        ],
    );
    if !facts.stack.exposure.routes.is_empty() {
        let class = facts.cluster.ingress_class.unwrap_or("the cluster's default class");
        let own = facts.cluster.name == "k3s" || facts.cluster.entry_setup.is_empty();
        let parts: &[(&str, Weight)] = if own {
            &[("routes as objects", Weight::Format)]
        } else {
            &[("to upgrade and watch", Weight::Component), ("routes as objects", Weight::Format)]
        };
        add(&format!("Ingress controller ({class})"), "leads requests from outside to services", parts);
    }
    if matches!(facts.stack.exposure.tls.as_ref().map(|tls| &tls.value), Some(tranship_model::Tls::Issuer { .. })) {
        add("cert-manager", "asks for certificates", &[("to upgrade and watch", Weight::Component)]);
    }
    match facts.delivery {
        Delivery::Kubectl => {}
        delivery => add(
            delivery.title(),
            "keeps the cluster as the repository says",
            &[("to upgrade and watch", Weight::Component), ("its objects", Weight::Format)],
        ),
    }
    if !site.built.is_empty() {
        add(
            "Container registry",
            "hands images to nodes",
            &[("to upgrade and watch, or an account", Weight::Component)],
        );
    }
    if site.scaled > 0 {
        let own = matches!(facts.cluster.name, "k3s" | "gke" | "aks");
        let parts: &[(&str, Weight)] = if own { &[] } else { &[("to upgrade and watch", Weight::Component)] };
        add("metrics-server", "tells the autoscalers how busy pods are", parts);
    }
    out
}
