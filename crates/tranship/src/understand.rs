//! From a resolved project to the stack that is lowered: what its file says, its images know and its values name.
//!
//! Every command that compares or writes takes the same way, so that what one wrote the other finds unchanged.

use std::collections::BTreeMap;

use tranship_compose::Project;
use tranship_compose::lift::{Lifted, lift};
use tranship_infer::image::{Naming, learn, name_builds};
use tranship_infer::{carried, complete, prove, rewrite};
use tranship_model::{At, Ledger, Stack};
use tranship_source::{Diagnostic, Sources, World};

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
}

/// Lifts a project, learns what its images say, and proves the names and ports its values call.
///
/// Names that Kubernetes cannot carry are rewritten last, since the new ones belong to the lowering.
pub fn understand(
    project: &Project,
    sources: &mut Sources,
    world: &dyn World,
    naming: &Naming,
    diagnostics: &mut Vec<Diagnostic>,
) -> Understood {
    let Lifted { mut stack, mut ledger, leaves } = lift(project, sources, world).take(diagnostics);
    learn(&mut stack, world, &project.working_dir, sources).take(diagnostics);
    name_builds(&mut stack, naming, world, &project.working_dir).take(diagnostics);
    let proof = prove(&stack).take(diagnostics);
    complete(&mut stack, &proof);
    let renamed = carried(&stack);
    for change in rewrite(&mut stack, &renamed).take(diagnostics) {
        let to = format!("service `{}`, {}", change.service, change.place);
        ledger.translated(&change.origin, &to, &change.because());
    }
    Understood { stack, ledger, leaves, renamed }
}
