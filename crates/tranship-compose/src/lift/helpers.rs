//! Services that work for the container engine: the catalog says which of them a cluster has no place for.
//!
//! A service that is left out takes nothing with it that others need: who depends on it no longer does, and who names it
//! is found by the proof of names. What the user said of its workload keeps it.

use indexmap::IndexMap;
use tranship_model::catalog::{self, Decision};
use tranship_model::{
    At, BlobContent, EnvValue, Helper, LeftOut, Mount, MountClass, MountSource, Origin, Service, said,
};
use tranship_source::Diagnostic;

use super::context::Lifting;

/// Takes out what has no place on a cluster. Warning `helper-replaced`, note `helper-left-out`.
pub(super) fn leave_out(cx: &mut Lifting<'_>, services: &mut IndexMap<String, Service>) -> Vec<LeftOut> {
    let decided: Vec<(String, Helper)> =
        services.values().filter_map(|service| Some((service.name.clone(), decision(cx, service)?))).collect();
    let mut out = Vec::new();
    for (name, helper) in decided {
        let Some(service) = services.shift_remove(&name) else { continue };
        note(cx, &service, &helper);
        free(cx, services, &name);
        forget_files(cx, services, &service);
        let names = service.aliases.iter().map(|alias| alias.value.clone()).collect();
        out.push(LeftOut { service: name, names, profiles: Vec::new(), helper: Some(helper), origin: service.origin });
    }
    out
}

/// Why a service is left out; `None` for one that is kept.
fn decision(cx: &Lifting<'_>, service: &Service) -> Option<Helper> {
    let product = catalog::by_name(&service.product.as_ref()?.value)?;
    let cluster = product.cluster.as_ref().filter(|cluster| cluster.decision != Decision::Keep)?;
    let kept = matches!(service.workload.origin, Origin::Decided { by: said::BY, .. });
    if kept || (cluster.with_engine && !has_engine(cx, service)) {
        return None;
    }
    let replaced = cluster.decision == Decision::Replaced;
    Some(Helper { replaced, because: cluster.because.clone(), instead: cluster.instead.clone() })
}

/// Whether a service is given the engine: its socket, its folder, or its address.
fn has_engine(cx: &Lifting<'_>, service: &Service) -> bool {
    let mounts = service.mounts.iter().any(|mount: &Mount| {
        let host = match &mount.source {
            MountSource::Host { path, .. } => path.as_str(),
            MountSource::Volume { volume, .. } => {
                cx.volumes.get(volume).and_then(|volume| volume.host_path.as_deref()).unwrap_or_default()
            }
            _ => "",
        };
        let engine = ["docker.sock", "podman.sock", "/var/lib/docker", "/run/docker"];
        mount.class.value == MountClass::Socket || engine.iter().any(|part| host.contains(part))
    });
    let address = |value: &EnvValue| matches!(value, EnvValue::Plain(text) if text.starts_with("tcp://"));
    let env = service.env.iter().any(|var| {
        matches!(var.name.as_str(), "DOCKER_HOST" | "TRAEFIK_PROVIDERS_DOCKER_ENDPOINT") && address(&var.value.value)
    });
    let words = service.process.command.iter().flat_map(|argv| &argv.value);
    mounts || env || words.clone().any(|word| word.contains("providers.docker.endpoint"))
}

fn note(cx: &mut Lifting<'_>, service: &Service, helper: &Helper) {
    let Helper { replaced, because, instead } = helper;
    let whole: Vec<At> = service.origin.leaves().iter().map(At::whole).collect();
    cx.dropped(&whole, because, instead);
    let message = format!("`{}` is left out: {because}", service.name);
    let help = format!("{instead}; to keep it all the same, say `x-tranship: {{workload: deployment}}`");
    let fault = if *replaced {
        Diagnostic::warning("helper-replaced", message)
    } else {
        Diagnostic::note("helper-left-out", message)
    };
    cx.diagnostics.push(fault.at(service.origin.span()).help(help));
}

