//! Volumes of a pod: names, one source each, and what each source needs.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::names;
use super::super::pod::Pod;
use super::super::report::Report;
use super::{ask, claim, resources};
use crate::KubeVersion;

/// Reports volumes the server refuses.
pub fn check(pod: &Pod<'_>, _: KubeVersion, report: &mut Report<'_>) {
    let mut seen: Vec<&str> = Vec::new();
    for volume in pod.spec.items("volumes") {
        ask::filled(volume, "name", report);
        ask::name(volume, "name", names::label, report);
        if let Some(name) = volume.text("name") {
            if seen.contains(&name) {
                let what = format!("another volume is called `{name}` too");
                report.fault_at(volume, "name", "kube-duplicate-name", what, "choose another name");
            }
            seen.push(name);
        }
        source(volume, report);
    }
}

fn source(volume: &Node, report: &mut Report<'_>) {
    let sources: Vec<&str> = volume
        .as_map()
        .into_iter()
        .flatten()
        .filter(|(key, value)| key.text != "name" && !value.is_null())
        .map(|(key, _)| key.text.as_str())
        .collect();
    if sources.len() > 1 {
        let what = format!("has more than one source: {}", sources.join(", "));
        report.fault(volume, "kube-volume", what, "keep one of them, or make two volumes");
    }
    if let Some(secret) = volume.field("secret") {
        ask::present(secret, "secretName", report);
        files(secret, report);
    }
    if let Some(config) = volume.field("configMap") {
        ask::present(config, "name", report);
        files(config, report);
    }
    if let Some(claim) = volume.field("persistentVolumeClaim") {
        ask::present(claim, "claimName", report);
    }
    if let Some(host) = volume.field("hostPath") {
        ask::filled(host, "path", report);
        no_way_up(host, "path", report);
    }
    if let Some(nfs) = volume.field("nfs") {
        ask::filled(nfs, "server", report);
        if nfs.text("path").is_some_and(|path| !path.starts_with('/')) {
            report.fault_at(nfs, "path", "kube-volume", "is no absolute path", "start it with `/`");
        }
    }
    if let Some(limit) = volume.field("emptyDir").and_then(|empty| empty.field("sizeLimit")) {
        resources::negative(limit, report);
    }
    if let Some(projected) = volume.field("projected") {
        files(projected, report);
        let mut paths: Vec<&str> = Vec::new();
        for source in projected.items("sources") {
            same_paths(source, &mut paths, report);
            ["secret", "configMap"].into_iter().filter_map(|kind| source.field(kind)).for_each(|from| {
                ask::present(from, "name", report);
                files(from, report);
            });
        }
    }
    if let Some(spec) = volume.field("ephemeral").and_then(|own| own.at(&["volumeClaimTemplate", "spec"])) {
        claim::spec(spec, report);
    }
}

/// Reports files of a projected volume that another of its sources puts at the same path.
fn same_paths<'a>(source: &'a Node, paths: &mut Vec<&'a str>, report: &mut Report<'_>) {
    let lists = ["secret", "configMap", "downwardAPI"].into_iter().filter_map(|kind| source.field(kind));
    let single = ["serviceAccountToken", "clusterTrustBundle"].into_iter().filter_map(|kind| source.field(kind));
    for file in lists.flat_map(|from| from.items("items")).chain(single) {
        let Some(path) = file.text("path") else { continue };
        if paths.contains(&path) {
            let what = format!("another file of the volume is `{path}` too");
            report.fault_at(file, "path", "kube-volume", what, "choose another path");
        }
        paths.push(path);
    }
}

/// Reports bad modes and paths of the files in a volume of a ConfigMap or Secret.
fn files(from: &Node, report: &mut Report<'_>) {
    mode(from, "defaultMode", report);
    for item in from.items("items") {
        ask::filled(item, "key", report);
        ask::filled(item, "path", report);
        mode(item, "mode", report);
        let Some(path) = item.text("path") else { continue };
        if path.starts_with('/') || (path.starts_with("..") && !path.starts_with("../")) {
            let help = "write a path below the mount, without `..`";
            report.fault_at(item, "path", "kube-volume", "must be a relative path that does not start with `..`", help);
        }
        no_way_up(item, "path", report);
    }
}

fn mode(parent: &Node, key: &str, report: &mut Report<'_>) {
    let Some(mode) = parent.int(key) else { return };
    if !(0..=0o777).contains(&mode) {
        let help = "write a number from 0 to 511, such as 420 for 0644";
        report.fault_at(parent, key, "kube-volume", format!("{mode} is no file mode"), help);
    }
}

/// Reports a path with a step `..`.
pub fn no_way_up(parent: &Node, key: &str, report: &mut Report<'_>) {
    if parent.text(key).is_some_and(|path| path.split('/').any(|step| step == "..")) {
        report.fault_at(parent, key, "kube-volume", "must not have `..` in it", "write the path without `..`");
    }
}
