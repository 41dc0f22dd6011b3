//! Mounts of a container: volumes that exist, and one mount per path.

use super::super::look::Look;
use super::super::pod::{Pod, Role};
use super::super::report::Report;
use super::ask;
use super::volumes::no_way_up;
use crate::KubeVersion;

/// Reports mounts the server refuses.
pub fn check(pod: &Pod<'_>, _: KubeVersion, report: &mut Report<'_>) {
    let volumes: Vec<&str> = pod.volume_names().collect();
    for (role, container) in pod.containers() {
        let mut paths: Vec<&str> = Vec::new();
        for mount in container.items("volumeMounts") {
            ask::filled(mount, "mountPath", report);
            if let Some(name) = mount.text("name") {
                known(mount, name, &volumes, report);
            }
            if let Some(path) = mount.text("mountPath") {
                if paths.contains(&path) {
                    let what = format!("something else is mounted at `{path}` already");
                    report.fault_at(mount, "mountPath", "kube-mount", what, "keep one of the mounts");
                }
                paths.push(path);
            }
            let privileged = container.field("securityContext").is_some_and(|context| context.is_true("privileged"));
            if mount.text("mountPropagation") == Some("Bidirectional") && !privileged {
                let help = "leave it out, or use `HostToContainer`";
                report.fault_at(mount, "mountPropagation", "kube-mount", "is only for privileged containers", help);
            }
            sub_path(role, mount, report);
        }
        for device in container.items("volumeDevices") {
            if let Some(name) = device.text("name") {
                known(device, name, &volumes, report);
            }
        }
    }
}

fn known(mount: &tranship_source::yaml::Node, name: &str, volumes: &[&str], report: &mut Report<'_>) {
    if volumes.contains(&name) {
        return;
    }
    let help = match super::super::suggest::nearest(name, volumes.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "add the volume to `volumes` of the pod".to_owned(),
    };
    report.fault_at(mount, "name", "kube-mount", format!("the pod has no volume `{name}`"), help);
}

fn sub_path(role: Role, mount: &tranship_source::yaml::Node, report: &mut Report<'_>) {
    for key in ["subPath", "subPathExpr"] {
        let Some(path) = mount.text(key).filter(|path| !path.is_empty()) else { continue };
        if path.starts_with('/') {
            report.fault_at(mount, key, "kube-mount", "must be a relative path", "write it without the leading `/`");
        }
        if role == Role::Debug {
            report.fault_at(mount, key, "kube-mount", "is not allowed for a debug container", "leave it out");
        }
        no_way_up(mount, key, report);
    }
    let both = ["subPath", "subPathExpr"].iter().all(|key| mount.text(key).is_some_and(|path| !path.is_empty()));
    if both {
        report.fault_at(mount, "subPathExpr", "kube-mount", "excludes `subPath`", "keep one of them");
    }
}
