//! Envoy's bootstrap: every socket address below clusters is called, every other is listened on.

use tranship_source::Checked;
use tranship_source::yaml::Node;

use crate::address::is_host;
use crate::{Named, Read, Use, tree};

/// Reads a bootstrap in YAML or JSON.
pub(crate) fn read(text: &str) -> Checked<Read> {
    let (documents, faults) = tree::documents(text, "Envoy");
    let mut out = Read::default();
    for document in &documents {
        tree::walk(document, &mut Vec::new(), &mut |path, node| socket(&mut out, text, path, node));
    }
    Checked::new(out, faults)
}

fn socket(out: &mut Read, text: &str, path: &[&str], node: &Node) {
    if !matches!(path.last(), Some(&("socket_address" | "socketAddress"))) {
        return;
    }
    let port = node.get("port_value").or_else(|| node.get("portValue")).and_then(Node::as_int);
    let port = port.and_then(|port| u16::try_from(port).ok());
    if !path.contains(&"clusters") && !path.contains(&"endpoints") {
        out.listens.extend(port);
        return;
    }
    let Some(range) = node.get("address").and_then(|address| tree::range(text, address)) else { return };
    let Some(host) = text.get(range.clone()).filter(|host| is_host(host)) else { return };
    out.names.push(Named { host: host.to_owned(), range, port, scheme: None, r#use: Use::Upstream, group: false });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_are_called_and_listeners_listen() {
        let text = "admin:\n  address:\n    socket_address: {address: 0.0.0.0, port_value: 8001}\nstatic_resources:\n  listeners:\n  - address:\n      \
                    socket_address:\n        address: 0.0.0.0\n        port_value: 80\n  clusters:\n  - name: a\n    load_assignment:\n      \
                    endpoints:\n      - lb_endpoints:\n        - endpoint:\n            address:\n              socket_address:\n                \
                    address: \"catalog-api\"\n                port_value: 80\n  - hosts:\n    - socket_address: {address: old, port_value: 81}\n";
        let read = read(text).value;
        let names: Vec<_> = read.names.iter().map(|n| (&text[n.range.clone()], n.port)).collect();
        assert_eq!(names, [("catalog-api", Some(80)), ("old", Some(81))]);
        assert_eq!(read.listens, [8001, 80]);
    }
}
