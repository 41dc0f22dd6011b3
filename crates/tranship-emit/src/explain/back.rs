//! From a field of an object back to the values or the rule that made it.

use std::collections::BTreeSet;

use tranship_kube::Object;
use tranship_kube::lower::own::own;
use tranship_model::{At, Entry, Outcome};
use tranship_source::Span;
use tranship_source::yaml::{Node, Value};

use super::index::{Explainer, facts_of, is_data, node_at};
use super::path::{find, is_within, leaves, split};
use super::source::{one_line, spot, trail};
use super::{Because, Choice, FieldReasons, Source, Unknown, VERSION, decided, hint};

/// Leaves, each with the ledger's word on it.
type Made<'e> = Vec<(At, Option<&'e Entry>)>;

/// Short names that kubectl takes.
const SHORT: [(&str, &str); 10] = [
    ("cj", "CronJob"),
    ("cm", "ConfigMap"),
    ("deploy", "Deployment"),
    ("ds", "DaemonSet"),
    ("hpa", "HorizontalPodAutoscaler"),
    ("ing", "Ingress"),
    ("netpol", "NetworkPolicy"),
    ("ns", "Namespace"),
    ("pvc", "PersistentVolumeClaim"),
    ("sts", "StatefulSet"),
];

impl Explainer<'_> {
    /// Why a field is there: `deployment/web.spec.replicas`, `Service/web:spec.ports[0]`, or a whole object.
    pub fn why(&self, field: &str) -> Result<Because, Unknown> {
        let (object, rest) = self.object_of(field)?;
        let found = find(&object.tree, rest).map_err(|lost| {
            let at = if lost.at.is_empty() { String::new() } else { format!(" {}", lost.at) };
            let nearest = tranship_kube::check::nearest(&lost.step, lost.known.iter().map(String::as_str));
            let nearest = nearest.map(str::to_owned);
            Unknown { message: format!("{}{at} has no `{}`", object.label(), lost.step), nearest, known: lost.known }
        })?;
        let mut all = Vec::new();
        if let Some(node) = found.node() {
            leaves(node, &found.path, &mut all);
        }
        let fields = all.into_iter().map(|(path, node)| self.reasons(object, &path, node)).collect();
        Ok(Because { version: VERSION, object: facts_of(object), path: found.path, fields })
    }

    /// The object a field is of, and the rest of the text.
    fn object_of<'t>(&self, field: &'t str) -> Result<(&Object, &'t str), Unknown> {
        let all = || self.facts.objects.iter().map(Object::label).collect::<Vec<_>>();
        let unknown = |message: String, known: Vec<String>, word: &str| {
            let nearest = tranship_kube::check::nearest(word, known.iter().map(String::as_str)).map(str::to_owned);
            Unknown { message, nearest, known }
        };
        let Some((kind, rest)) = field.split_once('/') else {
            let message = format!("`{field}` names no object: write it as `KIND/NAME.FIELD`");
            return Err(unknown(message, all(), field));
        };
        let of_kind: Vec<&Object> = self.facts.objects.iter().filter(|object| is_kind(object.kind(), kind)).collect();
        if of_kind.is_empty() {
            let mut kinds: Vec<String> = self.facts.objects.iter().map(|object| object.kind().to_owned()).collect();
            kinds.sort();
            kinds.dedup();
            return Err(unknown(format!("the project has no object of the kind `{kind}`"), kinds, kind));
        }
        let after = |object: &&Object| {
            let rest = rest.strip_prefix(object.name())?;
            (rest.is_empty() || rest.starts_with(['.', ':', ' ', '['])).then_some(rest)
        };
        let named = of_kind.iter().filter_map(|object| Some((*object, after(object)?)));
        match named.max_by_key(|(object, _)| object.name().len()) {
            Some((object, rest)) => Ok((object, rest.trim_start_matches(':'))),
            None => {
                let name = rest.split(['.', ':', ' ', '[']).next().unwrap_or(rest);
                let kind = of_kind.first().map_or(kind, |object| object.kind());
                let known = of_kind.iter().map(|object| object.name().to_owned()).collect();
                Err(unknown(format!("the project has no {kind} `{name}`"), known, name))
            }
        }
    }

    /// Why a field is there. What the project says comes first, then what a rule of ours says.
    pub fn reasons(&self, object: &Object, path: &str, node: &Node) -> FieldReasons {
        let steps = split(path);
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        let label = object.label();
        let secret = object.kind() == "Secret" && is_data(path);
        let mut out = FieldReasons {
            path: path.to_owned(),
            value: if secret { None } else { one_line(node) },
            from: Vec::new(),
            why: Vec::new(),
            rule: None,
            otherwise: None,
        };
        let own = own(object.kind(), &steps);
        let exact = own.is_some_and(|own| own.exact);
        let own =
            own.map(|own| Choice { what: path.to_owned(), rule: own.rule.to_owned(), because: own.because.to_owned() });
        if let Some(choice) = self.kind_of_workload(object, path) {
            out.rule = Some(choice);
            out.otherwise = hint::of_field(object, path, self.service_of(object));
            return out;
        }
        let mut made = self.said(&label, path, true);
        if made.is_empty() {
            made = self.made_of(object, &label, path, node.span);
            // A field that is always written is a value's only where that value says just this.
            if exact {
                made.retain(|(at, _)| says(&at.path, path));
            }
        }
        if made.is_empty() {
            // A choice of the lift says more than that the lowering always writes the field.
            if let Some(choice) = self.item_choice(object, path) {
                out.rule = Some(choice);
                out.otherwise = hint::of_field(object, path, self.service_of(object));
                return out;
            }
        }
        // What runs before the service is made of many of its values, and there for one reason.
        if made.is_empty() && path.contains("initContainers[") {
            made = self.said(&label, path, false);
        }
        if made.is_empty() && own.is_none() {
            made = self.made_of_item(object, &label, path);
        }
        if made.is_empty() && own.is_none() {
            made = self.said(&label, path, false);
        }
        for (at, entry) in joined(&made) {
            let at = self.same_item(at, path, node);
            self.add(&mut out, &at, entry, secret);
        }
        if out.from.is_empty() && out.why.is_empty() {
            out.rule = own.or_else(|| Some(nameless(path)));
        }
        out.otherwise = hint::of_field(object, path, self.service_of(object));
        out
    }

    /// The choice that brought a port or a mount which no value of the project names.
    fn item_choice(&self, object: &Object, path: &str) -> Option<Choice> {
        let service = self.service_of(object);
        let inner = |list: &str| {
            let start = path.find(&format!("{list}["))?;
            let end = start + path.get(start..)?.find(']')? + 1;
            node_at(&object.tree, path.get(..end)?)
        };
        let chosen = decided::choices(object.kind(), path);
        let wanted = if !chosen.is_empty() {
            chosen.iter().map(|&choice| choice.to_owned()).collect()
        } else if let Some(port) = inner("ports") {
            let number = port.get("containerPort").or_else(|| port.get("port")).and_then(Node::as_int)?;
            let protocol = port.get("protocol").and_then(Node::as_str).unwrap_or("TCP").to_ascii_lowercase();
            vec![format!("port {number}/{protocol}")]
        } else if path.ends_with("].image") {
            vec![format!("image `{}`", node_at(&object.tree, path)?.as_str()?)]
        } else {
            let template = || inner("volumeClaimTemplates").filter(|_| path.ends_with("].metadata.name"));
            let mount = match inner("volumes").or_else(template) {
                Some(volume) => mount_of(object, volume.get("name").or_else(|| volume.at(&["metadata", "name"]))?)?,
                None => inner("volumeMounts")?,
            };
            let target = mount.get("mountPath")?.as_str()?;
            vec![format!("mount at `{target}`"), format!("`{target}` holds")]
        };
        let fits = |what: &str| wanted.iter().any(|wanted| what == wanted || what.starts_with(&format!("{wanted} ")));
        let mut about = self.decisions.iter().filter(|decision| decision.service == service);
        about.find(|decision| fits(&decision.what)).map(|decision| Choice {
            what: decision.what.clone(),
            rule: decision.rule.to_owned(),
            because: decision.because.to_owned(),
        })
    }

    /// Of a list that went over item by item, the very item.
    fn same_item(&self, at: At, path: &str, node: &Node) -> At {
        let last = |path: &str| {
            path.strip_suffix(']')
                .and_then(|head| head.rsplit_once('['))
                .map(|(head, n)| (head.to_owned(), n.to_owned()))
        };
        let (Some((section, _)), Some((_, index))) = (last(&at.path), last(path)) else { return at };
        let same = |other: &&At| node_at(self.facts.project, &other.path).is_some_and(|found| found == node);
        let direct = format!("{section}[{index}]");
        let mut items =
            self.facts.leaves.iter().filter(|other| last(&other.path).is_some_and(|(head, _)| head == section));
        let direct = self.facts.leaves.iter().find(|other| *other.path == *direct).filter(same);
        direct.or_else(|| items.find(same)).cloned().unwrap_or(at)
    }

    /// The kind of a workload is a decision of the lift with a reason of its own.
    fn kind_of_workload(&self, object: &Object, path: &str) -> Option<Choice> {
        const WORKLOADS: [&str; 5] = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];
        if path != "kind" || !WORKLOADS.contains(&object.kind()) {
            return None;
        }
        let service = self.service_of(object)?;
        let found = self
            .decisions
            .iter()
            .find(|decision| decision.service == Some(service) && decision.what.starts_with("runs as "));
        let plain = || Choice {
            what: "kind".to_owned(),
            rule: "workload".to_owned(),
            because: format!("the project says how `{service}` is run"),
        };
        Some(found.map_or_else(plain, |decision| Choice {
            what: decision.what.clone(),
            rule: decision.rule.to_owned(),
            because: decision.because.to_owned(),
        }))
    }

    /// The leaves written where a node of an object comes from, with the ledger's word on each.
    fn made_of(&self, object: &Object, label: &str, path: &str, span: Span) -> Made<'_> {
        if span.is_none() {
            return Vec::new();
        }
        let mut leaves: Vec<&At> = self.leaves_at(span).to_vec();
        if leaves.is_empty() {
            leaves = self.facts.leaves.iter().filter(|at| lies_in(at.span, span)).collect();
        }
        if leaves.is_empty() {
            leaves = self.facts.leaves.iter().filter(|at| lies_in(span, at.span)).collect();
        }
        let word = |at: &At| {
            let about = |entry: &&&Entry| names(entry, label, path);
            let entries = self.entries(&at.path);
            entries.iter().find(about).copied()
        };
        let leaves = meant(leaves, path);
        let said: Made<'_> = leaves.iter().filter_map(|at| Some(((*at).clone(), Some(word(at)?)))).collect();
        if !said.is_empty() {
            return said;
        }
        // Text that several services share is written at one place: the object's own service is meant.
        let service = self.service_of(object).map(|name| tranship_model::ledger::child_path("services", name));
        let own = |at: &&&At| service.as_ref().is_none_or(|service| is_within(&at.path, service));
        let mine: Vec<&At> = leaves.iter().filter(own).copied().collect();
        let chosen = if mine.is_empty() { leaves } else { mine };
        chosen.into_iter().map(|at| (at.clone(), self.entries(&at.path).into_iter().next())).collect()
    }

    /// The same for the nearest part of the object around a field that comes from somewhere.
    fn made_of_item(&self, object: &Object, label: &str, path: &str) -> Made<'_> {
        let mut section = path;
        while let Some(end) = section.rfind(['.', '[']) {
            section = section.get(..end).unwrap_or_default();
            let Some(node) = node_at(&object.tree, section) else { continue };
            let is_item = section.ends_with(']') && !section.ends_with("\"]");
            let mut spans = BTreeSet::new();
            if !node.span.is_none() {
                spans.insert(node.span);
            } else if is_item {
                inner_spans(node, &mut spans);
            }
            let found: Vec<_> = spans.into_iter().flat_map(|span| self.made_of(object, label, path, span)).collect();
            if !found.is_empty() {
                return found;
            }
            // What stands above an item of a list is about the others as well.
            if is_item && self.said(label, section, false).is_empty() {
                continue;
            }
            if is_item {
                return Vec::new();
            }
        }
        Vec::new()
    }

    /// What the ledger says of the field, or of the smallest section around it. With `own`, only what is about no other
    /// field as well: the section of a list of objects says nothing of one of them.
    fn said(&self, label: &str, path: &str, own: bool) -> Made<'_> {
        let fits = |to: &str| {
            let Some(rest) = path.strip_prefix(to).filter(|_| !to.is_empty() && is_within(path, to)) else {
                return false;
            };
            !own || rest.is_empty() || is_position(rest) || (to.ends_with(']') && rest.starts_with('.'))
        };
        let all = self.said_of(label, path);
        let around = all.iter().filter(|(to, _)| fits(to)).map(|(to, _)| to.len()).max();
        let chosen = all.iter().filter(|(to, _)| Some(to.len()) == around && fits(to));
        chosen.map(|(_, entry)| (At::new(entry.path.clone(), entry.span), Some(*entry))).collect()
    }

    fn add(&self, out: &mut FieldReasons, at: &At, entry: Option<&Entry>, secret: bool) {
        let why = entry.and_then(|entry| match &entry.outcome {
            Outcome::Kept { .. } => None,
            Outcome::Translated { why, .. } | Outcome::Decided { why } | Outcome::Dropped { why, .. } => Some(why),
        });
        if let Some(why) = why.filter(|why| !why.is_empty() && !out.why.contains(why)) {
            out.why.push(why.clone());
        }
        if out.from.iter().any(|source| *source.path == *at.path) {
            return;
        }
        let node = node_at(self.facts.project, &at.path);
        let covered = secret || node.is_some_and(|node| self.is_secret(&at.path, node));
        let (variables, _) = node.map(|node| trail(self.facts.sources, node, &self.covered)).unwrap_or_default();
        let written = || {
            let text = self.facts.sources.slice(at.span);
            let holds_one = self.covered.iter().any(|secret| lies_in(*secret, at.span));
            (!text.is_empty() && !text.contains('\n') && !holds_one).then(|| text.to_owned())
        };
        out.from.push(Source {
            path: at.path.to_string(),
            value: node.filter(|_| !covered).and_then(|node| one_line(node).or_else(written)),
            place: spot(self.facts.sources, at.span, &self.covered),
            variables,
        });
    }
}

