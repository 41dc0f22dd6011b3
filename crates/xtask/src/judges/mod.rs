//! What outside judges find in the manifests we write: kube-score, Checkov, kubeconform and kubernetes-validate.
//!
//! Developer tools, which the product needs none of. They are fetched once into the testbed's folder. A finding is waived
//! where `docs/judges.md` lists it by judge and id with a reason; everything else is printed and fails the command.

mod each;
mod tools;
mod waived;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tranship_testing::program::scratch;
use tranship_testing::{Program, places};

use self::each::{Finding, JUDGES};
use self::tools::Tools;
use self::waived::Waived;

/// What the command was asked for.
#[derive(Debug, Default)]
struct Wanted {
    corpus: bool,
    only: Option<String>,
    show: Option<String>,
}

/// Runs `judges [--corpus] [--only NAME] [--show ID]`.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let wanted = wanted(args)?;
    crate::leash::tie()?;
    let tools = Tools::ready()?;
    let waived = Waived::read(&places::workspace().join("docs/judges.md"))?;
    let out = TempDir::with_prefix_in("tranship-judges-", scratch())?;
    let units = converted(&wanted, out.path())?;
    println!("{:20} {:>6} {:>6} {:>9} {:>7} {:>6}", "judge", "apps", "clean", "findings", "waived", "left");
    let mut left = 0;
    for judge in JUDGES.iter().filter(|judge| wanted.only.as_deref().is_none_or(|only| only == judge.name)) {
        let mut ids: BTreeMap<String, (usize, String)> = BTreeMap::new();
        let (mut found, mut excused, mut clean) = (0, 0, 0);
        for (name, files) in &units {
            let findings = (judge.run)(&tools, files).with_context(|| format!("{} on {name}", judge.name))?;
            let mut here = 0;
            for Finding { id, object } in findings {
                found += 1;
                if wanted.show.as_ref() == Some(&id) {
                    println!("    {id} {name}: {object}");
                }
                if waived.excuses(judge.name, &id) {
                    excused += 1;
                    continue;
                }
                here += 1;
                ids.entry(id).or_insert_with(|| (0, format!("{name}: {object}"))).0 += 1;
            }
            clean += usize::from(here == 0);
            left += here;
        }
        let rest = found - excused;
        println!("{:20} {:>6} {clean:>6} {found:>9} {excused:>7} {rest:>6}", judge.name, units.len());
        for (id, (count, example)) in ids {
            println!("    {count:>4} {id}  such as {example}");
        }
    }
    println!("{left} left");
    Ok(if left == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn wanted(args: &[String]) -> Result<Wanted> {
    let mut wanted = Wanted::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--corpus" => wanted.corpus = true,
            "--only" => wanted.only = Some(args.next().context("`--only` wants the name of a judge")?.clone()),
            "--show" => wanted.show = Some(args.next().context("`--show` wants the id of a finding")?.clone()),
            other => bail!("judges takes no `{other}`"),
        }
    }
    if let Some(only) = &wanted.only
        && JUDGES.iter().all(|judge| judge.name != only)
    {
        bail!("no judge `{only}`; there are {}", JUDGES.map(|judge| judge.name).join(", "));
    }
    Ok(wanted)
}

/// Each application's manifests and Secrets, converted with default settings.
fn converted(wanted: &Wanted, out: &Path) -> Result<Vec<(String, Vec<PathBuf>)>> {
    let tranship = crate::binary::build(&[])?;
    let root = places::workspace();
    let mut projects = Vec::new();
    folders(&root.join("examples"), &mut projects)?;
    if wanted.corpus {
        let Some(shared) = places::shared() else { bail!("the corpus is not beside this clone") };
        folders(&shared.join("corpus/compose"), &mut projects)?;
    }
    let mut units = Vec::new();
    for (at, project) in projects.iter().enumerate() {
        let name = project.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let tree = out.join(format!("{at}"));
        let done = Program::new(&tranship).args(["convert", "--out"]).arg(&tree).dir(project).only_own_env().run()?;
        if !matches!(done.code(), Some(0 | 1)) {
            println!("    not converted: {name}");
            continue;
        }
        let mut files = Vec::new();
        for folder in ["manifests", "secrets"] {
            manifests(&tree.join(folder), &mut files)?;
        }
        files.sort();
        units.push((name, files));
    }
    Ok(units)
}

/// The folders below one that hold a project.
fn folders(dir: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    let mut here: Vec<PathBuf> = fs::read_dir(dir)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    here.sort();
    for path in here.into_iter().filter(|path| path.is_dir()) {
        if names.iter().any(|name| path.join(name).is_file()) {
            found.push(path);
        } else {
            folders(&path, found)?;
        }
    }
    Ok(())
}

/// Every manifest below a folder; kustomizations are no objects.
fn manifests(dir: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            manifests(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "yaml") && !path.ends_with("kustomization.yaml") {
            found.push(path);
        }
    }
    Ok(())
}
