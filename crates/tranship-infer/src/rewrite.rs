//! Puts names that Kubernetes carries in place of those it cannot: `my_db` becomes `my-db` wherever it is called.
//!
//! Only places that the proof shows to be hosts are touched; a value that merely looks the same stays. Environment,
//! entrypoint, command, health check, hooks and mounted texts are rewritten in the stack itself, one [`Rewrite`] each.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use tranship_kube::names::{NameKind, Names, is_legal, label};
use tranship_model::{BlobContent, EnvValue, Health, Hook, MountSource, Origin, Service, Stack, Test};
use tranship_source::{Checked, Diagnostic, Secret};

use crate::evidence::{Class, files};
use crate::judge::Verdict;
use crate::proof::prove;
use crate::reference::{Place, Reference};

/// One name that was put in place of another.
#[derive(Clone, Debug, PartialEq)]
pub struct Rewrite {
    /// The service whose value it was.
    pub service: String,
    /// Where the value was written.
    pub origin: Origin,
    /// The name that was there.
    pub from: String,
    /// The name that is there now.
    pub to: String,
    /// Where it stood, in bytes of the value before any rewriting.
    pub place: Place,
}

impl Rewrite {
    /// The sentence for the ledger.
    pub fn because(&self) -> String {
        let Self { from, to, place, .. } = self;
        format!("Kubernetes cannot carry the name `{from}`: {place} now calls `{to}`")
    }
}

/// The names of a stack that Kubernetes cannot carry, each with the one that leads to the same service.
///
/// Names follow the lowering: a service has the nearest legal name, an alias of one word gets a Service of its own; an
/// alias with dots, or one whose nearest name is taken, leads to its service's name. An alias of several services that
/// cannot keep a name of its own is left out. Names that differ in case alone need no rewriting.
pub fn carried(stack: &Stack) -> BTreeMap<String, String> {
    let mut names = Names::default();
    names.give(NameKind::Host, stack.services.keys().map(String::as_str));
    let mut holders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for service in stack.services.values() {
        for alias in &service.aliases {
            holders.entry(&alias.value).or_default().push(&service.name);
        }
    }
    let mut out = BTreeMap::new();
    let mut keep = |from: &str, to: &str| {
        if !from.eq_ignore_ascii_case(to) {
            out.insert(from.to_owned(), to.to_owned());
        }
    };
    for service in stack.services.keys() {
        keep(service, &names.name(NameKind::Host, service));
    }
    for (alias, services) in holders {
        if is_legal(alias, 63) || stack.services.contains_key(alias) {
            continue;
        }
        let free = !alias.contains('.') && !names.is_taken(NameKind::Host, &label(alias));
        match services.as_slice() {
            _ if free => keep(alias, &names.name(NameKind::Host, alias)),
            [one] => keep(alias, &names.name(NameKind::Host, one)),
            _ => {}
        }
    }
    out
}

/// Every name a stack's services are called by, with the one it has where all names begin with a prefix. `carried` are those
/// that Kubernetes cannot carry, as [`carried`] gives them.
pub fn prefixed(stack: &Stack, carried: &BTreeMap<String, String>, prefix: &str) -> BTreeMap<String, String> {
    let aliases = stack.services.values().flat_map(|service| &service.aliases).map(|alias| alias.value.as_str());
    let all = stack.services.keys().chain(stack.outside.keys()).map(String::as_str).chain(aliases);
    let legal = |name: &&str| carried.contains_key(*name) || is_legal(&name.to_ascii_lowercase(), 63);
    let one = |name: &str| {
        let plain = carried.get(name).cloned().unwrap_or_else(|| name.to_ascii_lowercase());
        (name.to_owned(), format!("{prefix}{plain}"))
    };
    all.filter(legal).map(one).collect()
}

/// Rewrites every reference to a name of `names` in the stack and gives a line for each, in the stack's order.
///
/// Prove a stack before this, not after: the names that are put in are the lowering's and not the stack's own.
///
/// Errors: `name-not-rewritten`, where a reference stands in something that cannot be changed. Warnings:
/// `name-ambiguous`, where a word is the same as such a name and nothing shows that it is a host.
pub fn rewrite(stack: &mut Stack, names: &BTreeMap<String, String>) -> Checked<Vec<Rewrite>> {
    if names.is_empty() {
        return Checked::clean(Vec::new());
    }
    let proof = prove(stack).value;
    let mut diagnostics = Vec::new();
    let mut done: Vec<Rewrite> = Vec::new();
    let mut wanted: Vec<(Reference, String, String)> = Vec::new();
    let folded: BTreeMap<String, (&String, &String)> =
        names.iter().map(|pair| (pair.0.to_ascii_lowercase(), pair)).collect();
    let mut files = BTreeSet::new();
    for proven in proof.proven {
        let leads = !matches!(proven.verdict, Verdict::External | Verdict::Itself);
        let reference = proven.reference;
        let folded = folded.get(&reference.host.to_ascii_lowercase()).copied();
        let Some((from, to)) = names.get_key_value(reference.host.as_str()).or(folded) else { continue };
        // A file that several services mount is one text.
        let fresh = match &reference.place {
            Place::File { secret, blob, file, range, .. } => {
                files.insert((*secret, blob.clone(), file.clone(), range.start))
            }
            Place::DependsOn => false,
            _ => true,
        };
        if leads && fresh {
            wanted.push((reference, from.clone(), to.clone()));
        }
    }
    // From the back of each value to its front, so that ranges before it stay right.
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(wanted.get(*at).map_or(0, |(reference, ..)| start(&reference.place))));
    let mut failed = vec![false; wanted.len()];
    for at in order {
        let Some((reference, _, to)) = wanted.get(at) else { continue };
        if let (Err(why), Some(flag)) = (put(stack, reference, to), failed.get_mut(at)) {
            *flag = true;
            diagnostics.push(refused(reference, to, why));
        }
    }
    for ((reference, from, to), failed) in wanted.into_iter().zip(failed) {
        if !failed {
            let Reference { from: service, place, origin, .. } = reference;
            done.push(Rewrite { service, origin, from, to, place });
        }
    }
    diagnostics.extend(ambiguous(stack, names));
    Checked::new(done, diagnostics)
}

