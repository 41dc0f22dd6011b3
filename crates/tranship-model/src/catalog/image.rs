//! Image references, taken apart as the container engines do.

/// The parts of an image reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageRef<'a> {
    /// The registry's host, when one is written.
    pub registry: Option<&'a str>,
    /// The repository without registry: `postgres`, `bitnami/redis`.
    pub repository: &'a str,
    /// The tag, when one is written.
    pub tag: Option<&'a str>,
    /// The digest, when one is written, such as `sha256:…`.
    pub digest: Option<&'a str>,
}

impl<'a> ImageRef<'a> {
    /// Takes a reference apart. Never fails: what is no reference is a repository nobody has.
    pub fn parse(text: &'a str) -> Self {
        let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
        let (registry, rest) = match name.split_once('/') {
            Some((first, rest)) if is_host(first) => (Some(first), rest),
            _ => (None, name),
        };
        let (repository, tag) = match rest.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
            _ => (rest, None),
        };
        Self { registry, repository, tag, digest }
    }

    /// The names the repository may be known by: as written, and without the prefix of Docker's own images.
    pub fn names(self) -> impl Iterator<Item = &'a str> {
        let official = ["library/", "docker/library/"].iter().find_map(|prefix| self.repository.strip_prefix(prefix));
        std::iter::once(self.repository).chain(official)
    }
}

/// The first part of a name is a host if it could not be the name of a user on Docker's registry.
fn is_host(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':']) || first.chars().any(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_come_apart() {
        for (text, registry, repository, tag, digest) in [
            ("redis", None, "redis", None, None),
            ("redis:7", None, "redis", Some("7"), None),
            ("localhost:5000/app", Some("localhost:5000"), "app", None, None),
            ("localhost:5000/a/app:1", Some("localhost:5000"), "a/app", Some("1"), None),
            ("ghcr.io/o/app@sha256:ab", Some("ghcr.io"), "o/app", None, Some("sha256:ab")),
            ("ghcr.io/o/app:v1@sha256:ab", Some("ghcr.io"), "o/app", Some("v1"), Some("sha256:ab")),
            ("bitnami/redis:7", None, "bitnami/redis", Some("7"), None),
        ] {
            assert_eq!(ImageRef::parse(text), ImageRef { registry, repository, tag, digest }, "{text}");
        }
    }
}
