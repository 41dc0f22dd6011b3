//! How an image is built: kept for those who build it; a cluster only runs images.

use std::path::Path;

use tranship_model::{Build, BuildSecret, BuildSecretSource, BuildSettings, Traced};

use super::account::Leaves;
use super::context::Lifting;
use crate::typed::{self, FileObject, FileReference, Nullable, Pairs, Ulimit};

/// The `build` section. What building needs stays in the stack; the rest belongs to whoever builds.
pub(super) fn lift(cx: &mut Lifting<'_>, build: Option<&typed::Build>) -> Option<Build> {
    let typed::Build {
        at: _,
        context,
        dockerfile,
        dockerfile_inline,
        entitlements,
        args,
        ssh,
        labels,
        cache_from,
        cache_to,
        no_cache,
        no_cache_filter,
        additional_contexts,
        network,
        provenance,
        sbom,
        pull,
        target,
        shm_size,
        extra_hosts,
        isolation,
        privileged,
        secrets,
        tags,
        ulimits,
        platforms,
        extensions,
    } = build?;
    cx.decided(extensions, "`x-` keys of `build` are the project's own notes");
    note(cx, dockerfile_inline, "the Dockerfile in the Compose file is used where the image is built");
    note(cx, entitlements, "entitlements are rights of the builder, not of the container");
    note(cx, ssh, "ssh keys are lent to the builder alone");
    note(cx, labels, "labels of the image are put on where it is built");
    note(cx, cache_from, "a cache to build from speeds the builder up and changes no image");
    note(cx, cache_to, "a cache to build for speeds the builder up and changes no image");
    note(cx, no_cache, "whether the builder may use its cache is no part of what runs");
    note(cx, no_cache_filter, "the stages built without a cache are no part of what runs");
    note(cx, additional_contexts, "additional contexts are folders the builder sees, not the container");
    note(cx, network, "the network of `build` is the builder's while it runs commands");
    note(cx, provenance, "a record of provenance is attached to the image by the builder");
    note(cx, sbom, "a bill of materials is attached to the image by the builder");
    note(cx, pull, "whether base images are fetched anew is up to the builder");
    note(cx, shm_size, "shared memory of `build` is for commands of the builder");
    note(cx, extra_hosts, "extra hosts of `build` are names for commands of the builder");
    note(cx, isolation, "isolation of `build` is the builder's");
    note(cx, privileged, "rights of `build` are for commands of the builder");
    note(cx, tags, "further tags are given to the image where it is built");
    note(cx, platforms, "the platforms an image is built for are in its manifest; a node takes the one it needs");
    for FileReference { at, source: _, target: _, uid: _, gid: _, mode: _, extensions: _ } in secrets {
        note(cx, &at.whole(), "secrets of `build` are lent to the builder and stay out of the image");
    }
    for pair in ulimits {
        let why = "limits of `build` are for commands of the builder";
        match &pair.value {
            Ulimit::Single(limit) => note(cx, limit, why),
            Ulimit::Pair(limits) => note(cx, &limits.at.whole(), why),
        }
    }
    let text = |value: &Option<Traced<String>>| value.as_ref().map(|value| value.value.clone());
    let texts = |list: &[Traced<String>]| list.iter().map(|text| text.value.clone()).collect::<Vec<_>>();
    let yes = |value: &Option<Traced<bool>>| value.as_ref().is_some_and(|value| value.value);
    let folder = text(context).unwrap_or_else(|| ".".to_owned());
    let settings = BuildSettings {
        dockerfile_inline: text(dockerfile_inline),
        contexts: pairs(additional_contexts).map(|(name, value)| (name, inside(cx, &value))).collect(),
        labels: pairs(labels).collect(),
        cache_from: texts(cache_from),
        cache_to: texts(cache_to),
        no_cache: yes(no_cache),
        no_cache_filter: texts(no_cache_filter),
        pull: yes(pull),
        network: text(network),
        provenance: text(provenance),
        sbom: text(sbom),
        ssh: texts(ssh),
        secrets: secrets.iter().map(|secret| secret_of(cx, secret)).collect(),
        shm_size: shm_size.as_ref().and_then(|size| u64::try_from(size.value.0).ok()),
        extra_hosts: texts(extra_hosts),
        ulimits: ulimits.iter().map(|pair| limit(&pair.key, &pair.value)).collect(),
        entitlements: texts(entitlements),
        privileged: yes(privileged),
        isolation: text(isolation),
        tags: texts(tags),
        platforms: texts(platforms),
    };
    Some(Build {
        origin: Lifting::origin(&[context, dockerfile, target, args]),
        context: inside(cx, &folder),
        dockerfile: text(dockerfile),
        target: text(target),
        args: args.iter().map(|pair| (pair.key.clone(), argument(cx, &pair.key, &pair.value))).collect(),
        settings: Box::new(settings),
    })
}

/// The value of a build argument; one that is a credential comes from the environment of the build, and is not written.
fn argument(cx: &mut Lifting<'_>, name: &str, value: &Nullable) -> Option<String> {
    let text = value.text.clone()?;
    let Some(why) = tranship_model::credential::reason(name, &text, None) else { return Some(text) };
    let message = format!("the build argument `{name}` is not written into the build files: {why}");
    let help = format!("set {name} in the environment when you build, or make it a build secret");
    cx.warn("build-credential", value.at.span, message, &help);
    None
}

fn pairs(list: &Pairs<Nullable>) -> impl Iterator<Item = (String, String)> {
    list.iter().map(|pair| (pair.key.clone(), pair.value.text.clone().unwrap_or_default()))
}

/// A path of the machine relative to the project where it lies inside; addresses and names of other kinds as they are.
fn inside(cx: &Lifting<'_>, path: &str) -> String {
    let path_inside = path.starts_with(['/', '.']).then(|| cx.project_path(Path::new(path))).flatten();
    path_inside.unwrap_or_else(|| path.to_owned())
}

fn limit(name: &str, limit: &Ulimit) -> (String, i64, i64) {
    match limit {
        Ulimit::Single(both) => (name.to_owned(), both.value, both.value),
        Ulimit::Pair(limits) => {
            let [soft, hard] = [&limits.soft, &limits.hard].map(|limit| limit.as_ref().map_or(0, |limit| limit.value));
            (name.to_owned(), soft, hard)
        }
    }
}

/// A secret that is lent under its target's name, or its own.
fn secret_of(cx: &Lifting<'_>, secret: &FileReference) -> BuildSecret {
    let source = secret.source.as_ref().map(|source| source.value.as_str()).unwrap_or_default();
    let id = secret.target.as_ref().filter(|target| !target.value.is_empty());
    let id = id.map_or(source, |target| target.value.rsplit('/').next().unwrap_or_default());
    let known = cx.secret_sources.get(source).cloned();
    BuildSecret { id: id.to_owned(), source: known.unwrap_or(BuildSecretSource::Unknown) }
}

/// Where the value of a top-level secret lies.
pub(super) fn secret_source(cx: &Lifting<'_>, secret: &FileObject) -> BuildSecretSource {
    match (&secret.file, &secret.environment) {
        (Some(file), _) => BuildSecretSource::File(inside(cx, &file.value)),
        (None, Some(variable)) => BuildSecretSource::Variable(variable.value.clone()),
        (None, None) => BuildSecretSource::Unknown,
    }
}

fn note(cx: &mut Lifting<'_>, leaves: &(impl Leaves + ?Sized), why: &str) {
    cx.decided(leaves, why);
}
