//! Rights and their limits.

use crate::origin::Traced;

/// What the container may do. What is `None` has the platform's default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Security {
    /// All rights of the machine.
    pub privileged: Option<Traced<bool>>,
    /// Capabilities added, without `CAP_`.
    pub cap_add: Vec<Traced<String>>,
    /// Capabilities taken away, without `CAP_`.
    pub cap_drop: Vec<Traced<String>>,
    /// Whether the root file system can only be read.
    pub read_only_root: Option<Traced<bool>>,
    /// Whether the container is not started at all when it would start as root.
    pub non_root: Option<Traced<bool>>,
    /// Whether a process can never gain rights.
    pub no_new_privileges: Option<Traced<bool>>,
    /// Seccomp profile: `unconfined`, or a path.
    pub seccomp: Option<Traced<String>>,
    /// AppArmor profile: `unconfined`, or a name.
    pub apparmor: Option<Traced<String>>,
    /// SELinux options such as `type:container_t`.
    pub selinux: Vec<Traced<String>>,
    /// Kernel parameters, in order.
    pub sysctls: Vec<(String, Traced<String>)>,
    /// Whose processes it sees: `host`, `service:x`, `container:x`.
    pub pid: Option<Traced<String>>,
    /// Whose shared memory it sees.
    pub ipc: Option<Traced<String>>,
    /// Whose network it has: `host`, `none`, `bridge`, `service:x`, `container:x`.
    pub network_mode: Option<Traced<String>>,
    /// Whose host name it has.
    pub uts: Option<Traced<String>>,
    /// Whose user ids it has: `host` or `private`.
    pub userns: Option<Traced<String>>,
}