fn start(place: &Place) -> usize {
    match place {
        Place::Env { range, .. }
        | Place::Entrypoint { range, .. }
        | Place::Command { range, .. }
        | Place::Hook { range, .. }
        | Place::Health { range, .. }
        | Place::BuildArgument { range, .. }
        | Place::Label { range, .. }
        | Place::File { range, .. } => range.start,
        Place::DependsOn => 0,
    }
}

fn refused(reference: &Reference, to: &str, why: &str) -> Diagnostic {
    let Reference { from, host, place, origin, .. } = reference;
    let message = format!("`{from}` names `{host}` in {place}, which Kubernetes cannot carry, and {why}");
    Diagnostic::error("name-not-rewritten", message)
        .at(origin.span())
        .help(format!("write `{to}`, and name the service so"))
}

/// Puts a name into the stack; the reason why not is the rest of a sentence.
fn put(stack: &mut Stack, reference: &Reference, to: &str) -> Result<(), &'static str> {
    const GONE: &str = "its place is not found again";
    let service = stack.services.get_mut(&reference.from).ok_or(GONE)?;
    match &reference.place {
        Place::Env { variable, range } => {
            let variable = service.env.iter_mut().find(|known| known.name == *variable).ok_or(GONE)?;
            match &mut variable.value.value {
                EnvValue::Plain(text) => splice(text, range, to).ok_or(GONE),
                EnvValue::Secret { value, because: _ } => {
                    let mut text = value.expose().clone();
                    splice(&mut text, range, to).ok_or(GONE)?;
                    *value = Secret::new(text);
                    Ok(())
                }
                EnvValue::Unset | EnvValue::Elsewhere { .. } => Err(GONE),
            }
        }
        Place::Entrypoint { word, range } => {
            let words = service.process.entrypoint.as_mut().ok_or(GONE)?;
            splice(words.value.get_mut(*word).ok_or(GONE)?, range, to).ok_or(GONE)
        }
        Place::Command { word, range } => {
            let words = service.process.command.as_mut().ok_or(GONE)?;
            splice(words.value.get_mut(*word).ok_or(GONE)?, range, to).ok_or(GONE)
        }
        Place::Hook { hook, word, range } => {
            let words = &mut hooks(service).nth(*hook).ok_or(GONE)?.command;
            splice(words.get_mut(*word).ok_or(GONE)?, range, to).ok_or(GONE)
        }
        Place::Health { word, range } => {
            let Health::Check(check) = &mut service.health else { return Err(GONE) };
            match check.test.as_mut().map(|test| &mut test.value) {
                Some(Test::Shell(line)) => splice(line, range, to).ok_or(GONE),
                Some(Test::Exec(words)) => splice(words.get_mut(*word).ok_or(GONE)?, range, to).ok_or(GONE),
                None => Err(GONE),
            }
        }
        Place::Label { label, range } => {
            let (_, value) = service.labels.iter_mut().find(|(key, _)| key == label).ok_or(GONE)?;
            splice(&mut value.value, range, to).ok_or(GONE)
        }
        Place::BuildArgument { .. } => Err("a build argument is part of the image"),
        Place::File { secret: true, blob, .. } if is_given(service, blob) => {
            Err("the file is secret and is handed over as it is")
        }
        Place::File { secret, blob, file, range, line: _ } => {
            let blobs = if *secret { &mut stack.secrets } else { &mut stack.configs };
            let blob = blobs.get_mut(blob).ok_or(GONE)?;
            let BlobContent::Files(files) = &mut blob.content else { return Err(GONE) };
            let file = files.iter_mut().find(|known| known.path == *file).ok_or(GONE)?;
            let mut text = String::from_utf8(file.bytes.expose().clone()).map_err(|_| "the file is no text")?;
            splice(&mut text, range, to).ok_or(GONE)?;
            file.bytes = Secret::new(text.into_bytes());
            Ok(())
        }
        Place::DependsOn => Ok(()),
    }
}

