//! `tranship convert`: a Compose project to Kubernetes manifests in a directory, or in a stream.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueEnum};
use tranship_emit::backends::{BACKENDS, Backend, build as images, helm, manifests, named};
use tranship_emit::merge::Resolve;
use tranship_emit::place::Places;
use tranship_emit::report::build::Rows;
use tranship_emit::report::{Report, Summary, build, count, ledger_rows};
use tranship_emit::{Bundle, apply_stream};
use tranship_infer::{Proof, cut};
use tranship_kube::lower::{Lowered, Options, lower};
use tranship_kube::names::NameKind;
use tranship_kube::reach::Reach;
use tranship_kube::{External, Object, check};
use tranship_model::Stack;
use tranship_source::{Diagnostic, Severity, Sources, World, both_if};

use super::Exit;
use crate::choices::Choices;
use crate::cli::ProjectFlags;
use crate::cover;
use crate::disk::DiskWorld;
use crate::environments;
use crate::release;
use crate::rights;
use crate::same;
use crate::talk;
use crate::timings::stage;
use crate::tree::{self, Rules, Written};
use crate::understand::{Understood, understand};

/// Up to so many services a second thread costs more than it saves.
const SMALL: usize = 8;

/// Flags of `convert`.
#[derive(Debug, Args)]
pub struct ConvertArgs {
    /// Directory to write to [default: k8s]
    #[arg(short = 'o', long, visible_alias = "output", value_name = "DIR")]
    out: Option<PathBuf>,
    /// Forms to write the app in, several with commas between; `all` means every one
    #[arg(long = "as", value_name = "FORM", value_delimiter = ',', default_value = "manifests",
        value_parser = PossibleValuesParser::new(forms()))]
    forms: Vec<String>,
    /// Environment beside the project itself, by its files: `compose.NAME.yaml` and `.env.NAME` are found by themselves; may
    /// be given several times. Values of a chart and overlays of Kustomize say what is other in it
    #[arg(long = "env", value_name = "NAME[=FILE[+FILE]]", value_parser = environments::parse, conflicts_with = "stdout")]
    environments: Vec<environments::Wanted>,
    /// Name of the Helm chart [default: the project's]
    #[arg(long = "chart", value_name = "NAME", value_parser = chart)]
    chart: Option<String>,
    /// Print one stream in the order of applying instead of writing a directory
    #[arg(long, conflicts_with_all = ["out", "force", "resolve", "dry_run", "forms"])]
    stdout: bool,
    /// Leave Secrets out of the stream
    #[arg(long, requires = "stdout")]
    no_secrets: bool,
    #[command(flatten)]
    choices: Choices,
    /// Write every file as it is generated, also into a directory that is not ours; what stands in the way, hand edits
    /// among it, is kept as `.bak`
    #[arg(long)]
    force: bool,
    /// Settle conflicts between hand edits and the project: `mine` keeps the hand edits, `generated` replaces them
    #[arg(long, value_enum, value_name = "SIDE", conflicts_with = "force")]
    resolve: Option<Side>,
    /// Write nothing; print what would change, as `diff -u` does
    #[arg(long)]
    dry_run: bool,
    /// What to print on the standard output: `json` is the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Side {
    Mine,
    Generated,
}

/// A name Helm takes for a chart.
fn chart(name: &str) -> Result<String, String> {
    match helm::refusal(name) {
        None => Ok(name.to_owned()),
        Some(why) => Err(format!("Helm takes no such name for a chart: {why}")),
    }
}

/// The words `--as` takes, each with what it gives.
fn forms() -> Vec<PossibleValue> {
    let one = |one: &Backend| PossibleValue::new(one.name).help(one.about);
    BACKENDS.iter().map(one).chain([PossibleValue::new("all").help("every one of them")]).collect()
}

