//! Ports: written, exposed, and known from the catalog.

use std::collections::BTreeMap;

use tranship_model::catalog::{ImageRef, Kind, Product, Purpose};
use tranship_model::{At, Origin, Port, Protocol, Published, Role, Traced};

use super::account::Leaves;
use super::context::Lifting;
use crate::typed;

/// The ports of a service: `ports` first, then `expose`, then what the catalog knows and the project does not say. A
/// process that `ends` is no server, whatever its image is.
pub(super) fn lift(
    cx: &mut Lifting<'_>,
    ports: &[typed::Port],
    expose: &[Traced<String>],
    image: Option<&Traced<String>>,
    product: Option<&Product>,
    ends: bool,
) -> Vec<Port> {
    let mut out: Vec<Port> = ports.iter().filter_map(|port| written(cx, port)).collect();
    let mut known: BTreeMap<(u16, Protocol), usize> = BTreeMap::new();
    for (at, port) in out.iter().enumerate() {
        known.entry((port.container, port.protocol)).or_insert(at);
    }
    for item in expose {
        exposed(cx, item, &mut out, &mut known);
    }
    if let (Some(image), Some(product), false) = (image, product, ends) {
        from_catalog(image, product, &mut out);
    }
    out
}

fn written(cx: &mut Lifting<'_>, port: &typed::Port) -> Option<Port> {
    let typed::Port { at, name, mode, host_ip, target, published, protocol, app_protocol, extensions } = port;
    cx.decided(extensions, "`x-` keys of a port are the project's own notes");
    let number = target.as_ref().map_or(0, |target| target.value);
    let Ok(container @ 1..) = u16::try_from(number) else {
        cx.dropped(&at.whole(), "a port has a number from 1 to 65535", "write the port the container listens on");
        cx.fail("port-out-of-range", at.span, format!("{number} is no port"), "write a number from 1 to 65535");
        return None;
    };
    let ip = host_ip.as_ref().map(|ip| ip.value.clone()).filter(|ip| !ip.is_empty());
    let spoken = published.as_ref().map(|published| published.value.clone()).unwrap_or_default();
    let mut from = Lifting::origin(&[published, host_ip, mode]);
    if from.leaves().is_empty() {
        from = Origin::From(vec![at.clone()]);
    }
    Some(Port {
        origin: Lifting::origin(&[target, protocol]),
        container,
        protocol: protocol.as_ref().map_or(Protocol::Tcp, |protocol| transport(&protocol.value)),
        name: name.clone().filter(|name| !name.value.is_empty()),
        app_protocol: app_protocol.clone().filter(|protocol| !protocol.value.is_empty()),
        published: Some(Published {
            origin: from,
            port: spoken,
            host_ip: ip,
            mode: mode.as_ref().map(|mode| mode.value.clone()),
        }),
    })
}

fn transport(word: &str) -> Protocol {
    match word.to_ascii_lowercase().as_str() {
        "udp" => Protocol::Udp,
        "sctp" => Protocol::Sctp,
        _ => Protocol::Tcp,
    }
}

/// An item of `expose`: a port or a range, with or without protocol. A port that is there already gains an origin.
fn exposed(
    cx: &mut Lifting<'_>,
    item: &Traced<String>,
    out: &mut Vec<Port>,
    known: &mut BTreeMap<(u16, Protocol), usize>,
) {
    let (range, protocol) = item.value.split_once('/').map_or((item.value.as_str(), "tcp"), |(r, p)| (r, p));
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let (Ok(first), Ok(last)) = (first.trim().parse::<u16>(), last.trim().parse::<u16>()) else {
        cx.dropped(item, "`expose` names ports by number", "write a number or a range such as `3000-3005`");
        return;
    };
    if first > last {
        let why = format!("`{range}` ends before it begins, so that no port is in it");
        cx.dropped(item, &why, "write the smaller number first");
        cx.warn("expose-backwards", item.span(), format!("`expose`: {why}"), format!("write `{last}-{first}`"));
        return;
    }
    let protocol = transport(protocol);
    for container in first..=last {
        match known.get(&(container, protocol)).and_then(|at| out.get_mut(*at)) {
            Some(port) => port.origin = port.origin.clone().and(&item.origin),
            None => {
                known.insert((container, protocol), out.len());
                out.push(bare(container, protocol, item.origin.clone()));
            }
        }
    }
}

fn bare(container: u16, protocol: Protocol, origin: Origin) -> Port {
    Port { origin, container, protocol, name: None, app_protocol: None, published: None }
}

/// Ports the catalog knows: all of them when the project names none, and the one clients use of a store, cache or queue
/// when the project names others alone, as when only a console is published.
fn from_catalog(image: &Traced<String>, product: &Product, out: &mut Vec<Port>) {
    let tag = ImageRef::parse(&image.value).tag;
    let silent = out.is_empty();
    let serves = matches!(product.role.role(), Role::Store | Role::Cache | Role::Queue);
    let wanted = |purpose: Purpose| if silent { purpose != Purpose::Peer } else { serves && purpose == Purpose::Main };
    if product.kind != Kind::Service {
        return;
    }
    for port in product.ports_for(tag).filter(|port| wanted(port.purpose)) {
        let protocol = Protocol::from(port.protocol);
        if out.iter().any(|known| known.container == port.port && known.protocol == protocol) {
            continue;
        }
        let says =
            if silent { "the project names no port of this service" } else { "the project names other ports only" };
        let because = format!("{} listens on {} ({}), and {says}", product.title, port.port, port.name);
        let from: Vec<At> = image.list();
        out.push(bare(port.port, protocol, Origin::Decided { by: "catalog-port", because, from }));
    }
}
