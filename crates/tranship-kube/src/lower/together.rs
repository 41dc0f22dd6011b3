//! Pods that have to run on one node, since they mount claims that one node can mount.
//!
//! The scheduler takes a node for a pod where one pod that is there matches all terms of its affinity at once. So all pods
//! that hang together by any claims carry one label, and ask for that label alone.

use std::collections::{BTreeMap, BTreeSet};

use tranship_model::Volume;

use super::{Lowering, claim};
use crate::names::{NameKind, label_name};

/// By volume, the label of all pods that hang together by it: named after the first of their volumes.
pub(crate) fn labels(cx: &mut Lowering<'_>) -> BTreeMap<String, String> {
    let stack = cx.stack;
    let mut group_of: BTreeMap<&str, usize> = BTreeMap::new();
    let mut named_after: Vec<&str> = Vec::new();
    let mut found: Vec<(&str, &str)> = Vec::new();
    for (volume, facts) in &stack.volumes {
        let homes = homes(cx, volume, facts);
        let Some(home) = homes.first().copied() else { continue };
        let known: BTreeSet<usize> = homes.iter().filter_map(|home| group_of.get(home).copied()).collect();
        let group = known.first().copied().unwrap_or(named_after.len());
        if known.len() > 1 {
            group_of.values_mut().filter(|other| known.contains(other)).for_each(|other| *other = group);
        }
        named_after.push(volume);
        group_of.extend(homes.into_iter().map(|home| (home, group)));
        found.push((volume, home));
    }
    let mut out = BTreeMap::new();
    for (volume, home) in found {
        let first = group_of.get(home).and_then(|group| named_after.get(*group)).unwrap_or(&volume);
        let name = cx.names.name(NameKind::Claim, first);
        out.insert(volume.to_owned(), format!("tranship.dev/{}", label_name("claim-", &name)));
    }
    out
}

/// The services whose pods mount the volume; none where several nodes may, or only one pod does.
fn homes<'a>(cx: &Lowering<'a>, volume: &str, facts: &Volume) -> Vec<&'a str> {
    let users = cx.sharers.get(volume).map(Vec::as_slice).unwrap_or_default();
    let services = users.iter().filter_map(|user| cx.stack.services.get(user));
    let home = |service: &'a tranship_model::Service| super::pod::home(cx.stack, service).unwrap_or(&service.name);
    let mut homes: Vec<&str> = services.map(home).collect();
    homes.sort_unstable();
    homes.dedup();
    let pods = |home: &&str| cx.stack.services.get(*home).is_some_and(|service| claim::pods(service) > 1);
    let several = homes.len() > 1 || homes.iter().any(pods);
    let one_node = claim::nfs(facts).is_none() && !takes_many_nodes(facts);
    if several && one_node && !claim::is_templated(cx, volume, facts) { homes } else { Vec::new() }
}

/// Whether the user says that pods of several nodes may mount the claim at once.
pub(crate) fn takes_many_nodes(volume: &Volume) -> bool {
    let fields = volume.said.iter().flat_map(|said| &said.fields);
    let modes = fields.filter(|field| field.path.last().is_some_and(|key| key == "accessModes"));
    modes
        .flat_map(|field| field.value.as_seq().unwrap_or_default())
        .any(|mode| mode.as_str().is_some_and(|m| m.ends_with("Many")))
}
