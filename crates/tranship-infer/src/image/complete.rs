//! Puts what is known of images into the stack.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tranship_image::ImageFacts;
use tranship_model::{Check, Health, ImageKnowledge, Service, Stack};
use tranship_source::{Checked, Sources, World};

use super::dockerfile::Reader;
use super::fill::{self, Findings};
use super::inspected::Inspected;
use super::volume;

/// Learns the facts of each service's image and fills in what a container takes from them when the project says nothing.
///
/// Dockerfiles that are read join `sources`, so that faults can show their lines.
///
/// Decides as well which volumes are filled from an image.
///
/// Errors: those of [`tranship_image::parse`] and [`tranship_image::facts()`]; warning `dockerfile-absent`, note
/// `dockerfile-variable`.
pub fn learn(stack: &mut Stack, world: &dyn World, project_dir: &Path, sources: &mut Sources) -> Checked<()> {
    learn_with(stack, world, project_dir, sources, None)
}

/// An image somebody may be asked about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// Its name.
    pub image: String,
    /// What it has to run on, such as `linux/arm64`.
    pub platform: Option<String>,
}

/// The images whose facts the stack leans on: those that are run, and those that images built here start from.
pub fn wanted(stack: &Stack, world: &dyn World, project_dir: &Path) -> Vec<Wanted> {
    let mut sources = Sources::new();
    let mut reader = Reader { world, project_dir, sources: &mut sources, faults: Vec::new(), told: None };
    let mut out = BTreeSet::new();
    for service in stack.services.values() {
        let image = match &service.build {
            Some(build) => reader.base_image(service, build),
            None => service.image.as_ref().map(|image| image.value.clone()),
        };
        let platform = service.platform.as_ref().map(|platform| platform.value.clone());
        out.extend(image.map(|image| Wanted { image, platform }));
    }
    out.into_iter().collect()
}

/// As [`learn`], with what the engine or a registry told of images, which counts more than the catalog.
pub fn learn_with(
    stack: &mut Stack,
    world: &dyn World,
    project_dir: &Path,
    sources: &mut Sources,
    told: Option<&Inspected>,
) -> Checked<()> {
    let mut reader = Reader { world, project_dir, sources, faults: Vec::new(), told };
    let mut findings = Findings::default();
    let Stack { services, volumes, .. } = stack;
    for service in services.values_mut() {
        let (written, facts) = match &service.build {
            Some(build) => reader.knowledge(service, build).unzip(),
            None => (None, service.image.as_ref().and_then(|image| reader.base(&image.value))),
        };
        if let Some(facts) = &facts {
            reader.faults.extend(volume::declared(service, facts, volumes));
        }
        match (&service.build, &written) {
            (Some(build), Some(written)) => findings.of_build(service, build, written, world, project_dir),
            _ => findings.of_image(service),
        }
        let base = match &written {
            Some(written) => written.base.as_ref().map(|base| base.value.clone()),
            None => service.image.as_ref().map(|image| image.value.clone()),
        };
        let (users, groups) = numbers(service, base.as_deref().unwrap_or_default(), written.as_ref());
        let facts = if users.is_empty() && groups.is_empty() {
            facts
        } else {
            Some(ImageKnowledge { user_ids: users, group_ids: groups, ..facts.unwrap_or_default() })
        };
        if let Some(facts) = facts {
            fill(service, &facts);
            service.image_facts = Some(Box::new(facts));
        }
    }
    fill::settle(stack, &findings);
    Checked::new((), reader.faults)
}

/// The numbers of the users and groups that a service names, as far as its Dockerfile and the image below tell them.
fn numbers(
    service: &Service,
    base: &str,
    written: Option<&ImageFacts>,
) -> (BTreeMap<String, u32>, BTreeMap<String, u32>) {
    let accounts = written.map(|written| &written.accounts);
    let uid = |name: &str| {
        let made = accounts.and_then(|accounts| accounts.user(name)).map(|(uid, _)| uid);
        made.or_else(|| super::accounts::user(base, name).map(|(uid, _)| uid))
    };
    let gid = |name: &str| {
        let made = accounts.and_then(|accounts| accounts.group(name));
        let usual = || super::accounts::user(base, name).and_then(|(_, gid)| gid);
        made.or_else(|| super::groups::group(base, name)).or_else(usual)
    };
    let process = &service.process;
    let named = |name: &&str| !name.is_empty() && name.parse::<u32>().is_err();
    let user = process.user.iter().map(|user| user.value.user.as_str());
    let group = process.user.iter().filter_map(|user| user.value.group.as_deref());
    let groups = group.chain(process.groups.iter().map(|group| group.value.as_str()));
    let users = user.filter(named).filter_map(|name| Some((name.to_owned(), uid(name)?)));
    let groups = groups.filter(named).filter_map(|name| Some((name.to_owned(), gid(name)?)));
    (users.collect(), groups.collect())
}

fn fill(service: &mut Service, facts: &ImageKnowledge) {
    let ends = service.workload.value.ends();
    // A command of the project's own may listen elsewhere, but the declared ports are the best there is.
    if service.ports.is_empty() && !ends {
        service.ports.clone_from(&facts.ports);
    }
    if service.process.stop_signal.is_none() {
        service.process.stop_signal.clone_from(&facts.stop_signal);
    }
    match (&mut service.health, &facts.health) {
        (health @ Health::Unsaid, found) if !ends => health.clone_from(found),
        (Health::Check(own), Health::Check(found)) => inherit(own, found),
        _ => {}
    }
}

/// A check without a command of its own keeps the image's, and its timings where it says nothing else.
fn inherit(own: &mut Check, found: &Check) {
    if own.test.is_some() {
        return;
    }
    let Check { origin: _, test, interval, timeout, retries, start_period, start_interval } = found;
    own.test.clone_from(test);
    let or = |own: &mut Option<_>, found: &Option<_>| {
        if own.is_none() {
            own.clone_from(found);
        }
    };
    or(&mut own.interval, interval);
    or(&mut own.timeout, timeout);
    or(&mut own.start_period, start_period);
    or(&mut own.start_interval, start_interval);
    if own.retries.is_none() {
        own.retries.clone_from(retries);
    }
}
