//! Decides what Compose leaves open and a careful platform team would settle: rights, sizes, replicas, order, reach.
//!
//! A pass is a file in `passes/` and a line in [`PASSES`]. It reads the stack and the catalog and writes values into the
//! stack, each with the rule that chose it and why, so that lowering, comparing, explaining and overriding know them like
//! any other value. A pass never replaces what the user said ([`tranship_model::said`]), and stays away, with a reason for
//! the report, where it would break the app. Passes run in the order of the list and see what earlier ones decided.
//! Start reading at [`harden`].

mod expose;
#[cfg(test)]
mod fixture;
mod folders;
mod notes;
pub mod passes;
mod settings;
mod start;
mod switches;

pub use expose::Expose;
pub use notes::Notes;
pub use passes::{PASSES, Pass};
pub use settings::{Preset, Reach, Settings, Waits};

use tranship_model::Stack;
use tranship_source::Checked;

use switches::{Switch, unknown};

/// Adds the ports that labels of proxies name and the project does not, before names and ports are proven.
pub fn declare_ports(stack: &mut Stack) {
    passes::entry::declare_ports(stack);
}

/// Runs the passes over a stack: those of the preset, unless the user switched them on or off.
///
/// Diagnostics are those of the passes, each named after its rule, and `override-unknown-pass`.
pub fn harden(stack: &mut Stack, settings: &Settings) -> Checked<Notes> {
    harden_around(stack, settings, &|_, run| run())
}

/// [`harden`] by somebody who looks on: `around` is given each pass that is on with its name, and runs it once.
pub fn harden_around(
    stack: &mut Stack,
    settings: &Settings,
    around: &dyn Fn(&'static str, &mut dyn FnMut()),
) -> Checked<Notes> {
    let mut notes = Notes::default();
    notes.diagnostics = unknown(stack);
    for pass in PASSES {
        let switch = Switch::of(pass, stack, settings);
        if switch.is_on_somewhere(stack) {
            notes.begin(pass.name, switch);
            around(pass.name, &mut || (pass.run)(stack, settings, &mut notes));
        }
    }
    let diagnostics = std::mem::take(&mut notes.diagnostics);
    Checked::new(notes, diagnostics)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::stack_with;

    /// A project that most passes find something to do in.
    fn project(passes: &str, of_service: &str) -> Stack {
        let own = if of_service.is_empty() { String::new() } else { format!("x-tranship: {{passes: {of_service}}}") };
        let text = format!(
            "services:
  web:
    image: nginx:1.29
    ports: ['8080:80']
    depends_on: [db, cache]
    environment: {{DATABASE_URL: 'postgres://db/shop'}}
    {own}
  db: {{image: 'postgres:16', volumes: ['data:/var/lib/postgresql/data']}}
  cache: {{image: 'redis:7'}}
volumes: {{data: {{}}}}
x-tranship: {{passes: {passes}}}
"
        );
        stack_with(&text, &[])
    }

    #[test]
    fn a_pass_that_is_switched_off_decides_nothing() {
        for pass in PASSES {
            let off = format!("{{{}: off}}", pass.name);
            let mut stack = project(&off, "");
            let notes = harden(&mut stack, &Settings::default()).value;
            assert!(!format!("{stack:?}{notes:?}").contains(&format!("by: {:?}", pass.name)), "{}", pass.name);
        }
    }

    #[test]
    fn a_pass_that_is_switched_off_for_a_service_leaves_it_alone() {
        for pass in PASSES {
            let off = format!("{{{}: off}}", pass.name);
            let mut stack = project("{}", &off);
            let notes = harden(&mut stack, &Settings::default()).value;
            let web = format!("{:?}", stack.services.get("web"));
            assert!(!web.contains(&format!("by: {:?}", pass.name)), "{}", pass.name);
            let told = |service: &str, by: &str| service == "web" && by == pass.name;
            assert!(!notes.changes.iter().any(|change| told(&change.service, change.pass)), "{}", pass.name);
            assert!(!notes.stayed_away.iter().any(|away| told(&away.service, away.pass)), "{}", pass.name);
        }
    }
}
