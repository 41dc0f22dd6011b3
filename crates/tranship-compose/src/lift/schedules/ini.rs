//! The INI files of schedulers: `[job-exec "name"]` and keys below it, of which some may be repeated.

/// One section: its kind, its name and its keys in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// The word before the name, such as `job-exec` or `global`.
    pub kind: String,
    /// The name in quotes; empty where there is none.
    pub name: String,
    /// Keys in small letters and their values.
    pub keys: Vec<(String, String)>,
}

/// Reads every section. What is neither a section nor a key is passed over.
pub(super) fn read(text: &str) -> Vec<Section> {
    let mut out: Vec<Section> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        if let Some(head) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let (kind, name) = head.trim().split_once(char::is_whitespace).unwrap_or((head.trim(), ""));
            let name = name.trim().trim_matches('"').to_owned();
            out.push(Section { kind: kind.to_lowercase(), name, keys: Vec::new() });
        } else if let (Some((key, value)), Some(section)) = (line.split_once('='), out.last_mut()) {
            section.keys.push((key.trim().to_lowercase(), plain(value.trim())));
        }
    }
    out
}

/// A value without the quotes around it, and without a comment after it.
fn plain(value: &str) -> String {
    match value.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some((inner, "")) => inner.to_owned(),
        _ => value.split(" ;").next().unwrap_or(value).trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_keys_are_read_in_order() {
        let read = read(
            "; c\n[global]\nsave-folder = /x\n[job-exec \"a b\"]\nSchedule = @daily ; at night\ncommand=\"x y\"\n",
        );
        assert_eq!(
            read.iter().map(|s| (s.kind.as_str(), s.name.as_str())).collect::<Vec<_>>(),
            [("global", ""), ("job-exec", "a b")]
        );
        let keys: Vec<_> = read[1].keys.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(keys, [("schedule", "@daily"), ("command", "x y")]);
    }
}
