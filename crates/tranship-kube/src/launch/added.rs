//! What the kubelet and the runtime give to every container by themselves, beyond what a pod says.
//!
//! None of it comes from a project, so that a comparison with Docker names it once and not for each service. With
//! `enableServiceLinks: false` there are no variables for Services of the namespace; where it is left out, each Service
//! that was there before the pod adds seven.

/// One thing that is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    /// What a process sees.
    pub what: &'static str,
    /// Why it does no harm, or what to do where it does.
    pub why: &'static str,
}

/// Everything that is added.
pub const ADDED: &[Added] = &[
    Added {
        what: "the variables KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, KUBERNETES_SERVICE_PORT_HTTPS and \
               KUBERNETES_PORT, KUBERNETES_PORT_443_TCP with _PROTO, _PORT and _ADDR",
        why: "they lead to the API server; a variable of the project with such a name wins",
    },
    Added {
        what: "the folder /var/run/secrets/kubernetes.io/serviceaccount",
        why: "the token of the pod's ServiceAccount; `automountServiceAccountToken: false` leaves it out",
    },
    Added {
        what: "/etc/hosts, /etc/hostname and /etc/resolv.conf of the pod",
        why: "Docker writes files of its own there as well; names resolve by the cluster's DNS",
    },
    Added { what: "the file /dev/termination-log", why: "a process may write its last words there" },
    Added {
        what: "the same umask (0022), the same masked and read-only paths below /proc and /sys, the same default \
               capabilities as under Docker",
        why: "containerd and Docker take them from the same lists",
    },
];

/// Whether a variable is one that the kubelet sets in every container.
pub fn is_added(name: &str) -> bool {
    ["KUBERNETES_PORT", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBERNETES_SERVICE_PORT_HTTPS"]
        .contains(&name)
        || name.starts_with("KUBERNETES_PORT_443_TCP")
}
