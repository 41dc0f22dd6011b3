//! The pod inside an object, wherever the kind keeps it.

use tranship_source::yaml::Node;

use super::look::Look;
use crate::Object;

/// A pod or pod template.
pub struct Pod<'a> {
    /// The object's kind.
    pub kind: &'a str,
    /// The mapping that holds `metadata` and `spec` of the pod.
    pub template: &'a Node,
    /// The pod's spec.
    pub spec: &'a Node,
    /// `volumeClaimTemplates` of a StatefulSet.
    pub claims: &'a [Node],
}

/// Which list a container is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `containers`.
    Main,
    /// `initContainers`.
    Init,
    /// `ephemeralContainers`.
    Debug,
}

/// The pod of an object, `None` for kinds without one.
pub fn pod(object: &Object) -> Option<Pod<'_>> {
    let kind = object.kind();
    let template = match (object.api_version(), kind) {
        ("v1", "Pod") => &object.tree,
        ("v1", "PodTemplate") => object.get(&["template"])?,
        ("v1", "ReplicationController")
        | ("apps/v1", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
        | ("batch/v1", "Job") => object.get(&["spec", "template"])?,
        ("batch/v1", "CronJob") => object.get(&["spec", "jobTemplate", "spec", "template"])?,
        _ => return None,
    };
    let spec = template.get("spec").filter(|spec| spec.as_map().is_some())?;
    let claims = object.get(&["spec"]).map(|spec| spec.items("volumeClaimTemplates")).unwrap_or_default();
    Some(Pod { kind, template, spec, claims })
}

impl<'a> Pod<'a> {
    /// Every container with the list it is in, the main ones first.
    pub fn containers(&self) -> impl Iterator<Item = (Role, &'a Node)> {
        let spec = self.spec;
        let lists = [(Role::Main, "containers"), (Role::Init, "initContainers"), (Role::Debug, "ephemeralContainers")];
        lists.into_iter().flat_map(move |(role, key)| spec.items(key).iter().map(move |item| (role, item)))
    }

    /// The pod's labels.
    pub fn labels(&self) -> Option<&'a Node> {
        self.template.at(&["metadata", "labels"])
    }

    /// The names of volumes that can be mounted: those of the pod and of the claim templates.
    pub fn volume_names(&self) -> impl Iterator<Item = &'a str> {
        let claimed = self.claims.iter().filter_map(|claim| claim.at(&["metadata", "name"])?.as_str());
        self.spec.items("volumes").iter().filter_map(|volume| volume.text("name")).chain(claimed)
    }

    /// Whether the kind takes only pods that are restarted for ever.
    pub fn runs_for_ever(&self) -> bool {
        matches!(self.kind, "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController")
    }
}
