//! Which level of the Pod Security Standards the namespace enforces, and what keeps pods from the strictest.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;
use tranship_kube::pod_security::{Held, Level, Standing, Violation};
use tranship_model::hardening::StayedAway;

use super::text::{code, grouped, sentence};

/// The level of the namespace and how each pod stands.
#[derive(Clone, Debug, Serialize)]
pub struct PodSecurityRows<'a> {
    /// The level the namespace's labels enforce; absent where it has no such labels.
    pub enforced: Option<&'static str>,
    /// The strictest level that every pod meets.
    pub level: &'static str,
    /// Every pod.
    pub pods: Vec<PodRow<'a>>,
}

/// A pod.
#[derive(Clone, Debug, Serialize)]
pub struct PodRow<'a> {
    /// The object whose pod it is, as `Kind/name`.
    pub object: &'a str,
    /// The strictest level it meets.
    pub level: &'static str,
    /// What keeps it from `restricted`.
    pub violations: Vec<ViolationRow<'a>>,
}

/// What a control does not allow.
#[derive(Clone, Debug, Serialize)]
pub struct ViolationRow<'a> {
    /// The control, in the API server's words.
    pub control: &'static str,
    /// The level that has it.
    pub level: &'static str,
    /// The container; absent for the pod itself.
    pub container: Option<&'a str>,
    /// What is wrong.
    pub what: &'a str,
    /// Why it was not put right, where a pass says so.
    pub because: Option<&'a str>,
}

/// The passes that see to a control.
fn passes(control: &str) -> &'static [&'static str] {
    match control {
        "runAsNonRoot != true" | "runAsUser=0" => &["user"],
        "unrestricted capabilities" => &["capabilities", "user"],
        "allowPrivilegeEscalation != false" => &["no-escalation"],
        "seccompProfile" => &["seccomp"],
        _ => &[],
    }
}

/// The rows of a standing. `services` are the services by the names of their containers.
pub(super) fn rows<'a>(
    standing: &'a Standing,
    enforced: bool,
    stayed_away: &'a [StayedAway],
    services: &BTreeMap<&str, &str>,
) -> PodSecurityRows<'a> {
    let because = |pod: &Held, violation: &Violation| {
        let name = violation.container.as_deref().or_else(|| pod.object.split_once('/').map(|(_, name)| name))?;
        // An init container's name begins or ends with its service's.
        let service = services.get(name).or_else(|| {
            let of = |(container, _): &(&&str, &&str)| name.contains(**container) && pod.object.ends_with(**container);
            services.iter().find(of).map(|(_, service)| service)
        })?;
        let told = |pass: &&&str| stayed_away.iter().find(|row| row.service == **service && row.pass == **pass);
        passes(violation.control.name).iter().find_map(|pass| told(&pass)).map(|row| row.because.as_str())
    };
    let row = |pod: &'a Held| PodRow {
        object: &pod.object,
        level: pod.level.word(),
        violations: pod
            .violations
            .iter()
            .map(|violation| ViolationRow {
                control: violation.control.name,
                level: violation.control.level.word(),
                container: violation.container.as_deref(),
                what: &violation.what,
                because: because(pod, violation),
            })
            .collect(),
    };
    PodSecurityRows {
        enforced: enforced.then_some(standing.level.word()),
        level: standing.level.word(),
        pods: standing.pods.iter().map(row).collect(),
    }
}

/// The section of the report.
pub(super) fn section(rows: &PodSecurityRows<'_>) -> String {
    let Some(level) = rows.enforced.filter(|_| !rows.pods.is_empty()) else { return String::new() };
    let mut out = format!("## Pod Security\n\nThe namespace enforces the level {}", code(level));
    let strictest = Level::Restricted.word();
    if level == strictest {
        out.push_str(", the strictest there is: every pod meets it.\n");
        return out;
    }
    let held: Vec<&PodRow<'_>> = rows.pods.iter().filter(|pod| pod.level != strictest).collect();
    _ = writeln!(
        out,
        " and warns from {} on. {} of {} pods meet {0}; what keeps the others:\n",
        code(strictest),
        rows.pods.len() - held.len(),
        rows.pods.len()
    );
    // A pod has one line for each reason; where no pass gives one, what is wrong is the reason.
    let told = held.iter().flat_map(|pod| pod.violations.iter().map(move |violation| (pod.object, violation)));
    for (because, group) in grouped(told, |(_, row)| row.because.unwrap_or(row.what)) {
        let mut objects: Vec<String> = group.iter().map(|(object, _)| code(object)).collect();
        objects.dedup();
        let mut controls: Vec<String> = group.iter().map(|(_, row)| code(row.control)).collect();
        controls.sort();
        controls.dedup();
        _ = writeln!(out, "- {} ({}): {}", objects.join(", "), controls.join(", "), sentence(because));
    }
    out.push_str(
        "\nAn image that is built here gets a user of its own with `USER 10001` in its Dockerfile. Where nodes run pods with user \
         ids of their own, `x-tranship: {passes: {user-namespace: on}}` makes root in the pod nobody on the node.\n",
    );
    out
}
