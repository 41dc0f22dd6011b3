//! What may be called what: the name rules of the API server, each as the reason a name is not allowed.

/// Why a text is not allowed; `None` for a good one.
pub type Reason = Option<&'static str>;

/// A DNS label of RFC 1123: a container, a volume, a namespace.
pub fn label(text: &str) -> Reason {
    if text.is_empty() || text.len() > 63 {
        return Some("must have 1 to 63 characters");
    }
    let inner = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    (!inner || text.starts_with('-') || text.ends_with('-'))
        .then_some("must be of lower case letters, digits and `-`, and start and end with a letter or digit")
}

/// A DNS label of RFC 1035: as [`label`], and the first character is a letter.
pub fn label_1035(text: &str) -> Reason {
    label(text).or_else(|| {
        (!text.starts_with(|c: char| c.is_ascii_lowercase())).then_some("must start with a lower case letter")
    })
}

/// A DNS name of RFC 1123: most objects.
pub fn subdomain(text: &str) -> Reason {
    const WHY: &str =
        "must be of lower case letters, digits, `-` and `.`, and each part starts and ends with a letter or digit";
    if text.is_empty() || text.len() > 253 {
        return Some("must have 1 to 253 characters");
    }
    let part = |part: &str| {
        let inner = part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        !part.is_empty() && inner && !part.starts_with('-') && !part.ends_with('-')
    };
    (!text.split('.').all(part)).then_some(WHY)
}

/// A DNS name whose first part may be `*`: the host of an Ingress.
pub fn host(text: &str) -> Reason {
    if text.contains('*') {
        text.strip_prefix("*.").map_or(Some("`*` may only be the whole first part"), subdomain)
    } else {
        subdomain(text)
    }
}

/// Anything that fits into one step of a URL: roles, budgets.
pub fn path_segment(text: &str) -> Reason {
    match text {
        "" => Some("must not be empty"),
        "." | ".." => Some("must not be `.` or `..`"),
        _ => text.contains(['/', '%']).then_some("must not have `/` or `%`"),
    }
}

/// A label's or annotation's key, with or without a domain before it.
pub fn qualified(text: &str) -> Reason {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    if prefix.is_some_and(|prefix| subdomain(prefix).is_some()) {
        return Some("the part before `/` must be a DNS name in lower case");
    }
    if name.is_empty() || name.len() > 63 {
        return Some("the name must have 1 to 63 characters");
    }
    (!word(name))
        .then_some("the name must be of letters, digits, `-`, `_` and `.`, and start and end with a letter or digit")
}

/// A label's value.
pub fn label_value(text: &str) -> Reason {
    if text.len() > 63 {
        return Some("must have at most 63 characters");
    }
    (!text.is_empty() && !word(text))
        .then_some("must be of letters, digits, `-`, `_` and `.`, and start and end with a letter or digit")
}

/// Letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.
fn word(text: &str) -> bool {
    let ends = |c: char| c.is_ascii_alphanumeric();
    text.starts_with(ends)
        && text.ends_with(ends)
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// The name of a port.
pub fn port(text: &str) -> Reason {
    if text.is_empty() || text.len() > 15 {
        return Some("must have 1 to 15 characters");
    }
    if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Some("must be of lower case letters, digits and `-`");
    }
    if text.starts_with('-') || text.ends_with('-') || text.contains("--") {
        return Some("must not start or end with `-`, or have two of them in a row");
    }
    (!text.bytes().any(|b| b.is_ascii_lowercase())).then_some("must have a letter")
}

/// A key of a ConfigMap or Secret.
pub fn config_key(text: &str) -> Reason {
    if text.is_empty() || text.len() > 253 {
        return Some("must have 1 to 253 characters");
    }
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
        return Some("must be of letters, digits, `-`, `_` and `.`");
    }
    (text == "." || text.starts_with("..")).then_some("must not be `.` or start with `..`")
}

/// The name of an environment variable. Kubernetes 1.32 and later take any printable ASCII but `=`.
pub fn env(text: &str, relaxed: bool) -> Reason {
    if text.is_empty() {
        return Some("must not be empty");
    }
    if relaxed {
        let printable = text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'=');
        return (!printable).then_some("must be of printable ASCII characters other than `=`");
    }
    let inner = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if !inner || text.starts_with(|c: char| c.is_ascii_digit()) {
        return Some("before Kubernetes 1.32 must be of letters, digits, `_`, `-` and `.`, and not start with a digit");
    }
    (text == "." || text.starts_with("..")).then_some("must not be `.` or start with `..`")
}

/// The name of a kernel parameter.
pub fn sysctl(text: &str) -> Reason {
    let part = |part: &str| {
        let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        part.starts_with(ends) && part.ends_with(ends) && part.bytes().all(inner)
    };
    (text.len() > 253 || !text.split(['.', '/']).all(part))
        .then_some("is no kernel parameter such as `net.core.somaxconn`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: fn(&str) -> Reason, good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(rule(text), None, "{text}");
        }
        for text in bad {
            assert!(rule(text).is_some(), "{text}");
        }
    }

    #[test]
    fn names_are_judged_as_the_server_judges_them() {
        let long = "a".repeat(64);
        check(label, &["a", "web-1", "0"], &["", "-a", "a-", "A", "a_b", "a.b", &long]);
        check(label_1035, &["a1"], &["1a", ""]);
        check(subdomain, &["a.b", "a-1.b", "1"], &["", "a..b", ".a", "a.", "a_b", "A"]);
        check(host, &["a.b", "*.a.b"], &["*", "a.*.b", "**.a", "A.b"]);
        check(path_segment, &["system:a", "A b"], &["", ".", "a/b", "a%"]);
        check(qualified, &["a", "A.b_c-d", "x.y/Z"], &["", "/a", "x/", "x/y/z", "X_/a", "a b", "-a", &long]);
        check(label_value, &["", "a", "A.b_c-d"], &["-a", "a b", "a/b", &long]);
        check(port, &["http", "a1", "1a"], &["", "80", "Http", "a--b", "-a", "a-", "averyveryverylong"]);
        check(config_key, &["a", ".a", "A_b-c.d"], &["", ".", "..", "..a", "a/b", "a b"]);
        check(|text| env(text, true), &["a b", "1", "A.b"], &["", "a=b", "é"]);
        check(|text| env(text, false), &["A", "_a.b-c"], &["", "1a", "a b", "..a"]);
        check(sysctl, &["net.core.somaxconn", "net/ipv4/ip_forward"], &["", "Net.x", "a..b", "a b"]);
    }
}
