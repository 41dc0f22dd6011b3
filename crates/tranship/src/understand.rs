//! From a resolved project to the stack that is lowered: what its file says, its images know and its values name.
//!
//! Every command that compares or writes takes the same way, so that what one wrote the other finds unchanged.

use std::collections::BTreeMap;

use tranship_compose::Project;
use tranship_compose::lift::{Lifted, Settings, lift};
use tranship_compose::overrides;
use tranship_harden::{Notes, declare_ports, harden_around};
use tranship_infer::image::{Naming, Tag, learn_with, name_builds, pull_policies};
use tranship_infer::outside::replace;
use tranship_infer::{Edge, Proof, calls_of, carried, complete, edges_of, prove, rewrite};
use tranship_kube::cluster::Profile;
use tranship_model::{At, Call, Ledger, Protocol, Stack};
use tranship_source::{Diagnostic, Severity, Sources, World};

use crate::choices::Choices;
use crate::cover;
use crate::inspect::inspect;
use crate::timings::stage;

/// What is known of a project before it is lowered.
pub struct Understood {
    /// The application.
    pub stack: Stack,
    /// What became of every value so far.
    pub ledger: Ledger,
    /// Every value of the project.
    pub leaves: Vec<At>,
    /// Names that Kubernetes cannot carry, with what stands in their places.
    pub renamed: BTreeMap<String, String>,
    /// The application before these names were put in; only where there are any.
    pub before: Option<Stack>,
    /// The namespace that was asked for.
    pub namespace: Option<String>,
    /// Objects that are said to exist in the cluster already, by kind and name.
    pub external: Vec<(String, String)>,
    /// What its values call, and where that leads.
    pub proof: Proof,
    /// What the passes noted: what they changed for a process, and where they did nothing.
    pub notes: Notes,
    /// The kind of cluster.
    pub cluster: &'static Profile,
    /// Whether something the user said is wrong or contradicts itself, or nobody could be asked who should be, so that
    /// nothing should be written.
    pub refused: bool,
}

/// Lifts a project, learns what its images say, proves the names and ports its values call, and decides what it leaves open.
///
/// Names that Kubernetes cannot carry are rewritten last, since the new ones belong to the lowering.
pub fn understand(
    project: &Project,
    sources: &mut Sources,
    world: &dyn World,
    choices: &Choices,
    diagnostics: &mut Vec<Diagnostic>,
) -> Understood {
    let Lifted { mut stack, mut ledger, leaves, settings } =
        stage("lift", || lift(project, sources, world).take(diagnostics));
    let naming = naming(choices, &settings, diagnostics);
    choices.pull_secrets(&mut stack);
    let mut changes = Vec::new();
    for (service, external) in &choices.externals {
        match external.address(world) {
            Ok(address) => changes.extend(replace(&mut stack, &mut ledger, service, &address).take(diagnostics)),
            Err(why) => {
                let fault = Diagnostic::error("option-external", why);
                diagnostics.push(fault.help("set it to the address of the server"));
            }
        }
    }
    choices.storage.put(&mut stack, choices.reach.profile(&settings.reach), diagnostics);
    let told = choices.inspect.map(|whom| inspect(whom, &stack, world, &project.working_dir, diagnostics));
    let unreached = told.as_ref().is_some_and(Option::is_none);
    let told = told.flatten();
    stage("image facts", || {
        learn_with(&mut stack, world, &project.working_dir, sources, told.as_ref()).take(diagnostics);
    });
    name_builds(&mut stack, &naming, world, &project.working_dir).take(diagnostics);
    pull_policies(&mut stack).take(diagnostics);
    declare_ports(&mut stack);
    let proof = stage("prove", || prove(&stack).take(diagnostics));
    complete(&mut stack, &proof);
    let mut chosen = choices.settings(&settings.reach, diagnostics);
    chosen.calls = calls_of(&stack, edges_of(&stack, &proof)).into_iter().map(call).collect();
    let passes = || harden_around(&mut stack, &chosen, &|pass, run| stage(pass, run)).take(diagnostics);
    let mut notes = stage("harden", passes);
    notes.changes.append(&mut changes);
    let renamed = carried(&stack);
    let before = (!renamed.is_empty()).then(|| stack.clone());
    for change in rewrite(&mut stack, &renamed).take(diagnostics) {
        let to = format!("service `{}`, {}", change.service, change.place);
        ledger.translated(&change.origin, &to, &change.because());
    }
    cover::hide(&stack, sources, diagnostics);
    let namespace = choices.namespace.clone().or_else(|| settings.namespace.map(|name| name.value));
    Understood {
        stack,
        ledger,
        leaves,
        renamed,
        before,
        namespace,
        external: settings.external,
        proof,
        notes,
        cluster: chosen.expose.cluster,
        refused: unreached || overrides::refused(diagnostics) || refused(diagnostics),
    }
}

/// Whether options contradict each other, the project or the kind of cluster.
fn refused(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|fault| fault.severity == Severity::Error && fault.code.starts_with("option-"))
}

/// A call that something shows. Which protocol is spoken on a port is the stack's to know.
fn call(Edge { from, to, port, evidence: _ }: Edge) -> Call {
    Call { from, to, ports: port.into_iter().map(|port| (port, Protocol::Tcp)).collect() }
}

/// How images built here are named: by the flags, else by what the project says.
fn naming(choices: &Choices, settings: &Settings, diagnostics: &mut Vec<Diagnostic>) -> Naming {
    let registry = choices.registry.clone().or_else(|| settings.registry.as_ref().map(|name| name.value.clone()));
    let said = settings.tag.as_ref().filter(|_| choices.tag.is_none()).map(|tag| (tag.span(), Tag::parse(&tag.value)));
    let said = match said {
        Some((_, Ok(tag))) => Some(tag),
        Some((span, Err(message))) => {
            let fault = Diagnostic::error("override-value", message).at(span);
            diagnostics.push(fault.help("write a tag, `git` or `context`"));
            None
        }
        None => None,
    };
    Naming { registry, tag: choices.tag.clone().or(said).unwrap_or_default() }
}