/// Runs the command.
pub fn run(flags: &ProjectFlags, args: &ConvertArgs) -> anyhow::Result<Exit> {
    if args.stdout && args.format == Format::Json {
        bail!("`--stdout` and `--format json` both want the standard output; choose one");
    }
    let packagings = named(&args.forms).map_err(|name| anyhow!("there is no form `{name}`"))?;
    let marks = packagings.iter().any(|one| one.needs_release);
    if !args.environments.is_empty() && !packagings.iter().any(|one| one.has_environments) {
        bail!("`--env` is for forms that have environments: add `--as helm` or `--as kustomize`");
    }
    let world = DiskWorld::new()?;
    let plan = args.choices.secrets.plan(&world)?;
    if !args.environments.is_empty() && !plan.is_plain() {
        bail!("`--env` writes the Secrets of each environment as files and goes with `--secrets files` alone");
    }
    let loaded = stage("load", || tranship_compose::load(&world, &flags.load_options()));
    let (mut diagnostics, mut sources) = (loaded.diagnostics, loaded.sources);
    let Some(project) = loaded.project else {
        talk::diagnostics(&diagnostics, &sources);
        return Ok(Exit::BadInput);
    };
    let Understood { stack, ledger, leaves, renamed, before, namespace, external, proof, notes, cluster, refused } =
        understand(&project, &mut sources, &world, &args.choices, &mut diagnostics);
    if refused {
        say(&diagnostics, &sources);
        return Ok(Exit::BadInput);
    }
    let asked = &args.environments;
    let others = environments::read(asked, &world, flags, &args.choices, &project, marks)?;
    let Some(others) = others else { return Ok(Exit::BadInput) };
    let options = Options { namespace, version: args.choices.kube_version, pod_security: args.choices.is_production() };
    let mut lowered = stage("lower", || lower(&stack, &options, ledger).take(&mut diagnostics));
    let project_dir = project.working_dir.clone();
    let mut external = existing(&lowered, external);
    let promised = external.iter().fold(External::none(), |known, (kind, name)| known.with(kind, name));
    cover::note(&stack, &mut sources);
    let places = Places::new(&sources, &project_dir, world.current_dir());
    let (refused, (same, different, mut texts, ledger_rows)) = both_if(
        stack.services.len() > SMALL,
        || stage("check", || check(&lowered.objects, args.choices.kube_version, &promised)),
        || {
            let same = stage("same process", || same::prove(&project, &stack, &lowered, &renamed, &notes, &world));
            let different = same::findings(&same, &project);
            // What follows needs as much room again.
            drop(project);
            let print = || stage("print", || manifests::print(&lowered.objects));
            let texts = if plan.is_plain() || marks { print() } else { Vec::new() };
            let rows = (!args.stdout).then(|| stage("ledger as JSON", || ledger_rows(&lowered.ledger, &places)));
            (same, different, texts, rows)
        },
    );
    diagnostics.extend(different);
    diagnostics.extend(refused);
    diagnostics.extend(cut_calls(&stack, &proof, &lowered));
    let release = marks
        .then(|| stage("release", || release::marked((&stack, before.as_ref()), &renamed, &options, &plan, &texts)));
    // What runs was compared with the Secrets at hand; from here on they stand in the form that was asked for.
    let mut secrets = plan.place(&mut lowered.objects, &stack.name.value);
    if !plan.is_plain() {
        let out = (!args.stdout).then(|| args.directory());
        stage("seal Secrets", || plan.seal(&mut lowered.objects, &mut secrets, out, &world))?;
        texts = stage("print", || manifests::print(&lowered.objects));
    }
    external.extend(secrets.asked_for().map(|name| ("Secret".to_owned(), name.to_owned())));
    diagnostics.extend(rights::finding(&lowered, &stack).filter(|_| options.pod_security));
    cover::words_of(&mut diagnostics, &sources);
    let workload =
        |service: &String| Some((service.clone(), lowered.names.get(NameKind::Workload, service)?.to_owned()));
    let chart = args.chart.clone().unwrap_or_else(|| helm::chart_name(&stack.name.value));
    let build = images::emit(&stack).take(&mut diagnostics);
    let bundle = Bundle {
        stack: &stack,
        objects: &lowered.objects,
        texts: &texts,
        ledger: &lowered.ledger,
        leaves: &leaves,
        diagnostics: &diagnostics,
        sources: &sources,
        namespace: &lowered.namespace,
        kubernetes: &args.choices.kube_version.to_string(),
        cluster,
        workloads: &stack.services.keys().filter_map(workload).collect::<BTreeMap<_, _>>(),
        external: &external.iter().map(|(kind, name)| format!("{kind}/{name}")).collect::<Vec<_>>(),
        same: &same,
        secrets: &secrets,
        stayed_away: &notes.stayed_away,
        standing: &lowered.standing,
        enforced: options.pod_security,
        build: &build,
        release: release.as_ref(),
        chart: &chart,
        environments: &others,
        packagings: &packagings,
        project_dir: &project_dir,
        current_dir: world.current_dir(),
    };
    let exit = output(args, &bundle, &places, ledger_rows.unwrap_or_default());
    // The process ends with this command, and large trees take long to give back piece by piece.
    std::mem::forget((stack, leaves, lowered));
    exit
}

