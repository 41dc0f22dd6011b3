//! The pod's own fields: names, host name, grace period, DNS, and what excludes each other.

use super::super::look::Look;
use super::super::names;
use super::super::pod::Pod;
use super::super::report::Report;
use super::{ask, labels};
use crate::KubeVersion;

/// Reports fields of the pod the server refuses.
pub fn check(pod: &Pod<'_>, version: KubeVersion, report: &mut Report<'_>) {
    let spec = pod.spec;
    ask::filled(spec, "containers", report);
    ask::name(spec, "serviceAccountName", names::subdomain, report);
    ask::name(spec, "nodeName", names::subdomain, report);
    ask::name(spec, "priorityClassName", names::subdomain, report);
    ask::name(spec, "runtimeClassName", names::subdomain, report);
    ask::between(spec, "activeDeadlineSeconds", 1, i64::from(i32::MAX), report);
    labels::labels(spec, "nodeSelector", report);
    // A StatefulSet overwrites both for each of its pods.
    if pod.kind != "StatefulSet" {
        ask::name(spec, "hostname", names::label, report);
        ask::name(spec, "subdomain", names::label, report);
    }
    if spec.is_true("hostPID") && spec.is_true("shareProcessNamespace") {
        let help = "keep one of them";
        report.fault_at(spec, "shareProcessNamespace", "kube-pod", "excludes `hostPID`", help);
    }
    if spec.field("hostUsers").and_then(tranship_source::yaml::Node::as_bool) == Some(false) {
        for key in ["hostPID", "hostIPC"] {
            if spec.is_true(key) {
                report.fault_at(
                    spec,
                    key,
                    "kube-pod",
                    "is not allowed with `hostUsers: false`",
                    "leave one of them out",
                );
            }
        }
    }
    dns(pod, version, report);
}

fn dns(pod: &Pod<'_>, version: KubeVersion, report: &mut Report<'_>) {
    let spec = pod.spec;
    let config = spec.field("dnsConfig");
    let servers = config.map(|config| config.items("nameservers")).unwrap_or_default();
    if spec.text("dnsPolicy") == Some("None") && servers.is_empty() {
        let help = "name a server in `dnsConfig.nameservers`";
        report.fault_at(spec, "dnsPolicy", "kube-dns", "`None` needs a name server", help);
    }
    let Some(config) = config else { return };
    if servers.len() > 3 {
        report.fault_at(config, "nameservers", "kube-dns", "has more than 3 servers", "keep the first three");
    }
    for server in servers {
        if server.as_str().is_some_and(|text| super::super::cidr::address(text).is_none()) {
            report.fault(server, "kube-dns", "is no IP address", "write the server's IP address");
        }
    }
    let searches = config.items("searches");
    let length: usize = searches.iter().filter_map(|node| node.as_str()).map(|text| text.len() + 1).sum();
    if searches.len() > 32 || length > 2049 {
        let what = "has more than 32 domains or 2048 characters";
        report.fault_at(config, "searches", "kube-dns", what, "leave out what is not needed");
    }
    for search in searches {
        let Some(text) = search.as_str() else { continue };
        let relaxed = version.minor() >= 33;
        if relaxed && text == "." {
            continue;
        }
        let bare = text.strip_suffix('.').unwrap_or(text);
        let bare = if relaxed { bare.replace('_', "-") } else { bare.to_owned() };
        if let Some(why) = names::subdomain(bare.trim_matches('-')) {
            report.fault(
                search,
                "kube-dns",
                format!("is no DNS domain: {why}"),
                "write a domain such as `example.com`",
            );
        }
    }
    for option in config.items("options") {
        ask::present(option, "name", report);
    }
}
