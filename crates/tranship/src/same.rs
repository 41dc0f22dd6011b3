//! Whether the cluster would start the same processes as docker compose: both sides computed, compared, and told.

use std::collections::BTreeMap;

use tranship_compose::Project;
use tranship_harden::Notes;
use tranship_infer::same::{Sides, compare};
use tranship_kube::lower::Lowered;
use tranship_kube::names::NameKind;
use tranship_model::hardening::Change;
use tranship_model::launch::{Difference, Same};
use tranship_model::ledger::{child_path, item_path};
use tranship_model::said::is_chosen;
use tranship_model::{Ledger, Service, Stack};
use tranship_source::yaml::{Node, Value};
use tranship_source::{Diagnostic, Span, World};

/// Compares what docker compose would start with what the kubelet would start from the objects.
pub fn prove(
    project: &Project,
    stack: &Stack,
    lowered: &Lowered,
    renamed: &BTreeMap<String, String>,
    notes: &Notes,
    world: &dyn World,
) -> Same {
    let image = |service: &str| stack.services.get(service)?.image_facts.as_deref();
    let container = |service: &str| lowered.names.get(NameKind::Workload, service);
    let services: BTreeMap<&str, &str> =
        stack.services.keys().filter_map(|service| Some((container(service)?, service.as_str()))).collect();
    let compose = tranship_compose::launch::launches(project, &image);
    let of_container = |name: &str| services.get(name).and_then(|service| image(service));
    let kubernetes = tranship_kube::launch::launches(&lowered.objects, &of_container);
    let ledger: &Ledger = &lowered.ledger;
    let sides = Sides {
        compose: &compose,
        kubernetes: &kubernetes,
        container: &container,
        image: &image,
        ledger,
        renamed,
        world,
    };
    let mut same = compare(&sides);
    let mut changes: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in &notes.changes {
        changes.entry(&change.service).or_default().push(change);
    }
    for difference in &mut same.differences {
        let said = stack.services.get(&difference.service).is_some_and(is_overruled);
        if difference.because.is_none() && (said || stack.said.is_some()) {
            difference.because = Some("the project says so of its objects".to_owned());
        }
        if difference.because.is_none() {
            difference.because = decided(&changes, &difference.service, &difference.path);
        }
    }
    same
}

/// Why a pass made a value of a service, or something in it, different on purpose.
fn decided(changes: &BTreeMap<&str, Vec<&Change>>, service: &str, path: &str) -> Option<String> {
    let home = child_path("services", service);
    let change = changes.get(service)?.iter().find(|change| leads(path, &format!("{home}.{}", change.what)))?;
    Some(change.because.clone())
}

/// Whether the user overruled what the container is started with.
fn is_overruled(service: &Service) -> bool {
    let argv = [&service.process.entrypoint, &service.process.command];
    let mut origins = argv.into_iter().flatten().map(|argv| &argv.origin);
    service.said.is_some()
        || origins.any(is_chosen)
        || service.mounts.iter().any(|mount| is_chosen(&mount.class.origin))
}

/// A finding for each difference that nothing explains: `process-differs`.
pub fn findings(same: &Same, project: &Project) -> Vec<Diagnostic> {
    let finding = |Difference { service, what, path, how, because: _ }: &Difference| {
        let message = format!("`{service}` would not start as under docker compose: {what} {how}");
        let help = "nothing explains this: look at it before applying, and report it if the project is right";
        Diagnostic::error("process-differs", message).at(span(&project.tree, path)).help(help)
    };
    same.unexplained().map(finding).collect()
}

/// Where the value of a path is written, or the nearest section above it that has a place.
fn span(tree: &Node, path: &str) -> Span {
    let (mut node, mut here) = (tree, String::new());
    let mut found = Span::NONE;
    loop {
        if !node.span.is_none() {
            found = node.span;
        }
        let next = match &node.value {
            Value::Mapping(map) => {
                map.iter().map(|(key, node)| (child_path(&here, &key.text), node)).find(|(step, _)| leads(path, step))
            }
            Value::Sequence(items) => items
                .iter()
                .enumerate()
                .map(|(i, node)| (item_path(&here, i), node))
                .find(|(step, _)| leads(path, step)),
            _ => None,
        };
        match next {
            Some((step, below)) => (here, node) = (step, below),
            None => return found,
        }
    }
}

/// Whether a path goes through a step.
fn leads(path: &str, step: &str) -> bool {
    path.strip_prefix(step).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
