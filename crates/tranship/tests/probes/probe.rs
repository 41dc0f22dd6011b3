//! The text of a probe: its name, the files of its project, and what has to become of it.

use tranship_testing::Fixture;

use super::expect::Expect;

/// One probe.
pub struct Probe {
    /// Its area and the sentence it stands for.
    pub name: String,
    /// The project.
    pub project: Fixture,
    /// What has to hold.
    pub expects: Vec<Expect>,
    /// Flags of `convert`.
    pub args: Vec<String>,
    /// Variables of the environment.
    pub env: Vec<(String, String)>,
    /// Changes after the first run: file, old and new text.
    pub edits: Vec<(String, String, String)>,
    /// Whether nothing may be written.
    pub stopped: bool,
    /// Whether an API server is right to refuse an object.
    pub refused: bool,
    /// Whether project and output may compare as different.
    pub differs: bool,
}

/// The probes of one file.
pub fn read(area: &str, text: &str) -> Vec<Probe> {
    let parts = text.split("\n=== ").map(|part| part.trim_start_matches("=== "));
    parts.filter(|part| !part.trim().is_empty()).map(|part| one(area, part)).collect()
}

fn one(area: &str, text: &str) -> Probe {
    let (name, rest) = text.split_once('\n').expect("a probe has a project");
    let (project, expected) = rest.split_once("-- expect\n").unwrap_or_else(|| panic!("`{name}` expects nothing"));
    let mut probe = Probe {
        name: format!("{area}: {}", name.trim()),
        project: Fixture::parse(project),
        expects: Vec::new(),
        args: Vec::new(),
        env: Vec::new(),
        edits: Vec::new(),
        stopped: false,
        refused: false,
        differs: false,
    };
    for line in expected.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        line_of(&mut probe, line);
    }
    probe
}

fn line_of(probe: &mut Probe, line: &str) {
    match line {
        "refused" => probe.stopped = true,
        "refused by the server" => probe.refused = true,
        "diff differs" => probe.differs = true,
        _ => {
            if let Some(args) = line.strip_prefix("args: ") {
                probe.args.extend(args.split(' ').map(str::to_owned));
            } else if let Some((name, value)) = line.strip_prefix("env: ").and_then(|rest| rest.split_once('=')) {
                probe.env.push((name.to_owned(), value.to_owned()));
            } else if let Some((file, change)) = line.strip_prefix("edit ").and_then(|rest| rest.split_once(": ")) {
                let (old, new) = change.split_once(" => ").expect("an edit has two sides");
                probe.edits.push((file.to_owned(), old.replace("\\n", "\n"), new.replace("\\n", "\n")));
            } else {
                let expect = Expect::read(line).unwrap_or_else(|| panic!("{}: what is `{line}`?", probe.name));
                probe.expects.push(expect);
            }
        }
    }
}
