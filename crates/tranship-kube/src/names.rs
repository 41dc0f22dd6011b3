//! One map from the project's names to names Kubernetes can carry. It is total, injective per kind, and deterministic.
//!
//! A legal name stays as it is. Any other is turned into the nearest legal one, and gets six digits of its hash when
//! that one is taken or too long. Names are the objects' identity: the same project always gives the same names.

use std::collections::{BTreeMap, BTreeSet};

/// What a name is for; each kind has a name space of its own and a longest length in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// Services, and host names in general.
    Host,
    /// Workloads. Controllers append up to eleven characters to a name and put the result into a label of 63.
    Workload,
    /// Claims.
    Claim,
    /// ConfigMaps.
    ConfigMap,
    /// Secrets.
    Secret,
    /// Networks, by their policies.
    Network,
}

impl NameKind {
    fn longest(self) -> usize {
        match self {
            Self::Host | Self::Claim | Self::ConfigMap | Self::Secret => 63,
            Self::Workload => 52,
            Self::Network => 48,
        }
    }
}

/// The names given out so far.
#[derive(Clone, Debug, Default)]
pub struct Names {
    given: BTreeMap<(NameKind, String), String>,
    taken: BTreeSet<(NameKind, String)>,
    prefix: String,
    /// What [`Self::name`] gave since these names were taken over from others, without the prefix.
    made: Vec<(NameKind, String, String)>,
}

impl Names {
    /// Names that all begin with a prefix, beyond which they are what they would be without.
    pub fn prefixed(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), ..Self::default() }
    }

    /// The same names, from which somebody may go on by himself.
    #[must_use]
    pub(crate) fn fork(&self) -> Self {
        let Self { given, taken, prefix, made: _ } = self;
        Self { given: given.clone(), taken: taken.clone(), prefix: prefix.clone(), made: Vec::new() }
    }

    /// Takes over what two gave that went on from here by themselves, if it is what one after the other would have given.
    pub(crate) fn join(&mut self, [first, second]: [&Self; 2]) -> bool {
        let of_first: BTreeMap<(NameKind, &str), &str> =
            first.made.iter().map(|(kind, original, plain)| ((*kind, plain.as_str()), original.as_str())).collect();
        let named: BTreeMap<(NameKind, &str), &str> =
            first.made.iter().map(|(kind, original, plain)| ((*kind, original.as_str()), plain.as_str())).collect();
        let differs = |(kind, original, plain): &(NameKind, String, String)| {
            of_first.get(&(*kind, plain)).is_some_and(|other| other != original)
                || named.get(&(*kind, original)).is_some_and(|other| other != plain)
        };
        if second.made.iter().any(differs) {
            return false;
        }
        for (kind, original, plain) in first.made.iter().chain(&second.made) {
            self.taken.insert((*kind, plain.clone()));
            self.given.insert((*kind, original.clone()), [self.prefix.as_str(), plain].concat());
        }
        self.made.extend_from_slice(&first.made);
        self.made.extend_from_slice(&second.made);
        true
    }

    /// Gives names to all of `wanted`, legal ones first so that no other name takes theirs.
    pub fn give<'a>(&mut self, kind: NameKind, wanted: impl IntoIterator<Item = &'a str>) {
        let (legal, other): (Vec<&str>, Vec<&str>) =
            wanted.into_iter().partition(|name| is_legal(name, kind.longest()));
        for name in legal.into_iter().chain(other) {
            self.name(kind, name);
        }
    }

    /// The name of `original`, given now if it has none.
    pub fn name(&mut self, kind: NameKind, original: &str) -> String {
        if let Some(name) = self.given.get(&(kind, original.to_owned())) {
            return name.clone();
        }
        let plain = self.free(kind, original);
        let name = format!("{}{plain}", self.prefix);
        self.taken.insert((kind, plain.clone()));
        self.given.insert((kind, original.to_owned()), name.clone());
        self.made.push((kind, original.to_owned(), plain));
        name
    }

    /// Gives `original` the name the user asks for; whether nobody else has it.
    pub fn insist(&mut self, kind: NameKind, original: &str, name: &str) -> bool {
        self.given.insert((kind, original.to_owned()), format!("{}{name}", self.prefix));
        self.taken.insert((kind, name.to_owned()))
    }

    /// Gives `original` the name that something outside has, which no prefix changes.
    pub fn insist_outside(&mut self, kind: NameKind, original: &str, name: &str) {
        self.given.insert((kind, original.to_owned()), name.to_owned());
        self.taken.insert((kind, name.to_owned()));
    }

    /// The name of `original`, if it was given one.
    pub fn get(&self, kind: NameKind, original: &str) -> Option<&str> {
        self.given.get(&(kind, original.to_owned())).map(String::as_str)
    }

    /// Whether a name is given to something.
    pub fn is_taken(&self, kind: NameKind, name: &str) -> bool {
        self.taken.contains(&(kind, name.to_owned()))
    }

    fn free(&self, kind: NameKind, original: &str) -> String {
        let longest = kind.longest();
        let plain = label(original);
        if plain.len() <= longest && !self.is_taken(kind, &plain) {
            return plain;
        }
        (0..=u32::MAX)
            .map(|turn| with_hash(&plain, original, turn, longest))
            .find(|name| !self.is_taken(kind, name))
            .unwrap_or(plain)
    }
}

