//! What running the project takes, as it is and after the move: concern by concern, task by task, with the sums shown.
//!
//! Effort is a sum of points, each for one thing somebody has to do or to know ([`formula`]); levels and deltas follow from
//! the sums alone, so that anybody can add them up again or weigh them otherwise.

mod concerns;
pub mod document;
pub mod formula;
mod site;
mod tasks;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::analysis::Facts;
use crate::code::{Code, Reader};

pub use formula::{Effort, Level, Point};

/// How new versions get to the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// By hand or by CI, with `kubectl apply`.
    Kubectl,
    /// Flux follows a repository.
    Flux,
    /// Argo CD follows a repository.
    #[default]
    ArgoCd,
}

impl Delivery {
    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Kubectl => "kubectl apply",
            Self::Flux => "Flux",
            Self::ArgoCd => "Argo CD",
        }
    }
}

/// What running a project takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overhead {
    /// What is reckoned with.
    pub assumed: Assumed,
    /// Concern by concern.
    pub concerns: Vec<Concern>,
    /// What is new.
    pub components: Vec<Component>,
    /// Task by task.
    pub categories: Vec<Category>,
    /// The languages and frameworks that are run.
    pub frameworks: Vec<Stack>,
    /// What follows from their number.
    pub impact: String,
    /// All of it in one row.
    pub total: Row,
    /// What it comes to.
    pub takeaway: Vec<String>,
    /// How points become levels.
    pub formula: Vec<String>,
}

/// What is reckoned with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assumed {
    /// The kind of cluster.
    pub cluster: String,
    /// How new versions get there.
    pub delivery: String,
}

/// One concern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Concern {
    /// Its name.
    pub name: &'static str,
    /// The category it counts in.
    pub category: &'static str,
    /// What is used now.
    pub current_tool: String,
    /// What it takes now.
    pub current: Effort,
    /// What is used then.
    pub target_tool: String,
    /// What it takes then.
    pub target: Effort,
    /// The difference.
    pub delta: i64,
    /// The difference in a word.
    pub delta_word: String,
}

/// A component that is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// What for.
    pub purpose: String,
    /// What it costs.
    pub cost: Level,
    /// How that is reckoned, or why it costs nothing.
    pub because: String,
}

/// The tasks of a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Category {
    /// Its name.
    pub name: &'static str,
    /// What it is done with afterwards.
    pub with: String,
    /// Task by task.
    pub tasks: Vec<Task>,
    /// What it takes now and then.
    pub sum: Row,
    /// What follows, in a sentence.
    pub note: String,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Its name.
    pub name: &'static str,
    /// How it is done now.
    pub current: String,
    /// How it is done then.
    pub target: String,
}

/// A row of the summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Points now.
    pub current: i64,
    /// Their level.
    pub current_level: Level,
    /// Points then.
    pub target: i64,
    /// Their level.
    pub target_level: Level,
    /// The difference.
    pub delta: i64,
    /// The difference in a word.
    pub delta_word: String,
}

/// What a service is made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stack {
    /// The service.
    pub service: String,
    /// Its framework, or its product.
    pub framework: String,
    /// Its runtime.
    pub runtime: String,
    /// Anything to note.
    pub note: String,
}

/// The categories in the order of the report.
pub const CATEGORIES: [&str; 7] =
    ["Cluster management", "Deployment", "Networking", "Data layer", "CI/CD", "Monitoring", "Secret management"];

/// Reckons what running a project takes.
pub fn overhead(facts: &Facts<'_>, codes: &BTreeMap<&str, Code>, reader: &mut Reader<'_>) -> Overhead {
    let site = site::site(facts, codes, reader);
    let concerns = concerns::concerns(facts, &site);
    let sums: BTreeMap<&str, Row> = CATEGORIES
        .into_iter()
        .map(|category| {
            let own = concerns.iter().filter(|concern| concern.category == category);
            let (now, then) = own.fold((0, 0), |(now, then), one| (now + one.current.sum, then + one.target.sum));
            (category, formula::row(now, then))
        })
        .collect();
    let categories = tasks::categories(facts, &site, &sums);
    let total = formula::total(&sums);
    let frameworks = stacks(facts, codes);
    let impact = impact(facts, &frameworks);
    let takeaway = takeaway(facts, &concerns, &sums, &total);
    Overhead {
        assumed: Assumed { cluster: cluster(facts).to_owned(), delivery: facts.delivery.title().to_owned() },
        components: concerns::components(facts, &site),
        concerns,
        categories,
        frameworks,
        impact,
        total,
        takeaway,
        formula: formula::words(),
    }
}