/// Parts of one short text as the one entry they are, when a field is made of all of them.
fn joined<'e>(made: &Made<'e>) -> Made<'e> {
    let parent = |at: &At| at.path.rfind('.').and_then(|end| at.path.get(..end)).unwrap_or_default().to_owned();
    let mut out: Made<'e> = Vec::new();
    for (at, entry) in made {
        let section = parent(at);
        let parts = made.iter().filter(|(other, _)| other.span == at.span && parent(other) == section).count();
        let is_item = section.ends_with(']') && !at.span.is_none();
        let at = if parts > 1 && is_item { At::new(section, at.span) } else { at.clone() };
        if !out.iter().any(|(known, with)| known.path == at.path && with == entry) {
            out.push((at, *entry));
        }
    }
    out
}

/// Whether an entry says that its leaf stands in an object at, above or below a path.
fn names(entry: &Entry, label: &str, path: &str) -> bool {
    let (Outcome::Kept { to } | Outcome::Translated { to, .. }) = &entry.outcome else { return false };
    super::index::targets(to)
        .iter()
        .any(|(object, at)| *object == label && (is_within(path, at) || is_within(at, path)))
}

/// What is answered where nothing is known: a gap in the table of [`own`] that the tests look for.
fn nameless(path: &str) -> Choice {
    let because = "it is written for the service, and no value or rule is noted for it";
    Choice { what: path.to_owned(), rule: "nameless".to_owned(), because: because.to_owned() }
}

