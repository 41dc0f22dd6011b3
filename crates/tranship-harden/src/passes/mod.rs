//! The passes, one file each, in the order they run.

use tranship_model::Stack;

use crate::notes::Notes;
use crate::settings::{Preset, Settings};

/// One thing that is decided for every service of a stack.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    /// Its stable name, which is the rule of what it decides.
    pub name: &'static str,
    /// What it does, a sentence for the reference.
    pub about: &'static str,
    /// The presets it belongs to.
    pub presets: &'static [Preset],
    /// Does it.
    pub run: fn(&mut Stack, &Settings, &mut Notes),
}

/// Every pass, in the order they run: later ones see what earlier ones decided.
pub const PASSES: &[Pass] = &[];
