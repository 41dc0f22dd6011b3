//! Flags of instructions: which there are, and what values they take.

/// Flags of one instruction in order, without `--`; a flag without `=` has no value.
pub type Flags = Vec<(String, Option<String>)>;

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// `true`, `false` or nothing; given once.
    Bool,
    /// A text; given once.
    Text,
    /// A text; given as often as one likes.
    Texts,
}

/// Takes the flags of an instruction apart and refuses those it does not know.
pub(crate) fn read(instruction: &str, written: &[String]) -> Result<Flags, String> {
    let mut out = Flags::new();
    for word in written {
        if word == "--" {
            break;
        }
        let (flag, value) = word.split_once('=').map_or((word.as_str(), None), |(flag, value)| (flag, Some(value)));
        let name = flag.strip_prefix("--").unwrap_or(flag);
        let known = allowed(instruction).iter().find(|(known, _)| *known == name);
        let Some((_, takes)) = known else { return Err(format!("{instruction} has no flag `--{name}`")) };
        if *takes != Takes::Texts && out.iter().any(|(before, _)| before == name) {
            return Err(format!("the flag `--{name}` is given twice"));
        }
        match (takes, value) {
            (Takes::Bool, None) => {}
            (Takes::Bool, Some(value)) if ["true", "false"].contains(&value.to_lowercase().as_str()) => {}
            (Takes::Bool, Some(_)) => return Err(format!("the flag `--{name}` takes `true` or `false`")),
            (_, None) => return Err(format!("the flag `--{name}` needs a value")),
            (_, Some(_)) => {}
        }
        out.push((name.to_owned(), value.map(str::to_owned)));
    }
    Ok(out)
}

/// The flags of an instruction. The names are BuildKit's own.
fn allowed(instruction: &str) -> &'static [(&'static str, Takes)] {
    use Takes::{Bool, Text, Texts};
    match instruction {
        "FROM" => &[("platform", Text)],
        "RUN" => &[("mount", Texts), ("network", Text), ("security", Text), ("device", Texts)],
        "ADD" => &[
            ("chown", Text),
            ("chmod", Text),
            ("link", Bool),
            ("keep-git-dir", Bool),
            ("checksum", Text),
            ("unpack", Bool),
            ("exclude", Texts),
        ],
        "COPY" => {
            &[("chown", Text), ("from", Text), ("chmod", Text), ("link", Bool), ("exclude", Texts), ("parents", Bool)]
        }
        "HEALTHCHECK" => &[
            ("interval", Text),
            ("timeout", Text),
            ("start-period", Text),
            ("start-interval", Text),
            ("retries", Text),
        ],
        _ => &[],
    }
}

/// The last value of a flag; `""` for one without.
pub(crate) fn value<'a>(flags: &'a Flags, name: &str) -> Option<&'a str> {
    flags.iter().rev().find(|(flag, _)| flag == name).map(|(_, value)| value.as_deref().unwrap_or_default())
}
