//! Decides what Compose leaves open and a careful platform team would settle: rights, sizes, replicas, order, reach.
//!
//! A pass is a file in `passes/` and a line in [`PASSES`]. It reads the stack and the catalog and writes values into the
//! stack, each with the rule that chose it and why, so that lowering, comparing, explaining and overriding know them like
//! any other value. A pass never replaces what the user said ([`tranship_model::said`]), and stays away, with a reason for
//! the report, where it would break the app. Passes run in the order of the list and see what earlier ones decided.
//! Start reading at [`harden`].

mod notes;
pub mod passes;
mod settings;

pub use notes::Notes;
pub use passes::{PASSES, Pass};
pub use settings::{Preset, Settings};

use tranship_model::Stack;
use tranship_source::Checked;

/// Runs every pass of the preset over a stack.
///
/// Diagnostics are those of the passes, each named after its rule.
pub fn harden(stack: &mut Stack, settings: &Settings) -> Checked<Notes> {
    let mut notes = Notes::default();
    for pass in PASSES.iter().filter(|pass| pass.presets.contains(&settings.preset)) {
        notes.pass = pass.name;
        (pass.run)(stack, settings, &mut notes);
    }
    let diagnostics = std::mem::take(&mut notes.diagnostics);
    Checked::new(notes, diagnostics)
}
