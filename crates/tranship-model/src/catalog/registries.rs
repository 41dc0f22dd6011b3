//! Registries that are known by name, read from `catalog/registries.txt`.

use super::ImageRef;

const TEXT: &str = include_str!("../../catalog/registries.txt");

/// Where the images of a name lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The host whose interface is asked.
    pub host: String,
    /// The repository there.
    pub repository: String,
    /// The tag or digest.
    pub reference: String,
    /// The key by which the container engine files credentials.
    pub credentials: String,
}

fn lines(kind: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let words = TEXT.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    words.filter(move |words| words.first() == Some(&kind))
}

/// Where an image lies.
pub fn place(image: &str) -> Place {
    let ImageRef { registry, repository, tag, digest } = ImageRef::parse(image);
    let reference = digest.or(tag).unwrap_or("latest").to_owned();
    let default = lines("default").find(|words| registry.is_none_or(|host| words.get(1) == Some(&host)));
    match default.as_deref() {
        Some([_, _, host, credentials]) => {
            let official = if repository.contains('/') { "" } else { "library/" };
            let repository = format!("{official}{repository}");
            Place { host: (*host).to_owned(), repository, reference, credentials: (*credentials).to_owned() }
        }
        _ => {
            let host = registry.unwrap_or_default().to_owned();
            Place { credentials: host.clone(), host, repository: repository.to_owned(), reference }
        }
    }
}

/// The host of an image from which nodes hardly fetch without credentials; `None` where most images are open.
pub fn private_host(image: &str) -> Option<&str> {
    let host = ImageRef::parse(image).registry?;
    let known = lines("public").chain(lines("default")).any(|words| words.get(1) == Some(&host));
    (!known).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_a_host_lie_at_the_default_registry() {
        let place = |image: &str| {
            let Place { host, repository, reference, credentials: _ } = place(image);
            format!("{host} {repository} {reference}")
        };
        assert_eq!(place("nginx"), "registry-1.docker.io library/nginx latest");
        assert_eq!(place("docker.io/bitnami/redis:7"), "registry-1.docker.io bitnami/redis 7");
        assert_eq!(place("localhost:5000/a/b@sha256:0f"), "localhost:5000 a/b sha256:0f");
        assert_eq!(place("quay.io/a/b:1"), "quay.io a/b 1");
        assert_eq!(private_host("registry.example:5000/a"), Some("registry.example:5000"));
        assert_eq!(private_host("nginx").or(private_host("ghcr.io/a/b")), None);
    }
}
