//! `tranship diff A B`: whether two descriptions of an application mean the same.
//!
//! Each side is a Compose project, a directory tranship wrote, or a folder or file of manifests. They meet as stacks. A
//! project compared with manifests goes to Kubernetes and back first, so that only what Kubernetes can hold is compared;
//! what it cannot hold is counted and named on request.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use tranship_compose::LoadOptions;
use tranship_emit::backends::helm::SECRET_VALUES;
use tranship_infer::back::{Explained, explain};
use tranship_kube::lower::{Options, lower};
use tranship_kube::{Object, ObjectSet};
use tranship_model::diff::{Difference, diff};
use tranship_model::tree::tree;
use tranship_model::{Entry, Ledger, Outcome, Stack};
use tranship_source::yaml::{Key, Map, Node, Value};
use tranship_source::{Diagnostic, Kind, Severity, Sources, World};

use super::Exit;
use crate::choices::Choices;
use crate::cli::ProjectFlags;
use crate::disk::DiskWorld;
use crate::secrets::Plan;
use crate::talk;
use crate::understand::understand;

/// Flags of `diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// A Compose file or project directory, a directory `convert` wrote, or manifests
    left: PathBuf,
    /// The other one; without it a project is compared with what its own objects give back
    right: Option<PathBuf>,
    #[command(flatten)]
    choices: Choices,
    /// Name also what Kubernetes cannot hold and is therefore not compared
    #[arg(long)]
    reasons: bool,
    /// How to print the differences
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
}

/// One side of the comparison.
enum Side {
    /// A Compose project, as a stack and as the objects it becomes.
    Project { stack: Box<Stack>, objects: ObjectSet, ledger: Ledger },
    /// Manifests.
    Manifests(ObjectSet),
}

/// Runs the command.
pub fn run(project: &ProjectFlags, args: &DiffArgs) -> anyhow::Result<Exit> {
    let world = DiskWorld::new()?;
    let plan = args.choices.secrets.plan(&world)?;
    let Some(left) = side(&world, project, (&args.choices, &plan), &args.left)? else { return Ok(Exit::BadInput) };
    let Some(right) = &args.right else { return back(args, left) };
    let Some(right) = side(&world, project, (&args.choices, &plan), right)? else { return Ok(Exit::BadInput) };
    let (left, right, not_held) = meet(left, right);
    let found = diff(&left, &right);
    let (differences, unknown): (Vec<_>, Vec<_>) = found.into_iter().partition(Difference::is_comparable);
    match args.format {
        Format::Human => print(args, &differences, &unknown, &not_held)?,
        Format::Json => talk::print(&format!("{:#}\n", json(&differences, &unknown, &not_held)))?,
    }
    Ok(if differences.is_empty() { Exit::Done } else { Exit::Findings })
}

/// Digests live for one comparison only and are never kept, so that a fixed key reveals nothing beyond equality.
const KEY: [u8; blake3::KEY_LEN] = *b"tranship diff compares, forgets.";

/// Compares a project with what its own objects give back: exit 0 where each difference has a reason.
fn back(args: &DiffArgs, side: Side) -> anyhow::Result<Exit> {
    let Side::Project { stack, objects, ledger } = side else {
        bail!("`{}` is no project: name what it is to be compared with", args.left.display());
    };
    let again = tranship_kube::lift::lift(&objects).value;
    let found = explain(&stack, &ledger, diff(&tree(&stack, &digest), &tree(&again, &digest)));
    let (explained, bare): (Vec<_>, Vec<_>) = found.into_iter().partition(|found| found.because.is_some());
    match args.format {
        Format::Human => {
            let mut by_reason: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for Explained { difference, because } in explained {
                by_reason.entry(because.unwrap_or_default()).or_default().push(difference.path);
            }
            let mut out = String::new();
            for (because, paths) in &by_reason {
                out.extend([&*format!("{} · {because}\n", paths.len())]);
                if args.reasons {
                    out.extend(paths.iter().map(|path| format!("  {path}\n")));
                }
            }
            talk::print(&out)?;
            let count = by_reason.values().map(Vec::len).sum::<usize>();
            let bare: Vec<Difference> = bare.into_iter().map(|found| found.difference).collect();
            print(args, &bare, &[], &[])?;
            eprintln!("{count} values do not come back from Kubernetes, each for a reason");
            Ok(if bare.is_empty() { Exit::Done } else { Exit::Findings })
        }
        Format::Json => {
            let row = |found: &Explained| {
                let Difference { path, left, right } = &found.difference;
                serde_json::json!({ "path": path, "left": left.as_ref().map(plain), "right": right.as_ref().map(plain), "because": found.because })
            };
            let rows: Vec<_> = explained.iter().chain(&bare).map(row).collect();
            talk::print(&format!("{:#}\n", serde_json::json!({ "version": 1, "back": rows })))?;
            Ok(if bare.is_empty() { Exit::Done } else { Exit::Findings })
        }
    }
}

