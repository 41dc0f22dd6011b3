//! The proof over the real projects of the shared corpus, where it lies beside the repository.
//!
//! `PROOF_REPORT=FILE` writes every finding with its project, to be read by people.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test that reads real projects from disk")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tranship_compose::{LoadOptions, load};
use tranship_infer::{carried, complete, edges, prove, rewrite};
use tranship_source::{Kind, MemoryWorld, Severity, Stat, World};
use tranship_testing::not_run::no_shared;
use tranship_testing::places;

/// A project's folder, with what its setting adds.
struct Folder {
    env: BTreeMap<String, String>,
    current: PathBuf,
    added: MemoryWorld,
}

impl World for Folder {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.added.read(path).or_else(|_| std::fs::read(self.current.join(path)))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let entries = std::fs::read_dir(self.current.join(path))?;
        let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        Ok(names)
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        if let Ok(stat) = self.added.stat(path)
            && stat.kind == Kind::File
        {
            return Ok(stat);
        }
        let meta = std::fs::metadata(self.current.join(path))?;
        let kind = if meta.is_dir() { Kind::Directory } else { Kind::File };
        Ok(Stat { kind, mode: 0o644, size: meta.len(), link: None })
    }

    fn env(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    fn current_dir(&self) -> &Path {
        &self.current
    }

    fn stdin(&self) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn now(&self) -> u64 {
        0
    }
}

fn folder(root: PathBuf, setting: Option<&Value>) -> Folder {
    let mut added = MemoryWorld::new().with_current_dir(&root);
    let mut env = BTreeMap::from([("HOME".to_owned(), "/root".to_owned())]);
    let list = |key: &str| setting.and_then(|s| s.get(key)).and_then(Value::as_array).cloned().unwrap_or_default();
    for name in list("touch") {
        added = added.with(name.as_str().unwrap(), "");
    }
    for pair in list("copy") {
        let part = |at: usize| pair.get(at).and_then(Value::as_str).unwrap().to_owned();
        let bytes = std::fs::read(root.join(part(0))).unwrap();
        added = added.with(part(1), bytes);
    }
    for (name, value) in setting.and_then(|s| s.get("env")).and_then(Value::as_object).into_iter().flatten() {
        env.insert(name.clone(), value.as_str().unwrap_or("").to_owned());
    }
    Folder { env, current: root, added }
}

#[test]
fn real_projects_are_proven_and_rewritten_without_harm() {
    let Some(shared) = places::shared() else {
        no_shared();
        return;
    };
    let corpus = shared.join("corpus");
    let index = std::fs::read_to_string(corpus.join("index.tsv")).unwrap();
    let settings: Value = serde_json::from_slice(&std::fs::read(corpus.join("settings.json")).unwrap()).unwrap();
    let mut report = String::new();
    let (mut projects, mut references, mut errors) = (0, 0, 0);
    for row in index.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>()) {
        let (Some(id), Some(main), Some(reference)) = (row.first(), row.get(3), row.get(7)) else { continue };
        if !(id.starts_with("compose/") || id.starts_with("pairs/")) || !reference.starts_with("ok") {
            continue;
        }
        let root = corpus.join(id);
        let source = std::fs::read_to_string(root.join("SOURCE.txt")).unwrap();
        let directory = source.lines().find_map(|line| line.strip_prefix("project directory: "));
        let options = LoadOptions {
            files: main.split(" + ").map(|name| name.trim().to_owned()).collect(),
            project_directory: directory.filter(|name| root.join(name).is_dir()).map(str::to_owned),
            profiles: vec!["*".to_owned()],
            ..LoadOptions::default()
        };
        let world = folder(root, settings.get(id));
        let loaded = load(&world, &options);
        let Some(project) = loaded.project else {
            writeln!(report, "# {id}: does not load").unwrap();
            continue;
        };
        let mut stack = tranship_compose::lift::lift(&project, &loaded.sources, &world).value.stack;
        let checked = prove(&stack);
        projects += 1;
        references += checked.value.proven.len();
        writeln!(
            report,
            "# {id} ({} services, {} references, {} edges)",
            stack.services.len(),
            checked.value.proven.len(),
            edges(&stack).len()
        )
        .unwrap();
        for d in &checked.diagnostics {
            errors += usize::from(d.severity == Severity::Error);
            let place = d.primary.as_ref().and_then(|p| loaded.sources.place(p.span)).unwrap_or_default();
            let help = d.help.as_deref().unwrap_or("");
            writeln!(report, "{} {}: {place}: {} | {help}", d.severity.as_str(), d.code, d.message).unwrap();
            assert!(d.severity != Severity::Error || !place.is_empty(), "{id}: {} has no place", d.message);
        }
        for ((service, port), because) in checked.value.undeclared() {
            writeln!(report, "opens {service}:{port} {because:?}").unwrap();
        }
        let mut completed = stack.clone();
        complete(&mut completed, &checked.value);
        let more = prove(&completed).diagnostics;
        assert!(more.len() <= checked.diagnostics.len(), "{id}: a completed stack has no new faults");
        let names = carried(&stack);
        let done = rewrite(&mut stack, &names);
        for line in &done.value {
            writeln!(report, "rewrites {} {}", line.service, line.because()).unwrap();
        }
        for d in &done.diagnostics {
            writeln!(report, "{} {}: {}", d.severity.as_str(), d.code, d.message).unwrap();
        }
        assert!(rewrite(&mut stack, &names).value.is_empty(), "{id}: a second rewriting finds nothing");
        assert_eq!(prove(&stack).value, prove(&stack).value, "{id}: the same twice");
    }
    println!("{projects} projects, {references} references, {errors} errors");
    if let Some(path) = std::env::var_os("PROOF_REPORT") {
        std::fs::write(path, report).unwrap();
    }
    assert!(projects > 150, "{projects} projects were loaded");
}

/// Every file below a folder, sorted.
fn below(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { below(&path, out) } else { out.push(path) }
    }
}

#[test]
fn proxies_of_real_projects_are_read_without_a_fault() {
    let Some(shared) = places::shared() else {
        no_shared();
        return;
    };
    let mut files = Vec::new();
    below(&shared.join("corpus/proxies"), &mut files);
    let (mut read, mut names, mut listens) = (0, 0, 0);
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        // Sources keep their configurations in folders named after the product, as containers do.
        let target = path.to_string_lossy().replace(".example", "").replace("/proxies/", "/etc/");
        let Some(dialect) = tranship_proxy::dialect(None, &target, &text) else { continue };
        let found = tranship_proxy::read(dialect, &text);
        assert!(found.diagnostics.is_empty(), "{}: {:?}", path.display(), found.diagnostics);
        read += 1;
        names += found.value.names.len();
        listens += found.value.listens.len();
    }
    println!("{read} files, {names} hosts, {listens} ports");
    assert!(read > 30 && names > 60, "{read} files, {names} hosts");
}
