//! Extra lines of `/etc/hosts`.

use super::super::look::Look;
use super::super::pod::Pod;
use super::super::report::Report;
use super::super::{cidr, names};
use crate::KubeVersion;

/// Reports host aliases with bad addresses and names.
pub fn check(pod: &Pod<'_>, _: KubeVersion, report: &mut Report<'_>) {
    for alias in pod.spec.items("hostAliases") {
        if alias.text("ip").is_some_and(|ip| cidr::address(ip).is_none()) {
            let help = "write an IP address; names such as `host-gateway` mean nothing to Kubernetes";
            report.fault_at(alias, "ip", "kube-host-alias", "is no IP address", help);
        }
        for name in alias.items("hostnames") {
            if let Some(why) = name.as_str().and_then(names::subdomain) {
                report.fault(name, "kube-host-alias", format!("is no host name: {why}"), "choose another name");
            }
        }
    }
}