fn digest(bytes: &[u8]) -> String {
    blake3::keyed_hash(&KEY, bytes).to_hex().to_string()
}

/// The two trees to compare, and what a project says that Kubernetes cannot hold.
fn meet(left: Side, right: Side) -> (Node, Node, Vec<Entry>) {
    match (left, right) {
        (Side::Project { stack: a, .. }, Side::Project { stack: b, .. }) => {
            (tree(&a, &digest), tree(&b, &digest), Vec::new())
        }
        (Side::Project { objects, ledger, .. }, Side::Manifests(other)) => {
            let (a, b) = both(objects, other);
            (a, b, not_held(ledger))
        }
        (Side::Manifests(other), Side::Project { objects, ledger, .. }) => {
            let (a, b) = both(other, objects);
            (a, b, not_held(ledger))
        }
        (Side::Manifests(a), Side::Manifests(b)) => {
            let (a, b) = both(a, b);
            (a, b, Vec::new())
        }
    }
}

/// Both sets as stacks, namespace by namespace where there are several: objects of one name in two are not the same.
fn both(left: ObjectSet, right: ObjectSet) -> (Node, Node) {
    let (mut left, mut right) = (by_namespace(left), by_namespace(right));
    if left.len() < 2 && right.len() < 2 {
        let only = |set: BTreeMap<String, ObjectSet>| set.into_values().next().unwrap_or_default();
        return one(only(left), only(right));
    }
    let all: BTreeSet<String> = left.keys().chain(right.keys()).cloned().collect();
    let (mut a, mut b) = (Map::default(), Map::default());
    for namespace in all {
        let (here, there) = (left.remove(&namespace), right.remove(&namespace));
        let is_here = (here.is_some(), there.is_some());
        let (here, there) = one(here.unwrap_or_default(), there.unwrap_or_default());
        let key = || Key::from(namespace.as_str());
        a.extend(is_here.0.then(|| (key(), here)));
        b.extend(is_here.1.then(|| (key(), there)));
    }
    let whole = |map: Map| Node::from([("namespaces", Node::from(map))]);
    (whole(a), whole(b))
}

/// The objects of each namespace; a Namespace is in its own, and what is in none is with the first.
fn by_namespace(set: ObjectSet) -> BTreeMap<String, ObjectSet> {
    let of = |object: &Object| match object.kind() {
        "Namespace" => object.name().to_owned(),
        _ => object.namespace().to_owned(),
    };
    let mut out: BTreeMap<String, ObjectSet> = BTreeMap::new();
    for object in set.objects {
        out.entry(of(&object)).or_default().objects.push(object);
    }
    if let Some(none) = out.remove("") {
        match out.values_mut().next() {
            Some(first) => first.objects.extend(none.objects),
            None => _ = out.insert(String::new(), none),
        }
    }
    out
}

/// Two sets as stacks, and with what objects say beyond them. A Secret that one side does not have is taken from the other
/// too: what uses it cannot be compared.
fn one(mut left: ObjectSet, mut right: ObjectSet) -> (Node, Node) {
    let secrets = |set: &ObjectSet| -> BTreeSet<String> {
        set.iter().filter(|o| o.kind() == "Secret").map(|o| o.name().to_owned()).collect()
    };
    let (a, b) = (secrets(&left), secrets(&right));
    for set in [&mut left, &mut right] {
        set.objects.retain(|o| o.kind() != "Secret" || (a.contains(o.name()) && b.contains(o.name())));
    }
    let whole = |set: &ObjectSet| {
        let mut whole = tree(&tranship_kube::lift::lift(set).value, &digest);
        if let Some(map) = whole.as_map_mut() {
            map.insert(Key::from("objects"), tranship_kube::lift::rest(set, &digest));
        }
        whole
    };
    (whole(&left), whole(&right))
}

