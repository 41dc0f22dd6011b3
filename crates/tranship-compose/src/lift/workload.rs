//! What kind of workload a service is, with the reason in a sentence.

use tranship_model::catalog::Product;
use tranship_model::{At, Mount, MountClass, MountSource, Origin, Restart, Role, Traced, Workload};

use super::account::Leaves;
use super::context::Lifting;

/// What the kind of a workload is told from.
pub(super) struct Evidence<'a> {
    pub service: &'a str,
    pub mode: &'a Option<Traced<String>>,
    pub replicas: Option<u32>,
    pub restart: &'a Option<Traced<Restart>>,
    pub awaited: Option<&'a (String, Vec<At>)>,
    pub product: Option<&'static Product>,
    pub role: Role,
    pub command: &'a Option<Traced<Vec<String>>>,
    pub entrypoint: &'a Option<Traced<Vec<String>>>,
    pub mounts: &'a [Mount],
    pub span: tranship_source::Span,
}

/// The kind of a workload.
///
/// What the user said counts more than anything that is told from evidence.
pub(super) fn lift(cx: &mut Lifting<'_>, evidence: &Evidence<'_>, said: Option<Traced<Workload>>) -> Traced<Workload> {
    if let Some(said) = said {
        if let Some(mode) = evidence.mode {
            cx.decided(mode, "you said otherwise, with `workload`");
        }
        return said;
    }
    by_mode(cx, evidence)
        .or_else(|| by_waiting(evidence))
        .or_else(|| by_one_shot(evidence))
        .unwrap_or_else(|| by_state(cx, evidence))
}

fn decided(workload: Workload, by: &'static str, because: String, from: Vec<At>) -> Traced<Workload> {
    Traced::new(workload, Origin::Decided { by, because, from })
}

/// How often a failed run is tried again.
fn retries(restart: Option<&Traced<Restart>>) -> Option<u32> {
    match &restart?.value {
        Restart::No => Some(0),
        Restart::OnFailure { max } => *max,
        Restart::Always | Restart::UnlessStopped => None,
    }
}

fn by_mode(cx: &mut Lifting<'_>, evidence: &Evidence<'_>) -> Option<Traced<Workload>> {
    let mode = evidence.mode.as_ref()?;
    let retries = retries(evidence.restart.as_ref());
    let (workload, because) = match mode.value.as_str() {
        "global" => (Workload::PerNode, "`deploy.mode: global` runs one on each node"),
        "replicated-job" => {
            let runs = evidence.replicas.unwrap_or(1).max(1);
            let task = Workload::Task { completions: runs, parallelism: runs, retries };
            (task, "`deploy.mode: replicated-job` runs to its end")
        }
        "global-job" => {
            let message = format!("`{}` runs once, not once on each node", evidence.service);
            let help =
                "a Job has no node of its own; run it as `mode: global` if it may stay, or start a Job for each node";
            cx.warn("job-per-node", mode.span(), message, help);
            let task = Workload::Task { completions: 1, parallelism: 1, retries };
            (task, "`deploy.mode: global-job` runs to its end; no Job runs on each node")
        }
        _ => {
            cx.decided(mode, "`deploy.mode: replicated` is how services run unless they say otherwise");
            return None;
        }
    };
    Some(decided(workload, "deploy-mode", because.to_owned(), mode.list()))
}

fn by_waiting(evidence: &Evidence<'_>) -> Option<Traced<Workload>> {
    let (who, leaves) = evidence.awaited?;
    let task = Workload::Task { completions: 1, parallelism: 1, retries: retries(evidence.restart.as_ref()) };
    Some(decided(task, "awaited", format!("`{who}` waits for it to complete"), leaves.clone()))
}

fn by_one_shot(evidence: &Evidence<'_>) -> Option<Traced<Workload>> {
    let restart = evidence.restart.as_ref()?;
    let written = match &restart.value {
        Restart::No => "no",
        Restart::OnFailure { .. } => "on-failure",
        Restart::Always | Restart::UnlessStopped => return None,
    };
    let words = last_command(evidence);
    let by_catalog = evidence.product.and_then(|product| {
        let word = product.one_shot_word(words.iter().take(2).map(String::as_str))?;
        Some(if word == product.name { product.title.clone() } else { format!("`{word}` of {}", product.title) })
    });
    let tool = by_catalog.or_else(|| one_shot_tool(&words).map(|word| format!("`{word}`")))?;
    let because = format!("`restart: {written}` is written, and {tool} does its work and ends");
    let from = [restart.list(), evidence.command.list()].concat();
    let task = Workload::Task { completions: 1, parallelism: 1, retries: retries(evidence.restart.as_ref()) };
    Some(decided(task, "one-shot", because, from))
}

