//! Paths by their text alone: no link is followed and no file is looked at.

use std::path::{Component, Path, PathBuf};

/// The shortest equal path: `.` and `//` vanish, `..` eats what stands before it, as Go's `filepath.Clean` does.
///
/// An empty path becomes `.`; `..` at the root vanishes; leading `..` of a relative path stay.
pub fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir) => {}
                _ => out.push(".."),
            },
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

/// `path` seen from `base`: cleaned if absolute, else joined to `base` and cleaned.
pub fn join(base: &Path, path: &Path) -> PathBuf {
    clean(&base.join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_follows_go() {
        for (input, expect) in
            [("a/./b//c", "a/b/c"), ("a/../..", ".."), ("/../x", "/x"), ("", "."), ("./", "."), ("/a/b/../c", "/a/c")]
        {
            assert_eq!(clean(Path::new(input)), Path::new(expect), "{input}");
        }
    }
}
