//! What passes did and why they did nothing, for the report and the proofs.

use tranship_model::Service;
use tranship_model::hardening::{Change, StayedAway};
use tranship_source::Diagnostic;

use crate::switches::Switch;

/// What the passes noted.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// The pass that runs.
    pass: &'static str,
    /// For whom it decides.
    switch: Switch,
    /// What a process will see otherwise than under Compose, on purpose.
    pub changes: Vec<Change>,
    /// Where a pass did nothing.
    pub stayed_away: Vec<StayedAway>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Notes {
    /// Notes of a pass that decides for everyone.
    #[cfg(test)]
    pub(crate) fn of(pass: &'static str) -> Self {
        Self { pass, switch: Switch::on(pass), ..Self::default() }
    }

    /// A pass begins.
    pub(crate) fn begin(&mut self, pass: &'static str, switch: Switch) {
        (self.pass, self.switch) = (pass, switch);
    }

    /// Whether the pass decides for a service: the user may have switched it off. Every pass asks.
    pub(crate) fn is_on_for(&self, service: &Service) -> bool {
        self.switch.is_on_for(service)
    }

    /// Whether the pass decides for what is no service's own.
    pub(crate) fn is_on(&self) -> bool {
        self.switch.is_on
    }

    /// Notes that a process will see something otherwise than under Compose.
    pub(crate) fn change(&mut self, service: &str, what: impl Into<String>, because: impl Into<String>) {
        let (service, what, because) = (service.to_owned(), what.into(), because.into());
        self.changes.push(Change { service, pass: self.pass, what, because });
    }

    /// Notes that the pass does nothing for a service, and why.
    pub(crate) fn stay_away(&mut self, service: &str, because: impl Into<String>) {
        let (service, because) = (service.to_owned(), because.into());
        self.stayed_away.push(StayedAway { service, pass: self.pass, because });
    }

    /// Reports a finding.
    pub(crate) fn find(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}
