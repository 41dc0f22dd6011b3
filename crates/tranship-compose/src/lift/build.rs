//! How an image is built: kept for those who build it; a cluster only runs images.

use tranship_model::{Build, Traced};

use super::account::Leaves;
use super::context::Lifting;
use crate::typed::{self, FileReference, Ulimit};

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
    let folder = text(context).unwrap_or_else(|| ".".to_owned());
    Some(Build {
        origin: Lifting::origin(&[context, dockerfile, target, args]),
        context: cx.project_path(std::path::Path::new(&folder)).unwrap_or(folder),
        dockerfile: text(dockerfile),
        target: text(target),
        args: args.iter().map(|pair| (pair.key.clone(), pair.value.text.clone())).collect(),
    })
}

fn note(cx: &mut Lifting<'_>, leaves: &(impl Leaves + ?Sized), why: &str) {
    cx.decided(leaves, why);
}
