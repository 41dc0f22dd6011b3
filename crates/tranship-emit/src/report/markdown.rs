//! `report.md`: the report as a person reads it, what has to be done first.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use tranship_model::ledger::child_path;

use crate::backends::build::names_registry;
use crate::backends::secrets::{SecretRow, SecretRows};

use super::reach;
use super::text::{at, cell, code, count, grouped, line_of, sentence, some};
use super::{
    AddedRow, DifferenceRow, LedgerRow, LeftOutRow, PackagingRow, ProcessRows, Remark, Report, ServiceRow, Summary,
};

/// The most places named for one reason; `report.json` has them all.
const MOST_PLACES: usize = 8;
/// The same where places matter little.
const FEW_PLACES: usize = 2;
/// A decision shared by at least this many services is told once.
const SHARED: usize = 2;

/// The report in Markdown.
pub fn write(report: &Report<'_>) -> String {
    let mut out = String::new();
    for section in [
        intro,
        errors,
        before,
        apply,
        reach::section,
        written,
        warnings,
        not_carried,
        decisions,
        stayed_away,
        security,
        processes,
        account,
    ] {
        let text = section(report);
        if !text.is_empty() && !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&text);
    }
    out
}

fn intro(report: &Report<'_>) -> String {
    let Report { project, namespace, kubernetes, summary, .. } = report;
    let mut out = format!("# {} on Kubernetes\n\n", cell(project));
    _ = writeln!(
        out,
        "{} became {} in the namespace {}, checked against Kubernetes {kubernetes}.",
        count(summary.services, "service"),
        count(summary.objects, "object"),
        code(namespace)
    );
    if summary.errors > 0 {
        let verb = if summary.errors == 1 { "needs" } else { "need" };
        _ = writeln!(
            out,
            "The objects are complete and can be applied, but {} {verb} mending first.",
            count(summary.errors, "error")
        );
    }
    out
}

fn errors(report: &Report<'_>) -> String {
    remarks("## Errors\n\n", report.diagnostics.iter().filter(|remark| remark.severity == "error"))
}

fn warnings(report: &Report<'_>) -> String {
    remarks("## Worth a look\n\n", report.diagnostics.iter().filter(|remark| remark.severity != "error"))
}

/// Where the app is less protected than its neighbours, pass by pass and reason by reason.
fn stayed_away(report: &Report<'_>) -> String {
    let mut out = String::new();
    for ((pass, because), rows) in grouped(report.stayed_away.iter(), |row| (row.pass, row.because.as_str())) {
        let services: Vec<String> = rows.iter().map(|row| code(&row.service)).collect();
        _ = writeln!(out, "- {}: {}: {}", code(pass), services.join(", "), sentence(because));
    }
    titled("## Left as it is, since it would break\n\n", &out)
}

fn security(report: &Report<'_>) -> String {
    super::pod_security::section(&report.pod_security)
}

/// Remarks with the same advice stand together, the advice once.
fn remarks<'a>(title: &str, remarks: impl Iterator<Item = &'a Remark<'a>>) -> String {
    let mut out = String::new();
    for (help, group) in grouped(remarks, |remark| remark.help.as_deref()) {
        let advice = help.map(sentence).unwrap_or_default();
        let line = |remark: &Remark<'_>| format!("{}{}", sentence(&remark.message), at(remark.place.as_ref()));
        match group.as_slice() {
            [one] => _ = writeln!(out, "- {} {advice}", line(one)),
            _ => {
                let (lead, step) = if advice.is_empty() {
                    (String::new(), "")
                } else {
                    (format!("- {advice} This is about:\n"), "  ")
                };
                out.push_str(&lead);
                for one in group {
                    _ = writeln!(out, "{step}- {}", line(one));
                }
            }
        }
    }
    titled(title, &trimmed(&out))
}