/// Whether a value of the project is called as the field is, or is the part of a short text that the field is made of.
fn says(leaf: &str, path: &str) -> bool {
    let last = |path: &str| split(path).pop().unwrap_or_default().to_ascii_lowercase();
    let (leaf, field) = (last(leaf), last(path));
    leaf == field || PARTS.iter().any(|(of, part)| of.to_ascii_lowercase() == field && *part == leaf)
}

/// Fields, and the parts of a short text they are made of.
const PARTS: [(&str, &str); 9] = [
    ("containerPort", "target"),
    ("port", "target"),
    ("targetPort", "target"),
    ("mountPath", "target"),
    ("protocol", "protocol"),
    ("nodePort", "published"),
    ("hostPort", "published"),
    ("readOnly", "read_only"),
    ("claimName", "source"),
];

/// Of what one short text says, such as `127.0.0.1:8080:80`, the part a field is made of.
fn meant<'l>(leaves: Vec<&'l At>, path: &str) -> Vec<&'l At> {
    let ends = |path: &str, step: &str| path.strip_suffix(step).is_some_and(|head| head.ends_with('.'));
    let part = PARTS.iter().find(|(field, _)| ends(path, field)).map(|(_, part)| *part);
    let one: Vec<&At> = leaves.iter().filter(|at| part.is_some_and(|part| ends(&at.path, part))).copied().collect();
    if one.is_empty() { leaves } else { one }
}

