//! One service: what runs, how often, and what it needs.

use crate::build::Build;
use crate::health::Health;
use crate::image::ImageKnowledge;
use crate::mount::Mount;
use crate::network::{Attachment, Dns, HostEntry, Port};
use crate::operations::Operations;
use crate::origin::{Origin, Traced};
use crate::process::{EnvVar, Hooks, Process};
use crate::resources::Resources;
use crate::rollout::{Placement, Restart, Rollout};
use crate::said::Said;
use crate::schedule::Schedule;
use crate::security::Security;

/// A service of the application.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its name in the project, which is also a host name.
    pub name: String,
    /// Where it is written.
    pub origin: Origin,
    /// The catalog's product, such as `postgres`, when its image is known.
    pub product: Option<Traced<String>>,
    /// What part it plays.
    pub role: Traced<Role>,
    /// The image to run. A service that is only built gets a decided name.
    pub image: Option<Traced<String>>,
    /// How the image is built.
    pub build: Option<Build>,
    /// What is known of the image; `None` until someone looked.
    pub image_facts: Option<Box<ImageKnowledge>>,
    /// When the image is fetched.
    pub pull: Option<Traced<PullPolicy>>,
    /// Operating system and architecture, such as `linux/arm64`.
    pub platform: Option<Traced<String>>,
    /// The container runtime's name, such as `nvidia`.
    pub runtime: Option<Traced<String>>,
    /// What kind of workload it is.
    pub workload: Traced<Workload>,
    /// When it runs, where it runs at set times.
    pub schedule: Option<Traced<Schedule>>,
    /// How many run at once; `None` when nothing says so.
    pub replicas: Option<Traced<u32>>,
    /// The process in the container.
    pub process: Process,
    /// Its environment, in order.
    pub env: Vec<EnvVar>,
    /// What is mounted where.
    pub mounts: Vec<Mount>,
    /// Ports it listens on.
    pub ports: Vec<Port>,
    /// Names besides its own under which others reach it: container name, hostname, network aliases, links.
    pub aliases: Vec<Traced<String>>,
    /// The host name the process sees; `None` when nothing says so.
    pub hostname: Option<Traced<String>>,
    /// The domain the process sees.
    pub domainname: Option<Traced<String>>,
    /// Networks it is joined to.
    pub networks: Vec<Attachment>,
    /// Whether and how its health is asked.
    pub health: Health,
    /// What has to be there before it starts.
    pub depends_on: Vec<Dependency>,
    /// CPU, memory and devices.
    pub resources: Resources,
    /// Rights and their limits.
    pub security: Security,
    /// Extra names in its hosts file.
    pub hosts: Vec<HostEntry>,
    /// How it resolves names.
    pub dns: Dns,
    /// How a new version replaces the old one.
    pub rollout: Rollout,
    /// What happens when its process ends.
    pub restart: Option<Traced<Restart>>,
    /// Where it may run.
    pub placement: Placement,
    /// Labels: data for tools that select.
    pub labels: Vec<(String, Traced<String>)>,
    /// Annotations: data for tools that read.
    pub annotations: Vec<(String, Traced<String>)>,
    /// Commands run beside the process in its life.
    pub hooks: Hooks,
    /// How it is run: probes, scaling, what it waits for.
    pub operations: Operations,
    /// What the user said of its objects.
    pub said: Option<Box<Said>>,
}

/// What part a service plays, from the catalog or from evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The project's own code, or nothing is known.
    App,
    /// Keeps data others read: databases, search engines, object stores.
    Store,
    /// Keeps data that may be lost: caches.
    Cache,
    /// Passes messages on.
    Queue,
    /// Takes requests from outside and passes them on.
    Proxy,
    /// Watches others: metrics, logs, traces, dashboards.
    Observer,
    /// A console for people who look after a store.
    Admin,
    /// Works for the container engine and has no place on another platform.
    Helper,
}

/// How a service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// Any replica can be replaced by another.
    Stateless,
    /// Each replica keeps its own storage and name.
    Stateful,
    /// One on each node.
    PerNode,
    /// Runs to its end.
    Task {
        /// How many runs have to succeed.
        completions: u32,
        /// How many run at once.
        parallelism: u32,
        /// How often a failed run is tried again; `None` when nothing says so.
        retries: Option<u32>,
    },
    /// Runs to its end at the times of its schedule.
    Scheduled,
}

impl Workload {
    /// Whether its pods end by themselves.
    pub fn ends(self) -> bool {
        matches!(self, Self::Task { .. } | Self::Scheduled)
    }
}

/// When an image is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullPolicy {
    /// At every start.
    Always,
    /// When it is not there.
    IfNotPresent,
    /// Never.
    Never,
    /// It is built instead.
    Build,
}

/// Something that has to be there first.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    /// The other service's name.
    pub service: String,
    /// Where it is written.
    pub origin: Origin,
    /// What has to hold.
    pub condition: Condition,
    /// Whether this service restarts when the other is updated.
    pub restart: bool,
    /// Whether the other has to exist at all.
    pub required: bool,
}

/// What has to hold of a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It was started.
    Started,
    /// Its health check passes.
    Healthy,
    /// It ended without a fault.
    Completed,
}
