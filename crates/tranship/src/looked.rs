//! A project that was looked at from all sides: read, understood and lowered, and nothing written.
//!
//! What commands that only tell share. What was noticed on the way is `convert`'s to say; here it is counted.

use std::collections::BTreeMap;

use tranship_analyze::Place;
use tranship_analyze::analysis::{Analysis, Decision as Chosen, Facts, analyze};
use tranship_analyze::code::Reader;
use tranship_analyze::overhead::Delivery;
use tranship_compose::Project;
use tranship_emit::decision;
use tranship_emit::place::Places;
use tranship_kube::lower::{Lowered, Options, home, lower};
use tranship_kube::names::NameKind;
use tranship_source::{Diagnostic, Severity, Sources, Span, World};

use crate::calls::calls;
use crate::choices::Choices;
use crate::cli::ProjectFlags;
use crate::cover;
use crate::disk::DiskWorld;
use crate::talk;
use crate::timings::stage;
use crate::understand::{Understood, understand};

/// A project with everything that is known of it.
pub struct Looked {
    /// Where files are read.
    pub world: DiskWorld,
    /// The project as it was resolved.
    pub project: Project,
    /// The texts that were read.
    pub sources: Sources,
    /// What is known before it is lowered; its ledger went on to `lowered`.
    pub understood: Understood,
    /// The objects.
    pub lowered: Lowered,
    /// What was noticed.
    pub diagnostics: Vec<Diagnostic>,
}

/// Looks at a project; `None` where it is refused, which was told then.
pub fn look(flags: &ProjectFlags, choices: &Choices) -> anyhow::Result<Option<Looked>> {
    let world = DiskWorld::new()?;
    choices.secrets.plan(&world)?;
    let loaded = stage("load", || tranship_compose::load(&world, &flags.load_options()));
    let (mut diagnostics, mut sources) = (loaded.diagnostics, loaded.sources);
    let Some(project) = loaded.project else {
        talk::diagnostics(&diagnostics, &sources);
        return Ok(None);
    };
    let mut understood = understand(&project, &mut sources, &world, choices, &mut diagnostics);
    if understood.refused {
        talk::diagnostics(&diagnostics, &sources);
        return Ok(None);
    }
    let options = Options {
        namespace: understood.namespace.clone(),
        version: choices.kube_version,
        pod_security: choices.is_production(),
    };
    let ledger = std::mem::take(&mut understood.ledger);
    let lowered = stage("lower", || lower(&understood.stack, &options, ledger).take(&mut diagnostics));
    cover::note(&understood.stack, &mut sources);
    Ok(Some(Looked { world, project, sources, understood, lowered, diagnostics }))
}

impl Looked {
    /// Does something with the places of the project, files named from its directory.
    pub fn with_places<T>(&self, act: impl FnOnce(tranship_analyze::Places<'_>) -> T) -> T {
        let places = Places::new(&self.sources, &self.project.working_dir, self.world.current_dir());
        let of = |span: Span| places.of(span).map(|place| Place::new(place.file, place.line));
        act(tranship_analyze::Places::new(&of))
    }

    /// The label of the workload each service became, such as `Deployment/web`; a service that lives in the pod of
    /// another became that one's.
    pub fn workloads(&self) -> BTreeMap<String, String> {
        let kinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];
        let by_name: BTreeMap<&str, String> = self
            .lowered
            .objects
            .iter()
            .filter(|object| kinds.contains(&object.kind()))
            .filter_map(|object| {
                let name = object.get(&["metadata", "labels", "app.kubernetes.io/name"])?.as_str()?;
                Some((name, object.label()))
            })
            .collect();
        let stack = &self.understood.stack;
        let label = |service: &tranship_model::Service| {
            let host = home(stack, service).unwrap_or(&service.name);
            by_name.get(self.lowered.names.get(NameKind::Workload, host)?).cloned()
        };
        stack.services.values().filter_map(|service| Some((service.name.clone(), label(service)?))).collect()
    }

    /// The name of the claim of each volume.
    pub fn claims(&self) -> BTreeMap<String, String> {
        let names = &self.lowered.names;
        let claim = |volume: &String| Some((volume.clone(), names.get(NameKind::Claim, volume)?.to_owned()));
        self.understood.stack.volumes.keys().filter_map(claim).collect()
    }

    /// Everything that was chosen, in the order of the project.
    pub fn decisions(&self) -> Vec<Chosen> {
        let places = Places::new(&self.sources, &self.project.working_dir, self.world.current_dir());
        let chosen = |one: decision::Decision<'_>| Chosen {
            service: one.service.map(str::to_owned),
            what: places.clean(&one.what).into_owned(),
            rule: one.rule.to_owned(),
            because: places.clean(one.because).into_owned(),
            place: places.of(one.span).map(|place| Place::new(place.file, place.line)),
        };
        decision::of_stack(&self.understood.stack).into_iter().map(chosen).collect()
    }

    /// A text in which the project directory and its parents are written as `.` and `..`.
    pub fn clean(&self, text: &str) -> String {
        let places = Places::new(&self.sources, &self.project.working_dir, self.world.current_dir());
        places.clean(text).into_owned()
    }

    /// Analyses the project.
    pub fn analyze(&self, delivery: Delivery) -> Analysis {
        let stack = &self.understood.stack;
        let (calls, workloads, claims, decisions) =
            (calls(stack, &self.understood.proof), self.workloads(), self.claims(), self.decisions());
        let mut reader = Reader::new(&self.world, &self.project.working_dir);
        self.with_places(|places| {
            let facts = Facts {
                stack,
                objects: &self.lowered.objects,
                namespace: &self.lowered.namespace,
                calls: &calls,
                workloads: &workloads,
                claims: &claims,
                decisions: &decisions,
                cluster: self.understood.cluster,
                delivery,
                places,
            };
            analyze(&facts, &mut reader)
        })
    }

    /// Says on the standard error how many errors `convert` would tell.
    pub fn tell_errors(&self) {
        let errors = self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        if errors > 0 {
            eprintln!("the project has {}; `convert` tells them", tranship_emit::report::count(errors, "error"));
        }
    }
}