/// Nobody waits for what is not there.
fn free(cx: &mut Lifting<'_>, services: &mut IndexMap<String, Service>, name: &str) {
    for service in services.values_mut() {
        let (gone, kept) = std::mem::take(&mut service.depends_on).into_iter().partition(|d| d.service == name);
        service.depends_on = kept;
        let gone: Vec<tranship_model::Dependency> = gone;
        for dependency in gone {
            cx.decided(&dependency.origin.leaves().to_vec(), &format!("`{name}` is left out, and nobody waits for it"));
        }
    }
}

/// Files that only the service read are no part of the stack either.
fn forget_files(cx: &mut Lifting<'_>, services: &IndexMap<String, Service>, service: &Service) {
    for mount in &service.mounts {
        let (key, secret) = match &mount.source {
            MountSource::Config(blob) => (&blob.blob, false),
            MountSource::Secret(blob) => (&blob.blob, true),
            _ => continue,
        };
        let same = |other: &Mount| match &other.source {
            MountSource::Config(blob) => !secret && blob.blob == *key,
            MountSource::Secret(blob) => secret && blob.blob == *key,
            _ => false,
        };
        if services.values().any(|service| service.mounts.iter().any(same)) {
            continue;
        }
        let blobs = if secret { &mut cx.secrets } else { &mut cx.configs };
        let Some(blob) = blobs.shift_remove(key) else { continue };
        let held = matches!(blob.content, BlobContent::Files(_));
        let why = format!("only `{}` reads it, which is left out", service.name);
        let mut leaves: Vec<At> = blob.origin.leaves().to_vec();
        leaves.extend(blob.name.iter().flat_map(|name| name.origin.leaves().to_vec()));
        leaves.extend(blob.labels.iter().flat_map(|(_, label)| label.origin.leaves().to_vec()));
        if held || !leaves.is_empty() {
            cx.decided(&leaves, &why);
        }
    }
}

#[cfg(test)]
mod tests {
    use tranship_source::MemoryWorld;

    use crate::lift::lift;
    use crate::{LoadOptions, load};

    #[test]
    fn what_works_for_the_engine_alone_is_left_out_and_nobody_waits_for_it() {
        let sock = "volumes: ['/var/run/docker.sock:/var/run/docker.sock']";
        for (service, expect) in [
            ("image: containrrr/watchtower", "left out"),
            (&*format!("image: 'traefik:v3', {sock}"), "left out"),
            ("image: 'traefik:v3'", "kept"),
            ("image: 'traefik:v3', environment: {DOCKER_HOST: 'tcp://proxy:2375'}", "left out"),
            ("image: prom/node-exporter", "kept"),
            ("image: containrrr/watchtower, x-tranship: {workload: deployment}", "kept"),
            ("build: ., image: traefik", "kept"),
            ("image: portainer/portainer-ce, configs: [c]", "kept"),
            (&*format!("image: portainer/portainer-ce, configs: [c], {sock}"), "left out"),
        ] {
            let text = format!(
                "services:\n  a: {{{service}}}\n  b: {{image: x, depends_on: [a]}}\nconfigs: {{c: {{content: x}}}}\n"
            );
            let world = MemoryWorld::new().with("compose.yaml", text.as_str()).with("Dockerfile", "FROM x\n");
            let loaded = load(&world, &LoadOptions::default());
            let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
            let checked = lift(&project, &loaded.sources, &world);
            let stack = &checked.value.stack;
            let out = stack.left_out.iter().any(|left| left.service == "a" && left.helper.is_some());
            assert_eq!(if out { "left out" } else { "kept" }, expect, "{service}");
            assert_eq!(stack.services.contains_key("a"), !out, "{service}");
            assert_eq!(stack.services["b"].depends_on.is_empty(), out, "{service}");
            assert_eq!(checked.diagnostics.iter().any(|fault| fault.code.starts_with("helper-")), out, "{service}");
        }
    }
}