fn before(report: &Report<'_>) -> String {
    let Report { services, left_out, external, ledger, .. } = report;
    let mut out = storage(report);
    if !external.is_empty() {
        let names: Vec<String> = external.iter().map(|name| code(name)).collect();
        _ = writeln!(
            out,
            "- See that these exist in the namespace, as the project says they are not its own: {}.",
            names.join(", ")
        );
    }
    // A service that is left out is told in a line of its own.
    let out_paths: BTreeSet<String> = left_out.iter().map(|left| child_path("services", left.service)).collect();
    let todos = ledger.iter().filter(|row| row.todo.is_some() && !out_paths.contains(row.path));
    for ((todo, why), rows) in grouped(todos, |row| (row.todo.as_deref(), row.why.as_deref())) {
        let (todo, why) = (todo.unwrap_or_default(), why.unwrap_or_default());
        _ = writeln!(out, "- {} {} ({})", sentence(why), sentence(todo), some(&leaves(&rows), MOST_PLACES));
    }
    let (helpers, others): (Vec<_>, Vec<_>) = left_out.iter().partition(|row| row.because.is_some());
    for row in helpers {
        let (because, instead) = (row.because.unwrap_or_default(), row.instead.unwrap_or_default());
        let place = at(row.place.as_ref());
        _ = writeln!(out, "- {}{place} is left out. {} {}", code(row.service), sentence(because), sentence(instead));
    }
    for (profiles, rows) in grouped(others, |row| row.profiles) {
        out.push_str(&left_out_line(profiles, &rows));
    }
    let builds = builds(report, services);
    let gap = if builds.is_empty() || out.is_empty() { "" } else { "\n" };
    titled("## Before you apply\n\n", &format!("{builds}{gap}{out}"))
}

/// Compose names no sizes, and a claim cannot shrink.
fn storage(report: &Report<'_>) -> String {
    let claims: Vec<String> = report
        .claims
        .iter()
        .map(|claim| format!("{} of {}: {}", code(&claim.name), claim.object, claim.size))
        .collect();
    match claims.as_slice() {
        [] => String::new(),
        [one] => format!("- Set the size of the claim; it is a guess, and a claim cannot shrink later. {one}.\n"),
        all => format!(
            "- Set the sizes of the claims; they are guesses, and a claim cannot shrink later. {}.\n",
            all.join(", ")
        ),
    }
}

