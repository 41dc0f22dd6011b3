//! The Pod Security Standards: which level a pod meets, and what keeps it from the next.
//!
//! The rules are those that the API server holds namespaces to by their labels, for each version of Kubernetes. They
//! are written down here once more so that the level is known before anything is applied; a test submits every pod of
//! the corpus, and one pod for each fault, to a real API server and compares. Start reading at [`judge`].

mod baseline;
mod restricted;
mod standing;
#[cfg(test)]
mod tests;

use std::fmt;

use tranship_source::yaml::Node;

use crate::KubeVersion;
use crate::check::Look;

pub use standing::{Held, Standing, label, standing};

/// How much pods may do; each level admits less than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Everything.
    Privileged,
    /// What an engine lets a container do unasked.
    Baseline,
    /// What a process needs that is not root.
    Restricted,
}

impl Level {
    /// The word of the namespace's label.
    pub fn word(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A control of the standards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Control {
    /// The lowest level that has it.
    pub level: Level,
    /// Its name, in the words with which the API server refuses a pod.
    pub name: &'static str,
}

/// Something that a control does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The control.
    pub control: Control,
    /// The container; `None` for the pod itself.
    pub container: Option<String>,
    /// What is wrong, a sentence without its full stop.
    pub what: String,
}

/// Everything in a pod, `metadata` and `spec`, that keeps it from the level `restricted` in a version of Kubernetes.
pub fn judge(template: &Node, version: KubeVersion) -> Vec<Violation> {
    let Some(spec) = template.field("spec") else { return Vec::new() };
    let pod = Pod { template, spec, version, found: Vec::new() };
    let Pod { found, .. } = restricted::check(baseline::check(pod));
    found
}

/// The strictest level that violations leave.
pub fn level(violations: &[Violation]) -> Level {
    match violations.iter().map(|violation| violation.control.level).min() {
        None => Level::Restricted,
        Some(Level::Restricted) => Level::Baseline,
        Some(_) => Level::Privileged,
    }
}

/// A pod that is judged.
struct Pod<'a> {
    template: &'a Node,
    spec: &'a Node,
    version: KubeVersion,
    found: Vec<Violation>,
}

impl<'a> Pod<'a> {
    /// Notes what a control does not allow; `container` is empty for the pod itself.
    fn refuse(&mut self, control: Control, container: &str, what: impl Into<String>) {
        let container = Some(container.to_owned()).filter(|name| !name.is_empty());
        self.found.push(Violation { control, container, what: what.into() });
    }

    /// Every container with its name.
    fn containers(&self) -> impl Iterator<Item = (&'a str, &'a Node)> + use<'a> {
        let spec = self.spec;
        let lists = ["initContainers", "containers", "ephemeralContainers"];
        lists.into_iter().flat_map(|list| spec.items(list)).map(|node| (node.text("name").unwrap_or_default(), node))
    }

    /// The security contexts: the pod's own, whose name is empty, and those of the containers.
    fn contexts(&self) -> impl Iterator<Item = (&'a str, &'a Node)> + use<'a> {
        let own = std::iter::once(("", self.spec));
        own.chain(self.containers()).filter_map(|(name, node)| Some((name, node.field("securityContext")?)))
    }

    /// The pod's own security context.
    fn context(&self) -> Option<&'a Node> {
        self.spec.field("securityContext")
    }

    /// Whether the pod has user ids of its own, and the version takes that into account.
    fn has_own_users(&self) -> bool {
        self.version.minor() >= 35 && self.spec.get("hostUsers").and_then(Node::as_bool) == Some(false)
    }

    /// Whether the pod is for nodes that run Windows, for which some controls have no meaning.
    fn is_windows(&self) -> bool {
        self.spec.at(&["os", "name"]).and_then(Node::as_str) == Some("windows")
    }
}
