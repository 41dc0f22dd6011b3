//! What is said of a volume, of a config or secret, and of the whole project.

use tranship_model::said::{On, chosen, chosen_origin};
use tranship_model::{Said, Stack, Volume};

use super::claims::{Claim, put_claim};
use super::objects::{field, fields, pull_secrets, switches, texts};
use super::pull_policy;
use crate::lift::context::Lifting;
use crate::overrides::{self, File, Project};

/// What was said of a volume goes into it.
pub(in crate::lift) fn of_volume(cx: &mut Lifting<'_>, said: overrides::Volume, volume: &mut Volume) {
    let overrides::Volume { size, storage_class, access_mode, existing_claim, labels, annotations, patch } = said;
    let claim = Claim::new(size.as_ref(), storage_class.as_ref(), access_mode.as_ref(), existing_claim.as_ref());
    let faults = put_claim(volume, claim, true);
    cx.diagnostics.extend(faults);
    let mut more = texts(&On::Claim, &["metadata", "labels"], labels.as_ref(), "labels");
    more.extend(texts(&On::Claim, &["metadata", "annotations"], annotations.as_ref(), "annotations"));
    more.extend(patch.iter().map(|tree| fields(On::Claim, &[], tree, "patch")));
    if !more.is_empty() {
        volume.said.get_or_insert_default().fields.extend(more);
    }
}

/// What was said of a config or secret goes into it.
pub(in crate::lift) fn of_file(said: File, blob: &mut tranship_model::Blob) {
    let File { name, existing, immutable, labels, annotations, patch } = said;
    let mut out = texts(&On::Blob, &["metadata", "labels"], labels.as_ref(), "labels");
    out.extend(texts(&On::Blob, &["metadata", "annotations"], annotations.as_ref(), "annotations"));
    out.extend(
        immutable.iter().map(|flag| {
            field(On::Blob, &["immutable"], flag.value, &format!("immutable: {}", flag.value), &flag.origin)
        }),
    );
    out.extend(patch.iter().map(|tree| fields(On::Blob, &[], tree, "patch")));
    let mut own = name.map(|name| {
        let words = format!("name: {}", name.value.0);
        chosen(name.value.0, &words, &name.origin)
    });
    if let Some(existing) = existing {
        let words = format!("existing: {}", existing.value.0);
        blob.content = tranship_model::BlobContent::External;
        blob.origin = chosen_origin(&words, &existing.origin).and(&blob.origin);
        own = Some(chosen(existing.value.0, &words, &existing.origin));
    }
    if own.is_some() || !out.is_empty() {
        blob.said = Some(Box::new(Said { name: own, fields: out, passes: Vec::new() }));
    }
}

/// What was said of the whole project: of all objects, and of parts that say nothing themselves.
pub(in crate::lift) fn of_project(said: Project, stack: &mut Stack) {
    let Project {
        namespace: _, // by whoever lowers
        registry: _,  // by whoever names images
        tag: _,       // by whoever names images
        external: _,  // by whoever checks
        cluster: _,   // by whoever decides what is reached, as the next five
        expose: _,
        domain: _,
        ingress_class: _,
        tls: _,
        tls_email: _,
        image_pull_policy,
        image_pull_secrets,
        storage_class,
        volume_size,
        labels,
        annotations,
        passes,
        patch,
    } = said;
    if let Some(policy) = &image_pull_policy {
        let words = format!("imagePullPolicy: {}", policy.value.word());
        for service in stack.services.values_mut().filter(|service| service.pull.is_none()) {
            service.pull = Some(chosen(pull_policy(policy.value), &words, &policy.origin));
        }
    }
    if storage_class.is_some() || volume_size.is_some() {
        for volume in stack.volumes.values_mut().filter(|volume| !volume.external.as_ref().is_some_and(|e| e.value)) {
            let claim = Claim::new(volume_size.as_ref(), storage_class.as_ref(), None, None);
            put_claim(volume, claim, false);
        }
    }
    let every = On::Every("*".to_owned());
    let mut out = texts(&every, &["metadata", "labels"], labels.as_ref(), "labels");
    out.extend(texts(&every, &["metadata", "annotations"], annotations.as_ref(), "annotations"));
    out.extend(pull_secrets(image_pull_secrets.as_deref()));
    for (object, tree) in patch.into_iter().flat_map(|pairs| pairs.0) {
        let on = if object.contains('/') { On::Object(object.clone()) } else { On::Every(object.clone()) };
        out.push(fields(on, &[], &tree, &format!("patch.{object}")));
    }
    let passes = switches(passes);
    if !out.is_empty() || !passes.is_empty() {
        stack.said = Some(Box::new(Said { name: None, fields: out, passes }));
    }
}