/// Images that nobody but the user can build. Compose builds them with every argument the project gives.
fn builds(report: &Report<'_>, services: &[ServiceRow<'_>]) -> String {
    let built = || services.iter().filter(|service| service.build.is_some());
    if built().next().is_none() {
        return String::new();
    }
    let names: BTreeSet<&str> = built().map(|service| service.image.unwrap_or(service.name)).collect();
    let images: Vec<String> = names.iter().map(|name| code(name)).collect();
    let mut out = format!(
        "- Build {} and bring {} where your cluster fetches images. In the project's directory, where `DIR` is the \
        folder of this file:\n\n  ```sh\n",
        images.join(", "),
        if images.len() == 1 { "it" } else { "them" },
    );
    _ = writeln!(
        out,
        "  sh DIR/build/build.sh                                     # builds and pushes; PUSH=no builds only"
    );
    _ = writeln!(out, "  docker buildx bake --push -f DIR/build/docker-bake.json   # the same with bake, all at once");
    out += "  ```\n";
    let load = report.reach.profile.load_image;
    if !load.is_empty() {
        _ = writeln!(
            out,
            "\n  Into {} without a registry:\n\n  ```sh\n  PUSH=no sh DIR/build/build.sh",
            report.reach.profile.title
        );
        for image in built().map(|service| service.image.unwrap_or(service.name)).collect::<BTreeSet<_>>() {
            _ = writeln!(out, "  {}", load.replace("IMAGE", &quoted(image)));
        }
        out += "  ```\n";
    } else if !names.iter().all(|name| names_registry(name)) {
        out += "\n  Not all of them name a registry. Where a service has an `image`, write the registry before its name; where it has \
                none, convert again with `--registry HOST/PATH`. Both commands push there. For a cluster on this machine run \
                `PUSH=no sh DIR/build/build.sh` instead, and load the images into it: `kind load docker-image IMAGE`, \
                `k3d image import IMAGE` or `minikube image load IMAGE`.\n";
    }
    out
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn left_out_line(profiles: &[String], rows: &[&LeftOutRow<'_>]) -> String {
    let names: Vec<String> =
        rows.iter().map(|row| format!("{}{}", code(row.service), at(row.place.as_ref()))).collect();
    let flags: Vec<String> = profiles.iter().map(|profile| format!("--profile {}", quoted(profile))).collect();
    let (be, them) = if names.len() == 1 { ("is", "it") } else { ("are", "them") };
    let how =
        if flags.is_empty() { "select it by name".to_owned() } else { format!("pass {}", code(&flags.join(" or "))) };
    format!("- {} {be} left out. To take {them} along, {how}.\n", some(&names, MOST_PLACES))
}

fn apply(report: &Report<'_>) -> String {
    let Report { namespace, objects, .. } = report;
    let has = |folder: &str| objects.iter().any(|object| object.file.starts_with(folder));
    let mut out = "## Apply\n\n".to_owned();
    if report.packagings.iter().any(|one| one.name == "manifests") {
        out += &plain(report, has("secrets/"));
    }
    out += &packagings(report);
    out += &secrets(report, has("secrets/"));
    out += "See whether it came up:\n\n```sh\n";
    _ = writeln!(out, "kubectl -n {namespace} get pods");
    let named = |kind: &str| objects.iter().filter(|object| object.kind == kind).map(|o| o.name).collect::<Vec<_>>();
    if !named("Deployment").is_empty() {
        _ = writeln!(out, "kubectl -n {namespace} wait --for=condition=Available deployment --all --timeout=5m");
    }
    for kind in ["StatefulSet", "DaemonSet"] {
        for name in named(kind) {
            _ = writeln!(out, "kubectl -n {namespace} rollout status {}/{name}", kind.to_lowercase());
        }
    }
    if !named("Job").is_empty() {
        _ = writeln!(out, "kubectl -n {namespace} wait --for=condition=Complete job --all --timeout=5m");
    }
    out + "```\n"
}

/// The commands for plain manifests.
fn plain(report: &Report<'_>, any_secrets: bool) -> String {
    let mut out = "In the folder of this file:\n\n```sh\nkubectl apply -f manifests/00-namespace.yaml\n".to_owned();
    match report.secrets.form {
        // Beside values for a chart the folder holds more than objects.
        "files" if any_secrets && report.packagings.iter().any(|one| one.name == "helm") => {
            out += "kubectl apply -k secrets/\nkubectl apply -f manifests/\n";
        }
        "files" if any_secrets => out += "kubectl apply -f secrets/ -f manifests/\n",
        form => {
            out += &decrypted(report, form);
            out += "kubectl apply -f manifests/\n";
        }
    }
    out + "```\n\n"
}

/// The commands that apply what SOPS encrypted.
fn decrypted(report: &Report<'_>, form: &str) -> String {
    let files = report.objects.iter().filter(|object| form == "sops" && object.file.starts_with("secrets/"));
    files.flat_map(|object| ["sops decrypt ", &object.file, " | kubectl apply -f -\n"]).collect()
}

/// The commands for every other packaging.
fn packagings(report: &Report<'_>) -> String {
    let mut out = String::new();
    let plain = report.packagings.iter().any(|one| one.name == "manifests");
    for PackagingRow { name: _, folder: _, title, commands, note } in &report.packagings {
        if commands.is_empty() {
            continue;
        }
        let lead = if plain || !out.is_empty() { "Or" } else { "In the folder of this file," };
        let before = decrypted(report, report.secrets.form);
        _ = write!(out, "{lead} with {title}:\n\n```sh\n{before}{}\n```\n\n", commands.join("\n"));
        if !note.is_empty() {
            _ = write!(out, "{note}\n\n");
        }
    }
    out
}

/// What has to be known of Secrets.
fn secrets(report: &Report<'_>, any: bool) -> String {
    let SecretRows { form, store, secrets, has_push: _ } = &report.secrets;
    let names = |rows: &[SecretRow<'_>]| rows.iter().map(|row| code(row.name)).collect::<Vec<_>>().join(", ");
    match *form {
        "files" if any => {
            "`secrets/` holds passwords and keys as they are; its `.gitignore` keeps it out of Git.\n\n".to_owned()
        }
        "sops" if any => {
            "`secrets/` holds passwords and keys encrypted with SOPS and may be committed; Flux decrypts it by \
                          itself.\n\n"
                .to_owned()
        }
        "sealed" => {
            "Passwords and keys are in SealedSecrets, which the Sealed Secrets controller of the cluster opens; they \
                     may be committed.\n\n"
                .to_owned()
        }
        "existing" if !secrets.is_empty() => {
            let mut out = "These Secrets have to exist first, with these keys:\n\n".to_owned();
            for row in secrets {
                let keys: Vec<String> = row.keys.iter().map(|key| code(key)).collect();
                _ = writeln!(out, "- {}: {}", code(row.name), keys.join(", "));
            }
            out + "\n"
        }
        "external" | "vault" if !secrets.is_empty() => {
            let store = store.as_deref().map(code).unwrap_or_default();
            let how = if report.secrets.has_push {
                "`sh secrets/push.sh` puts the values there; each file `secrets/*.values` is one entry."
            } else {
                "Put each file `secrets/*.values` there as one entry of that name."
            };
            format!(
                "The External Secrets operator makes {} from {store}. {how} Git ignores that folder.\n\n",
                names(secrets)
            )
        }
        _ => String::new(),
    }
}

fn written(report: &Report<'_>) -> String {
    let Report { services, objects, .. } = report;
    let mut out = "## What was written\n\n| service | runs as | image | objects |\n|---|---|---|---|\n".to_owned();
    for service in services {
        let runs = match (service.workload, service.replicas) {
            (Some(kind), Some(replicas)) if replicas != 1 => format!("{kind}, {replicas} replicas"),
            (Some(kind), _) => kind.to_owned(),
            (None, _) => "nothing".to_owned(),
        };
        let name = format!("{}{}", code(service.name), at(service.place.as_ref()));
        let image = service.image.map(code).unwrap_or_default();
        let objects = service.objects.join(", ");
        _ = writeln!(out, "| {} | {runs} | {} | {} |", cell(&name), cell(&image), cell(&objects));
    }
    let owned: BTreeSet<&String> = services.iter().flat_map(|service| &service.objects).collect();
    let labels = objects.iter().map(|object| format!("{}/{}", object.kind, object.name));
    let shared: Vec<String> = labels.filter(|label| !owned.contains(label)).collect();
    if !shared.is_empty() {
        _ = writeln!(out, "\nShared by the whole project: {}.", shared.join(", "));
    }
    out
}

/// What was left behind and asks for nothing; what asks for a deed stands further up.
fn not_carried(report: &Report<'_>) -> String {
    let dropped = || report.ledger.iter().filter(|row| row.outcome == "dropped");
    let asking = dropped().any(|row| row.todo.is_some());
    let mut out = String::new();
    for (why, rows) in grouped(dropped().filter(|row| row.todo.is_none()), |row| row.why.as_deref()) {
        _ = writeln!(out, "- {} ({})", sentence(why.unwrap_or_default()), some(&leaves(&rows), MOST_PLACES));
    }
    let lead = if asking { "Besides what asks for a deed above, these have no counterpart:\n\n" } else { "" };
    if out.is_empty() { out } else { format!("## Not carried over\n\n{lead}{out}") }
}

fn decisions(report: &Report<'_>) -> String {
    let mut out = String::new();
    let groups = grouped(&report.decisions, |row| (row.what.as_str(), &*row.because));
    let (shared, single): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(_, rows)| rows.len() >= SHARED);
    // Many decisions name nearly all services: their names are put in order once.
    let services: BTreeMap<String, Vec<&str>> =
        report.decisions.iter().filter_map(|row| row.service).collect::<BTreeSet<_>>().into_iter().fold(
            BTreeMap::new(),
            |mut all, service| {
                all.entry(code(service)).or_insert_with(Vec::new).push(service);
                all
            },
        );
    let order: HashMap<&str, usize> =
        services.values().enumerate().flat_map(|(at, services)| services.iter().map(move |name| (*name, at))).collect();
    let shown: Vec<&str> = services.keys().map(String::as_str).collect();
    for ((what, because), rows) in shared {
        let mut places: Vec<usize> = rows.iter().filter_map(|row| order.get(row.service?).copied()).collect();
        places.sort_unstable();
        places.dedup();
        let names: Vec<&str> = places.into_iter().filter_map(|at| shown.get(at).copied()).collect();
        let what = sentence(what);
        _ = writeln!(out, "- {}: {}. {}", what.trim_end_matches('.'), names.join(", "), sentence(because));
    }
    let single = single.into_iter().flat_map(|(_, rows)| rows);
    for (service, rows) in grouped(single, |row| row.service) {
        _ = writeln!(out, "\n### {}\n", service.map_or_else(|| "The whole project".to_owned(), cell));
        for row in rows {
            _ = writeln!(out, "- {} {}{}", sentence(&row.what), sentence(&row.because), at(row.place.as_ref()));
        }
    }
    titled("## Decisions\n\n", &(out.trim_start_matches('\n').to_owned() + &read_and_done(report)))
}

/// Values that led to a decision and have no field of their own. Reasons that differ in names alone are told once.
fn read_and_done(report: &Report<'_>) -> String {
    let mut out = String::new();
    let told: BTreeSet<&str> = report.decisions.iter().map(|row| &*row.because).collect();
    let fresh = |why: &str| !told.contains(why);
    let rows = report.ledger.iter().filter(|row| row.outcome == "decided" && row.why.as_deref().is_none_or(fresh));
    for (_, rows) in grouped(rows, |row| masked(row.why.as_deref().unwrap_or_default())) {
        let Some(first) = rows.first() else { continue };
        let why = sentence(first.why.as_deref().unwrap_or_default());
        let alike: BTreeSet<_> = rows.iter().filter_map(|row| row.why.as_deref()).collect();
        let alike = match alike.len() {
            0 | 1 => String::new(),
            2 => " The same goes for another one.".to_owned(),
            more => format!(" The same goes for {} others.", more - 1),
        };
        _ = writeln!(out, "- {why}{alike} ({})", some(&leaves(&rows), FEW_PLACES));
    }
    titled("\n### Values that were read and have no field of their own\n\n", &out)
}

/// A reason without the names in it.
fn masked(why: &str) -> Cow<'_, str> {
    if why.contains('`') { why.split('`').step_by(2).collect::<Vec<_>>().join("`").into() } else { why.into() }
}

/// What a process would find otherwise than under docker compose, by reason.
fn processes(report: &Report<'_>) -> String {
    let ProcessRows { services, values, differences, added } = &report.processes;
    let mut out = format!(
        "## The same processes\n\nWhat the kubelet would start was computed from the objects alone and compared with what docker \
         compose would start: {} of {}. ",
        count(*values, "value"),
        count(*services, "service")
    );
    out += match differences.len() {
        0 => "All are the same.\n",
        _ => "All are the same but these:\n\n",
    };
    for (because, rows) in grouped(differences, |row| row.because.clone()) {
        let one = |row: &&DifferenceRow<'_>| format!("{} {} {}", code(row.service), cell(row.what), row.how);
        let rows: Vec<String> = rows.iter().map(one).collect();
        let why = because.map_or_else(|| "Nothing explains this.".to_owned(), |because| sentence(&because));
        _ = writeln!(out, "- {}. {why}", some(&rows, FEW_PLACES));
    }
    out += "\nEvery container in a cluster has besides:\n\n";
    for AddedRow { what, why } in added {
        _ = writeln!(out, "- {what}: {why}");
    }
    out
}

fn account(report: &Report<'_>) -> String {
    let Summary { leaves, kept, translated, decided, dropped, unaccounted, .. } = report.summary;
    let mut out =
        format!("## The account\n\nThe resolved project has {}. What became of them:\n\n", count(leaves, "value"));
    out += "| outcome | entries | meaning |\n|---|---|---|\n";
    _ = writeln!(out, "| kept | {kept} | in the objects as it was |");
    _ = writeln!(out, "| translated | {translated} | in the objects in another form |");
    _ = writeln!(out, "| decided | {decided} | led to a decision |");
    _ = writeln!(out, "| dropped | {dropped} | not in the objects |");
    if unaccounted > 0 {
        let paths: Vec<String> = report.unaccounted.iter().map(|leaf| code(leaf.path)).collect();
        _ = writeln!(
            out,
            "\nNobody spoke for {}: {}. That is a fault of tranship.",
            count(unaccounted, "value"),
            paths.join(", ")
        );
    }
    out + "\nEvery entry, with where it was written and where it stands now, is in `report.json`.\n"
}

/// Some leaves and where each is written. Leaves of one place stand as what they are part of, and the same key of
/// several services is named once.
fn leaves<'a>(rows: &[&LedgerRow<'a>]) -> Vec<String> {
    // To a reader a place is a line.
    let place = |row: &LedgerRow<'a>| row.place.map(|place| (place.file, place.line));
    let mut paths: Vec<(&str, Option<(&str, usize)>)> = Vec::new();
    for ((parent, place), rows) in grouped(rows, |row| (parent(row.path), place(row))) {
        let distinct: BTreeSet<&str> = rows.iter().map(|row| row.path).collect();
        let whole = distinct.len() > 1 && parent.contains('.');
        let shown = if whole { vec![parent] } else { distinct.into_iter().collect() };
        paths.extend(shown.into_iter().map(|path| (path, place)));
    }
    let key = |(path, place): &(&'a str, Option<(&'a str, usize)>)| {
        (within_service(path).map_or(*path, |(_, rest)| rest), *place)
    };
    let mut out = Vec::new();
    for ((rest, place), paths) in grouped(paths, key) {
        let place = place.map(|(file, line)| format!(" at {}", line_of(file, line))).unwrap_or_default();
        let names: BTreeSet<&str> = paths.iter().filter_map(|(path, _)| Some(within_service(path)?.0)).collect();
        if names.len() > 1 {
            let names: Vec<String> = names.into_iter().map(code).collect();
            out.push(format!("{} of {}{place}", code(rest), some(&names, MOST_PLACES)));
        } else {
            let distinct: BTreeSet<&str> = paths.iter().map(|(path, _)| *path).collect();
            out.extend(distinct.into_iter().map(|path| format!("{}{place}", code(path))));
        }
    }
    out
}

/// The path a path is part of. Quoted steps are not looked into.
fn parent(path: &str) -> &str {
    if path.ends_with("\"]") {
        return path;
    }
    path.rfind(['.', '[']).and_then(|end| path.get(..end)).unwrap_or(path)
}

/// The service a path lies in, and the rest of the path. Names that have to be quoted are left alone.
fn within_service(path: &str) -> Option<(&str, &str)> {
    let (service, rest) = path.strip_prefix("services.")?.split_once('.')?;
    (!service.contains('[')).then_some((service, rest))
}

/// A section, or nothing where it is empty.
fn titled(title: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("{title}{body}") }
}

/// Lines without blanks at their ends.
fn trimmed(text: &str) -> String {
    text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}
