//! One expectation: how it is written, and whether it holds.

use tranship_source::yaml::{self, Node};

use super::path::{find, json};
use super::run::{Entry, Finding, Outcome};

/// Something that has to hold.
pub enum Expect {
    /// A field of an object.
    Field { object: String, path: String, test: Test },
    /// A line of the ledger.
    Ledger { outcome: String, leaf: String, text: String },
    /// A finding, and what the source holds at its place.
    Finding { code: String, at: Option<String> },
    /// A finding that must not be there.
    NoFinding { code: String },
    /// What `explain` prints.
    Explain { args: Vec<String>, text: String },
    /// What `convert` says.
    Says { text: String },
}

/// What has to hold of a field.
pub enum Test {
    There,
    Absent,
    Equals(String),
    Contains(String),
    Lacks(String),
}

impl Expect {
    /// Reads one line.
    pub fn read(line: &str) -> Option<Self> {
        if let Some(text) = line.strip_prefix("stderr: ") {
            return Some(Self::Says { text: text.to_owned() });
        }
        if let Some((args, text)) = line.strip_prefix("explain ").and_then(|rest| rest.split_once(": ")) {
            let args = args.split(' ').map(str::to_owned).collect();
            return Some(Self::Explain { args, text: text.to_owned() });
        }
        if let Some(code) = line.strip_prefix("no finding ") {
            return Some(Self::NoFinding { code: code.to_owned() });
        }
        if let Some(rest) = line.strip_prefix("finding ") {
            let (code, at) = rest.split_once(" at ").map_or((rest, None), |(code, at)| (code, Some(at.to_owned())));
            return Some(Self::Finding { code: code.to_owned(), at });
        }
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        if ["kept", "translated", "decided", "dropped"].contains(&first) {
            let (leaf, text) = rest.split_once(": ").unwrap_or((rest, ""));
            return Some(Self::Ledger { outcome: first.to_owned(), leaf: leaf.to_owned(), text: text.to_owned() });
        }
        first.contains('/').then(|| Self::field(first, rest))
    }

    fn field(object: &str, rest: &str) -> Self {
        let (path, test) = if rest.is_empty() {
            ("", Test::There)
        } else if let Some(path) = rest.strip_suffix("absent") {
            (path.trim(), Test::Absent)
        } else if let Some((path, text)) = rest.split_once(" !~ ") {
            (path, Test::Lacks(text.to_owned()))
        } else if let Some((path, text)) = rest.split_once(" ~ ") {
            (path, Test::Contains(text.to_owned()))
        } else if let Some((path, value)) = rest.split_once(" = ") {
            (path, Test::Equals(value.to_owned()))
        } else {
            (rest, Test::There)
        };
        Self::Field { object: object.to_owned(), path: path.to_owned(), test }
    }

    /// What is wrong, if anything.
    pub fn fault(&self, outcome: &Outcome) -> Option<String> {
        match self {
            Self::Field { object, path, test } => field(outcome, object, path, test),
            Self::Ledger { outcome: word, leaf, text } => ledger(&outcome.ledger, word, leaf, text),
            Self::Finding { code, at } => finding(&outcome.findings, code, at.as_deref()),
            Self::NoFinding { code } => {
                let found = outcome.findings.iter().find(|finding| finding.code == *code)?;
                Some(format!("there is `{code}`: {}", found.message))
            }
            Self::Explain { args, text } => {
                let said = outcome.explain(args);
                (!said.contains(text)).then(|| format!("explain {} does not say `{text}`:\n{said}", args.join(" ")))
            }
            Self::Says { text } => {
                (!outcome.said.contains(text)).then(|| format!("does not say `{text}`:\n{}", outcome.said))
            }
        }
    }
}

fn field(outcome: &Outcome, name: &str, path: &str, rule: &Test) -> Option<String> {
    let place = format!("{name} {path}");
    let Some(object) = outcome.object(name) else {
        let all = outcome.objects.iter().map(super::run::label).collect::<Vec<_>>().join(" ");
        return match rule {
            Test::Absent if path.is_empty() => None,
            _ => Some(format!("no {name}, but {all}")),
        };
    };
    let node = find(object, path);
    let shown = node.map_or("absent".to_owned(), json);
    let wanted_json = |value: &str| json(&parse(value));
    let holds = match rule {
        Test::There => node.is_some(),
        Test::Absent => node.is_none(),
        Test::Equals(value) => node.is_some_and(|node| json(node) == wanted_json(value)),
        Test::Contains(text) => node.is_some() && shown.contains(text.as_str()),
        Test::Lacks(text) => node.is_some() && !shown.contains(text.as_str()),
    };
    let wanted = match rule {
        Test::There => "anything".to_owned(),
        Test::Absent => "nothing".to_owned(),
        Test::Equals(value) => wanted_json(value),
        Test::Contains(text) => format!("`{text}` in it"),
        Test::Lacks(text) => format!("no `{text}` in it"),
    };
    (!holds).then(|| format!("{place} is {shown}, not {wanted}"))
}

/// A value as it is written in an expectation.
fn parse(value: &str) -> Node {
    yaml::parse(tranship_source::Sources::default().add("probe", ""), value)
        .value
        .into_iter()
        .next()
        .unwrap_or_else(|| panic!("`{value}` is no YAML"))
}

fn ledger(entries: &[Entry], word: &str, leaf: &str, text: &str) -> Option<String> {
    let of_leaf: Vec<&Entry> = entries.iter().filter(|entry| entry.speaks_for(leaf)).collect();
    if of_leaf.iter().any(|entry| entry.outcome == word && entry.text.contains(text)) {
        return None;
    }
    let shown = of_leaf.iter().map(|entry| format!("\n      {} {}: {}", entry.outcome, entry.path, entry.text));
    Some(format!("{leaf} is not {word} with `{text}`:{}", shown.collect::<String>()))
}

fn finding(findings: &[Finding], code: &str, at: Option<&str>) -> Option<String> {
    let is = |finding: &&Finding| finding.code == code && at.is_none_or(|at| finding.source.starts_with(at));
    if findings.iter().any(|finding| is(&finding)) {
        return None;
    }
    let shown = findings.iter().map(|found| {
        format!("\n      {} at `{}`: {}", found.code, found.source.chars().take(40).collect::<String>(), found.message)
    });
    Some(format!("no finding `{code}` at `{}`:{}", at.unwrap_or("any place"), shown.collect::<String>()))
}
