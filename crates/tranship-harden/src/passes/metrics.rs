//! Where a service tells its metrics, for whoever gathers them.
//!
//! Nothing is switched on: a service tells metrics where its product does so by itself or its settings switch it on, or
//! where the project's own labels say so. Prometheus finds the pods by annotations, or by a ServiceMonitor where its operator
//! runs.

use tranship_model::catalog::{self, ImageRef};
use tranship_model::{EnvValue, Metrics, Service, Stack, Traced};

use crate::notes::Notes;
use crate::settings::Settings;

/// The rule of what is decided here.
pub const NAME: &str = "metrics";

const SCRAPE: &str = "prometheus.io/scrape";
const PORT: &str = "prometheus.io/port";
const PATH: &str = "prometheus.io/path";

/// Runs the pass.
pub(super) fn run(stack: &mut Stack, _settings: &Settings, notes: &mut Notes) {
    for service in stack.services.values_mut().filter(|service| !service.workload.value.ends()) {
        if notes.is_on_for(service) && service.operations.metrics.is_none() {
            of_service(service);
        }
    }
}

fn of_service(service: &mut Service) {
    if speaks(service) {
        service.operations.metrics = said(service);
        return;
    }
    let Some((metrics, title)) = known(service) else { return };
    let because = format!("{title} tells metrics there by itself");
    for (name, text) in [(SCRAPE, "true".to_owned()), (PORT, metrics.port.to_string()), (PATH, metrics.path.clone())] {
        service.annotations.push((name.to_owned(), Traced::decided(text, NAME, because.as_str())));
    }
    service.operations.metrics = Some(Traced::decided(metrics, NAME, because));
}

/// Whether labels or annotations of the project speak of metrics, be it that there are none.
fn speaks(service: &Service) -> bool {
    service.labels.iter().chain(&service.annotations).any(|(key, _)| key == SCRAPE)
}

/// Where labels or annotations of the project say that metrics are told.
fn said(service: &Service) -> Option<Traced<Metrics>> {
    let all = || service.labels.iter().chain(&service.annotations);
    let value = |name: &str| all().find(|(key, _)| key == name).map(|(_, value)| value);
    let scrape = value(SCRAPE).filter(|scrape| scrape.value.trim() == "true")?;
    let port = value(PORT)?.value.trim().parse().ok()?;
    let path = value(PATH).map_or_else(|| "/metrics".to_owned(), |path| path.value.clone());
    Some(scrape.with(Metrics { port, path }))
}

/// Where its product tells metrics, and the product's name.
fn known(service: &Service) -> Option<(Metrics, &'static str)> {
    let product = catalog::by_name(&service.product.as_ref()?.value)?;
    let metrics = product.metrics_for(ImageRef::parse(&service.image.as_ref()?.value).tag)?;
    let is_set = |(name, value): &(String, String)| {
        service.env.iter().any(|variable| {
            matches!(&variable.value.value, EnvValue::Plain(text) if variable.name == *name && text == value)
        })
    };
    let is_on = metrics.env.as_ref().is_none_or(is_set);
    is_on.then(|| (Metrics { port: metrics.port, path: metrics.path.clone() }, product.title.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::stack;

    #[test]
    fn metrics_are_told_where_the_product_or_the_project_says_so() {
        for (compose, expect) in [
            ("{image: 'rabbitmq:4-management'}", Some((15692, "/metrics"))),
            ("{image: 'rabbitmq:3.7'}", None),
            ("{image: 'n8nio/n8n:1.80.0'}", None),
            ("{image: 'n8nio/n8n:1.80.0', environment: {N8N_METRICS: 'true'}}", Some((5678, "/metrics"))),
            ("{image: x, labels: {prometheus.io/scrape: 'true', prometheus.io/port: '81'}}", Some((81, "/metrics"))),
            ("{image: 'rabbitmq:4', labels: {prometheus.io/scrape: 'false'}}", None),
            ("{image: x}", None),
        ] {
            let mut stack = stack(&format!("name: t\nservices:\n  a: {compose}\n"));
            run(&mut stack, &Settings::default(), &mut Notes::of(NAME));
            let service = &stack.services["a"];
            let found = service.operations.metrics.as_ref().map(|m| (m.value.port, m.value.path.as_str()));
            assert_eq!(found, expect, "{compose}");
            let added = service.annotations.iter().filter(|(name, _)| name.starts_with("prometheus.io/")).count();
            assert_eq!(added, if compose.contains("labels") || expect.is_none() { 0 } else { 3 }, "{compose}");
        }
    }
}