/// Findings for calls that the written policies do not let through.
fn cut_calls(stack: &Stack, proof: &Proof, lowered: &Lowered) -> Vec<Diagnostic> {
    if stack.isolation.is_none() {
        return Vec::new();
    }
    let reach = Reach::new(&lowered.objects);
    let pods = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];
    let named = |object: &Object| {
        let name = object.get(&["metadata", "labels", "app.kubernetes.io/name"])?.as_str()?;
        Some((name.to_owned(), object.label()))
    };
    let workloads = lowered.objects.iter().filter(|object| pods.contains(&object.kind()));
    let by_name: BTreeMap<String, String> = workloads.filter_map(named).collect();
    let workload = |service: &str| by_name.get(lowered.names.get(NameKind::Workload, service)?).cloned();
    cut(stack, proof, &reach, &workload)
}

/// Writes or prints what was converted; nothing of it changes what was found.
fn output(args: &ConvertArgs, bundle: &Bundle<'_>, places: &Places<'_>, ledger_rows: String) -> anyhow::Result<Exit> {
    let found = bundle.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    let exit = if found { Exit::Findings } else { Exit::Done };
    if args.stdout {
        say(bundle.diagnostics, bundle.sources);
        talk::print(&apply_stream(bundle.objects, bundle.texts, !args.no_secrets))?;
        return Ok(exit);
    }
    let mut faults = Vec::new();
    let rows = if args.format == Format::Json { Rows::All } else { Rows::Needed };
    let report = stage("report", || build::report(bundle, places, rows));
    let files = stage("files", || manifests::emit_with(bundle, places, &report, ledger_rows).take(&mut faults));
    if !faults.is_empty() {
        talk::diagnostics(&faults, bundle.sources);
        bail!("the output cannot be written as files");
    }
    let out = args.directory();
    let (said, written) = both_if(
        bundle.stack.services.len() > SMALL,
        || stage("say", || rendered(bundle.diagnostics, bundle.sources)),
        || stage("write", || tree::write(out, &files, args.rules())),
    );
    let written = written?;
    talk::tell(&said);
    if !bundle.diagnostics.is_empty() && !written.findings.is_empty() {
        eprintln!();
    }
    say(&written.findings, &written.sources);
    match args.format {
        Format::Json => talk::print(&json(&report, &written, args.dry_run))?,
        Format::Human => talk::print(&written.preview)?,
    }
    summarize(out, &report, &written, args.dry_run);
    Ok(if written.conflicts.is_empty() { exit } else { Exit::Findings })
}

impl ConvertArgs {
    /// Where the tree is written.
    fn directory(&self) -> &Path {
        self.out.as_deref().unwrap_or(Path::new("k8s"))
    }

    fn rules(&self) -> Rules {
        let resolve = match self.resolve {
            None => Resolve::Report,
            Some(Side::Mine) => Resolve::Mine,
            Some(Side::Generated) => Resolve::Generated,
        };
        Rules { force: self.force, resolve, dry_run: self.dry_run }
    }
}

