//! From a service or a value of the project to what became of it.

use tranship_model::At;
use tranship_source::yaml::{Map, Node};

use super::index::{Explainer, facts_of, field, outcome, targets};
use super::path::{Lost, find, is_within, leaves};
use super::source::{one_line, spot, trail};
use super::{Choice, FieldFacts, OutcomeFacts, ServiceFacts, Subject, Unknown, VERSION, ValueFacts, hint};
use crate::decision;

impl Explainer<'_> {
    /// What became of a service (`web`), of a field of one (`web.ports`) or of anything else in the project
    /// (`volumes.data`).
    pub fn project(&self, subject: &str) -> Result<Subject, Unknown> {
        let (path, service) = self.locate(subject)?;
        let Some(node) = super::index::node_at(self.facts.project, &path) else {
            return Err(Unknown { message: format!("there is no `{subject}`"), nearest: None, known: Vec::new() });
        };
        let mut all = Vec::new();
        leaves(node, &path, &mut all);
        Ok(Subject {
            version: VERSION,
            service: service.as_deref().and_then(|name| self.service(name)),
            outcomes: if all.iter().any(|(leaf, _)| *leaf == path) { Vec::new() } else { self.outcomes(&path, true) },
            values: all.into_iter().map(|(path, node)| self.value(&path, node)).collect(),
            path,
        })
    }

    /// The canonical path of a subject, and the service where it is a whole one.
    fn locate(&self, subject: &str) -> Result<(String, Option<String>), Unknown> {
        let services = find(self.facts.project, "services").ok().and_then(|found| found.node()?.as_map());
        let all = services.into_iter().flat_map(Map::keys).map(|key| &key.text);
        let text = subject.trim_start_matches('.');
        let inner = text.strip_prefix("services.").unwrap_or(text);
        // Names of services may hold dots.
        let named = all.filter(|name| is_within(inner, name)).max_by_key(|name| name.len());
        let section = |name: &str| services?.get(name);
        let (root, rest) = match named {
            Some(name) => (section(name), inner.get(name.len()..).unwrap_or_default()),
            None => (Some(self.facts.project).filter(|_| self.is_section(text)), text),
        };
        let Some(root) = root else { return Err(self.no_service(inner)) };
        let found = find(root, rest).map_err(|lost| no_field(named.map(String::as_str), lost))?;
        let base = named.map(|name| tranship_model::ledger::child_path("services", name));
        let whole = base.as_ref().filter(|_| found.path.is_empty()).and(named).cloned();
        let path = match base {
            None => found.path,
            Some(base) if found.path.is_empty() || found.path.starts_with('[') => base + &found.path,
            Some(base) => format!("{base}.{}", found.path),
        };
        Ok((path, whole))
    }

    /// Whether a subject begins with a key of the project, or with one a project may have.
    fn is_section(&self, subject: &str) -> bool {
        const MAY: [&str; 5] = ["volumes", "networks", "configs", "secrets", "models"];
        let own = self.facts.project.as_map().into_iter().flat_map(Map::keys);
        own.map(|key| key.text.as_str()).chain(MAY).any(|section| is_within(subject, section))
    }

    fn no_service(&self, subject: &str) -> Unknown {
        let name = subject.split(['.', '[']).next().unwrap_or(subject);
        let known: Vec<String> = self.facts.stack.services.keys().cloned().collect();
        if let Some(left) = self.facts.stack.left_out.iter().find(|left| left.service == name) {
            let why = match &left.helper {
                Some(helper) => format!("since {}; {}", helper.because, helper.instead),
                None if left.profiles.is_empty() => "as the project says".to_owned(),
                None => format!("since its profile is not enabled: {}", left.profiles.join(", ")),
            };
            let message = format!("the service `{name}` is left out, {why}");
            return Unknown { message, nearest: None, known: Vec::new() };
        }
        let nearest = tranship_kube::check::nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        Unknown { message: format!("the project has no service `{name}`"), nearest, known }
    }

    fn service(&self, name: &str) -> Option<ServiceFacts> {
        let service = self.facts.stack.services.get(name)?;
        let own = self.facts.objects.iter().filter(|object| self.service_of(object) == Some(name));
        let decisions = self.decisions.iter().filter(|decision| decision.service == Some(name));
        let silent = decisions.filter(|decision| decision.span.is_none());
        Some(ServiceFacts {
            name: name.to_owned(),
            place: spot(self.facts.sources, service.origin.span(), &self.covered),
            product: service.product.as_ref().map(|product| product.value.clone()),
            role: decision::role_word(service.role.value),
            objects: own.map(facts_of).collect(),
            decisions: silent.map(choice).collect(),
        })
    }

    fn value(&self, path: &str, node: &Node) -> ValueFacts {
        let at = self.facts.leaves.iter().find(|at| &*at.path == path);
        let span = at.map_or(node.span, |at: &At| at.span);
        let secret = self.is_secret(path, node);
        let (variables, replaced) = trail(self.facts.sources, node, &self.covered);
        let outcomes = self.outcomes(path, false);
        let service = path.strip_prefix("services.").and_then(|rest| {
            self.facts.stack.services.keys().filter(|name| is_within(rest, name)).max_by_key(|name| name.len())
        });
        let service = service.map(String::as_str);
        let about = |d: &&decision::Decision<'_>| d.span == span && !span.is_none() && d.service == service;
        let mut decisions: Vec<Choice> = Vec::new();
        for decision in self.decisions.iter().filter(about).map(choice) {
            let told = outcomes.iter().any(|outcome| outcome.why.as_ref() == Some(&decision.because));
            if !told && !decisions.contains(&decision) {
                decisions.push(decision);
            }
        }
        ValueFacts {
            path: path.to_owned(),
            value: if secret { None } else { one_line(node) },
            place: spot(self.facts.sources, span, &self.covered),
            variables,
            replaced,
            fields: self.fields_of(node, &outcomes.iter().filter_map(|o| o.to.as_deref()).collect::<Vec<_>>()),
            outcomes,
            decisions,
            otherwise: hint::otherwise(self.facts.project, path),
        }
    }

    /// What became of a value, where it stands first; of a section only what is said of it as one.
    fn outcomes(&self, path: &str, section: bool) -> Vec<OutcomeFacts> {
        let mut out: Vec<OutcomeFacts> = Vec::new();
        for entry in self.entries(path).into_iter().filter(|entry| !section || *entry.path == *path) {
            let outcome = outcome(entry, path);
            if !out.contains(&outcome) {
                out.push(outcome);
            }
        }
        out.sort_by_key(|outcome| {
            ["kept", "translated", "dropped"].iter().position(|word| *word == outcome.outcome).map_or(2, |at| at / 2)
        });
        out
    }

    /// Fields a value stands in: those made of it in the objects that the ledger names, or else what the ledger names.
    fn fields_of(&self, leaf: &Node, targets_of: &[&str]) -> Vec<FieldFacts> {
        let mut out: Vec<FieldFacts> = Vec::new();
        let mut add = |field: FieldFacts| {
            if !out.contains(&field) {
                out.push(field);
            }
        };
        for (label, path) in targets_of.iter().flat_map(|to| targets(to)) {
            let Some(object) = self.object(label) else { continue };
            let near = |found: &str| path.is_empty() || is_within(found, &path) || is_within(&path, found);
            let made = self.fields_at(leaf.span).iter().filter(|(of, found, _)| of.label() == label && near(found));
            // The innermost fields say most.
            let made: Vec<_> = made.collect();
            let outer = |at: &str| made.iter().any(|(_, other, _)| other != at && is_within(other, at));
            let inner: Vec<_> = made.iter().filter(|(_, at, node)| !outer(at) && one_line(node).is_some()).collect();
            let whole = super::index::node_at(&object.tree, &path).filter(|_| inner.is_empty());
            if let Some(node) = whole {
                add(field(object, &path, node));
            }
            for (object, at, node) in inner {
                add(field(object, at, node));
            }
        }
        out
    }
}

/// Why a path leads nowhere, with the name that was probably meant.
fn no_field(service: Option<&str>, lost: Lost) -> Unknown {
    let Lost { at, step, known } = lost;
    let owner = match (service, at.as_str()) {
        (Some(service), "") => format!("the service `{service}`"),
        (Some(service), at) => format!("`{at}` of the service `{service}`"),
        (None, "") => "the project".to_owned(),
        (None, at) => format!("`{at}`"),
    };
    let nearest = tranship_kube::check::nearest(&step, known.iter().map(String::as_str)).map(str::to_owned);
    Unknown { message: format!("{owner} has no `{step}`"), nearest, known }
}

fn choice(decision: &decision::Decision<'_>) -> Choice {
    let decision::Decision { service: _, what, rule, because, span: _ } = decision;
    Choice { what: what.clone(), rule: (*rule).to_owned(), because: (*because).to_owned() }
}
