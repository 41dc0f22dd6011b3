//! One rule of the API each, on three pods.

use tranship_source::FileId;

use super::*;
use crate::read::read;

/// `web`, `db` and `job` in namespace `shop`, `db` with a port called `sql`, and a policy of this spec.
fn with(specs: &[&str]) -> ObjectSet {
    let pod = |name: &str, more: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  template:\n    \
             metadata: {{labels: {{app: {name}, tier: x}}}}\n    spec: {{containers: [{{name: a, ports: [{{name: sql, containerPort: 5432}}]}}]{more}}}\n"
        )
    };
    let policy = |spec: &&str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: shop}}\nspec: {spec}\n"
        )
    };
    let mut all = vec![pod("web", ""), pod("db", ""), pod("job", ""), pod("agent", ", hostNetwork: true")];
    all.extend(specs.iter().map(policy));
    ObjectSet { objects: read(FileId(0), &all.join("---\n")).value }
}

/// Whether `web` calls `db` on 5432, whether `db` calls `web` on it, and whether `job` calls `db` there.
fn calls(specs: &[&str]) -> [bool; 3] {
    let objects = with(specs);
    let reach = Reach::new(&objects);
    [("web", "db"), ("db", "web"), ("job", "db")].map(|(from, to)| {
        reach.calls(&format!("Deployment/{from}"), &format!("Deployment/{to}"), (5432, "TCP")).unwrap()
    })
}

#[test]
fn pods_reach_each_other_unless_a_policy_that_covers_them_does_not_name_it() {
    let web = "{podSelector: {matchLabels: {app: web}}}";
    for (specs, expect, why) in [
        (&[][..], [true, true, true], "nothing is isolated without policies"),
        (
            &["{podSelector: {matchLabels: {app: none}}, policyTypes: [Ingress]}"],
            [true, true, true],
            "it covers nobody",
        ),
        (&["{podSelector: {}, policyTypes: [Ingress]}"], [false; 3], "an empty selector covers everybody"),
        (&["{podSelector: {matchLabels: {app: db}}, policyTypes: [Egress]}"], [true, false, true], "one way only"),
        (&["{podSelector: {matchLabels: {app: db}}}"], [false, true, false], "without types it is what comes in"),
        (
            &["{podSelector: {matchLabels: {app: db}}, egress: [{}]}"],
            [false, true, false],
            "and what goes out with rules",
        ),
        (&["{podSelector: {}, ingress: [{}]}"], [true; 3], "an empty rule is everything"),
        (
            &[&format!("{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{web}]}}]}}")],
            [true, true, false],
            "a peer by its labels",
        ),
        (
            &[
                "{podSelector: {}}",
                &format!("{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{web}]}}]}}"),
            ],
            [true, false, false],
            "policies add up",
        ),
        (&["{podSelector: {}, ingress: [{ports: [{port: sql}]}]}"], [true; 3], "a port by its name"),
        (&["{podSelector: {}, ingress: [{ports: [{port: 5432, protocol: UDP}]}]}"], [false; 3], "another protocol"),
        (&["{podSelector: {}, ingress: [{ports: [{port: 5000, endPort: 6000}]}]}"], [true; 3], "a range of ports"),
        (
            &["{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}"],
            [false; 3],
            "blocks are not for pods",
        ),
        (
            &[
                "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}]}]}",
            ],
            [true; 3],
            "a namespace by its name",
        ),
        (
            &[
                "{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [job]}]}}]}]}",
            ],
            [true, true, false],
            "an expression",
        ),
    ] {
        assert_eq!(calls(specs), expect, "{why}");
    }
}

#[test]
fn strangers_are_addresses_or_pods_of_elsewhere() {
    let spec = "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{namespaceSelector: {}, podSelector: \
                {matchLabels: {app: proxy}}}], ports: [{port: 80}]}], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}";
    let objects = with(&[spec]);
    let reach = Reach::new(&objects);
    let pod = |app| Stranger::Pod { labels: app, namespace: &[("kubernetes.io/metadata.name", "edge")] };
    let web = "Deployment/web";
    assert_eq!(reach.enters(pod(&[("app", "proxy")]), web, (80, "TCP")), Some(true));
    assert_eq!(reach.enters(pod(&[("app", "proxy")]), web, (81, "TCP")), Some(false));
    assert_eq!(reach.enters(pod(&[("app", "other")]), web, (80, "TCP")), Some(false));
    let address = |text: &str| Stranger::Address(text.parse().unwrap());
    assert_eq!(reach.leaves(web, address("203.0.113.7"), (443, "TCP")), Some(true));
    assert_eq!(reach.leaves(web, address("10.1.2.3"), (443, "TCP")), Some(false));
    assert_eq!(reach.leaves("Deployment/none", address("10.1.2.3"), (443, "TCP")), None);
}

#[test]
fn a_pod_on_its_nodes_network_is_covered_by_no_policy() {
    let objects = with(&["{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {}}]}]}"]);
    let reach = Reach::new(&objects);
    assert!(!reach.covers("Deployment/agent") && reach.covers("Deployment/web"));
    assert_eq!(
        reach.calls("Deployment/agent", "Deployment/web", (80, "TCP")),
        Some(false),
        "it has the node's address"
    );
    assert_eq!(
        reach.leaves("Deployment/agent", Stranger::Address("203.0.113.7".parse().unwrap()), (443, "TCP")),
        Some(true)
    );
}
