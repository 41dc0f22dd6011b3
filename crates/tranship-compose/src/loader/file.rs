//! Path arithmetic on text, by Go's rules: no link is followed.

/// The shortest equal path.
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Two paths, one after the other; empty ones do not count.
pub(crate) fn join(base: &str, path: &str) -> String {
    match (base.is_empty(), path.is_empty()) {
        (true, true) => String::new(),
        (true, false) => clean(path),
        (false, true) => clean(base),
        (false, false) => clean(&format!("{base}/{path}")),
    }
}

/// `path` seen from `base`, where it is not absolute.
pub(crate) fn absolute(base: &str, path: &str) -> String {
    if is_absolute(path) { path.to_owned() } else { join(base, path) }
}

/// Whether a path starts at the root.
pub(crate) fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
}

/// Everything but the last step.
pub(crate) fn parent(path: &str) -> String {
    clean(path.rfind('/').map_or("", |at| path.get(..=at).unwrap_or("")))
}

/// The last step of a path.
pub(crate) fn name(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    trimmed.rsplit('/').next().unwrap_or(trimmed)
}

/// The way from `base` to `path`, both absolute and clean; `None` where one is relative.
pub(crate) fn relative(base: &str, path: &str) -> Option<String> {
    let (base, path) = (clean(base), clean(path));
    if is_absolute(&base) != is_absolute(&path) {
        return None;
    }
    let steps =
        |path: &str| path.split('/').filter(|s| !s.is_empty() && *s != ".").map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (steps(&base), steps(&path));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from.iter().skip(shared).map(|_| "..".to_owned());
    let way: Vec<String> = up.chain(to.iter().skip(shared).cloned()).collect();
    Some(if way.is_empty() { ".".to_owned() } else { way.join("/") })
}

/// Whether a path is absolute on Windows: a drive and a separator, or a share.
pub(crate) fn is_windows_absolute(path: &str) -> bool {
    let separator = |b: u8| b == b'\\' || b == b'/';
    match path.as_bytes() {
        [_, b':', third, ..] => separator(*third),
        [first, second, _, ..] => separator(*first) && separator(*second),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_computed_as_go_does() {
        for (input, expect) in [("", "."), ("a/../..", ".."), ("/../a//b/.", "/a/b"), ("../x/../y", "../y")] {
            assert_eq!(clean(input), expect, "{input}");
        }
        assert_eq!(parent("a/b.yaml"), "a");
        assert_eq!(parent("b.yaml"), ".");
        assert_eq!(relative("/a/b", "/a/c/d").unwrap(), "../c/d");
        assert!(is_windows_absolute(r"C:\x") && !is_windows_absolute("C:x"));
    }
}
