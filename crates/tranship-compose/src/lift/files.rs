//! Files and directories of the project as the files of a blob, bytes and modes kept.

use std::io::ErrorKind;
use std::path::Path;

use tranship_model::{BlobContent, BlobFile};
use tranship_source::{Kind, Secret, Span, World};

use super::context::Lifting;

/// Most bytes that one object of files holds: the size Kubernetes allows a ConfigMap or Secret.
pub(super) const LARGEST: u64 = 1 << 20;

/// Most directories inside each other; more is a loop of links.
const DEEPEST: usize = 24;

/// Names that are never configuration.
const SKIPPED: &[&str] = &[".git", ".svn", ".hg", "node_modules", "__pycache__", ".DS_Store"];

/// Files that were read.
#[derive(Debug)]
pub(super) struct Read {
    /// The files, sorted by path; a single file has its own name.
    pub files: Vec<BlobFile>,
    /// Whether the path is a directory.
    pub is_directory: bool,
}

/// Why files were not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is nothing at the path.
    Absent,
    /// There are more bytes than one object may hold.
    TooLarge,
    /// It is neither a file nor a directory.
    Special,
    /// It could not be read; the system's own words.
    Unreadable(String),
}

/// Reads a file, or a directory with everything below it.
pub(super) fn read(world: &dyn World, path: &Path) -> Result<Read, Fault> {
    let stat = world.stat(path).map_err(|fault| io_fault(&fault))?;
    let mut files = Vec::new();
    let mut room = LARGEST;
    match stat.kind {
        Kind::File => {
            let name = path.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned());
            files.push(file(world, path, name, stat.mode, stat.size, &mut room)?);
        }
        Kind::Directory => directory(world, path, "", DEEPEST, &mut room, &mut files)?,
        Kind::Other => return Err(Fault::Special),
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Read { files, is_directory: stat.kind == Kind::Directory })
}

fn io_fault(fault: &std::io::Error) -> Fault {
    match fault.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Fault::Absent,
        _ => Fault::Unreadable(fault.to_string()),
    }
}

fn file(world: &dyn World, path: &Path, name: String, mode: u32, size: u64, room: &mut u64) -> Result<BlobFile, Fault> {
    if size > *room {
        return Err(Fault::TooLarge);
    }
    let bytes = world.read(path).map_err(|fault| io_fault(&fault))?;
    *room = room.checked_sub(bytes.len() as u64).ok_or(Fault::TooLarge)?;
    Ok(BlobFile { path: name, bytes: Secret::new(bytes), mode: mode & 0o7777 })
}

fn directory(
    world: &dyn World,
    path: &Path,
    inside: &str,
    depth: usize,
    room: &mut u64,
    out: &mut Vec<BlobFile>,
) -> Result<(), Fault> {
    if depth == 0 {
        return Err(Fault::Unreadable("directories lie too deep inside each other".to_owned()));
    }
    for name in world.list(path).map_err(|fault| io_fault(&fault))? {
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let child = path.join(&name);
        let relative = if inside.is_empty() { name } else { format!("{inside}/{name}") };
        // A link that leads nowhere is nothing a container could read either.
        let Ok(stat) = world.stat(&child) else { continue };
        match stat.kind {
            Kind::File => out.push(file(world, &child, relative, stat.mode, stat.size, room)?),
            Kind::Directory => directory(world, &child, &relative, depth - 1, room, out)?,
            Kind::Other => {}
        }
    }
    Ok(())
}

/// Reports a fault and gives the content of a blob that could not be read.
pub(super) fn absent(cx: &mut Lifting<'_>, fault: &Fault, span: Span, shown: &str, what: &str) -> BlobContent {
    let why = reason(fault, shown);
    let (code, help) = match fault {
        Fault::Absent => ("bind-source-absent", format!("put `{shown}` in place and convert again")),
        Fault::TooLarge => ("config-too-large", format!("put `{shown}` into the image, or into a volume")),
        Fault::Special | Fault::Unreadable(_) => ("file-unreadable", format!("make `{shown}` a readable file")),
    };
    cx.fail(code, span, format!("{what}: {why}"), help);
    BlobContent::Absent(why)
}

/// What a fault says to people.
pub(super) fn reason(fault: &Fault, shown: &str) -> String {
    match fault {
        Fault::Absent => format!("there is nothing at `{shown}`"),
        Fault::TooLarge => format!("`{shown}` holds more than 1 MiB, which is the most one object of files may hold"),
        Fault::Special => format!("`{shown}` is neither a file nor a directory"),
        Fault::Unreadable(words) => format!("`{shown}` cannot be read: {words}"),
    }
}
