//! Users that images have by name, so that `USER node` is a number.

use tranship_model::catalog::{self, ImageRef};

/// The user and group id of a name in an image; `None` where it is not known.
pub(super) fn user(image: &str, name: &str) -> Option<(u32, Option<u32>)> {
    if name == "root" {
        return Some((0, Some(0)));
    }
    let reference = ImageRef::parse(image);
    let product = catalog::find(image);
    if let Some(account) = product.and_then(|product| product.account_for(name, reference.tag)) {
        return Some((account.uid, Some(account.gid.unwrap_or(account.uid))));
    }
    if reference.repository.contains("distroless") {
        return (name == "nonroot").then_some((65532, Some(65532)));
    }
    // Debian and Alpine ship these in every image built on them.
    let alpine = reference.tag.is_some_and(|tag| tag.contains("alpine")) || reference.repository.ends_with("alpine");
    match (name, alpine) {
        ("nobody", _) => Some((65534, Some(65534))),
        ("www-data", false) if product.is_some() => Some((33, Some(33))),
        _ => None,
    }
}
