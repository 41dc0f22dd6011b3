//! A Helm chart: the same objects with values in the places people change, installable under any name.
//!
//! Templates are trees (`tree`) in which an expression is a value, made of the objects themselves and of the marks that show
//! where names of the installation stand ([`crate::release`]). Installed under the project's name with its default values the
//! chart gives the objects of `manifests/`. Start reading at `emit`, then `chart.rs`.

mod chart;
mod kinds;
mod pods;
mod references;
mod texts;
mod tree;
mod values;
mod write;

use tranship_kube::Object;
use tranship_source::yaml;
use tranship_source::{Checked, Diagnostic};

use self::chart::Chart;
use super::{Backend, Install};
use crate::bundle::Bundle;
use crate::environment::Environment;
use crate::place::Places;
use crate::quote::shell;
use crate::tree::{File, FileTree};

/// A chart.
pub(super) const BACKEND: Backend = Backend {
    name: "helm",
    about: "a chart, for `helm install`",
    needs_secrets: false,
    needs_release: true,
    has_environments: true,
    emit,
    file: Some(where_it_lies),
    install,
};

/// The values of Secrets, which Git ignores.
pub const SECRET_VALUES: &str = "secrets/values.yaml";
/// The longest name of a release.
const LONGEST_RELEASE: usize = 53;

fn emit(bundle: &Bundle<'_>, _: &Places<'_>) -> Checked<FileTree> {
    let mut tree = FileTree::new();
    let Some(release) = bundle.release else {
        let fault = "a chart wants to know where names stand, and nobody said it";
        return Checked::new(tree, vec![Diagnostic::error("output-path", fault.to_owned())]);
    };
    let mut chart = Chart::new(bundle, release);
    chart.fill();
    let mut faults = Vec::new();
    let mut add = |path: &str, file: File| {
        if let Err(refusal) = tree.add(path, file) {
            faults.push(Diagnostic::error("output-path", refusal.to_string()));
        }
    };
    let folder = folder(bundle);
    let named = |path: &str| bundle.environments.iter().any(|other| path == format!("values-{}.yaml", other.name));
    for (path, text) in chart.files().into_iter().filter(|(path, _)| !named(path)) {
        add(&format!("{folder}/{path}"), File::public(text));
    }
    for other in bundle.environments {
        let (values, secrets) = environment(bundle, &chart, other);
        add(&format!("{folder}/values-{}.yaml", other.name), File::public(values));
        if let Some(secrets) = secrets {
            add(&format!("secrets/values-{}.yaml", other.name), File::private(secrets));
        }
    }
    if let Some(text) = chart.secret_values() {
        add(SECRET_VALUES, File::private(text));
    }
    Checked::new(tree, faults)
}

/// The values of an environment, and those of its Secrets.
fn environment(bundle: &Bundle<'_>, chart: &Chart<'_>, other: &Environment) -> (String, Option<String>) {
    let Some(release) = &other.release else { return (String::new(), None) };
    let there = Bundle { stack: &other.stack, objects: &other.objects, release: Some(release), ..*bundle };
    let mut theirs = Chart::new(&there, release);
    theirs.fill();
    let name = &other.name;
    let lead = format!(
        "# `-f values-{name}.yaml`: what is other in {name}, as far as it is a value. Probes, rights, policies and mounted\n# files that are other as well: `--as kustomize` has them in overlays/{name}.\n"
    );
    let difference = chart.values.difference(&theirs.values);
    let text = if difference.is_empty() { "{}\n".to_owned() } else { yaml::write(&difference.into()) };
    let secrets = (theirs.secrets != chart.secrets).then(|| theirs.secret_values()).flatten();
    (lead + &text, secrets)
}

fn folder(bundle: &Bundle<'_>) -> String {
    format!("helm/{}", bundle.chart)
}

/// The name under which names of objects stay as they are.
fn release_name(bundle: &Bundle<'_>) -> String {
    let name = tranship_kube::names::label(&bundle.stack.name.value);
    name.chars().take(LONGEST_RELEASE).collect::<String>().trim_end_matches('-').to_owned()
}

/// Why Helm would refuse a name for a chart.
pub fn refusal(name: &str) -> Option<&'static str> {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(legal) {
        return Some("it is made of small letters, digits and `-`");
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || name.ends_with('-') {
        return Some("it begins with a letter and ends with a letter or a digit");
    }
    (name.len() > LONGEST_RELEASE).then_some("it has at most 53 characters")
}

/// The name a project's chart has where nobody says another.
pub fn chart_name(project: &str) -> String {
    let name = tranship_kube::names::label(project);
    name.chars().take(LONGEST_RELEASE).collect::<String>().trim_end_matches('-').to_owned()
}

fn where_it_lies(bundle: &Bundle<'_>, object: &Object) -> String {
    if object.kind() == "Namespace" {
        return format!("{}/README.md", folder(bundle));
    }
    format!("{}/templates/{}", folder(bundle), chart::file(object))
}

fn install(bundle: &Bundle<'_>) -> Install {
    let namespace = shell(bundle.namespace);
    let name = release_name(bundle);
    let with_secrets = bundle.secrets.rows().form == "files" && bundle.objects.iter().any(chart::holds_secret);
    let values = if with_secrets { format!(" -f {SECRET_VALUES}") } else { String::new() };
    let labels = texts::namespace_labels(bundle);
    let mut commands = Vec::new();
    if labels.is_empty() {
        commands.push(format!(
            "helm upgrade --install {name} {} -n {namespace} --create-namespace{values}",
            folder(bundle)
        ));
    } else {
        commands.push(format!("kubectl create namespace {namespace}"));
        commands.push(format!("kubectl label namespace {namespace} {labels}"));
        commands.push(format!("helm upgrade --install {name} {} -n {namespace}{values}", folder(bundle)));
    }
    let mut note = format!(
        "The chart's README has its values. Under the name `{name}` objects are called as everywhere else; another name stands before theirs."
    );
    if with_secrets {
        note += " `secrets/values.yaml` holds passwords and keys; a value `existingSecret` names a Secret that is there instead.";
    }
    Install { folder: folder(bundle), title: "Helm", commands, note }
}

#[cfg(test)]
mod tests {
    use super::{chart_name, refusal};

    #[test]
    fn names_of_charts_are_those_helm_takes() {
        for (name, fine) in
            [("todo", true), ("my-app2", true), ("", false), ("My", false), ("a_b", false), ("-a", false)]
        {
            assert_eq!(refusal(name).is_none(), fine, "{name}");
        }
        assert!(refusal(&"a".repeat(54)).is_some());
        for project in ["my_app", "2048", "a__", &"x".repeat(90)] {
            assert_eq!(refusal(&chart_name(project)), None, "{project}");
        }
    }
}