/// The report, and what became of the directory.
fn json(report: &Report<'_>, written: &Written, dry_run: bool) -> String {
    let Written { changed, removed, kept, saved, merged, conflicts, deleted, findings, sources, preview: _ } = written;
    let findings: Vec<_> = findings.iter().map(|finding| tranship_source::render::json(finding, sources)).collect();
    let saved: Vec<_> = saved.iter().map(|(path, name)| serde_json::json!({ "path": path, "name": name })).collect();
    let output = serde_json::json!({
        "dry_run": dry_run,
        "changed": changed,
        "merged": merged,
        "conflicts": conflicts,
        "deleted": deleted,
        "removed": removed,
        "kept": kept,
        "saved": saved,
        "findings": findings,
    });
    // Structs of strings and numbers always serialize.
    let mut all = serde_json::to_value(report).unwrap_or_default();
    if let Some(all) = all.as_object_mut() {
        all.insert("output".to_owned(), output);
    }
    format!("{all:#}\n")
}

/// Diagnostics, errors first.
fn say(diagnostics: &[Diagnostic], sources: &Sources) {
    talk::tell(&rendered(diagnostics, sources));
}

/// What [`say`] prints.
fn rendered(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut sorted = diagnostics.to_vec();
    sorted.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity));
    talk::rendered(&sorted, sources)
}

fn summarize(out: &Path, report: &Report<'_>, written: &Written, dry_run: bool) {
    let Summary { services, objects, leaves, kept, translated, decided, dropped, errors, warnings, .. } =
        report.summary;
    let out = out.display();
    if dry_run {
        let files = count(written.changed + written.removed.len(), "file");
        eprintln!("a dry run: nothing is written; {files} would change in {out}");
        return;
    }
    for (path, name) in &written.saved {
        eprintln!("kept {path} as {name}");
    }
    for path in &written.removed {
        eprintln!("removed {path}, which is no longer part of the output");
    }
    for path in &written.kept {
        eprintln!("left {path}, which is no longer part of the output but was changed since it was written");
    }
    for path in &written.merged {
        eprintln!("merged {path} with what was changed in it by hand");
    }
    let verb = if written.is_unchanged() { "unchanged in" } else { "written to" };
    eprintln!("{}, {} {verb} {out}", count(services, "service"), count(objects, "object"));
    eprintln!(
        "{} in {}: {kept} kept, {translated} translated, {decided} led to a decision, {dropped} dropped",
        count(leaves, "value"),
        count(kept + translated + decided + dropped, "ledger entry")
    );
    if report.summary.unaccounted > 0 {
        let values = count(report.summary.unaccounted, "value");
        eprintln!("warning: nothing says what became of {values}, see `unaccounted` in {out}/report.json");
    }
    let conflicts = written.conflicts.len();
    if conflicts > 0 {
        eprintln!("{} in conflict with hand edits, see above", count(conflicts, "file"));
    }
    let found = [(errors, "error"), (warnings, "warning")].into_iter().filter(|(number, _)| *number > 0);
    let found: String = found.map(|(number, what)| count(number, what) + ", ").collect();
    eprintln!("{found}read {out}/report.md: it says what to do before applying");
}

/// What is used and has to exist already.
fn existing(lowered: &Lowered, said: Vec<(String, String)>) -> Vec<(String, String)> {
    let of = |kind: &'static str, names: &[String]| {
        names.iter().map(move |name| (kind.to_owned(), name.clone())).collect::<Vec<_>>()
    };
    let mut all = said;
    all.extend(of("PersistentVolumeClaim", &lowered.external_claims));
    all.extend(of("ConfigMap", &lowered.external_config_maps));
    all.extend(of("Secret", &lowered.external_secrets));
    all.extend(of("ServiceAccount", &lowered.external_accounts));
    all.sort();
    all.dedup();
    all
}
