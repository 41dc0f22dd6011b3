//! Commands in the life of a container.

use tranship_model::{Hook, Hooks};
use tranship_source::yaml::Node;

use super::read::{Part, scalar};

/// Hooks of the `lifecycle` section.
pub(crate) fn lift(container: &Part<'_>) -> Hooks {
    let one = |field: &str| {
        let at = format!("lifecycle.{field}.exec.command");
        container.get(&at).map(|node| hook(container, &at, node)).into_iter().collect()
    };
    Hooks { pre_start: Vec::new(), post_start: one("postStart"), pre_stop: one("preStop") }
}

fn hook(container: &Part<'_>, field: &str, node: &Node) -> Hook {
    Hook {
        origin: container.origin(field, node),
        command: node.as_seq().unwrap_or_default().iter().filter_map(scalar).collect(),
        user: None,
        working_dir: None,
        privileged: false,
        env: Vec::new(),
    }
}
