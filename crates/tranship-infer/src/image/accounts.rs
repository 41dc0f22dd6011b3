//! Users that well-known base images have, so that `USER node` is a number.

use tranship_model::catalog::{self, ImageRef};

/// The user and group id of a name in an image; `None` where it is not known.
pub(super) fn user(image: &str, name: &str) -> Option<(u32, Option<u32>)> {
    if name == "root" {
        return Some((0, Some(0)));
    }
    let reference = ImageRef::parse(image);
    let alpine = reference.tag.is_some_and(|tag| tag.contains("alpine")) || reference.repository.ends_with("alpine");
    let product = catalog::find(image).map(|product| product.name.as_str());
    let last = reference.repository.rsplit('/').next().unwrap_or_default();
    if reference.repository.contains("distroless") {
        return (name == "nonroot").then_some((65532, Some(65532)));
    }
    let found = USERS.iter().find(|(base, known, ..)| *known == name && (product == Some(*base) || last == *base));
    if let Some((_, _, debian, small)) = found {
        let id = if alpine { *small } else { *debian };
        return Some((id, Some(id)));
    }
    // Debian and Alpine ship these in every image built on them.
    match (name, alpine) {
        ("nobody", _) => Some((65534, Some(65534))),
        ("www-data", false) if product.is_some() => Some((33, Some(33))),
        _ => None,
    }
}

/// Base, user, and its id in images on Debian and on Alpine; the group has the same id. From the images' Dockerfiles.
const USERS: [(&str, &str, u32, u32); 11] = [
    ("node", "node", 1000, 1000),
    ("nginx", "nginx", 101, 101),
    ("nginx-unprivileged", "nginx", 101, 101),
    ("php", "www-data", 33, 82),
    ("httpd", "www-data", 33, 82),
    ("postgres", "postgres", 999, 70),
    ("mysql", "mysql", 999, 999),
    ("mongo", "mongodb", 999, 999),
    ("dotnet-aspnet", "app", 1654, 1654),
    ("dotnet", "app", 1654, 1654),
    ("ubuntu", "ubuntu", 1000, 1000),
];
