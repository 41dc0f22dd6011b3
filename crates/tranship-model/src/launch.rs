//! What a container's process is started with, as one platform or the other would start it.
//!
//! Each dialect computes this for itself: Compose from the resolved project, Kubernetes from the objects alone. Neither
//! goes through the [`crate::Stack`], so that comparing the two shows what was lost or changed on the way. Values borrow
//! from what they were read from, since all of them are looked at once and most are equal.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

/// Shared memory of a container that asks for no other size; Docker and containerd agree on it.
pub const SHARED_MEMORY: u64 = 64 << 20;

/// What a container is started with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Launch<'a> {
    /// The whole argv: entrypoint and command.
    pub argv: Vec<Piece<'a>>,
    /// Its variables, sorted by name, each once.
    pub env: Vec<(Cow<'a, str>, Variable<'a>)>,
    /// The directory it starts in; `None` is the image's own.
    pub working_dir: Option<Cow<'a, str>>,
    /// Who it runs as; `None` is the image's own user.
    pub user: Option<Cow<'a, str>>,
    /// Its group; `None` is the one the image has for the user, else root's.
    pub group: Option<Cow<'a, str>>,
    /// Groups it is in besides, as written.
    pub groups: Vec<Cow<'a, str>>,
    /// What it finds mounted, sorted by path.
    pub mounts: Vec<Seen<'a>>,
    /// Bytes of shared memory at `/dev/shm`.
    pub shared_memory: u64,
    /// Its host name; `None` is one the platform makes up.
    pub hostname: Option<Cow<'a, str>>,
    /// The signal that asks it to end; `None` is the image's own.
    pub stop_signal: Option<Cow<'a, str>>,
    /// How long it may take to end; `None` is the platform's default.
    pub grace: Option<Duration>,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Whether its standard input stays open.
    pub stdin: bool,
    /// Whether its root file system can only be read.
    pub read_only_root: bool,
}

/// A part of an argv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// One word.
    Word(Cow<'a, str>),
    /// All words of the image's ENTRYPOINT, which is not known.
    ImageEntrypoint,
    /// All words of the image's CMD, which is not known.
    ImageCommand,
}

/// A variable of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable<'a> {
    /// Its value.
    Value(Cow<'a, str>),
    /// It has a value that is not at hand, as one of a Secret that exists elsewhere.
    Somewhere,
    /// It is not there, even if the image sets it.
    Unset,
}

/// Something a process finds mounted.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen<'a> {
    /// Absolute path, cleaned.
    pub target: Cow<'a, str>,
    /// Whether the process cannot write to it, whoever it is.
    pub read_only: bool,
    /// What is there.
    pub what: What<'a>,
    /// Where the project has it: a key of the service and a place in its list.
    pub at: (&'static str, usize),
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq)]
pub enum What<'a> {
    /// A folder or file of storage that outlives the container.
    Storage {
        /// What tells this storage from others, in the platform's own words.
        id: Cow<'a, str>,
        /// The folder in it; empty for all of it.
        folder: Cow<'a, str>,
        /// Whether each replica has one of its own.
        each: bool,
    },
    /// One file.
    File(File<'a>),
    /// A folder of files, by path below the mount, sorted.
    Folder(Vec<(Cow<'a, str>, File<'a>)>),
    /// Files that are not at hand.
    Elsewhere,
    /// An empty folder in memory, of a largest size in bytes and with permission bits where those are known.
    Memory {
        /// The largest size.
        size: Option<u64>,
        /// Permission bits.
        mode: Option<u32>,
    },
    /// An empty folder on disk.
    Empty,
    /// A file or folder of something that does not have it.
    Missing,
    /// A file or folder of the machine, with what it holds at that time.
    Machine(Cow<'a, Path>),
    /// A volume the engine makes because the image asks for one, with the image's files in it.
    OfImage,
    /// The files of an image.
    Image(Cow<'a, str>),
}

/// A file as a process sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct File<'a> {
    /// Its bytes.
    pub bytes: Cow<'a, [u8]>,
    /// Permission bits; `None` where they are the platform's business.
    pub mode: Option<u32>,
    /// Its owner's number; `None` where nobody says.
    pub owner: Option<u32>,
    /// Its group's number; `None` where nobody says.
    pub group: Option<u32>,
}

/// One thing that the two platforms would not do alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The service.
    pub service: String,
    /// What differs, such as `variable DB_HOST` or `mount /data`.
    pub what: String,
    /// The value of the project it is about.
    pub path: String,
    /// How they differ: the end of a sentence.
    pub how: Cow<'static, str>,
    /// Why it has to be so; `None` where nothing says why.
    pub because: Option<String>,
}

/// What a comparison came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Same {
    /// Services whose processes were compared.
    pub services: usize,
    /// Values that were compared: words, variables, mounts, and the rest.
    pub values: usize,
    /// Every difference, in the order of the project.
    pub differences: Vec<Difference>,
}

impl Same {
    /// Differences that nothing explains.
    pub fn unexplained(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|difference| difference.because.is_none())
    }
}
