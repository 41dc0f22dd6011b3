//! Claims that pods mount.

use super::super::look::Look;
use super::super::pod::pod;
use super::super::report::Report;
use super::{Index, named};
use crate::Object;

/// Reports volumes of claims that nobody makes. A StatefulSet makes `TEMPLATE-SET-NUMBER` by itself.
pub fn check(object: &Object, index: &Index<'_>, report: &mut Report<'_>) {
    let Some(pod) = pod(object) else { return };
    for volume in pod.spec.items("volumes") {
        let Some(claim) = volume.field("persistentVolumeClaim") else { continue };
        if !claim.text("claimName").is_some_and(|name| made_by_a_set(object, index, name)) {
            named(object, index, claim, "claimName", "PersistentVolumeClaim", report);
        }
    }
}

fn made_by_a_set(from: &Object, index: &Index<'_>, name: &str) -> bool {
    let Some((stem, number)) = name.rsplit_once('-') else { return false };
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    index.names(from, "StatefulSet").any(|set| {
        let Some(template) = stem.strip_suffix(set).and_then(|stem| stem.strip_suffix('-')) else { return false };
        let spec = index.beside(from, "StatefulSet", set).and_then(|set| set.get(&["spec"]));
        let templates = spec.map(|spec| spec.items("volumeClaimTemplates")).unwrap_or_default();
        templates.iter().any(|one| one.at(&["metadata", "name"]).and_then(|n| n.as_str()) == Some(template))
    })
}