fn stacks(facts: &Facts<'_>, codes: &BTreeMap<&str, Code>) -> Vec<Stack> {
    use crate::tech::Kind;
    let row = |service: &tranship_model::Service| {
        let code = codes.get(service.name.as_str());
        let made = code.map(|code| code.made.as_slice()).unwrap_or_default();
        let find = |kind: Kind| made.iter().find(|made| made.with.kind == kind);
        let (framework, runtime) = (find(Kind::Framework), find(Kind::Runtime));
        let product = service.product.as_ref().and_then(|product| tranship_model::catalog::by_name(&product.value));
        let runtime = runtime.map(|made| made.with.runtime.clone());
        let name =
            framework.map(|made| made.with.title.clone()).or_else(|| product.map(|product| product.title.clone()));
        let held: Vec<&str> =
            code.map(|code| code.held.iter().map(|held| held.what.title()).collect()).unwrap_or_default();
        let mut note = Vec::new();
        if !held.is_empty() {
            note.push(format!("keeps {}", held.join(", ")));
        }
        if service.workload.value.ends() {
            note.push("ends by itself".to_owned());
        }
        let unknown = "not known".to_owned();
        Stack {
            service: service.name.clone(),
            framework: name.unwrap_or_else(|| unknown.clone()),
            runtime: runtime
                .unwrap_or_else(|| if product.is_some() { "the product's own".to_owned() } else { unknown }),
            note: note.join("; "),
        }
    };
    facts.stack.services.values().map(row).collect()
}

/// A category within a sentence.
fn lower(name: &str) -> String {
    if name == "CI/CD" { name.to_owned() } else { name.to_lowercase() }
}

/// The cluster as a thing somebody looks after.
fn cluster<'a>(facts: &Facts<'a>) -> &'a str {
    if facts.cluster.name == "generic" { "a Kubernetes cluster" } else { facts.cluster.title }
}

/// What the number of languages and workloads means.
fn impact(facts: &Facts<'_>, stacks: &[Stack]) -> String {
    let mut runtimes: BTreeMap<&str, usize> = BTreeMap::new();
    for stack in stacks.iter().filter(|stack| stack.runtime != "not known" && stack.runtime != "the product's own") {
        *runtimes.entry(&stack.runtime).or_default() += 1;
    }
    let each: Vec<String> = runtimes.iter().map(|(name, number)| format!("{number} {name}")).collect();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let labels: std::collections::BTreeSet<&String> = facts.workloads.values().collect();
    for label in labels {
        *kinds.entry(label.split('/').next().unwrap_or_default()).or_default() += 1;
    }
    let workloads: Vec<String> =
        kinds.iter().map(|(kind, number)| format!("{number} {kind}{}", if *number == 1 { "" } else { "s" })).collect();
    let own = match runtimes.len() {
        0 => "No service has code here whose language could be told".to_owned(),
        1 => format!("One language ({}): one pattern for Dockerfiles and dependencies", each.join(", ")),
        number => {
            format!("{number} languages ({}): a pattern for Dockerfiles and dependencies for each", each.join(", "))
        }
    };
    format!("{own}. {} Compose services become {}.", facts.stack.services.len(), workloads.join(", "))
}

fn takeaway(facts: &Facts<'_>, concerns: &[Concern], sums: &BTreeMap<&str, Row>, total: &Row) -> Vec<String> {
    let mut most: Vec<(&&str, &Row)> = sums.iter().filter(|(_, row)| row.delta > 0).collect();
    most.sort_by_key(|(name, row)| (std::cmp::Reverse(row.delta), **name));
    let from: Vec<String> =
        most.iter().take(3).map(|(name, row)| format!("{} (+{})", lower(name), row.delta)).collect();
    let mut out = vec![format!(
        "The move takes the effort from {} to {} ({} to {} points on average over {} categories), mostly by {}.",
        total.current_level.word(),
        total.target_level.word(),
        total.current,
        total.target,
        CATEGORIES.len(),
        if from.is_empty() { "nothing in particular".to_owned() } else { from.join(", ") }
    )];
    let once: i64 =
        concerns.iter().flat_map(|one| &one.target.points).filter(|point| point.once).map(|point| point.points).sum();
    let all: i64 = concerns.iter().map(|one| one.target.sum).sum();
    out.push(format!("Of {all} points afterwards {once} are learnt or set up once; the rest comes back with every release or upgrade."));
    let scaled = facts.stack.services.values().filter(|service| service.operations.scaling.is_some()).count();
    let healed = facts.stack.services.values().filter(|service| service.operations.live.is_some()).count();
    let mut pays = Vec::new();
    if scaled > 0 {
        pays.push(format!("{scaled} services that scale by themselves"));
    }
    if healed > 0 {
        pays.push(format!("{healed} that are restarted when they hang"));
    }
    pays.push(match facts.delivery {
        Delivery::Kubectl => "versions that can be taken back (`kubectl rollout undo`)".to_owned(),
        _ => "a history of every change that can be taken back (a revert in Git)".to_owned(),
    });
    out.push(format!("It pays by {}.", pays.join(", and ")));
    let skills: Vec<&str> = match facts.delivery {
        Delivery::Kubectl => vec!["kubectl", "manifests"],
        Delivery::Flux => vec!["kubectl", "Flux", "manifests or Helm values"],
        Delivery::ArgoCd => vec!["kubectl", "Argo CD", "manifests or Helm values"],
    };
    out.push(format!("Needed to know: {}, and how to look after {}.", skills.join(", "), cluster(facts)));
    out
}
