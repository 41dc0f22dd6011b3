//! `tranship explain`: what became of a service or a value, and why a field of an object is there.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::bail;
use clap::{Args, ValueEnum};
use tranship_emit::explain::{Explainer, Facts, Unknown, view};
use tranship_kube::Object;
use tranship_kube::lower::{Options, lower};
use tranship_kube::names::NameKind;
use tranship_source::Severity;

use super::Exit;
use crate::choices::Choices;
use crate::cli::ProjectFlags;
use crate::disk::DiskWorld;
use crate::talk;
use crate::understand::{Understood, understand};

/// Flags of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tranship explain web                            what became of a whole service
  tranship explain web.ports                      of one field, with its values
  tranship explain web.environment.LOG_LEVEL      of one value
  tranship explain volumes.data                   of anything else in the project
  tranship explain --why deployment/web           why an object looks as it does
  tranship explain --why deploy/web.spec.replicas
  tranship explain --why 'deploy/web:spec.template.spec.containers[web].env.LOG_LEVEL'")]
pub struct ExplainArgs {
    /// A service, a field of one as `SERVICE.FIELD`, or another part of the project such as `volumes.data`
    #[arg(value_name = "SERVICE[.FIELD]", required_unless_present = "why")]
    subject: Option<String>,
    /// The other way round: why a field of an object is there
    #[arg(long, value_name = "KIND/NAME[.FIELD]", conflicts_with = "subject")]
    why: Option<String>,
    #[command(flatten)]
    choices: Choices,
    /// How to print the answer
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
}

/// Runs the command.
pub fn run(project: &ProjectFlags, args: &ExplainArgs) -> anyhow::Result<Exit> {
    let world = DiskWorld::new()?;
    let plan = args.choices.secrets.plan(&world)?;
    let loaded = tranship_compose::load(&world, &project.load_options());
    let (mut diagnostics, mut sources) = (loaded.diagnostics, loaded.sources);
    let Some(project) = loaded.project else {
        talk::diagnostics(&diagnostics, &sources);
        return Ok(Exit::BadInput);
    };
    let ExplainArgs { subject, why, choices, format } = args;
    let understood = understand(&project, &mut sources, &world, choices, &mut diagnostics);
    let Understood {
        stack,
        ledger,
        leaves,
        renamed: _,
        before: _,
        namespace,
        external: _,
        proof: _,
        notes: _,
        cluster: _,
        refused,
    } = understood;
    if refused {
        talk::diagnostics(&diagnostics, &sources);
        return Ok(Exit::BadInput);
    }
    let options = Options { namespace, version: choices.kube_version, pod_security: choices.is_production() };
    let lowered = lower(&stack, &options, ledger).take(&mut diagnostics);
    // What is fetched from a store is explained beside the Secrets it becomes.
    let mut fetched = lowered.objects.clone();
    plan.place(&mut fetched, &stack.name.value);
    let known = |object: &Object| lowered.objects.find(object.kind(), object.name()).is_some();
    fetched.objects.retain(|object| !known(object));
    let mut objects = lowered.objects.clone();
    objects.objects.extend(fetched.objects);
    let workload =
        |service: &String| Some((service.clone(), lowered.names.get(NameKind::Workload, service)?.to_owned()));
    let workloads: BTreeMap<String, String> = stack.services.keys().filter_map(workload).collect();
    let explainer = Explainer::new(Facts {
        project: &project.tree,
        stack: &stack,
        objects: &objects,
        ledger: &lowered.ledger,
        leaves: &leaves,
        sources: &sources,
        workloads: &workloads,
    });
    let human = *format == Format::Human;
    let answer = match (why, subject) {
        (Some(field), _) => {
            explainer.why(field).map(|answer| if human { view::because(&answer) } else { json(&answer) })
        }
        (None, Some(subject)) => {
            explainer.project(subject).map(|answer| if human { view::subject(&answer) } else { json(&answer) })
        }
        (None, None) => bail!("say what to explain: a service, a field of one, or `--why KIND/NAME.FIELD`"),
    };
    match answer {
        Ok(text) => talk::print(&text)?,
        Err(unknown) => bail!(refusal(&unknown)),
    }
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    if errors > 0 && human {
        eprintln!("the project has {}; `convert` tells them", tranship_emit::report::count(errors, "error"));
    }
    Ok(Exit::Done)
}

fn json(answer: &impl serde::Serialize) -> String {
    // Structs of strings and numbers always serialize.
    serde_json::to_string_pretty(answer).map(|text| text + "\n").unwrap_or_default()
}

/// What is not there, what was probably meant, and what there is.
fn refusal(unknown: &Unknown) -> String {
    const MOST: usize = 12;
    let Unknown { message, nearest, known } = unknown;
    let mut text = message.clone();
    if let Some(nearest) = nearest {
        _ = write!(text, "; did you mean `{nearest}`?");
    }
    if !known.is_empty() {
        let shown: Vec<&str> = known.iter().take(MOST).map(String::as_str).collect();
        let more = known.len().saturating_sub(MOST);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        _ = write!(text, "\n  there is: {}{more}", shown.join(", "));
    }
    text
}
