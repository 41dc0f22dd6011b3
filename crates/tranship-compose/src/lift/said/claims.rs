//! What is said of storage: of the claim behind a mount, or of a volume.

use tranship_model::said::{Field, On, chosen};
use tranship_model::{Mount, MountSource, Traced, Volume};
use tranship_source::Diagnostic;
use tranship_source::yaml::Node;

use super::objects::field;
use super::{nothing, of_mount};
use crate::lift::context::Lifting;
use crate::overrides::{self, EVERY, Quantity, Service};

/// Claims of mounts: what was said of each goes to the volume it mounts.
pub(in crate::lift) fn claims(cx: &mut Lifting<'_>, service: &str, said: &Service, mounts: &mut [Mount]) {
    let Some(all) = &said.mounts else { return };
    for mount in mounts.iter_mut() {
        let Some(keys) = of_mount(Some(all), &mount.target) else { continue };
        let MountSource::Volume { volume, subpath, .. } = &mut mount.source else { continue };
        if let Some(path) = &keys.sub_path {
            *subpath = Some(path.value.clone());
            mount.origin = mount.origin.clone().and(&path.origin);
        }
        let Some(known) = cx.volumes.get_mut(volume.as_str()) else { continue };
        let faults = put_claim(known, Claim::of_mount(keys), all.get(&mount.target).is_some());
        cx.diagnostics.extend(faults);
    }
    for (target, keys) in all.0.iter().filter(|(target, _)| target != EVERY) {
        if !mounts.iter().any(|mount| mount.target == *target) {
            let span = overrides::span_of(keys);
            nothing(cx, span, &format!("`{service}` mounts nothing at `{target}`"));
        }
    }
}

/// What can be said of a claim.
pub(super) struct Claim<'a> {
    size: Option<&'a Traced<Quantity>>,
    class: Option<Traced<String>>,
    mode: Option<Traced<String>>,
    existing: Option<Traced<String>>,
}

impl<'a> Claim<'a> {
    fn of_mount(keys: &'a overrides::MountKeys) -> Self {
        let overrides::MountKeys { class: _, size, storage_class, access_mode, existing_claim, sub_path: _ } = keys;
        Self::new(size.as_ref(), storage_class.as_ref(), access_mode.as_ref(), existing_claim.as_ref())
    }

    pub(super) fn new(
        size: Option<&'a Traced<Quantity>>,
        class: Option<&Traced<overrides::ObjectName>>,
        mode: Option<&Traced<overrides::AccessMode>>,
        existing: Option<&Traced<overrides::ObjectName>>,
    ) -> Self {
        Self {
            size,
            class: class.map(|class| class.with(class.value.0.clone())),
            mode: mode.map(|mode| mode.with(mode.value.word().to_owned())),
            existing: existing.map(|name| name.with(name.value.0.clone())),
        }
    }

    fn fields(&self) -> Vec<Field> {
        let size = self.size.map(|size| {
            let words = format!("size: {}", size.value.text);
            field(
                On::Claim,
                &["spec", "resources", "requests", "storage"],
                size.value.text.as_str(),
                &words,
                &size.origin,
            )
        });
        let class = self.class.as_ref().map(|class| {
            let words = format!("storageClass: {}", class.value);
            field(On::Claim, &["spec", "storageClassName"], class.value.as_str(), &words, &class.origin)
        });
        let mode = self.mode.as_ref().map(|mode| {
            let modes = Node::from(vec![Node::from(mode.value.as_str())]);
            field(On::Claim, &["spec", "accessModes"], modes, &format!("accessMode: {}", mode.value), &mode.origin)
        });
        size.into_iter().chain(class).chain(mode).collect()
    }
}

/// Puts what was said of a claim into its volume; something else said there already is a contradiction, unless this is
/// said of every mount alike, which gives way.
pub(super) fn put_claim(volume: &mut Volume, claim: Claim<'_>, is_particular: bool) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let fields = claim.fields();
    if fields.is_empty() && claim.existing.is_none() {
        return faults;
    }
    let said = volume.said.get_or_insert_default();
    for new in fields {
        match said.fields.iter().find(|known| known.path == new.path) {
            Some(known) if known.value != new.value && is_particular => {
                let told = "two different things are said of one volume";
                let fault = Diagnostic::error("override-contradiction", told).at(new.origin.span());
                faults.push(fault.related(known.origin.span(), "which contradicts this").help("take one of them away"));
            }
            Some(_) => {}
            None => said.fields.push(new),
        }
    }
    if let Some(existing) = claim.existing {
        let words = format!("existingClaim: {}", existing.value);
        volume.external = Some(chosen(true, &words, &existing.origin));
        said.name = Some(chosen(existing.value, &words, &existing.origin));
    }
    faults
}
