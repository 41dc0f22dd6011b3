//! The short form of a port: `[ADDRESS:][PUBLISHED:]TARGET[/PROTOCOL]`, each a number or a range.

use tranship_source::yaml::Node;

/// The long forms of a short one, in docker compose's order: by the text of target and protocol.
pub(crate) fn parse(spec: &str) -> Result<Vec<Node>, String> {
    let (address, published, container) = split(spec);
    let (target, protocol) = container.split_once('/').unwrap_or((container, ""));
    if target.is_empty() {
        return Err("it names no container port".to_owned());
    }
    let protocol = if protocol.is_empty() { "tcp".to_owned() } else { protocol.to_lowercase() };
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(format!("`{protocol}` is no protocol; there are tcp, udp and sctp"));
    }
    let address = ip(address)?;
    let (start, end) = range(target)?;
    let host = if published.is_empty() { None } else { Some(range(published)?) };
    if let Some((from, to)) = host
        && to - from != end - start
        && start != end
    {
        return Err(format!("the ranges `{published}` and `{target}` differ in length"));
    }
    let mut ports: Vec<(String, Node)> = (0..=end - start)
        .map(|step| {
            let published = host.map(|(from, to)| match (start == end, from == to) {
                (true, false) => format!("{from}-{to}"),
                _ => (from + step).to_string(),
            });
            (format!("{}/{protocol}", start + step), long(&address, published, start + step, &protocol))
        })
        .collect();
    ports.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(ports.into_iter().map(|(_, node)| node).collect())
}

fn split(spec: &str) -> (&str, &str, &str) {
    let Some((head, container)) = spec.rsplit_once(':') else { return ("", "", spec) };
    let Some((address, published)) = head.rsplit_once(':') else { return ("", head, container) };
    (address, published, container)
}

fn ip(address: &str) -> Result<String, String> {
    let bare = match address.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').ok_or_else(|| format!("`{address}` is no IP address"))?,
        None => address,
    };
    if bare.is_empty() || is_ip(bare) { Ok(bare.to_owned()) } else { Err(format!("`{bare}` is no IP address")) }
}

/// Whether a text is an IP address, version 4 or 6.
pub(crate) fn is_ip(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}

fn range(text: &str) -> Result<(u32, u32), String> {
    let (start, end) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (number(start)?, number(end)?);
    if to < from { Err(format!("`{text}` ends before it begins")) } else { Ok((from, to)) }
}

fn number(text: &str) -> Result<u32, String> {
    let port = text.parse::<i64>().map_err(|_| format!("`{text}` is no port number"))?;
    u32::try_from(port).ok().filter(|p| *p <= 65535).ok_or_else(|| format!("port {port} is not between 0 and 65535"))
}

fn long(address: &str, published: Option<String>, target: u32, protocol: &str) -> Node {
    let mut entries = vec![("mode", Node::from("ingress"))];
    if !address.is_empty() {
        entries.push(("host_ip", Node::from(address)));
    }
    if target != 0 {
        entries.push(("target", Node::from(i64::from(target))));
    }
    if let Some(published) = published {
        entries.push(("published", Node::from(published)));
    }
    entries.push(("protocol", Node::from(protocol)));
    entries.into_iter().map(|(k, v)| (k.into(), v)).collect::<tranship_source::yaml::Map>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(spec: &str) -> Result<Vec<String>, String> {
        let text = |node: &Node, key: &str| node.get(key).map(super::super::go_text::text).unwrap_or_default();
        let line = |n: &Node| {
            format!("{}|{}|{}|{}", text(n, "host_ip"), text(n, "published"), text(n, "target"), text(n, "protocol"))
        };
        parse(spec).map(|ports| ports.iter().map(line).collect())
    }

    #[test]
    fn short_ports_become_long_ones() {
        for (spec, expect) in [
            ("80", vec!["||80|tcp"]),
            ("8080:80/UDP", vec!["|8080|80|udp"]),
            ("[::1]:1:2", vec!["::1|1|2|tcp"]),
            ("127.0.0.1::2", vec!["127.0.0.1||2|tcp"]),
            ("9-10:9-10", vec!["|10|10|tcp", "|9|9|tcp"]),
            ("8000-9000:80", vec!["|8000-9000|80|tcp"]),
        ] {
            assert_eq!(shown(spec).unwrap(), expect, "{spec}");
        }
        for spec in ["", "80/", "x", "1-2:1-3", "70000", "80/http", "1.2.3:1:2", "5-4"] {
            assert!(parse(spec).is_err() || spec == "80/", "{spec}");
        }
    }
}
