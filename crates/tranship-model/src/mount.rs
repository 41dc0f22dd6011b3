//! Storage and files: what is mounted where, and what it is for.

use tranship_source::Secret;

use crate::origin::{Origin, Traced};
use crate::said::Said;

/// Something mounted into a container.
#[derive(Clone, Debug, PartialEq)]
pub struct Mount {
    /// Where it is written.
    pub origin: Origin,
    /// Absolute path in the container.
    pub target: String,
    /// Whether the container may not write to it.
    pub read_only: bool,
    /// What is mounted.
    pub source: MountSource,
    /// What it is for, and how that is known.
    pub class: Traced<MountClass>,
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountSource {
    /// Storage of the stack.
    Volume {
        /// Key in the stack's volumes.
        volume: String,
        /// A folder in it.
        subpath: Option<String>,
        /// Whether the files that the image has at the mount's target are copied into the volume while it is empty.
        fill: Traced<bool>,
    },
    /// Files of a blob in the stack's configs.
    Config(BlobMount),
    /// Files of a blob in the stack's secrets.
    Secret(BlobMount),
    /// An empty folder that goes with the container.
    Scratch {
        /// Largest size in bytes.
        size: Option<u64>,
        /// Permission bits of the folder.
        mode: Option<u32>,
        /// Whether it lies in memory.
        memory: bool,
        /// Whether the files that the image has at the mount's target are copied into it.
        fill: Traced<bool>,
    },
    /// A path of the machine itself.
    Host {
        /// Absolute path on the machine.
        path: String,
        /// Where it lies, relative to the project directory, when it does.
        project_path: Option<String>,
        /// Whether there is something at the path.
        exists: bool,
    },
    /// The files of an image.
    Image {
        /// The image.
        image: String,
        /// A folder in it.
        subpath: Option<String>,
    },
}

/// Which files of a blob are mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobMount {
    /// Key in the stack's configs or secrets.
    pub blob: String,
    /// The mount's target is this one file of the blob; `None`: the target is a folder that holds them all.
    pub file: Option<String>,
    /// Permission bits that the project asks for.
    pub mode: Option<u32>,
    /// Owner that the project asks for.
    pub uid: Option<String>,
    /// Group that the project asks for.
    pub gid: Option<String>,
}

/// What a mount is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MountClass {
    /// State that must survive.
    Data,
    /// Configuration the process reads.
    Config,
    /// Credentials the process reads.
    Secret,
    /// Logs the process writes.
    Logs,
    /// The project's own code, mounted for development.
    Source,
    /// A socket of the machine, such as the container engine's.
    Socket,
    /// Files that can be made again.
    Cache,
    /// A part of the machine: clock, kernel, home folder.
    Host,
    /// An empty folder for the life of the container.
    Scratch,
    /// The files of an image.
    Image,
}

/// Storage that outlives a container.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    /// Where it is written.
    pub origin: Origin,
    /// The name the engine knows it by, when it differs from the key.
    pub name: Option<Traced<String>>,
    /// Whether it exists already and is not the project's to make.
    pub external: Option<Traced<bool>>,
    /// The engine's driver.
    pub driver: Option<Traced<String>>,
    /// The driver's options in order.
    pub driver_opts: Vec<(String, Traced<String>)>,
    /// Labels.
    pub labels: Vec<(String, Traced<String>)>,
    /// The directory of the machine it stands for, relative to the project directory where it lies inside.
    pub host_path: Option<String>,
    /// What the user said of its claim.
    pub said: Option<Box<Said>>,
}

/// Files handed to services.
#[derive(Clone, Debug, PartialEq)]
pub struct Blob {
    /// Where it is written.
    pub origin: Origin,
    /// The name it is known by outside, when it differs from the key.
    pub name: Option<Traced<String>>,
    /// What it holds.
    pub content: BlobContent,
    /// Labels.
    pub labels: Vec<(String, Traced<String>)>,
    /// What the user said of its object.
    pub said: Option<Box<Said>>,
}

/// What a blob holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlobContent {
    /// Files, sorted by path.
    Files(Vec<BlobFile>),
    /// It exists already and is not the project's to make.
    External,
    /// It could not be read; the reason is a sentence.
    Absent(String),
}

/// One file of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobFile {
    /// Path in the blob, with `/`.
    pub path: String,
    /// Its bytes. Secret blobs and others alike, so that no file is printed by mistake.
    pub bytes: Secret<Vec<u8>>,
    /// Permission bits it has where it was read.
    pub mode: u32,
}