/// `plain`, cut where it has to be, with six digits of the hash of `original`.
fn with_hash(plain: &str, original: &str, turn: u32, longest: usize) -> String {
    let hash = blake3::hash(format!("{turn}:{original}").as_bytes()).to_hex();
    let head: String = plain.chars().take(longest - 7).collect();
    format!("{}-{}", head.trim_end_matches('-'), &hash[..6])
}

/// Whether a name is a DNS label that starts with a letter: legal for every kind and release.
pub fn is_legal(name: &str, longest: usize) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.len() <= longest
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.chars().all(inner)
}

/// The nearest DNS label that starts with a letter, of any length.
pub fn label(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            'A'..='Z' => out.push(c.to_ascii_lowercase()),
            _ if out.is_empty() || out.ends_with('-') => {}
            _ => out.push('-'),
        }
    }
    let out = out.trim_end_matches('-');
    match out.chars().next() {
        None => format!("x-{}", &blake3::hash(name.as_bytes()).to_hex()[..6]),
        Some(c) if c.is_ascii_digit() => format!("x-{out}"),
        Some(_) => out.to_owned(),
    }
}

/// The namespace of a project: its name as a label of at most 63 characters.
pub fn namespace(project: &str) -> String {
    let plain = label(project);
    if plain.len() <= 63 { plain } else { with_hash(&plain, project, 0, 63) }
}

/// A label value: at most 63 characters of letters, digits, `-`, `_`, `.`, with a letter or digit at both ends.
pub fn label_value(text: &str) -> String {
    let kept: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let ends = |c: char| !c.is_ascii_alphanumeric();
    let kept = kept.trim_matches(ends);
    if kept.len() <= 63 { kept.to_owned() } else { with_hash(kept, text, 0, 63).trim_matches(ends).to_owned() }
}

/// The name of a label after its domain: `prefix` and a text, at most 63 characters. Texts that differ give names that do.
pub fn label_name(prefix: &str, text: &str) -> String {
    let wanted = format!("{prefix}{text}");
    let plain = label_value(&wanted);
    if plain == wanted { plain } else { with_hash(&plain, text, 0, 63) }
}

/// A ConfigMap or Secret key for a path: letters, digits, `-`, `_`, `.`, at most 253 characters.
pub fn data_key(path: &str) -> String {
    let legal = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let kept: String = path.chars().map(|c| if legal(c) { c } else { '_' }).collect();
    let same = kept == path && kept != "." && !kept.starts_with("..") && kept.len() <= 253;
    if same { kept } else { with_hash(kept.trim_matches('.'), path, 0, 253) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_legal_and_stay_apart() {
        let long = "x".repeat(80);
        let wanted = ["a_b", "a-b", "a.b", "My.App", "2fa", "web", "---", "é", long.as_str(), "A-B"];
        let mut names = Names::default();
        names.give(NameKind::Host, wanted);
        let given: BTreeSet<_> = wanted.iter().map(|name| names.name(NameKind::Host, name)).collect();
        assert_eq!(given.len(), wanted.len(), "{given:?}");
        assert!(given.iter().all(|name| is_legal(name, 63)), "{given:?}");
        assert_eq!(names.name(NameKind::Host, "a-b"), "a-b");
        assert_eq!(names.name(NameKind::Host, "web"), "web");
        assert_eq!(names.name(NameKind::Host, "2fa"), "x-2fa");
        assert_eq!(names.name(NameKind::Host, "My.App"), "my-app");
    }

    #[test]
    fn two_who_go_on_by_themselves_give_what_one_would_or_are_told_apart() {
        let mut start = Names::default();
        start.give(NameKind::Host, ["a", "b"]);
        for (one, other, alike) in [
            (["c", "d"], ["e", "a"], true),
            (["c", "d"], ["d", "e"], true),
            (["c_c", "d"], ["c.c", "e"], false),
            (["c", "d"], ["C", "c"], false),
        ] {
            let (mut first, mut second, mut whole) = (start.fork(), start.fork(), start.fork());
            for (names, wanted) in [(&mut first, &one[..]), (&mut second, &other), (&mut whole, &[one, other].concat())]
            {
                for name in wanted {
                    names.name(NameKind::Host, name);
                }
            }
            let mut joined = start.fork();
            assert_eq!(joined.join([&first, &second]), alike, "{one:?} {other:?}");
            if alike {
                assert_eq!((joined.given, joined.taken), (whole.given, whole.taken));
            }
        }
    }

    #[test]
    fn keys_of_paths_are_legal_and_stay_apart() {
        assert_eq!(data_key("nginx.conf"), "nginx.conf");
        assert_ne!(data_key("a/b"), data_key("a_b"));
        assert!(!data_key("..hidden").starts_with(".."));
        assert!(data_key("sub dir/é").chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)));
    }

    #[test]
    fn label_values_keep_what_they_can() {
        assert_eq!(label_value("a b/c_"), "a-b-c");
        assert!(label_value(&"y.".repeat(60)).len() <= 63);
    }

    #[test]
    fn long_labels_that_begin_alike_stay_apart() {
        let long = |end: &str| format!("{}{end}", "a".repeat(60));
        assert_eq!(label_name("claim-", "my_files"), "claim-my_files");
        for (one, other) in [(long("x"), long("y")), ("a b".to_owned(), "a-b".to_owned())] {
            let (one, other) = (label_name("alias-", &one), label_name("alias-", &other));
            assert_ne!(one, other);
            assert!(one.len() <= 63 && other.len() <= 63, "{one} {other}");
        }
    }
}
