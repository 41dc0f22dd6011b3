//! The short form of a mount: `SOURCE:TARGET:OPTIONS`.

use tranship_source::yaml::{Key, Map, Node, Value};
use tranship_source::{Diagnostic, Span};

use super::path::Path;

/// A mount as its short form says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mount {
    pub(crate) source: String,
    pub(crate) target: String,
    read_only: bool,
    no_copy: bool,
    propagation: Option<String>,
    selinux: Option<String>,
    /// Whether options for a bind mount were given, though the source may name a volume.
    bind_options: bool,
    /// One or two characters are taken as a target as they stand.
    tiny: bool,
}

/// Reads the short form. The error says what is wrong with it.
pub(crate) fn parse(spec: &str) -> Result<Mount, &'static str> {
    let mut mount = Mount::default();
    if spec.is_empty() {
        return Err("it is empty");
    }
    if spec.len() <= 2 {
        return Ok(Mount { target: spec.to_owned(), tiny: true, ..mount });
    }
    let sections = sections(spec);
    let last = sections.len() - 1;
    for (index, section) in sections.into_iter().enumerate() {
        mount.section(section, index == last)?;
    }
    Ok(mount)
}

/// The parts between colons. The colon of a Windows drive and those inside `${…}` do not count.
fn sections(spec: &str) -> Vec<&str> {
    let mut sections = Vec::new();
    let (mut start, mut depth) = (0, 0usize);
    for (at, c) in spec.char_indices() {
        let section = spec.get(start..at).unwrap_or("");
        match c {
            '$' if spec.get(at + 1..).is_some_and(|rest| rest.starts_with('{')) => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ':' if depth == 0 && !is_drive(section) => {
                sections.push(section);
                start = at + 1;
            }
            _ => {}
        }
    }
    sections.push(spec.get(start..).unwrap_or(""));
    sections
}

/// Whether a text is the letter of a Windows drive.
fn is_drive(section: &str) -> bool {
    let mut chars = section.chars();
    chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
}

impl Mount {
    fn section(&mut self, section: &str, last: bool) -> Result<(), &'static str> {
        if section.is_empty() {
            return Err("a part between colons is empty");
        }
        if self.source.is_empty() {
            let slot = if last { &mut self.target } else { &mut self.source };
            section.clone_into(slot);
            return Ok(());
        }
        if self.target.is_empty() {
            section.clone_into(&mut self.target);
            return Ok(());
        }
        if !last {
            return Err("it has too many colons");
        }
        section.split(',').for_each(|option| self.option(option));
        Ok(())
    }

    fn option(&mut self, option: &str) {
        match option {
            "ro" => self.read_only = true,
            "rw" => self.read_only = false,
            "nocopy" => self.no_copy = true,
            "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave" => {
                self.bind_options = true;
                self.propagation = Some(option.to_owned());
            }
            "z" | "Z" => {
                self.bind_options = true;
                self.selinux = Some(option.to_owned());
            }
            // docker compose knows no other option and passes over them.
            _ => {}
        }
    }

    fn is_bind(&self) -> bool {
        let source = &self.source;
        let mut chars = source.chars();
        let drive = matches!((chars.next(), chars.next()), (Some(c), Some(':')) if c.is_alphabetic());
        source.starts_with(['.', '/', '~']) || source.starts_with(r"\\") || drive
    }

    /// The long form, its target cleaned.
    pub(crate) fn long(&self) -> Node {
        let mut map = Map::default();
        let mut put = |key: &str, value: Node| {
            map.insert(Key::from(key), value);
        };
        let bind = self.is_bind();
        put("type", Node::from(if bind { "bind" } else { "volume" }));
        if !self.source.is_empty() {
            put("source", Node::from(self.source.as_str()));
        }
        put("target", Node::from(super::file::clean(&self.target)));
        if self.read_only {
            put("read_only", Node::from(true));
        }
        if bind || self.bind_options {
            put("bind", self.bind(bind));
        }
        if !self.tiny && (!bind || self.no_copy) {
            let options: &[(&str, Node)] = if self.no_copy { &[("nocopy", Node::from(true))] } else { &[] };
            put("volume", options.iter().map(|(k, v)| (Key::from(*k), v.clone())).collect::<Map>().into());
        }
        Value::Mapping(map).into()
    }

    fn bind(&self, create: bool) -> Node {
        let mut map = Map::default();
        for (key, value) in [("selinux", &self.selinux), ("propagation", &self.propagation)] {
            if let Some(value) = value {
                map.insert(Key::from(key), Node::from(value.as_str()));
            }
        }
        if create {
            map.insert(Key::from("create_host_path"), Node::from(true));
        }
        map.into()
    }
}

/// The fault of a short form that cannot be read.
pub(crate) fn refusal(fault: &str, path: &Path<'_>, span: Span) -> Diagnostic {
    let message = format!("`{path}` is no valid mount: {fault}");
    Diagnostic::error("volume-syntax", message).at(span).help("write `SOURCE:TARGET` or `SOURCE:TARGET:ro`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_split_a_mount() {
        for (spec, source, target) in [
            ("/data", "", "/data"),
            ("data:/var", "data", "/var"),
            ("./x:/y:ro", "./x", "/y"),
            (r"c:\x:/y", r"c:\x", "/y"),
            ("${A:-b}:/y", "${A:-b}", "/y"),
        ] {
            let mount = parse(spec).unwrap();
            assert_eq!((mount.source.as_str(), mount.target.as_str()), (source, target), "{spec}");
        }
        for spec in ["", ":/xy", "ab:", "ab:bc:cd:de"] {
            assert!(parse(spec).is_err(), "{spec}");
        }
    }
}
