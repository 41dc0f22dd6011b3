//! How stages hang together: what each starts from, what it copies from, which of them are built.

use std::collections::BTreeMap;

use tranship_source::{Diagnostic, FileId, Span};

use crate::dockerfile::{Dockerfile, parse};
use crate::flags::value;
use crate::instruction::{Instruction, Kind};
use crate::lexer::expand;
use crate::mount;
use crate::reference::{is_image, is_platform};

/// What a stage starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// An earlier stage.
    Stage(usize),
    /// Nothing.
    Scratch,
    /// An image.
    Image(String),
}

/// A stage with its place among the others.
pub(crate) struct Planned {
    pub(crate) base: Base,
    /// Its instructions after those that its base asks for with `ONBUILD`.
    pub(crate) instructions: Vec<(Instruction, char)>,
    /// Stages it copies from.
    copies: Vec<(usize, Span)>,
    /// What is wrong with it, which matters only when it is built.
    pub(crate) faults: Vec<Diagnostic>,
}

/// A fault of a build, as BuildKit would stop at it.
pub(crate) fn fault(why: impl Into<String>, span: Span) -> Diagnostic {
    Diagnostic::error("dockerfile-build", why).at(span).help("the image cannot be built as the Dockerfile stands")
}

/// Plans every stage. Faults that stop any build go to `faults`.
pub(crate) fn plan(file: &Dockerfile, global: &BTreeMap<String, String>, faults: &mut Vec<Diagnostic>) -> Vec<Planned> {
    let mut out: Vec<Planned> = Vec::new();
    for (number, stage) in file.stages.iter().enumerate() {
        let lookup = |name: &str| global.get(name).cloned();
        let name = expand(&stage.base, file.escape, &lookup).unwrap_or_else(|why| {
            faults.push(fault(why, stage.span));
            "scratch".to_owned()
        });
        if let Some(platform) = stage.platform.as_deref().filter(|text| !text.is_empty()) {
            match expand(platform, file.escape, &lookup) {
                Ok(text) if is_platform(&text) => {}
                Ok(text) => faults.push(fault(format!("`{text}` is no platform"), stage.span)),
                Err(why) => faults.push(fault(why, stage.span)),
            }
        }
        let earlier = file.stages.iter().take(number).rposition(|stage| stage.name.as_ref() == Some(&name));
        let base = match earlier {
            Some(stage) => Base::Stage(stage),
            None if name == "scratch" => Base::Scratch,
            None => Base::Image(name),
        };
        if let Base::Image(name) = &base {
            if name.is_empty() {
                faults.push(fault(format!("the image of `FROM {}` is empty", stage.base), stage.span));
            } else if !is_image(name) {
                faults.push(fault(format!("`{name}` is no image reference"), stage.span));
            }
        }
        let mut own = Vec::new();
        let mut instructions = Vec::new();
        if let Base::Stage(base) = base {
            let triggers = out.get(base).map(|base| base.instructions.as_slice()).unwrap_or_default();
            for (instruction, _) in triggers {
                if let Kind::OnBuild(text) = &instruction.kind {
                    instructions.extend(trigger(text, stage.span, &mut own).map(|trigger| (trigger, '\\')));
                }
            }
        }
        instructions.extend(stage.instructions.iter().map(|instruction| (instruction.clone(), file.escape)));
        out.push(Planned { base, instructions, copies: Vec::new(), faults: own });
    }
    for stage in &mut out {
        for (instruction, _) in &stage.instructions {
            sources(file, instruction, &mut stage.copies, faults);
        }
    }
    if let Some(span) = circle(&out) {
        faults.push(fault("stages copy from each other in a circle", span));
    }
    out
}

