//! The project's name: `-p`, `COMPOSE_PROJECT_NAME`, `name:` in a file, or the directory's.

use tranship_source::template;
use tranship_source::yaml::{Node, VariableFrom};
use tranship_source::{Diagnostic, Span};

use super::file;
use super::go_text;
use super::model::ConfigFile;
use super::run::Run;
use crate::environment::Environment;
use crate::options::LoadOptions;

/// Finds the name and sets `COMPOSE_PROJECT_NAME`; reports where there is none.
pub(crate) fn project_name(
    run: &mut Run<'_>,
    options: &LoadOptions,
    environment: &mut Environment,
    files: &[ConfigFile],
    working_dir: &str,
) -> String {
    let name = find(run, options, environment, files, working_dir);
    environment.set("COMPOSE_PROJECT_NAME", name.clone(), VariableFrom::Compose);
    name
}

fn find(
    run: &mut Run<'_>,
    options: &LoadOptions,
    environment: &Environment,
    files: &[ConfigFile],
    working_dir: &str,
) -> String {
    for (given, from) in
        [(options.project_name.as_deref(), "-p"), (environment.get("COMPOSE_PROJECT_NAME"), "COMPOSE_PROJECT_NAME")]
    {
        if let Some(name) = given.filter(|name| !name.is_empty()) {
            if normalized(name) != name {
                let message = format!("`{name}`, given by `{from}`, cannot be a project's name");
                let help = "use lower-case letters, digits, `-` and `_`, beginning with a letter or digit";
                run.report(Diagnostic::error("project-name", message).help(help));
            }
            return name.to_owned();
        }
    }
    let Some((written, at)) = written(run, files) else {
        let name = normalized(file::name(working_dir));
        return nonempty(run, name, Span::NONE);
    };
    let mut name = written;
    if !options.no_interpolate {
        let mut lookup = |name: &str| environment.get(name).map(|value| (value.to_owned(), ()));
        // A fault in the text is reported where every other text's is.
        name = template::substitute(&name, &mut lookup).map_or(String::new(), |done| done.text);
        if name.is_empty() {
            return nonempty(run, name, at);
        }
    }
    let name = if options.no_normalize { name } else { normalized(&name) };
    nonempty(run, name, at)
}

fn nonempty(run: &mut Run<'_>, name: String, at: Span) -> String {
    if name.is_empty() {
        let fault = Diagnostic::error("project-name", "the project has no name").at(at);
        run.report(fault.help("give it one with `-p`, or with `name:` in the Compose file"));
    }
    name
}

/// The last name the files give, if the first document of any gives one.
fn written(run: &mut Run<'_>, files: &[ConfigFile]) -> Option<(String, Span)> {
    let mut last = None;
    for file in files {
        for document in run.peek(file.id, &file.text) {
            if let Some(name) = document.get("name").filter(|name| names(name)) {
                last = Some((go_text::text(name), name.span));
            }
        }
    }
    last
}

fn names(node: &Node) -> bool {
    !node.is_null() && node.as_str() != Some("") && node.as_map().is_none() && node.as_seq().is_none()
}

/// The name with every character that may not be in it left out.
pub(crate) fn normalized(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let kept: String = name.to_lowercase().chars().filter(|c| allowed(*c)).collect();
    kept.trim_start_matches(['_', '-']).to_owned()
}
