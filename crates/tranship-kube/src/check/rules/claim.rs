//! Claims for storage: how it is accessed and how much of it.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::names;
use super::super::quantity::Quantity;
use super::super::report::Report;
use super::{Subject, ask};

/// Reports a PersistentVolumeClaim the server refuses.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    match subject.object.get(&["spec"]) {
        Some(found) => spec(found, report),
        None => {
            let help = "set `accessModes` and `resources.requests.storage`";
            report.fault_at(&subject.object.tree, "spec", "kube-required", "is missing", help);
        }
    }
}

/// Reports claim templates of a StatefulSet the server refuses.
pub fn check_templates(subject: &Subject<'_>, report: &mut Report<'_>) {
    let templates = subject.object.get(&["spec"]).map(|spec| spec.items("volumeClaimTemplates")).unwrap_or_default();
    for template in templates {
        if let Some(found) = template.field("spec") {
            spec(found, report);
        }
        match template.field("metadata") {
            Some(metadata) => ask::present(metadata, "name", report),
            None => report.fault_at(template, "metadata", "kube-required", "is missing", "set `metadata.name`"),
        }
    }
}

/// Reports what a claim asks for wrongly.
pub fn spec(spec: &Node, report: &mut Report<'_>) {
    ask::present(spec, "accessModes", report);
    let modes = spec.items("accessModes");
    let single = modes.iter().any(|mode| mode.as_str() == Some("ReadWriteOncePod"));
    if single && modes.len() > 1 {
        let what = "`ReadWriteOncePod` excludes other modes";
        report.fault_at(spec, "accessModes", "kube-access-mode", what, "keep one mode");
    }
    ask::name(spec, "storageClassName", names::subdomain, report);
    let Some(size) = spec.at(&["resources", "requests", "storage"]) else {
        let what = "says no size";
        report.fault_at(spec, "resources", "kube-required", what, "set `resources.requests.storage`");
        return;
    };
    if Quantity::of(size).is_some_and(|size| size.is_negative() || size.is_zero()) {
        report.fault(size, "kube-range", "is not above zero", "write an amount such as `1Gi`");
    }
}