/// Whether the project itself calls a file a secret; others are secret for what was found in them.
fn is_given(service: &Service, blob: &str) -> bool {
    service.mounts.iter().any(|mount| {
        let own = matches!(&mount.source, MountSource::Secret(known) if known.blob == blob);
        own && matches!(mount.class.origin, Origin::Decided { by: "reference", .. })
    })
}

fn hooks(service: &mut Service) -> impl Iterator<Item = &mut Hook> {
    let hooks = &mut service.hooks;
    hooks.pre_start.iter_mut().chain(&mut hooks.post_start).chain(&mut hooks.pre_stop)
}

fn splice(text: &mut String, range: &Range<usize>, to: &str) -> Option<()> {
    text.get(range.clone())?;
    text.replace_range(range.clone(), to);
    Some(())
}

/// Words that are the same as a name and stand where nothing shows a host. The stack is rewritten already, so that
/// what is found is what was left.
fn ambiguous(stack: &Stack, names: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for service in stack.services.values() {
        for variable in &service.env {
            let text = match &variable.value.value {
                EnvValue::Plain(text) => text,
                EnvValue::Secret { value, because: _ } => value.expose(),
                EnvValue::Elsewhere { .. } | EnvValue::Unset => continue,
            };
            let class = crate::evidence::class(&variable.name);
            let whole = names.get_key_value(text.as_str()).filter(|_| class == Class::Neutral);
            let inside = || first_word(text, names).filter(|_| class != Class::Opaque && !names.contains_key(text));
            if let Some((from, to)) = whole.or_else(inside) {
                let place = format!("`{}`", variable.name);
                out.push(left(service, from, to, &place, &variable.value.origin));
            }
        }
        for words in [&service.process.entrypoint, &service.process.command].into_iter().flatten() {
            let stray = |word: &String| names.get_key_value(word.as_str()).or_else(|| first_word(word, names));
            if let Some((from, to)) = words.value.iter().find_map(stray) {
                out.push(left(service, from, to, "a word of its command", &words.origin));
            }
        }
        for mounted in files(stack, service).iter().filter(|mounted| !mounted.secret) {
            if let Some((line, (from, to))) = first_line(mounted.text, names) {
                let place = format!("`{}` line {line}", mounted.file.path);
                let found = left(service, from, to, &place, &mounted.mount.origin);
                if !out.contains(&found) {
                    out.push(found);
                }
            }
        }
    }
    out
}

/// A name of several words that stands in a value as a word of its own, and not where a database or a user is called so.
fn first_word<'n>(text: &str, names: &'n BTreeMap<String, String>) -> Option<(&'n String, &'n String)> {
    const OTHERS: &[&str] = &["database", "dbname", "db", "user", "username", "uid", "password", "schema", "name"];
    if text.contains("://") {
        return None;
    }
    let inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let word_before = |head: &str| {
        let head = head.trim_end_matches(['=', ':', ' ', '"', '\'']);
        head.rsplit(|c| !inner(c)).next().unwrap_or_default().trim_start_matches('-').to_ascii_lowercase()
    };
    let odd = names.iter().filter(|(name, _)| name.contains(['_', '.']));
    let mut found = odd.flat_map(|pair| text.match_indices(pair.0.as_str()).map(move |(at, _)| (at, pair)));
    found.find_map(|(at, pair)| {
        let (head, tail) = (text.get(..at)?, text.get(at + pair.0.len()..)?);
        let alone = !head.ends_with(inner) && !tail.starts_with(inner) && !head.ends_with('/');
        let is_other =
            head.ends_with(['=', ':', '"', '\'', ' ']) && OTHERS.iter().any(|other| word_before(head).ends_with(other));
        (alone && !is_other).then_some(pair)
    })
}

fn left(service: &Service, from: &str, to: &str, place: &str, origin: &Origin) -> Diagnostic {
    let message = format!(
        "`{}` has `{from}` in {place}, which is the name of a service that Kubernetes cannot carry, or just a word",
        service.name
    );
    let help = format!("if it is the service, write `{to}` and name the service so");
    Diagnostic::warning("name-ambiguous", message).at(origin.span()).help(help)
}

/// The first line outside of comments that has one of the names as a word of its own. Names of one plain word are too
/// common in any text to be worth a line.
fn first_line<'n>(text: &str, names: &'n BTreeMap<String, String>) -> Option<(usize, (&'n String, &'n String))> {
    let odd: Vec<_> = names.iter().filter(|(name, _)| name.contains(['_', '.'])).collect();
    if odd.is_empty() {
        return None;
    }
    let comment = |line: &str| line.trim_start().starts_with(['#', ';']) || line.trim_start().starts_with("//");
    let lines = text.lines().enumerate().filter(|(_, line)| !comment(line));
    for (at, line) in lines {
        let code = line.split(" #").next().unwrap_or(line);
        let mut words = code.split(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
        let found = words.find_map(|word| odd.iter().find(|(name, _)| word == name.as_str()).copied());
        if let Some(found) = found {
            return Some((at + 1, found));
        }
    }
    None
}
