//! How images are built, and what is watched while developing.

use tranship_model::Traced;

use super::decode::{Nullable, Pairs};
use super::scalar::Bytes;
use super::section::section;
use super::service::{FileReference, Hook, Ulimit};

section! {
    /// How an image is built.
    Build {
        context "context": Option<Traced<String>>,
        dockerfile "dockerfile": Option<Traced<String>>,
        dockerfile_inline "dockerfile_inline": Option<Traced<String>>,
        entitlements "entitlements": Vec<Traced<String>>,
        args "args": Pairs<Nullable>,
        ssh "ssh": Vec<Traced<String>>,
        labels "labels": Pairs<Nullable>,
        cache_from "cache_from": Vec<Traced<String>>,
        cache_to "cache_to": Vec<Traced<String>>,
        no_cache "no_cache": Option<Traced<bool>>,
        no_cache_filter "no_cache_filter": Vec<Traced<String>>,
        additional_contexts "additional_contexts": Pairs<Nullable>,
        network "network": Option<Traced<String>>,
        provenance "provenance": Option<Traced<String>>,
        sbom "sbom": Option<Traced<String>>,
        pull "pull": Option<Traced<bool>>,
        target "target": Option<Traced<String>>,
        shm_size "shm_size": Option<Traced<Bytes>>,
        extra_hosts "extra_hosts": Vec<Traced<String>>,
        isolation "isolation": Option<Traced<String>>,
        privileged "privileged": Option<Traced<bool>>,
        secrets "secrets": Vec<FileReference>,
        tags "tags": Vec<Traced<String>>,
        ulimits "ulimits": Pairs<Ulimit>,
        platforms "platforms": Vec<Traced<String>>,
    }
}

section! {
    /// What is watched while developing.
    Develop {
        watch "watch": Vec<Trigger>,
    }
}

section! {
    /// What a change of a path sets off.
    Trigger {
        path "path": Option<Traced<String>>,
        action "action": Option<Traced<String>>,
        target "target": Option<Traced<String>>,
        exec "exec": Option<Hook>,
        include "include": Vec<Traced<String>>,
        ignore "ignore": Vec<Traced<String>>,
        initial_sync "initial_sync": Option<Traced<bool>>,
    }
}
