//! Generated files: `cargo xtask gen` writes them, `cargo xtask gen --check` says which are out of date.
//!
//! A generated file is made from the tree alone, the same bytes every time. To add one: a file in this folder with a
//! function from the root to its files, and a line in [`GENERATORS`].
//!
//! The pack of Kubernetes schemas is made from files that are no part of the tree: `cargo xtask gen schema-pack`.

mod compose_schema;
mod overrides;
mod products;
mod schema_pack;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use tranship_testing::places;

/// A generated file: its path from the root, and what must stand in it.
pub type Generated = (String, String);

/// What makes the files of one kind.
type Generator = fn(&Path) -> Result<Vec<Generated>>;

const GENERATORS: &[(&str, Generator)] = &[
    // tidy: sorted
    ("compose_schema", compose_schema::generate),
    ("overrides", overrides::generate),
    ("products", products::generate),
    // tidy: end
];

/// Runs `gen [--check]`.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let root = places::workspace();
    match args {
        [] => write(&root),
        [check] if check == "--check" => {
            let stale = stale(&root)?;
            for path in &stale {
                println!("out of date: {path} (cargo xtask gen writes it)");
            }
            Ok(if stale.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        [pack, from, dir] if pack == "schema-pack" && from == "--from" => schema_pack::run(Path::new(dir)),
        _ => bail!("usage: cargo xtask gen [--check | schema-pack --from DIR]"),
    }
}

/// How many generated files there are, and which of them differ from what would be written now.
pub fn stale(root: &Path) -> Result<Vec<String>> {
    let mut stale = Vec::new();
    for (path, content) in generated(root)? {
        if fs::read_to_string(root.join(&path)).ok().as_deref() != Some(&content) {
            stale.push(path);
        }
    }
    Ok(stale)
}

/// Every generated file.
pub fn generated(root: &Path) -> Result<Vec<Generated>> {
    let mut files = Vec::new();
    for (name, generator) in GENERATORS {
        files.extend(generator(root).with_context(|| format!("generating {name}"))?);
    }
    Ok(files)
}

fn write(root: &Path) -> Result<ExitCode> {
    for (path, content) in generated(root)? {
        let target = root.join(&path);
        fs::create_dir_all(target.parent().unwrap_or(root)).with_context(|| format!("making the folder of {path}"))?;
        fs::write(&target, content).with_context(|| format!("writing {path}"))?;
        println!("wrote {path}");
    }
    Ok(ExitCode::SUCCESS)
}
