//! A whole Dockerfile: directives, arguments before the first stage, and stages.

use tranship_source::{Checked, Diagnostic, FileId, Span};

use crate::instruction::{Instruction, Kind, read};
use crate::lines::split;

/// A Dockerfile as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dockerfile {
    /// The character that escapes; `\` unless a directive says otherwise.
    pub escape: char,
    /// The image that parses the file, as `# syntax=` says.
    pub syntax: Option<String>,
    /// `ARG`s before the first `FROM`; only `FROM` lines see them.
    pub args: Vec<Instruction>,
    /// Stages in order.
    pub stages: Vec<Stage>,
}

/// A `FROM` and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What it starts from: an image or an earlier stage, as written.
    pub base: String,
    /// Its name, in small letters.
    pub name: Option<String>,
    /// The platform it asks for.
    pub platform: Option<String>,
    /// The `FROM` line.
    pub span: Span,
    /// Its instructions, without the `FROM`.
    pub instructions: Vec<Instruction>,
}

/// Reads a Dockerfile. Lines that cannot be read are reported and left out, so that the rest is still there.
///
/// Errors: `dockerfile-directive`, `dockerfile-line`, `dockerfile-instruction`, `dockerfile-heredoc`, `dockerfile-no-stage`.
pub fn parse(file: FileId, text: &str) -> Checked<Dockerfile> {
    let mut faults = Vec::new();
    let (directives, lines) = split(file, text, &mut faults);
    let escape = directives.escape;
    let mut out = Dockerfile { escape, syntax: directives.syntax, args: Vec::new(), stages: Vec::new() };
    for line in lines {
        let Some(instruction) = read(line, escape, &mut faults) else { continue };
        place(&mut out, instruction, &mut faults);
    }
    if out.stages.is_empty() {
        let fault = Diagnostic::error("dockerfile-no-stage", "the Dockerfile has no FROM");
        faults.push(fault.at(Span::new(file, 0, 0)).help("start it with `FROM image:tag`"));
    }
    Checked::new(out, faults)
}

fn place(out: &mut Dockerfile, instruction: Instruction, faults: &mut Vec<Diagnostic>) {
    if let Kind::From { image, name } = instruction.kind {
        let platform = instruction.flags.into_iter().find(|(flag, _)| flag == "platform").and_then(|(_, value)| value);
        out.stages.push(Stage { base: image, name, platform, span: instruction.span, instructions: Vec::new() });
        return;
    }
    match out.stages.last_mut() {
        Some(stage) => stage.instructions.push(instruction),
        None if matches!(instruction.kind, Kind::Arg(_)) => out.args.push(instruction),
        None => {
            let fault = Diagnostic::error("dockerfile-instruction", "only ARG may stand before the first FROM");
            faults.push(fault.at(instruction.span).help("put it after a FROM"));
        }
    }
}

impl Dockerfile {
    /// The stage before `limit` that a name means, in any letters; later ones win, as BuildKit has it.
    pub fn stage(&self, name: &str, limit: usize) -> Option<usize> {
        let lower = name.to_lowercase();
        self.stages.iter().take(limit).rposition(|stage| stage.name.as_ref() == Some(&lower))
    }
}
