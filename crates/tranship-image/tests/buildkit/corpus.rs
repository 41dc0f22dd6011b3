//! Dockerfiles below a folder.

use std::fs;
use std::path::Path;

use crate::compare::Case;

/// Every file whose name is a Dockerfile's, in order.
pub fn below(folder: &Path) -> Vec<Case> {
    let mut out = Vec::new();
    gather(folder, &mut out);
    out
}

fn gather(folder: &Path, into: &mut Vec<Case>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if path.is_dir() {
            gather(&path, into);
        } else if is_dockerfile(&name)
            && let Ok(text) = fs::read_to_string(&path)
        {
            into.push(Case::new(path.to_string_lossy(), &text));
        }
    }
}

fn is_dockerfile(name: &str) -> bool {
    let named = name.contains("dockerfile") || name.contains("containerfile");
    named && !["ignore", ".go", ".md"].iter().any(|end| name.ends_with(end))
}
