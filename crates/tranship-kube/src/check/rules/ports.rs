//! Ports of containers: numbers, names, host ports.

use std::collections::BTreeSet;

use super::super::look::Look;
use super::super::names;
use super::super::pod::{Pod, Role};
use super::super::report::Report;
use super::ask;
use crate::KubeVersion;

/// Reports ports out of range, repeated names and host ports that collide.
pub fn check(pod: &Pod<'_>, _: KubeVersion, report: &mut Report<'_>) {
    let mut taken: BTreeSet<(String, i64)> = BTreeSet::new();
    for (role, container) in pod.containers() {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        // Init containers run one after the other, so that only their own host ports collide.
        if role == Role::Init {
            taken.clear();
        }
        for port in container.items("ports") {
            ask::port_number(port, "containerPort", report);
            if port.int("hostPort") != Some(0) {
                ask::port_number(port, "hostPort", report);
            }
            name(port, &mut seen, report);
            host_port(pod, port, &mut taken, report);
        }
    }
}

fn name<'a>(port: &'a tranship_source::yaml::Node, seen: &mut BTreeSet<&'a str>, report: &mut Report<'_>) {
    let Some(name) = port.text("name").filter(|name| !name.is_empty()) else { return };
    if let Some(why) = names::port(name) {
        let help = "choose a name such as `http`";
        report.fault_at(port, "name", "kube-port", format!("`{name}` is no port name: {why}"), help);
    } else if seen.contains(name) {
        let what = format!("another port is called `{name}` too");
        report.fault_at(port, "name", "kube-duplicate-name", what, "choose another name");
    }
    seen.insert(name);
}

fn host_port(
    pod: &Pod<'_>,
    port: &tranship_source::yaml::Node,
    taken: &mut BTreeSet<(String, i64)>,
    report: &mut Report<'_>,
) {
    let Some(number) = port.int("hostPort").filter(|number| *number != 0) else { return };
    if pod.spec.is_true("hostNetwork") && port.int("containerPort") != Some(number) {
        let what = "differs from `containerPort` although the pod uses the host's network";
        report.fault_at(port, "hostPort", "kube-host-port", what, "leave it out, or make both equal");
    }
    let place = format!("{}/{}", port.text("protocol").unwrap_or("TCP"), port.text("hostIP").unwrap_or(""));
    if !taken.insert((place, number)) {
        let what = format!("another port of the pod takes {number} of the host too");
        report.fault_at(port, "hostPort", "kube-host-port", what, "choose another port, or publish it by a Service");
    }
}
