//! What a pod has beside its containers: settings, names, time to end.

use std::collections::BTreeMap;

use tranship_model::{Dns, HostEntry, Process, Traced};
use tranship_source::yaml::Node;

use super::Lowering;
use super::fields::{Fields, blamed, texts, whole};
use super::workload::{Place, warn};
use crate::names::is_legal;

/// A pod's spec in the making.
#[derive(Default)]
pub(crate) struct Pod {
    pub(crate) spec: Fields,
}

/// Settings of every pod: no variables for Services of the namespace, which Compose does not set and apps stumble over.
pub(crate) fn settings(spec: Fields) -> Fields {
    spec.put("enableServiceLinks", false)
}

/// Host name, hosts file and name servers.
pub(crate) fn naming(
    cx: &mut Lowering<'_>,
    place: &Place,
    spec: Fields,
    hostname: Option<&Traced<String>>,
    domainname: Option<&Traced<String>>,
    hosts: &[HostEntry],
    dns: &Dns,
) -> Fields {
    let spec = host_name(cx, place, spec, hostname);
    if let Some(domain) = domainname {
        let why = "a pod's domain is the cluster's; `subdomain` would only name a headless Service";
        cx.ledger.dropped(&domain.origin, why, "read the domain from a variable of the app's own");
    }
    let spec = spec.filled("hostAliases", host_aliases(cx, place, hosts));
    spec.maybe("dnsConfig", dns_config(cx, place, dns))
}

fn host_name(cx: &mut Lowering<'_>, place: &Place, spec: Fields, hostname: Option<&Traced<String>>) -> Fields {
    let Some(name) = hostname else { return spec };
    let to = place.pod("hostname");
    if is_legal(&name.value, 63) {
        cx.ledger.kept(&name.origin, &to);
        return spec.put("hostname", blamed(name, name.value.clone()));
    }
    let legal: String = crate::names::label(&name.value).chars().take(63).collect();
    let legal = legal.trim_end_matches('-').to_owned();
    cx.ledger.translated(&name.origin, &to, "a pod's host name is one DNS label in small letters");
    spec.put("hostname", blamed(name, legal))
}

fn host_aliases(cx: &mut Lowering<'_>, place: &Place, hosts: &[HostEntry]) -> Vec<Node> {
    let mut by_address: BTreeMap<String, Vec<Node>> = BTreeMap::new();
    for HostEntry { origin, name, address } in hosts {
        let address = address.trim_start_matches('[').trim_end_matches(']');
        if address.parse::<std::net::IpAddr>().is_err() {
            let why = format!("`{address}` is a word of the container engine, and a pod's hosts file takes addresses");
            cx.ledger.dropped(
                origin,
                &why,
                "give the address of the machine, or run what it stands for in the cluster",
            );
            let message = format!("`{name}` will not resolve: its address is `{address}`");
            warn(cx, "host-without-address", origin.span(), message, "write an IP address");
            continue;
        }
        cx.ledger.translated(origin, &place.pod("hostAliases"), "names of one address stand together");
        by_address.entry(address.to_owned()).or_default().push(Node::from(name.as_str()).blamed_on(origin.span()));
    }
    let entry = |(ip, names): (String, Vec<Node>)| Fields::new().put("ip", ip).put("hostnames", names).node();
    by_address.into_iter().map(entry).collect()
}

fn dns_config(cx: &mut Lowering<'_>, place: &Place, dns: &Dns) -> Option<Node> {
    let Dns { servers, search, options } = dns;
    let why = "asked after the cluster's own, so that Services still resolve";
    for server in servers {
        cx.ledger.translated(&server.origin, &place.pod("dnsConfig.nameservers"), why);
    }
    for domain in search {
        cx.ledger.translated(&domain.origin, &place.pod("dnsConfig.searches"), "searched after the cluster's own");
    }
    for option in options {
        cx.ledger.kept(&option.origin, &place.pod("dnsConfig.options"));
    }
    let option = |traced: &Traced<String>| {
        let (name, value) = traced.value.split_once(':').map_or((&*traced.value, None), |(n, v)| (n, Some(v)));
        Fields::new().put("name", blamed(traced, name)).maybe("value", value).node()
    };
    Fields::new()
        .filled("nameservers", texts(servers.iter().map(|s| &s.value)))
        .filled("searches", texts(search.iter().map(|s| &s.value)))
        .filled("options", options.iter().map(option).collect::<Vec<_>>())
        .some()
}

/// The time a pod may take to end; part of a second counts as a whole one.
pub(crate) fn grace(cx: &mut Lowering<'_>, place: &Place, spec: Fields, process: &Process) -> Fields {
    let Some(grace) = &process.stop_grace else { return spec };
    let seconds = grace.value.as_secs() + u64::from(grace.value.subsec_nanos() > 0);
    cx.ledger.translated(&grace.origin, &place.pod("terminationGracePeriodSeconds"), "in whole seconds");
    spec.put("terminationGracePeriodSeconds", blamed(grace, whole(seconds)))
}