/// Reads a side; `None` after its faults were printed.
fn side(
    world: &DiskWorld,
    project: &ProjectFlags,
    choices: (&Choices, &Plan),
    path: &Path,
) -> anyhow::Result<Option<Side>> {
    let stat = world.stat(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let mut files = Vec::new();
    match stat.kind {
        Kind::Directory if is_project(world, project, path)? => {
            return Ok(load(world, &options(project, path, true), choices));
        }
        Kind::Directory => {
            let ours = world.stat(&path.join(".tranship")).is_ok();
            let folders =
                if ours { vec![path.join("manifests"), path.join("secrets")] } else { vec![path.to_path_buf()] };
            for folder in folders.iter().filter(|folder| world.stat(folder).is_ok()) {
                collect(world, folder, 0, &mut files)?;
            }
            // Values for a chart are no object.
            files.retain(|file| !ours || *file != path.join(SECRET_VALUES));
        }
        _ => files.push(path.to_path_buf()),
    }
    if let [only] = files.as_slice() {
        let text = String::from_utf8_lossy(&world.read(only)?).into_owned();
        if is_compose(&text) {
            return Ok(load(world, &options(project, only, false), choices));
        }
    }
    if files.is_empty() {
        bail!("`{}` holds neither a Compose file nor manifests", path.display());
    }
    manifests(world, &files)
}

/// Whether a directory holds a project: it has a Compose file of a usual name, or those of `-f` were named and it was not
/// written by `convert`.
fn is_project(world: &DiskWorld, project: &ProjectFlags, path: &Path) -> anyhow::Result<bool> {
    let names = world.list(path)?;
    if !project.files.is_empty() {
        let full = |path: &Path| tranship_source::path::join(world.current_dir(), path);
        let folder = full(path);
        let chosen = project.project_directory.as_deref().is_some_and(|given| full(Path::new(given)) == folder);
        let below = project.files.iter().any(|file| full(Path::new(file)).starts_with(&folder));
        return Ok((chosen || below) && !names.iter().any(|name| name == ".tranship"));
    }
    let known = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    Ok(names.iter().any(|name| known.contains(&name.as_str())))
}

/// Options for the project at a path; profiles, env files and name are the command's.
fn options(project: &ProjectFlags, path: &Path, is_directory: bool) -> LoadOptions {
    let path = path.to_string_lossy().into_owned();
    let mut options = project.load_options();
    if is_directory {
        options.project_directory = Some(path);
    } else {
        options.files = vec![path];
    }
    options
}

fn is_compose(text: &str) -> bool {
    text.lines()
        .any(|line| line.trim_end() == "services:" || line.starts_with("services: ") || line.starts_with("include:"))
}

fn load(world: &DiskWorld, options: &LoadOptions, (choices, plan): (&Choices, &Plan)) -> Option<Side> {
    let mut loaded = tranship_compose::load(world, options);
    let Some(project) = loaded.project else {
        talk::diagnostics(&loaded.diagnostics, &loaded.sources);
        return None;
    };
    let lifted = understand(&project, &mut loaded.sources, world, choices, &mut loaded.diagnostics);
    if lifted.refused {
        talk::diagnostics(&loaded.diagnostics, &loaded.sources);
        return None;
    }
    let options =
        Options { namespace: lifted.namespace, version: choices.kube_version, pod_security: choices.is_production() };
    let mut lowered = lower(&lifted.stack, &options, lifted.ledger).value;
    plan.place(&mut lowered.objects, &lifted.stack.name.value);
    Some(Side::Project { stack: Box::new(lifted.stack), objects: lowered.objects, ledger: lowered.ledger })
}

/// What a project says that Kubernetes cannot hold.
fn not_held(ledger: Ledger) -> Vec<Entry> {
    let lost = |entry: &Entry| matches!(entry.outcome, Outcome::Dropped { .. } | Outcome::Decided { .. });
    ledger.entries.into_iter().filter(lost).collect()
}

/// YAML and JSON files below a folder, sorted.
fn collect(world: &DiskWorld, folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if depth > 16 {
        return Ok(());
    }
    for name in world.list(folder)? {
        let path = folder.join(&name);
        let is_manifest = [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end));
        match world.stat(&path).map(|stat| stat.kind) {
            Ok(Kind::Directory) => collect(world, &path, depth + 1, files)?,
            Ok(Kind::File) if is_manifest && !name.starts_with("kustomization.") => files.push(path),
            _ => {}
        }
    }
    Ok(())
}

