//! Which passes decide for which services: what the user said of a service, else of the project, else the preset.

use tranship_kube::check::nearest;
use tranship_model::{Said, Service, Stack};
use tranship_source::Diagnostic;

use crate::passes::{PASSES, Pass};
use crate::settings::Settings;

/// For whom a pass decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Switch {
    /// Its name, by which it is switched.
    name: &'static str,
    /// Whether it decides for services of which nothing else is said, and for what is no service's own.
    pub(crate) is_on: bool,
}

impl Switch {
    /// The switch of a pass in a stack.
    pub(crate) fn of(pass: &Pass, stack: &Stack, settings: &Settings) -> Self {
        let preset = pass.presets.contains(&settings.preset);
        let is_on = said(stack.said.as_deref(), pass.name).unwrap_or(preset);
        Self { name: pass.name, is_on }
    }

    /// On for everyone.
    #[cfg(test)]
    pub(crate) fn on(name: &'static str) -> Self {
        Self { name, is_on: true }
    }

    /// Whether it decides for a service.
    pub(crate) fn is_on_for(self, service: &Service) -> bool {
        said(service.said.as_deref(), self.name).unwrap_or(self.is_on)
    }

    /// Whether it decides anything at all.
    pub(crate) fn is_on_somewhere(self, stack: &Stack) -> bool {
        self.is_on || stack.services.values().any(|service| self.is_on_for(service))
    }
}

/// What was said of a pass; the last word counts.
fn said(said: Option<&Said>, pass: &str) -> Option<bool> {
    said?.passes.iter().rev().find(|(name, _)| name == pass).map(|(_, is_on)| is_on.value)
}

/// An error for each pass that is switched and does not exist.
pub(crate) fn unknown(stack: &Stack) -> Vec<Diagnostic> {
    let all = std::iter::once(stack.said.as_deref()).chain(stack.services.values().map(|s| s.said.as_deref()));
    let switched = all.flatten().flat_map(|said| &said.passes);
    let wrong = switched.filter(|(name, _)| PASSES.iter().all(|pass| pass.name != name));
    let fault = |(name, is_on): &(String, tranship_model::Traced<bool>)| {
        let names = || PASSES.iter().map(|pass| pass.name);
        let fault = Diagnostic::error("override-unknown-pass", format!("no pass is called `{name}`")).at(is_on.span());
        fault.help(match nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the passes are {}", names().collect::<Vec<_>>().join(", ")),
        })
    };
    wrong.map(fault).collect()
}

#[cfg(test)]
mod tests {
    use crate::fixture::{lines, stack};
    use crate::settings::{Preset, Settings};

    use super::*;

    const PASS: Pass =
        Pass { name: "a-pass", about: "tries", presets: &[Preset::Production], run: |_stack, _settings, _notes| {} };

    fn check(project: &str, service: &str, preset: Preset, expect: (bool, bool)) {
        let text = format!(
            "services:\n  a:\n    image: x\n    x-tranship: {{{service}}}\n  b: {{image: x}}\nx-tranship: {{{project}}}\n"
        );
        let stack = stack(&text);
        let switch = Switch::of(&PASS, &stack, &Settings { preset, ..Settings::default() });
        let is_on = |name: &str| switch.is_on_for(&stack.services[name]);
        assert_eq!((is_on("a"), is_on("b")), expect, "{text}");
        assert_eq!(switch.is_on_somewhere(&stack), expect.0 || expect.1, "{text}");
    }

    #[test]
    fn what_is_said_of_a_service_counts_more_than_the_project_and_that_more_than_the_preset() {
        let (on, off) = ("passes: {a-pass: on}", "passes: {a-pass: off}");
        check("", "", Preset::Production, (true, true));
        check("", "", Preset::Dev, (false, false));
        check("", on, Preset::Dev, (true, false));
        check(on, "", Preset::Dev, (true, true));
        check(off, "", Preset::Production, (false, false));
        check(off, on, Preset::Production, (true, false));
        check("", off, Preset::Production, (false, true));
        check("passes: {another: off}", "", Preset::Production, (true, true));
    }

    #[test]
    fn a_pass_that_does_not_exist_is_refused() {
        let text =
            "services: {a: {image: x, x-tranship: {passes: {no-such: off}}}}\nx-tranship: {passes: {nor-this: on}}";
        let faults = unknown(&stack(text));
        assert_eq!(faults.len(), 2);
        assert!(lines(&faults)[0].starts_with("error override-unknown-pass: no pass is called `nor-this`"));
    }
}
