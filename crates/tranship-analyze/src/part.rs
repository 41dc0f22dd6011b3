//! The part a service plays, as people see it: what keeps metrics watches others, though it is a store as well.

use tranship_model::catalog::{self, Category, ProductRole};
use tranship_model::{Role, Service};

/// The part a service plays.
pub(crate) fn part(service: &Service) -> Role {
    let product = service.product.as_ref().and_then(|product| catalog::by_name(&product.value));
    match service.role.value {
        Role::App if product.is_none() => built_on(service).unwrap_or(Role::App),
        Role::Store if product.is_some_and(|product| product.category == Category::Monitoring) => Role::Observer,
        role => role,
    }
}

/// The part of the product whose process an image runs that is built upon the product's.
fn built_on(service: &Service) -> Option<Role> {
    let base = service.image_facts.as_ref()?.process_of.as_ref()?;
    let product = catalog::find(&base.value)?;
    // A web server that is built upon serves the project's own files.
    (product.role != ProductRole::WebServer).then(|| product.role.role())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::stack;

    #[test]
    fn a_store_of_metrics_watches() {
        let stack =
            stack("services: {p: {image: 'prom/prometheus:v3.5.0'}, i: {image: 'influxdb:2'}, db: {image: postgres}}");
        let parts: Vec<Role> = stack.services.values().map(part).collect();
        assert_eq!(parts, [Role::Observer, Role::Store, Role::Store]);
    }
}
