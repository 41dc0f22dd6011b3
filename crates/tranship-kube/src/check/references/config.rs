//! ConfigMaps and Secrets that pods, accounts and Ingresses name, and their keys.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::pod::pod;
use super::super::report::Report;
use super::{Index, named};
use crate::Object;

/// Reports absent ConfigMaps and Secrets, and absent keys of those that are there.
pub fn check(object: &Object, index: &Index<'_>, report: &mut Report<'_>) {
    let mut see = Seen { object, index, report };
    if let Some(pod) = pod(object) {
        for (_, container) in pod.containers() {
            for variable in container.items("env") {
                let Some(from) = variable.field("valueFrom") else { continue };
                see.key(from.field("configMapKeyRef"), "ConfigMap");
                see.key(from.field("secretKeyRef"), "Secret");
            }
            for source in container.items("envFrom") {
                see.whole(source.field("configMapRef"), "name", "ConfigMap");
                see.whole(source.field("secretRef"), "name", "Secret");
            }
        }
        for volume in pod.spec.items("volumes") {
            see.files(volume.field("configMap"), "name", "ConfigMap");
            see.files(volume.field("secret"), "secretName", "Secret");
            let projected = volume.field("projected").map(|projected| projected.items("sources")).unwrap_or_default();
            for source in projected {
                see.files(source.field("configMap"), "name", "ConfigMap");
                see.files(source.field("secret"), "name", "Secret");
            }
        }
        pod.spec.items("imagePullSecrets").iter().for_each(|secret| see.whole(Some(secret), "name", "Secret"));
    }
    if object.kind() == "Ingress" && !makes_certificates(object) {
        let tls = object.get(&["spec"]).map(|spec| spec.items("tls")).unwrap_or_default();
        for one in tls {
            see.whole(Some(one), "secretName", "Secret");
        }
    }
}

/// Whether cert-manager makes the Secrets of an Ingress.
fn makes_certificates(object: &Object) -> bool {
    let annotations = object.get(&["metadata"]).into_iter().flat_map(|metadata| metadata.entries("annotations"));
    annotations.into_iter().any(|(key, _)| key.text.starts_with("cert-manager.io/"))
}

struct Seen<'a, 'r, 'o> {
    object: &'a Object,
    index: &'a Index<'a>,
    report: &'r mut Report<'o>,
}

impl Seen<'_, '_, '_> {
    fn whole(&mut self, reference: Option<&Node>, key: &str, kind: &'static str) {
        if let Some(reference) = reference.filter(|reference| !reference.is_true("optional")) {
            named(self.object, self.index, reference, key, kind, self.report);
        }
    }

    fn key(&mut self, reference: Option<&Node>, kind: &'static str) {
        let Some(reference) = reference.filter(|reference| !reference.is_true("optional")) else { return };
        named(self.object, self.index, reference, "name", kind, self.report);
        self.has_key(reference, reference.text("name"), kind);
    }

    fn files(&mut self, source: Option<&Node>, name: &str, kind: &'static str) {
        let Some(source) = source.filter(|source| !source.is_true("optional")) else { return };
        named(self.object, self.index, source, name, kind, self.report);
        for item in source.items("items") {
            self.has_key(item, source.text(name), kind);
        }
    }

    /// Reports the `key` of `parent` if the object is in the set and does not have it.
    fn has_key(&mut self, parent: &Node, name: Option<&str>, kind: &'static str) {
        let Some(target) = name.and_then(|name| self.index.beside(self.object, kind, name)) else { return };
        let Some(key) = parent.text("key") else { return };
        let fields = ["data", "stringData", "binaryData"];
        let keys = || fields.iter().flat_map(|field| target.tree.entries(field)).map(|(key, _)| key.text.as_str());
        if keys().any(|known| known == key) {
            return;
        }
        let help = match super::super::suggest::nearest(key, keys()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("add the key to {}", target.label()),
        };
        let what = format!("{} has no key `{key}`", target.label());
        self.report.fault_at(parent, "key", "kube-dangling-key", what, help);
    }
}
