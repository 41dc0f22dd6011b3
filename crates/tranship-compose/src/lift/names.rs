//! Names under which services reach each other, and their places on networks.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use tranship_model::{Attachment, HostEntry, Origin, Service, Traced};

use super::account::Leaves;
use super::context::Lifting;
use super::env::texts;
use crate::typed::{self, Pair, Pairs};

/// Names of a service besides its own, one after the other.
pub(super) struct Aliases<'a> {
    own: &'a str,
    list: Vec<Traced<String>>,
}

impl<'a> Aliases<'a> {
    /// No names yet, for a service of this name.
    pub(super) fn new(own: &'a str) -> Self {
        Self { own, list: Vec::new() }
    }

    /// The names.
    pub(super) fn finish(self) -> Vec<Traced<String>> {
        self.list
    }

    /// Adds a name; the service's own is noted, one that is there gains an origin.
    pub(super) fn add(&mut self, cx: &mut Lifting<'_>, name: &Traced<String>) {
        add(cx, self.own, &mut self.list, name);
    }
}

fn add(cx: &mut Lifting<'_>, own: &str, list: &mut Vec<Traced<String>>, name: &Traced<String>) {
    if name.value == own {
        cx.decided(name, &format!("`{own}` is the service's own name, which resolves as it is"));
    } else if let Some(known) = list.iter_mut().find(|known| known.value == name.value) {
        known.origin = known.origin.clone().and(&name.origin);
    } else if !name.value.is_empty() {
        list.push(name.clone());
    }
}

/// The networks of a service; their aliases are added to its names.
pub(super) fn attachments(
    cx: &mut Lifting<'_>,
    networks: &Pairs<typed::Attachment>,
    aliases: &mut Aliases<'_>,
) -> Vec<Attachment> {
    networks.iter().map(|pair| attachment(cx, pair, aliases)).collect()
}

fn attachment(cx: &mut Lifting<'_>, pair: &Pair<typed::Attachment>, names: &mut Aliases<'_>) -> Attachment {
    let typed::Attachment {
        at,
        aliases,
        interface_name,
        ipv4_address,
        ipv6_address,
        link_local_ips,
        mac_address,
        driver_opts,
        priority,
        gw_priority,
        extensions,
    } = &pair.value;
    cx.decided(extensions, "`x-` keys of a network's entry are the project's own notes");
    for alias in aliases {
        names.add(cx, alias);
    }
    cx.dropped(interface_name, "a pod has one network interface, whose name the cluster's network gives", "");
    let todo = "let others use the service's name, which stays the same";
    cx.dropped(ipv4_address, "a pod's IPv4 address is given by the cluster and changes with every pod", todo);
    cx.dropped(ipv6_address, "a pod's IPv6 address is given by the cluster and changes with every pod", todo);
    cx.dropped(link_local_ips, "link-local addresses are the node's, and a pod cannot ask for one", todo);
    cx.dropped(
        mac_address,
        "a hardware address on this network has no counterpart: the cluster's network gives it",
        "",
    );
    for (key, value) in texts(driver_opts) {
        let why = format!("`{key}` is an option of the engine's network driver for this one connection");
        cx.dropped(&value, &why, "");
    }
    cx.decided(priority, "it orders the networks a container is connected to, and a pod has one");
    cx.decided(gw_priority, "it chooses the network whose gateway is used, and a pod has one");
    Attachment { network: pair.key.clone(), origin: Origin::From(vec![at.clone()]) }
}

/// Names that links give to other services, which those answer to from now on.
pub(super) fn links(
    cx: &mut Lifting<'_>,
    services: &Pairs<Box<typed::Service>>,
    lifted: &mut IndexMap<String, Service>,
) {
    for link in services.iter().flat_map(|pair| &pair.value.links) {
        let (target, alias) = link.value.split_once(':').unwrap_or((&link.value, &link.value));
        match lifted.get_mut(target) {
            Some(service) => {
                let name = link.with(alias.to_owned());
                add(cx, target, &mut service.aliases, &name);
            }
            None => cx.dropped(link, &format!("there is no service `{target}` to link to"), "remove the link"),
        }
    }
}

/// Links to containers outside the project.
pub(super) fn external_links(cx: &mut Lifting<'_>, links: &[Traced<String>]) {
    for link in links {
        let (container, alias) = link.value.split_once(':').unwrap_or((&link.value, &link.value));
        let why = format!(
            "the container `{container}` is outside the project, and nothing in the cluster answers to `{alias}`"
        );
        let todo =
            format!("create a Service `{alias}` of type ExternalName, or one with the endpoints of `{container}`");
        cx.dropped(link, &why, &todo);
        cx.warn("link-outside", link.span(), format!("`{alias}` does not resolve in the cluster"), todo);
    }
}

/// Extra names in the hosts file: `name=address`, `name:address`, several addresses with commas.
pub(super) fn hosts(cx: &mut Lifting<'_>, extra_hosts: &[Traced<String>]) -> Vec<HostEntry> {
    let mut out = Vec::new();
    for host in extra_hosts {
        let Some((name, addresses)) = host.value.split_once('=').or_else(|| host.value.split_once(':')) else {
            cx.dropped(host, "an extra host is a name and an address", "write `name=address`");
            continue;
        };
        for address in addresses.split(',') {
            let address = address.trim().trim_start_matches('[').trim_end_matches(']').to_owned();
            out.push(HostEntry { origin: host.origin.clone(), name: name.to_owned(), address });
        }
    }
    out
}

/// Services that others wait for to complete, with the waiting leaf.
pub(super) fn awaited(services: &Pairs<Box<typed::Service>>) -> BTreeMap<String, (String, Vec<tranship_model::At>)> {
    let mut out = BTreeMap::new();
    for pair in services {
        for dependency in &pair.value.depends_on {
            let condition = &dependency.value.condition;
            if condition.as_ref().is_some_and(|c| c.value == "service_completed_successfully") {
                out.entry(dependency.key.clone()).or_insert_with(|| (pair.key.clone(), condition.list()));
            }
        }
    }
    out
}