fn manifests(world: &DiskWorld, files: &[PathBuf]) -> anyhow::Result<Option<Side>> {
    let mut sources = Sources::new();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let mut objects: Vec<Object> = Vec::new();
    for path in files {
        let bytes = world.read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let text = String::from_utf8(bytes).with_context(|| format!("`{}` is not UTF-8", path.display()))?;
        let file = sources.add(path.display().to_string(), text.as_str());
        objects.extend(tranship_kube::read::read(file, &text).take(&mut diagnostics));
    }
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        talk::diagnostics(&diagnostics, &sources);
        return Ok(None);
    }
    // What is encrypted is a Secret that is not at hand.
    objects.retain(|object| object.kind() != "SealedSecret" && object.get(&["sops"]).is_none());
    Ok(Some(Side::Manifests(ObjectSet { objects })))
}

fn print(
    args: &DiffArgs,
    differences: &[Difference],
    unknown: &[Difference],
    not_held: &[Entry],
) -> anyhow::Result<()> {
    let mut out = String::new();
    for Difference { path, left, right } in differences {
        let side = |sign: char, node: &Option<Node>| node.as_ref().map(|node| format!("  {sign} {}\n", short(node)));
        out.extend([path.as_str(), "\n"]);
        out.extend([side('-', left), side('+', right)].into_iter().flatten());
    }
    for Difference { path, .. } in unknown {
        out.extend([path.as_str(), "\n  ? not comparable: the secret is not at hand\n"]);
    }
    if args.reasons {
        for entry in not_held {
            let (Outcome::Dropped { why, .. } | Outcome::Decided { why }) = &entry.outcome else { continue };
            out.extend([&*entry.path, "\n  · not compared: ", why, "\n"]);
        }
    }
    talk::print(&out)?;
    let held = if not_held.is_empty() {
        String::new()
    } else {
        format!("; {} values Kubernetes does not hold are not compared (--reasons names them)", not_held.len())
    };
    let same =
        if differences.is_empty() { "no differences".to_owned() } else { format!("{} differences", differences.len()) };
    eprintln!("{same}, {} not comparable{held}", unknown.len());
    Ok(())
}

/// A node on one line.
fn short(node: &Node) -> String {
    plain(node).to_string()
}

fn plain(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::String(text) => text.as_str().into(),
        Value::Sequence(items) => items.iter().map(plain).collect(),
        Value::Mapping(map) => map.iter().map(|(key, node)| (key.text.clone(), plain(node))).collect(),
    }
}

fn json(differences: &[Difference], unknown: &[Difference], not_held: &[Entry]) -> serde_json::Value {
    let one = |d: &Difference| serde_json::json!({ "path": d.path, "left": d.left.as_ref().map(plain), "right": d.right.as_ref().map(plain) });
    let reason = |entry: &Entry| {
        let (Outcome::Dropped { why, .. } | Outcome::Decided { why }) = &entry.outcome else { return None };
        Some(serde_json::json!({ "path": &*entry.path, "why": why }))
    };
    serde_json::json!({
        "version": 1,
        "differences": differences.iter().map(one).collect::<Vec<_>>(),
        "not_comparable": unknown.iter().map(|d| d.path.as_str()).collect::<Vec<_>>(),
        "not_compared": not_held.iter().filter_map(reason).collect::<Vec<_>>(),
    })
}