/// The words of the last command the process runs: what follows a migration with `&&` decides whether it ends.
fn last_command(evidence: &Evidence<'_>) -> Vec<String> {
    let argv = [evidence.entrypoint, evidence.command].into_iter().flatten().flat_map(|argv| &argv.value);
    let line = argv.map(String::as_str).collect::<Vec<_>>().join(" ");
    let mut pieces = line.split(['\n', ';', '&', '|']).map(str::trim).filter(|piece| !piece.is_empty());
    let is_end =
        |piece: &str| piece.starts_with("exit") || piece.starts_with("echo") || piece == "true" || piece == "fi";
    let last = pieces.rfind(|piece| !is_end(piece)).unwrap_or_default();
    let words = last.split_whitespace().map(|word| word.trim_matches(['"', '\'', '(', ')']).to_owned());
    words.skip_while(|word| is_shell_word(word)).collect()
}

/// Words that only start others.
fn is_shell_word(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    name.starts_with('-')
        || name.contains('=')
        || matches!(
            name,
            "" | "sh" | "bash" | "ash" | "dash" | "exec" | "env" | "then" | "do" | "else" | "sudo" | "time"
        )
}

/// Programs that do their work and end.
const TOOLS: &[&str] = &[
    "alembic",
    "atlas",
    "createdb",
    "dbmate",
    "flyway",
    "goose",
    "initdb",
    "liquibase",
    "mc",
    "migrate",
    "mongodump",
    "mongorestore",
    "mysqldump",
    "pg_dump",
    "pg_restore",
    "psql",
    "rclone",
    "restic",
    "sqitch",
    "wp",
];

/// Words of a command line that say it does its work and ends.
const WORDS: &[&str] = &[
    "collectstatic",
    "createsuperuser",
    "db:create",
    "db:migrate",
    "db:prepare",
    "db:seed",
    "db:setup",
    "migrate",
    "migration:run",
    "migrations",
    "seed",
];

fn one_shot_tool(words: &[String]) -> Option<&str> {
    let program = words.first().map(|word| word.rsplit('/').next().unwrap_or(word));
    let tool = program.filter(|program| TOOLS.contains(program));
    tool.or_else(|| words.iter().map(String::as_str).find(|word| WORDS.contains(word)))
}

fn by_state(cx: &mut Lifting<'_>, evidence: &Evidence<'_>) -> Traced<Workload> {
    let keeps = evidence.mounts.iter().find(|mount| {
        let is_volume = matches!(mount.source, MountSource::Volume { .. });
        is_volume && !mount.read_only && mount.class.value == MountClass::Data
    });
    let holds = matches!(evidence.role, Role::Store | Role::Queue);
    let leaves = |mount: &Mount| mount.origin.leaves().to_vec();
    match (evidence.product.filter(|product| product.stateful), keeps) {
        (Some(product), Some(mount)) => {
            let because = format!("{} keeps its data at `{}`, in a volume", product.title, mount.target);
            decided(Workload::Stateful, "catalog-stateful", because, leaves(mount))
        }
        (Some(product), None) if holds => {
            let because = format!("{} keeps data and needs a name that stays", product.title);
            // A volume that the image declares is made for it later.
            if !product.data.iter().any(|dir| dir.declared) {
                let message = format!("`{}` keeps its data in no volume", evidence.service);
                let help = "mount a volume at the product's data directory, or what it holds ends with its pod";
                cx.warn("data-not-kept", evidence.span, message, help);
            }
            decided(Workload::Stateful, "catalog-stateful", because, Vec::new())
        }
        (Some(product), None) => {
            let because =
                format!("no volume keeps the data of {}, so that any replica can take its place", product.title);
            decided(Workload::Stateless, "no-volume", because, Vec::new())
        }
        (None, Some(mount)) if holds => {
            let because = format!("it is a store and writes to the volume at `{}`", mount.target);
            decided(Workload::Stateful, "store-volume", because, leaves(mount))
        }
        (None, Some(mount)) => {
            let because =
                format!("nothing says it is a store; the volume at `{}` becomes a claim of its own", mount.target);
            decided(Workload::Stateless, "app-volume", because, leaves(mount))
        }
        (None, None) => {
            decided(Workload::Stateless, "no-state", "it writes to no volume that keeps data".to_owned(), Vec::new())
        }
    }
}
