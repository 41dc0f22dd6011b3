//! Projects to put to both tools, and how each is set up in a copy of its own.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;
use tempfile::TempDir;
use tranship_testing::Mutator;
use tranship_testing::program::scratch;

/// A project on disk and how to call for it.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// What a failure is reported under.
    pub id: String,
    /// Where it lies.
    pub dir: PathBuf,
    /// `-f`, in order; none: the tools look for themselves.
    pub files: Vec<String>,
    /// `--project-directory`.
    pub directory: Option<String>,
    /// Its whole environment, apart from `PATH` and `HOME`.
    pub env: BTreeMap<String, String>,
    /// Files to put into the copy, over what is there: a path and its content.
    pub overlay: Vec<(String, Vec<u8>)>,
}

impl Project {
    /// Whether an edit of one line has a fair chance to matter.
    pub fn is_small(&self) -> bool {
        let size = |name: &String| fs::metadata(self.dir.join(name)).map_or(u64::MAX, |meta| meta.len());
        !self.files.is_empty() && self.files.iter().map(size).all(|size| size < 6_000)
    }

    /// The project with one line of one of its files edited; none where the file is no text.
    pub fn edited(&self, mutator: &mut Mutator, number: usize) -> Option<Self> {
        let name = self.files.get(mutator.below(self.files.len()))?;
        let text = fs::read_to_string(self.dir.join(name)).ok()?;
        let mut edited = self.clone();
        edited.id = format!("{} edit {number}", self.id);
        edited.overlay.push((name.clone(), mutator.edit(&text).into_bytes()));
        Some(edited)
    }

    /// A copy to work in, called `project` in a temporary folder.
    pub fn copy(&self) -> Result<(TempDir, PathBuf)> {
        let folder = TempDir::with_prefix_in("tranship-differential-", scratch())?;
        let work = folder.path().join("project");
        copy_tree(&self.dir, &work).with_context(|| format!("copying {}", self.dir.display()))?;
        for (name, content) in &self.overlay {
            let path = work.join(name);
            fs::create_dir_all(path.parent().unwrap_or(&work))?;
            fs::write(&path, content).with_context(|| format!("writing {name}"))?;
        }
        Ok((folder, work))
    }

    /// The project flags.
    pub fn flags(&self) -> Vec<&str> {
        let files = self.files.iter().flat_map(|file| ["-f", file]);
        let directory = self.directory.iter().flat_map(|directory| ["--project-directory", directory]);
        files.chain(directory).collect()
    }
}

/// The projects in `examples/`, each by its compose files as the tools find them.
pub fn examples(root: &Path) -> Result<Vec<Project>> {
    let mut projects = Vec::new();
    for dir in super::super::examples::projects(root)? {
        let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        projects.push(Project { id: format!("examples/{name}"), dir, ..Project::default() });
    }
    Ok(projects)
}

/// The corpus, with the variables and files that the reference verdict of a project presupposes.
pub fn corpus(shared: &Path) -> Result<Vec<Project>> {
    let corpus = shared.join("corpus");
    let index = fs::read_to_string(corpus.join("index.tsv")).context("reading the corpus index")?;
    let settings = fs::read(corpus.join("settings.json")).context("reading the corpus settings")?;
    let settings: Value = serde_json::from_slice(&settings).context("reading the corpus settings")?;
    let mut rows = index.lines();
    let header: Vec<&str> = rows.next().unwrap_or_default().split('\t').collect();
    let column = |row: &[&str], name: &str| {
        let at = header.iter().position(|title| *title == name).unwrap_or(usize::MAX);
        row.get(at).copied().unwrap_or("").to_owned()
    };
    let rows =
        rows.map(|row| row.split('\t').collect::<Vec<_>>()).map(|row| (column(&row, "id"), column(&row, "main")));
    rows.filter(|(id, _)| id.starts_with("compose/") || id.starts_with("pairs/"))
        .map(|(id, main)| of_corpus(&corpus, id, &main, &settings))
        .collect()
}

fn of_corpus(corpus: &Path, id: String, main: &str, settings: &Value) -> Result<Project> {
    let dir = corpus.join(&id);
    let source = fs::read_to_string(dir.join("SOURCE.txt")).with_context(|| format!("reading the source of {id}"))?;
    let named = source.lines().find_map(|line| line.strip_prefix("project directory: ")).map(str::trim);
    let setting = settings.get(&id).unwrap_or(&Value::Null);
    let env = setting.get("env").and_then(Value::as_object).into_iter().flatten();
    let mut overlay = Vec::new();
    for name in setting.get("touch").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        overlay.push((name.to_owned(), Vec::new()));
    }
    for pair in setting.get("copy").and_then(Value::as_array).into_iter().flatten() {
        if let [Some(from), Some(to)] = [0, 1].map(|at| pair.get(at).and_then(Value::as_str)) {
            overlay.push((to.to_owned(), fs::read(dir.join(from)).with_context(|| format!("reading {from} of {id}"))?));
        }
    }
    Ok(Project {
        files: main.split(" + ").map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        directory: named.filter(|name| dir.join(name).is_dir()).map(str::to_owned),
        env: env.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect(),
        overlay,
        id,
        dir,
    })
}

/// Copies a folder, links as links.
fn copy_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            // The shared material is read-only; the copy is to be edited.
            let mode = fs::metadata(&target)?.permissions().mode();
            fs::set_permissions(&target, Permissions::from_mode(mode | 0o200))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Project;
    use tranship_testing::{Fixture, Mutator};

    #[test]
    fn an_edited_project_differs_in_its_copy_alone() {
        let dir = Fixture::parse("-- compose.yaml\nservices:\n  web:\n    image: nginx\n").on_disk().unwrap();
        let project =
            Project { dir: dir.path().to_owned(), files: vec!["compose.yaml".to_owned()], ..Project::default() };
        let edited = project.edited(&mut Mutator::new(1), 0).unwrap();
        let (_folder, work) = edited.copy().unwrap();
        let original = std::fs::read_to_string(dir.path().join("compose.yaml")).unwrap();
        assert_ne!(std::fs::read_to_string(work.join("compose.yaml")).unwrap(), original);
        assert_eq!(edited.flags(), ["-f", "compose.yaml"]);
    }
}
