//! Whether a text can name an image or a platform.

/// Whether a text is an image reference: `[host[:port]/]path[:tag][@digest]`.
pub(crate) fn is_image(text: &str) -> bool {
    let hex = |text: &str| text.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    if text.len() == 64 && hex(text) {
        return false;
    }
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    if digest.is_some_and(|digest| !is_digest(digest)) {
        return false;
    }
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    let (path, tag) = match name.get(slash..).and_then(|last| last.find(':')) {
        Some(at) => (name.get(..slash + at).unwrap_or(name), name.get(slash + at + 1..)),
        None => (name, None),
    };
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return false;
    }
    let rest = match path.split_once('/') {
        Some((host, rest)) if is_host(host) => {
            if !is_domain(host) {
                return false;
            }
            rest
        }
        _ => path,
    };
    path.len() <= 255 && rest.split('/').all(is_part)
}

/// The first part is a host when it could be no part of a path on Docker's own registry.
fn is_host(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':']) || first.chars().any(char::is_uppercase)
}

fn is_domain(text: &str) -> bool {
    let (host, port) = match text.rfind(':') {
        Some(at) if !text.ends_with(']') => (text.get(..at).unwrap_or(text), text.get(at + 1..)),
        _ => (text, None),
    };
    if port.is_some_and(|port| port.is_empty() || !port.chars().all(|c| c.is_ascii_digit())) {
        return false;
    }
    if let Some(address) = host.strip_prefix('[') {
        return address
            .strip_suffix(']')
            .is_some_and(|address| address.chars().all(|c| c.is_ascii_hexdigit() || c == ':'));
    }
    host.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    })
}

/// Small letters and digits, with `.`, `_`, `__` or dashes between them.
fn is_part(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separators = text.split(plain).filter(|gap| !gap.is_empty());
    let ends = text.starts_with(plain) && text.ends_with(plain);
    ends && separators.into_iter().all(|gap| gap == "." || gap == "_" || gap == "__" || gap.chars().all(|c| c == '-'))
}

fn is_tag(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.len() <= 128 && text.starts_with(word) && text.chars().all(|c| word(c) || c == '.' || c == '-')
}

fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length && hex.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
}

/// Whether a text is a platform: `os`, `architecture`, or `os/architecture[/variant]`.
pub(crate) fn is_platform(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let parts: Vec<&str> = text.split('/').collect();
    let first = parts.first().copied().unwrap_or_default();
    // An operating system may carry its version and features in brackets.
    let os = first.split_once('(').map_or(first, |(os, _)| os);
    let good = !os.is_empty()
        && os.chars().all(word)
        && parts.iter().skip(1).all(|part| !part.is_empty() && part.chars().all(word));
    match parts.len() {
        1 => good && (SYSTEMS.contains(&os.to_lowercase().as_str()) || MACHINES.contains(&os.to_lowercase().as_str())),
        2 | 3 => good,
        _ => false,
    }
}

const SYSTEMS: [&str; 18] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
    "macos",
];

const MACHINES: [&str; 30] = [
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "ppc64",
    "ppc64le",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
    "i386",
    "x86_64",
    "x86-64",
    "aarch64",
    "armhf",
    "armel",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for (text, good) in [
            ("node:20-alpine", true),
            ("registry.example:5000/a/b__c:v1", true),
            ("Node", false),
            ("a/B", false),
            ("a:", false),
            ("a//b", false),
            ("a___b", false),
            ("localhost/a", true),
            ("a@sha256:00", false),
            ("", false),
            ("0", true),
        ] {
            assert_eq!(is_image(text), good, "{text}");
        }
    }
}
