//! What the API server checks in code and no schema says: one rule per file, all in one table.
//!
//! A rule looks at one object. Its words follow the server's own validation of Kubernetes 1.36; where versions differ
//! the rule asks for the version. A rule never looks at other objects: that is what `references` is for.

mod autoscaler;
mod budget;
mod claim;
mod config_data;
mod containers;
mod cron;
mod env;
mod hosts;
mod image;
mod ingress;
mod job;
mod label_selectors;
mod labels;
mod lifecycle;
mod limits;
mod metadata_name;
mod mounts;
mod network_policy;
mod pod_basics;
mod pod_security;
mod ports;
mod priority_class;
mod probes;
mod rbac;
mod resources;
mod restart_policy;
mod rollout;
mod scheduling;
mod secret_type;
mod security_context;
mod service;
mod service_ports;
mod sysctls;
mod volumes;
mod workload_selector;

use super::pod::{Pod, pod};
use super::report::Report;
use crate::{KubeVersion, Object};

/// What a rule looks at.
pub struct Subject<'a> {
    /// The object.
    pub object: &'a Object,
    /// Its pod, for rules on pods always there.
    pub pod: Option<Pod<'a>>,
    /// The version it is meant for.
    pub version: KubeVersion,
}

/// Which objects a rule is for.
enum On {
    /// All.
    Every,
    /// Those of one kind: `apiVersion` and `kind`.
    Kind(&'static str, &'static str),
    /// Those with a pod or pod template.
    Pods,
}

struct Rule {
    on: On,
    check: fn(&Subject<'_>, &mut Report<'_>),
}

/// A rule on pods as a function of the pod.
macro_rules! pods {
    ($rule:path) => {
        Rule {
            on: On::Pods,
            check: |subject, report| {
                if let Some(pod) = &subject.pod {
                    $rule(pod, subject.version, report)
                }
            },
        }
    };
}

static RULES: &[Rule] = &[
    Rule { on: On::Every, check: metadata_name::check },
    Rule { on: On::Every, check: labels::check },
    Rule { on: On::Every, check: label_selectors::check },
    Rule { on: On::Every, check: workload_selector::check },
    Rule { on: On::Every, check: rollout::check },
    pods!(pod_basics::check),
    pods!(containers::check),
    pods!(image::check),
    pods!(ports::check),
    pods!(env::check),
    pods!(probes::check),
    pods!(lifecycle::check),
    pods!(resources::check),
    pods!(security_context::check),
    pods!(pod_security::check),
    pods!(sysctls::check),
    pods!(volumes::check),
    pods!(mounts::check),
    pods!(restart_policy::check),
    pods!(scheduling::check),
    pods!(hosts::check),
    Rule { on: On::Kind("v1", "ConfigMap"), check: config_data::check },
    Rule { on: On::Kind("v1", "Secret"), check: config_data::check },
    Rule { on: On::Kind("v1", "Secret"), check: secret_type::check },
    Rule { on: On::Kind("v1", "Service"), check: service::check },
    Rule { on: On::Kind("v1", "Service"), check: service_ports::check },
    Rule { on: On::Kind("v1", "PersistentVolumeClaim"), check: claim::check },
    Rule { on: On::Kind("apps/v1", "StatefulSet"), check: claim::check_templates },
    Rule { on: On::Kind("v1", "LimitRange"), check: limits::check },
    Rule { on: On::Kind("batch/v1", "Job"), check: job::check },
    Rule { on: On::Kind("batch/v1", "CronJob"), check: cron::check },
    Rule { on: On::Kind("networking.k8s.io/v1", "Ingress"), check: ingress::check },
    Rule { on: On::Kind("networking.k8s.io/v1", "NetworkPolicy"), check: network_policy::check },
    Rule { on: On::Kind("autoscaling/v2", "HorizontalPodAutoscaler"), check: autoscaler::check },
    Rule { on: On::Kind("autoscaling/v1", "HorizontalPodAutoscaler"), check: autoscaler::check },
    Rule { on: On::Kind("policy/v1", "PodDisruptionBudget"), check: budget::check },
    Rule { on: On::Kind("scheduling.k8s.io/v1", "PriorityClass"), check: priority_class::check },
    Rule { on: On::Kind("rbac.authorization.k8s.io/v1", "Role"), check: rbac::check_rules },
    Rule { on: On::Kind("rbac.authorization.k8s.io/v1", "ClusterRole"), check: rbac::check_rules },
    Rule { on: On::Kind("rbac.authorization.k8s.io/v1", "RoleBinding"), check: rbac::check_binding },
    Rule { on: On::Kind("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"), check: rbac::check_binding },
];

