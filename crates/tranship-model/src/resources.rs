//! CPU, memory, devices and limits.

use crate::origin::{Origin, Traced};

/// What a service may use and what is kept for it. CPU in thousandths of a core, memory and disk in bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources {
    /// Most CPU.
    pub cpu_limit: Option<Traced<u64>>,
    /// CPU kept for it.
    pub cpu_reserved: Option<Traced<u64>>,
    /// Most memory.
    pub memory_limit: Option<Traced<u64>>,
    /// Memory kept for it.
    pub memory_reserved: Option<Traced<u64>>,
    /// Most disk of the node besides its volumes: what it writes beside them, its logs and its empty folders.
    pub disk_limit: Option<Traced<u64>>,
    /// Disk of the node kept for it.
    pub disk_reserved: Option<Traced<u64>>,
    /// Most processes.
    pub pids_limit: Option<Traced<i64>>,
    /// Size of `/dev/shm` in bytes.
    pub shm_size: Option<Traced<u64>>,
    /// Limits of the kernel on the process.
    pub ulimits: Vec<Ulimit>,
    /// Devices asked for by what they can do, such as GPUs.
    pub devices: Vec<Device>,
    /// Device files of the machine: path there, path in the container, permissions.
    pub device_files: Vec<Traced<(String, String, String)>>,
}

/// A limit of the kernel.
#[derive(Clone, Debug, PartialEq)]
pub struct Ulimit {
    /// Where it is written.
    pub origin: Origin,
    /// Its name, such as `nofile`.
    pub name: String,
    /// The soft limit.
    pub soft: i64,
    /// The hard limit.
    pub hard: i64,
}

/// Devices asked for by what they can do.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Where it is written.
    pub origin: Origin,
    /// The driver, such as `nvidia`.
    pub driver: Option<String>,
    /// How many; -1 for all.
    pub count: Option<i64>,
    /// Single devices by id.
    pub ids: Vec<String>,
    /// What they can do, such as `gpu`.
    pub capabilities: Vec<String>,
    /// The driver's options in order.
    pub options: Vec<(String, String)>,
}
