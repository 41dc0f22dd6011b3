//! Every container names an image.

use super::super::look::Look;
use super::super::pod::Pod;
use super::super::report::Report;
use super::ask;
use crate::KubeVersion;

/// Reports an absent image, and one with white space around it, which no pod can be made from.
pub fn check(pod: &Pod<'_>, _: KubeVersion, report: &mut Report<'_>) {
    for (_, container) in pod.containers() {
        ask::present(container, "image", report);
        if container.text("image").is_some_and(|image| !image.is_empty() && image.trim() != image) {
            report.fault_at(container, "image", "kube-image", "has white space around it", "remove the white space");
        }
    }
}