/// Runs every rule that is for the object.
pub fn check(object: &Object, version: KubeVersion, report: &mut Report<'_>) {
    let subject = Subject { object, pod: pod(object), version };
    let (its_version, its_kind) = (object.api_version(), object.kind());
    for rule in RULES {
        let concerns = match rule.on {
            On::Every => true,
            On::Kind(api_version, kind) => its_kind == kind && its_version == api_version,
            On::Pods => subject.pod.is_some(),
        };
        if concerns {
            (rule.check)(&subject, report);
        }
    }
}

/// What several rules ask of a single value.
mod ask {
    use tranship_source::yaml::Node;

    use super::super::look::Look;
    use super::super::names::Reason;
    use super::super::report::Report;

    /// Reports a text field whose name is not allowed. An absent or empty field is left to others.
    pub fn name(parent: &Node, key: &str, rule: impl Fn(&str) -> Reason, report: &mut Report<'_>) {
        let Some(text) = parent.text(key).filter(|text| !text.is_empty()) else { return };
        if let Some(why) = rule(text) {
            report.fault_at(parent, key, "kube-name", format!("`{text}` {why}"), "choose another name");
        }
    }

    /// Reports a field that is absent or empty although the server asks for it.
    pub fn filled(parent: &Node, key: &str, report: &mut Report<'_>) {
        let empty = parent.field(key).is_some_and(Look::is_empty);
        if empty {
            report.fault_at(parent, key, "kube-required", "is empty", format!("give `{key}` a value"));
        }
    }

    /// Reports a field that is neither there nor filled.
    pub fn present(parent: &Node, key: &str, report: &mut Report<'_>) {
        if parent.field(key).is_none() {
            report.fault_at(parent, key, "kube-required", "is missing", format!("set `{key}`"));
        } else {
            filled(parent, key, report);
        }
    }

    /// Reports a number below a bound.
    pub fn at_least(parent: &Node, key: &str, least: i64, report: &mut Report<'_>) {
        between(parent, key, least, i64::MAX, report);
    }

    /// Reports a number outside of bounds.
    pub fn between(parent: &Node, key: &str, least: i64, most: i64, report: &mut Report<'_>) {
        let Some(number) = parent.int(key) else { return };
        if !(least..=most).contains(&number) {
            let range = if most == i64::MAX { format!("at least {least}") } else { format!("from {least} to {most}") };
            let help = format!("write a number {range}");
            report.fault_at(parent, key, "kube-range", format!("{number} is not {range}"), help);
        }
    }

    /// Reports a port number outside of 1 to 65535.
    pub fn port_number(parent: &Node, key: &str, report: &mut Report<'_>) {
        let Some(number) = parent.int(key) else { return };
        if !(1..=65535).contains(&number) {
            let help = "write a port from 1 to 65535";
            report.fault_at(parent, key, "kube-port", format!("{number} is no port"), help);
        }
    }

    /// Reports a port that is neither a number from 1 to 65535 nor a port's name.
    pub fn port(parent: &Node, key: &str, report: &mut Report<'_>) {
        // For an empty target the server fills in the port's own number.
        let unset = parent.int(key) == Some(0) || parent.text(key) == Some("");
        if unset && key == "targetPort" {
            return;
        }
        port_number(parent, key, report);
        let Some(text) = parent.text(key) else { return };
        if let Some(why) = super::super::names::port(text) {
            let help = "write a port number without quotes, or the name of a port";
            report.fault_at(parent, key, "kube-port", format!("`{text}` is no port name: {why}"), help);
        }
    }

    /// A share of something: a number, or a percentage. Reports what is neither, below zero or, if asked, over 100 %.
    pub fn share(parent: &Node, key: &str, capped: bool, report: &mut Report<'_>) -> Option<i64> {
        let node = parent.field(key)?;
        let percent =
            node.as_str().map(|text| text.strip_suffix('%').filter(|n| n.bytes().all(|b| b.is_ascii_digit())));
        let value = match (node.as_int(), percent) {
            (Some(number), _) if number >= 0 => number,
            (None, Some(Some(number))) if !number.is_empty() => {
                let number: i64 = number.parse().unwrap_or(i64::MAX);
                if capped && number > 100 {
                    report.fault_at(
                        parent,
                        key,
                        "kube-range",
                        format!("{number}% is more than 100%"),
                        "write at most `100%`",
                    );
                }
                number
            }
            (None, None) => return None,
            _ => {
                let what = "is no number from 0 and no percentage";
                report.fault_at(parent, key, "kube-range", what, "write a number such as 1, or a share such as `25%`");
                return None;
            }
        };
        Some(value)
    }
}
