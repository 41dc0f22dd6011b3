//! How a user overrides a field of the model.

use super::KEY;
use super::keys::{File, Service, Volume};
use super::shape::{KeyInfo, Shape};

/// What to write to decide a field by oneself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HowTo {
    /// The key in the project, `services.web.x-tranship.workload`.
    pub key: String,
    /// What the key says, a sentence.
    pub doc: String,
    /// Lines of YAML to paste, with an example value.
    pub yaml: String,
}

/// What to write to override a field of a part of the project; `None` where nothing can be said of it.
///
/// `section` is `services`, `volumes`, `configs` or `secrets`; `field` is a field of that part of the model, such as
/// `workload`, `process.command`, `resources.memory_limit`, or for volumes `volumes.driver`. A field of a field falls
/// back on what holds it.
///
/// ```
/// let how = tranship_compose::overrides::how_to("services", "web", "workload").unwrap();
/// assert_eq!(how.key, "services.web.x-tranship.workload");
/// assert_eq!(how.yaml, "services:\n  web:\n    x-tranship:\n      workload: statefulset\n");
/// ```
pub fn how_to(section: &str, name: &str, field: &str) -> Option<HowTo> {
    let keys = match section {
        "services" => Service::KEYS,
        "volumes" => Volume::KEYS,
        "configs" | "secrets" => File::KEYS,
        _ => return None,
    };
    let field = if section == "services" { field.to_owned() } else { in_section(section, field) };
    let mut wanted = field.as_str();
    loop {
        if let Some(steps) = find(keys, wanted) {
            return Some(advice(section, name, &steps));
        }
        wanted = wanted.rsplit_once('.')?.0;
    }
}

fn in_section(section: &str, field: &str) -> String {
    let below = field.starts_with(section) || field.is_empty();
    if below { field.to_owned() } else { format!("{section}.{field}") }
}

/// The keys from the section down to the one that decides a field: the deepest and most exact one.
fn find(keys: &'static [KeyInfo], field: &str) -> Option<Vec<&'static KeyInfo>> {
    let key = keys.iter().find(|key| key.decides.contains(&field))?;
    let mut steps = vec![key];
    if let Shape::Section(_, inner) = (key.shape)()
        && key.decides.first() != Some(&field)
        && let Some(below) = find(inner, field)
    {
        steps.extend(below);
    }
    Some(steps)
}

fn advice(section: &str, name: &str, steps: &[&'static KeyInfo]) -> HowTo {
    let path: Vec<&str> = steps.iter().map(|step| step.key).collect();
    let last = steps.last().copied();
    let mut yaml = format!("{section}:\n  {name}:\n    {KEY}:\n");
    for (depth, step) in steps.iter().enumerate() {
        let indent = "  ".repeat(depth + 3);
        let value = if depth + 1 == steps.len() { format!(" {}", step.example) } else { String::new() };
        yaml.extend([&*indent, step.key, ":", &*value, "\n"]);
    }
    HowTo {
        key: format!("{}.{KEY}.{}", tranship_model::ledger::child_path(section, name), path.join(".")),
        doc: last.map(|key| key.doc.trim().to_owned()).unwrap_or_default(),
        yaml,
    }
}
