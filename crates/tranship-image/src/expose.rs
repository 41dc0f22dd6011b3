//! Ports as `EXPOSE` names them: `[ip:][host:]port[-port][/protocol]`, of which only the container's own count.

/// The ports one word stands for, each with its protocol in small letters.
pub(crate) fn ports(word: &str) -> Result<Vec<(u16, String)>, String> {
    let fault = || format!("`{word}` is no port");
    let mut parts = word.rsplitn(3, ':');
    let container = parts.next().unwrap_or_default();
    let (host, address) = (parts.next(), parts.next());
    let (numbers, protocol) = container.split_once('/').unwrap_or((container, ""));
    let protocol = match protocol.to_lowercase().as_str() {
        "" => "tcp".to_owned(),
        known @ ("tcp" | "udp" | "sctp") => known.to_owned(),
        _ => return Err(format!("`{protocol}` is no protocol of a port")),
    };
    if let Some(address) = address.filter(|address| !address.is_empty()) {
        let inner = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        inner.parse::<std::net::IpAddr>().map_err(|_| fault())?;
    }
    let (from, to) = range(numbers).ok_or_else(fault)?;
    if let Some(host) = host.filter(|host| !host.is_empty()) {
        let (first, last) = range(host).ok_or_else(fault)?;
        if to - from != last - first && to != from {
            return Err(fault());
        }
    }
    Ok((from..=to).map(|port| (port, protocol.clone())).collect())
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (from.parse().ok()?, to.parse().ok()?);
    (from <= to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::ports;

    #[test]
    fn words_and_their_ports() {
        for (word, expect) in [
            ("80", Some("80/tcp")),
            ("53/UDP", Some("53/udp")),
            ("3000-3002", Some("3000/tcp 3001/tcp 3002/tcp")),
            ("8080:80", Some("80/tcp")),
            ("127.0.0.1:8080:80/udp", Some("80/udp")),
            ("9-8", None),
            ("80/http", None),
            ("x", None),
            ("70000", None),
            ("", None),
        ] {
            let got = ports(word).ok().map(|ports| {
                ports.iter().map(|(port, protocol)| format!("{port}/{protocol}")).collect::<Vec<_>>().join(" ")
            });
            assert_eq!(got.as_deref(), expect, "{word}");
        }
    }
}