/// The first mount of a volume of a pod, by the volume's name.
fn mount_of<'o>(object: &'o Object, volume: &Node) -> Option<&'o Node> {
    let containers = object.get(&["spec", "template", "spec", "containers"])?.as_seq()?;
    let mut mounts = containers.iter().filter_map(|container| container.get("volumeMounts")?.as_seq()).flatten();
    mounts.find(|mount| mount.get("name") == Some(volume))
}

/// Whether a rest of a path is one position in a list.
fn is_position(rest: &str) -> bool {
    let number = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

fn lies_in(inner: Span, outer: Span) -> bool {
    inner.file == outer.file && outer.start <= inner.start && inner.end <= outer.end && !inner.is_none()
}

fn inner_spans(node: &Node, out: &mut BTreeSet<Span>) {
    if !node.span.is_none() {
        out.insert(node.span);
        return;
    }
    match &node.value {
        Value::Mapping(map) => map.values().for_each(|child| inner_spans(child, out)),
        Value::Sequence(items) => items.iter().for_each(|child| inner_spans(child, out)),
        _ => {}
    }
}

/// Whether a word means a kind: its name in any case, also of many, or its short name.
fn is_kind(kind: &str, word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let lower = kind.to_ascii_lowercase();
    let many = if let Some(stem) = lower.strip_suffix('y') { format!("{stem}ies") } else { format!("{lower}s") };
    let short = SHORT.iter().any(|(short, long)| *short == word && *long == kind);
    word == lower
        || word == many
        || short
        || (kind == "Service" && word == "svc")
        || (kind == "Ingress" && word == "ingresses")
}
