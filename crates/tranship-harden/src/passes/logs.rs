//! Names services whose logs lie in files, where `kubectl logs` and what gathers logs in a cluster do not see them.
//!
//! Nothing is changed: where an app writes is its own.

use tranship_model::{EnvValue, EnvVar, MountClass, Service, Stack};
use tranship_source::{Diagnostic, Span};

use crate::notes::Notes;
use crate::settings::Settings;

/// The rule of what is found here.
pub const NAME: &str = "logs";

/// Runs the pass. Note: `logs-in-files`.
pub(super) fn run(stack: &mut Stack, _settings: &Settings, notes: &mut Notes) {
    for service in stack.services.values() {
        if !notes.is_on_for(service) {
            continue;
        }
        let Some((place, span)) = files(service) else { continue };
        let message =
            format!("`{}` writes its logs to files at `{place}`, which `kubectl logs` does not show", service.name);
        let help = "let it write to its standard output, or to /dev/stdout in the place of the file";
        notes.find(Diagnostic::note("logs-in-files", message).at(span).help(help));
    }
}

/// Where its logs lie in files, as far as its mounts and variables say.
fn files(service: &Service) -> Option<(&str, Span)> {
    let mounted = service.mounts.iter().find(|mount| mount.class.value == MountClass::Logs && !mount.read_only);
    let mounted = mounted.map(|mount| (mount.target.as_str(), mount.origin.span()));
    mounted.or_else(|| service.env.iter().find_map(named))
}

fn named(variable: &EnvVar) -> Option<(&str, Span)> {
    let name = variable.name.to_ascii_uppercase();
    let is_log = ["LOG_FILE", "LOGFILE", "LOG_PATH", "LOG_DIR"].iter().any(|end| name.ends_with(end));
    match &variable.value.value {
        EnvValue::Plain(path) if is_log && path.starts_with('/') && !path.starts_with("/dev/") => {
            Some((path, variable.value.span()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{codes, stack};

    #[test]
    fn services_that_log_to_files_are_named() {
        for (compose, expect) in [
            ("{image: x, volumes: ['./logs:/app/logs']}", true),
            ("{image: x, environment: {LOG_FILE: /var/log/x.log}}", true),
            ("{image: x, environment: {LOG_FILE: /dev/stdout, LOG_LEVEL: info}}", false),
            ("{image: x}", false),
        ] {
            let mut stack = stack(&format!("name: t\nservices:\n  a: {compose}\n"));
            let mut notes = Notes::of(NAME);
            run(&mut stack, &Settings::default(), &mut notes);
            let expect: &[&str] = if expect { &["note logs-in-files"] } else { &[] };
            assert_eq!(codes(&notes.diagnostics), expect, "{compose}");
        }
    }
}
