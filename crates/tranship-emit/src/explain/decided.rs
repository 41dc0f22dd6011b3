//! Which choice a field stands for that no value of the project names: sizes, probes, rollout, scaling.

/// Parts of a path, and how the choice behind them begins in [`crate::decision`].
const FIELDS: &[(&str, &[&str])] = &[
    (".resources.requests.cpu", &["CPU request"]),
    (".resources.limits.cpu", &["CPU limit"]),
    (".resources.requests.memory", &["memory request"]),
    (".resources.limits.memory", &["memory limit"]),
    (".resources.requests.ephemeral-storage", &["disk request"]),
    (".resources.limits.ephemeral-storage", &["disk limit"]),
    (".readinessProbe.periodSeconds", &["readiness probe", "health check timing"]),
    (".readinessProbe.timeoutSeconds", &["readiness probe", "health check timing"]),
    (".readinessProbe.failureThreshold", &["readiness probe", "health check retries"]),
    (".readinessProbe", &["readiness probe", "health check command"]),
    (".livenessProbe", &["liveness probe"]),
    (".startupProbe", &["startup probe"]),
    (".lifecycle.preStop", &["time to drain"]),
    ("prometheus.io/scrape", &["annotation `prometheus.io/scrape`"]),
    ("prometheus.io/port", &["annotation `prometheus.io/port`"]),
    ("prometheus.io/path", &["annotation `prometheus.io/path`"]),
    ("topologySpreadConstraints", &["placement"]),
    ("spec.minReadySeconds", &["update watch time"]),
    ("spec.strategy", &["update order"]),
    ("tranship.dev/config-hash", &["replaced when what it is given changes"]),
    ("tranship.dev/secret-hash", &["replaced when what it is given changes"]),
];

/// How the choices begin that a field of a kind may stand for; none where the field is no such choice.
pub(super) fn choices(kind: &str, path: &str) -> &'static [&'static str] {
    match kind {
        "HorizontalPodAutoscaler" if path.starts_with("spec") => &["autoscaler"],
        "PodDisruptionBudget" if path.starts_with("spec") => &["disruption budget"],
        _ => FIELDS.iter().find(|(part, _)| path.contains(part)).map_or(&[], |(_, choices)| choices),
    }
}
