//! Packagings, one file each.

pub mod build;
pub mod manifests;
pub mod secrets;
