//! Packagings, one file each.

pub mod manifests;
