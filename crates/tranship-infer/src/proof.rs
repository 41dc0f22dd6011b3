//! The proof: every reference with its verdict, and a diagnostic for each that does not lead where it should.

use std::collections::{BTreeMap, BTreeSet};

use tranship_model::{Origin, Port, Protocol, Stack};
use tranship_source::{Checked, Diagnostic, both_if};

use crate::directory::{Because, Directory};
use crate::evidence;
use crate::findings;
use crate::judge::{Gap, Verdict, judge};
use crate::reference::{Evidence, Place, Reference};

/// Up to so many services a second thread costs more than it saves.
const SMALL: usize = 16;

/// A reference and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Proven {
    /// The reference.
    pub reference: Reference,
    /// Its verdict.
    pub verdict: Verdict,
}

/// Every reference of a stack, judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proof {
    /// The references in the order of the stack. What turned out to be no host is left out.
    pub proven: Vec<Proven>,
}

impl Proof {
    /// Hosts outside the stack, sorted: the cluster has to reach them as they are.
    pub fn external(&self) -> BTreeSet<&str> {
        let outside = self.proven.iter().filter(|proven| proven.verdict == Verdict::External);
        outside.map(|proven| proven.reference.host.as_str()).collect()
    }

    /// Ports that are called and that the stack does not declare, with what shows that the service has them.
    ///
    /// A port that is only [`Because::Called`] is among them: under Compose every port of a container is reached, so
    /// that a Service without it would break what works.
    pub fn undeclared(&self) -> BTreeMap<(&str, u16), Because> {
        let mut out = BTreeMap::new();
        for Proven { reference, verdict } in &self.proven {
            let Some(port) = reference.port else { continue };
            match verdict {
                Verdict::Reaches { services, open: Some(because) } if *because > Because::Declared => {
                    for service in services.iter().filter(|service| **service != reference.from) {
                        note(&mut out, service, port, *because);
                    }
                }
                Verdict::Gap(Gap::Closed { service, behind: None, .. }) if *service != reference.from => {
                    note(&mut out, service, port, Because::Called);
                }
                _ => {}
            }
        }
        out
    }
}

/// Notes a port with the best reason there is for it.
fn note<'a>(out: &mut BTreeMap<(&'a str, u16), Because>, service: &'a str, port: u16, because: Because) {
    let known = out.entry((service, port)).or_insert(because);
    *known = because.min(*known);
}

/// Proves that every host and port named in a stack leads to a service and an open port.
///
/// Errors: `name-unresolved`, `port-closed`, `localhost-reference`, `browser-url`, `host-machine`, `docker-resolver`.
/// Warnings: `profile-off`, `fixed-address`, and weaker forms of the above. Notes: `public-address`, `two-names`, `not-provable`.
/// One place gives one diagnostic, however many services mount it.
pub fn prove(stack: &Stack) -> Checked<Proof> {
    let large = stack.services.len() > SMALL;
    let (gathered, directory) = both_if(large, || evidence::gather(stack), || Directory::new(stack));
    let judged = gathered.into_iter().map(|reference| {
        let verdict = judge(&directory, &reference);
        Proven { reference, verdict }
    });
    let proven: Vec<Proven> = judged.filter(|proven| proven.verdict != Verdict::Ignored).collect();
    let mut diagnostics = gaps(&directory, &proven);
    diagnostics.extend(several_names(&directory, &proven));
    Checked::new(Proof { proven }, diagnostics)
}

fn gaps(directory: &Directory<'_>, proven: &[Proven]) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<_, usize> = BTreeMap::new();
    let mut out: Vec<(Diagnostic, BTreeSet<&str>)> = Vec::new();
    for Proven { reference, verdict } in proven {
        let Verdict::Gap(gap) = verdict else { continue };
        // A host that a file or a value names several times is one fault, and so is a line that several services read.
        let span = reference.origin.span();
        let key = match &reference.place {
            Place::File { blob, file, .. } => format!("{blob}\n{file}"),
            place if span.is_none() => format!("{}\n{place}", reference.from),
            place => format!("{}:{}\n{place}", span.file.0, span.start),
        };
        let what = match gap {
            Gap::PublicLocal => (String::new(), None),
            _ => (reference.host.clone(), reference.port),
        };
        let number = *seen.entry((key, what)).or_insert(out.len());
        match out.get_mut(number) {
            Some((_, services)) => _ = services.insert(&reference.from),
            None => out.push((findings::word(directory, reference, gap), BTreeSet::from([reference.from.as_str()]))),
        }
    }
    out.into_iter().map(|(diagnostic, services)| findings::shared(diagnostic, services.len())).collect()
}

/// Services that are called by more than one name, a name that was probably meant for them included.
fn several_names(directory: &Directory<'_>, proven: &[Proven]) -> Vec<Diagnostic> {
    let mut used: BTreeMap<&str, Vec<(String, &Reference)>> = BTreeMap::new();
    // Several names that nobody has can hardly all be meant for one service: they belong to another project.
    let mut guessed: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for Proven { reference, verdict } in proven.iter().filter(|proven| proven.reference.evidence != Evidence::DependsOn)
    {
        let service = match verdict {
            Verdict::Reaches { services, .. } => match services.as_slice() {
                [one] if *one != reference.from => one.as_str(),
                _ => continue,
            },
            Verdict::Gap(Gap::Closed { service, .. }) if *service != reference.from => service,
            Verdict::Gap(Gap::Unresolved { nearest: Some(near) }) => match directory.services(near) {
                [one] => one,
                _ => continue,
            },
            _ => continue,
        };
        let names = used.entry(service).or_default();
        let name = reference.host.to_ascii_lowercase();
        if matches!(verdict, Verdict::Gap(Gap::Unresolved { .. })) {
            guessed.entry(service).or_default().insert(name.clone());
        }
        if !names.iter().any(|(known, _)| *known == name) {
            names.push((name, reference));
        }
    }
    let mut out = Vec::new();
    for service in directory.stack().services.values() {
        let Some(names) = used.get_mut(service.name.as_str()) else { continue };
        if let Some(guessed) = guessed.get(service.name.as_str()).filter(|guessed| guessed.len() > 1) {
            names.retain(|(name, _)| !guessed.contains(name));
        }
        if names.len() < 2 {
            continue;
        }
        let list: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
        if let Some((_, second)) = names.get(1) {
            out.push(findings::two_names(service, &list, second));
        }
    }
    out
}

/// Adds the ports that are called and that the stack does not declare, so that Services open them as Compose does.
///
/// A service whose ports are not known at all gets none: its name leads to every port.
pub fn complete(stack: &mut Stack, proof: &Proof) {
    for ((service, number), because) in proof.undeclared() {
        let Some(service) = stack.services.get_mut(service).filter(|service| !service.ports.is_empty()) else {
            continue;
        };
        if service.ports.iter().any(|port| port.container == number) {
            continue;
        }
        let why = match because {
            Because::Declared | Because::Catalog => "its product listens there",
            Because::Said => "it says itself that it listens there",
            Because::Mentioned => "the number stands in its own settings",
            Because::Called => "Compose leads every port of a container there, whether it is declared or not",
        };
        let because = format!("another service calls port {number}, and {why}");
        service.ports.push(Port {
            origin: Origin::decided("called-port", because),
            container: number,
            protocol: Protocol::Tcp,
            name: None,
            app_protocol: None,
            published: None,
        });
    }
}
