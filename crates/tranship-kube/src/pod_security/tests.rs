//! Each control seen failing, by this judge and by a real API server.

use std::collections::BTreeSet;

use tranship_source::Sources;

use super::*;

/// A pod that meets `restricted`.
const GOOD: &str = r"
metadata: {name: p, namespace: n}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: c
    image: i
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
";

fn node(text: &str) -> Node {
    tranship_source::yaml::parse(Sources::new().add("t.yaml", text), text).value.remove(0)
}

/// The names of the controls that a pod with other fields violates, in a minor version.
fn violated(change: &str, minor: u8) -> Vec<&'static str> {
    let mut pod = node(GOOD);
    crate::lower::merge(&mut pod, node(change));
    let version = KubeVersion::new(minor).unwrap();
    judge(&pod, version).into_iter().map(|violation| violation.control.name).collect()
}

#[test]
fn each_control_sees_its_fault() {
    let file = include_str!("faults.txt");
    let mut count = 0;
    for line in file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let [minors, controls, change] = line.splitn(3, " | ").map(str::trim).collect::<Vec<_>>().try_into().unwrap();
        let expect: Vec<&str> = controls.split(", ").filter(|name| *name != "none").collect();
        for minor in minors.split(' ').map(|minor| minor.parse().unwrap()) {
            assert_eq!(violated(change, minor), expect, "1.{minor} {change}");
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

#[test]
fn the_level_is_the_strictest_that_is_left() {
    for (change, expect) in [
        ("{}", Level::Restricted),
        ("{spec: {securityContext: {runAsNonRoot: null}}}", Level::Baseline),
        ("{spec: {hostPID: true}}", Level::Privileged),
    ] {
        let mut pod = node(GOOD);
        crate::lower::merge(&mut pod, node(change));
        assert_eq!(level(&judge(&pod, KubeVersion::default())), expect, "{change}");
    }
}

/// Whether a refusal names a control. At `restricted`, a stricter control speaks for one of the baseline.
fn is_named(refusal: &str, control: &str) -> bool {
    let stricter = match control {
        "hostPath volumes" => "restricted volume types",
        "non-default capabilities" => "unrestricted capabilities",
        other => other,
    };
    refusal.contains(control) || refusal.contains(stricter)
}

/// A pod that was submitted, and what is expected of it.
struct Submitted {
    name: String,
    told: String,
    controls: BTreeSet<&'static str>,
}

/// Every fault as a pod, in every version and at both levels; each in the namespace that enforces them.
fn submissions(minors: &[u8]) -> (String, Vec<Submitted>) {
    let mut text = String::new();
    let mut expected = Vec::new();
    let lines = include_str!("faults.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    for change in lines.filter_map(|line| line.splitn(3, " | ").nth(2)) {
        let mut pod = node(GOOD);
        crate::lower::merge(&mut pod, node(change));
        for (minor, level) in minors.iter().flat_map(|minor| [(*minor, Level::Baseline), (*minor, Level::Restricted)]) {
            let found = judge(&pod, KubeVersion::new(minor).unwrap());
            let controls =
                found.iter().map(|found| found.control).filter(|c| c.level <= level).map(|c| c.name).collect();
            let name = format!("p{}", expected.len());
            let own = format!("{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {level}-{minor}}}}}");
            let mut submitted = pod.clone();
            crate::lower::merge(&mut submitted, node(&own));
            text.extend(["---\n", &*tranship_source::yaml::write(&submitted)]);
            expected.push(Submitted { name, told: format!("{level} 1.{minor} {change}"), controls });
        }
    }
    (text, expected)
}

#[test]
fn a_real_server_sees_the_same_faults() {
    let server = match tranship_testing::ApiServer::shared() {
        Ok(server) => server,
        Err(reason) => return tranship_testing::not_run(&reason),
    };
    let told = server.kubectl().args(["version", "-o", "json"]).succeed().unwrap().text();
    let version: serde_json::Value = serde_json::from_str(&told).unwrap();
    let newest: u8 = version["serverVersion"]["minor"].as_str().unwrap().trim_end_matches('+').parse().unwrap();
    let minors: Vec<u8> = KubeVersion::all().map(KubeVersion::minor).filter(|minor| *minor <= newest).collect();
    let namespace = |minor: &u8, level: Level| {
        let label = "pod-security.kubernetes.io/enforce";
        format!(
            "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: {level}-{minor}\n  labels: {{{label}: {level}, {label}-version: v1.{minor}}}\n"
        )
    };
    let namespaces: String =
        minors.iter().flat_map(|m| [namespace(m, Level::Baseline), namespace(m, Level::Restricted)]).collect();
    server.kubectl().args(["apply", "-f", "-"]).input(namespaces).succeed().unwrap();
    let (pods, expected) = submissions(&minors);
    let done = server.kubectl().args(["create", "--dry-run=server", "-f", "-"]).input(pods).run().unwrap();
    let (taken, refused) = (done.text(), done.talk());
    let (mut wrong, mut count) = (Vec::new(), 0);
    for Submitted { name, told, controls } in expected {
        let named = format!("\"{name}\"");
        let refusal = refused.lines().find(|line| line.contains(&named));
        let admitted = taken.lines().any(|line| line.starts_with(&format!("pod/{name} ")));
        match refusal {
            // What is no pod at all is refused before it is judged.
            Some(line) if line.contains("is invalid") => continue,
            None if admitted && controls.is_empty() => {}
            Some(line) if !controls.is_empty() && controls.iter().all(|control| is_named(line, control)) => {}
            other => wrong.push(format!("{told}: we say {controls:?}, the server {other:?}")),
        }
        count += 1;
    }
    assert!(count > 400, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
