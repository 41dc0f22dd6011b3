//! Folders in memory: the long form's section and the short form's options.

use tranship_model::{Mount, MountClass, MountSource, Origin, Traced};

use super::{Shared, clean};
use crate::lift::account::Leaves;
use crate::lift::context::Lifting;
use crate::typed::TmpfsOptions;

fn class() -> Traced<MountClass> {
    Traced::decided(MountClass::Scratch, "tmpfs", "a folder in memory is empty at every start")
}

/// The engine hides what the image has below a folder in memory.
fn no_fill() -> Traced<bool> {
    Traced::decided(false, "tmpfs", "the engine copies nothing into a folder in memory")
}

/// The leaves of the long form's section.
pub(super) fn leaves(cx: &mut Lifting<'_>, section: &TmpfsOptions) -> Origin {
    let TmpfsOptions { at: _, size, mode, extensions } = section;
    cx.decided(extensions, "`x-` keys of a memory mount are the project's own notes");
    Lifting::origin(&[size, mode])
}

/// The long form, `type: tmpfs`.
pub(super) fn long(shared: Shared, section: Option<&TmpfsOptions>) -> Mount {
    let size = section.and_then(|section| section.size.as_ref()).and_then(|size| u64::try_from(size.value.0).ok());
    let mode = section.and_then(|section| section.mode.as_ref()).map(|mode| mode.value.0);
    let size = size.filter(|size| *size > 0);
    shared.mount(MountSource::Scratch { size, mode, memory: true, fill: no_fill() }, class())
}

/// The short form, `/run` or `/run:size=64m,mode=1777`.
pub(super) fn short(cx: &mut Lifting<'_>, line: &Traced<String>) -> Option<Mount> {
    let (target, options) = line.value.split_once(':').unwrap_or((&line.value, ""));
    if target.is_empty() {
        cx.dropped(&line.list(), "a folder in memory needs a path", "write the path");
        return None;
    }
    let (mut size, mut mode, mut read_only) = (None, None, false);
    let (mut ignored, mut unread) = (Vec::new(), Vec::new());
    for option in options.split(',').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("size", text)) => match crate::typed::bytes(text).and_then(|b| u64::try_from(b.0).ok()) {
                Some(bytes) => size = Some(bytes).filter(|n| *n > 0),
                None => unread.push(option),
            },
            Some(("mode", text)) => match u32::from_str_radix(text.trim_start_matches("0o"), 8) {
                Ok(bits) => mode = Some(bits),
                Err(_) => unread.push(option),
            },
            None if option == "ro" => read_only = true,
            None if matches!(option, "rw" | "nosuid" | "nodev") => {}
            _ => ignored.push(option),
        }
    }
    if !ignored.is_empty() {
        let why = format!("a folder in memory of a pod has no options {}", ignored.join(", "));
        cx.dropped(line, &why, "the container's user and group can be given access with `user` and `group_add`");
    }
    for option in unread {
        let share = option.ends_with('%');
        let why = if share {
            format!("`{option}` is a share of the machine's memory, and how much a node has is not known here")
        } else {
            format!("`{option}` of a folder in memory is no size or mode")
        };
        let todo = "write a size such as `size=64m`, a mode such as `mode=1777`";
        cx.dropped(line, &why, todo);
        cx.warn("tmpfs-option", line.span(), why, todo);
    }
    let source = MountSource::Scratch { size, mode, memory: true, fill: no_fill() };
    Some(Mount { origin: line.origin.clone(), target: clean(target), read_only, source, class: class() })
}