/// The instruction of an `ONBUILD`, at the place of the stage that it acts on.
fn trigger(text: &str, span: Span, faults: &mut Vec<Diagnostic>) -> Option<Instruction> {
    let checked = parse(FileId(0), &format!("FROM scratch\n{text}"));
    let wrong = checked.diagnostics.into_iter().next();
    let stage = checked.value.stages.into_iter().next();
    let instruction = stage.and_then(|stage| stage.instructions.into_iter().next());
    match (wrong, instruction) {
        (None, Some(instruction)) => Some(Instruction { span, ..instruction }),
        (wrong, _) => {
            let why = wrong.map_or_else(|| "it is no instruction".to_owned(), |wrong| wrong.message);
            faults.push(fault(format!("the stage below asks with ONBUILD for what cannot be done: {why}"), span));
            None
        }
    }
}

/// Notes the stages an instruction copies or mounts from.
fn sources(file: &Dockerfile, instruction: &Instruction, into: &mut Vec<(usize, Span)>, faults: &mut Vec<Diagnostic>) {
    let span = instruction.span;
    let named = |name: &str| {
        let lower = name.to_lowercase();
        file.stages.iter().rposition(|stage| stage.name.as_ref() == Some(&lower))
    };
    let mut image = |name: &str| {
        if !is_image(name) {
            faults.push(fault(format!("`{name}` is neither a stage nor an image reference"), span));
        }
    };
    match &instruction.kind {
        Kind::Copy(_) => {
            let Some(from) = value(&instruction.flags, "from").filter(|from| !from.is_empty()) else { return };
            if expand(from, file.escape, &|_| None).as_deref() != Ok(from) {
                faults.push(fault("`--from` takes no variables; give the image a stage of its own", span));
            } else if let Ok(number) = from.parse::<i64>() {
                match usize::try_from(number).ok().filter(|number| *number < file.stages.len()) {
                    Some(number) => into.push((number, span)),
                    None => faults.push(fault(format!("there is no stage number {number}"), span)),
                }
            } else if let Some(stage) = named(from) {
                into.push((stage, span));
            } else if from != "scratch" {
                image(from);
            }
        }
        Kind::Run(_) => {
            for from in mount::sources(&instruction.flags).into_iter().flatten() {
                match named(&from) {
                    Some(stage) => into.push((stage, span)),
                    None if from != "scratch" => image(&from),
                    None => {}
                }
            }
        }
        _ => {}
    }
}

/// The place of a copy that closes a circle.
fn circle(stages: &[Planned]) -> Option<Span> {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; stages.len()];
    for start in 0..stages.len() {
        // Each entry is a stage and the number of its copies that were followed.
        let mut path = vec![(start, 0)];
        while let Some((at, followed)) = path.last_mut() {
            let (stage, number) = (*at, *followed);
            *followed += 1;
            let mark = marks.get_mut(stage)?;
            if number == 0 && *mark == Mark::Done {
                path.pop();
                continue;
            }
            *mark = Mark::Open;
            match stages.get(stage).and_then(|stage| stage.copies.get(number)) {
                Some((next, span)) if marks.get(*next) == Some(&Mark::Open) => return Some(*span),
                Some((next, _)) => path.push((*next, 0)),
                None => {
                    *marks.get_mut(stage)? = Mark::Done;
                    path.pop();
                }
            }
        }
    }
    None
}

/// The stages that a target needs, itself included, in order; faults for copies from stages that come later.
pub(crate) fn needed(stages: &[Planned], target: usize, faults: &mut Vec<Diagnostic>) -> Vec<usize> {
    let mut wanted = vec![false; stages.len()];
    let mut open = vec![target];
    while let Some(at) = open.pop() {
        let Some(seen) = wanted.get_mut(at) else { continue };
        if std::mem::replace(seen, true) {
            continue;
        }
        let Some(stage) = stages.get(at) else { continue };
        if let Base::Stage(base) = stage.base {
            open.push(base);
        }
        open.extend(stage.copies.iter().map(|(stage, _)| *stage));
        for (from, span) in &stage.copies {
            if *from >= at {
                faults.push(fault("a stage can copy only from stages that stand before it", *span));
            }
        }
    }
    wanted.iter().enumerate().filter(|(_, wanted)| **wanted).map(|(at, _)| at).collect()
}
