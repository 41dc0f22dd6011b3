//! The `deploy` section and requests for devices.

use std::time::Duration;

use tranship_model::Traced;

use super::decode::{Nullable, Pairs};
use super::scalar::Bytes;
use super::section::section;

section! {
    /// How a service is run as a group.
    Deploy {
        mode "mode": Option<Traced<String>>,
        endpoint_mode "endpoint_mode": Option<Traced<String>>,
        replicas "replicas": Option<Traced<i64>>,
        labels "labels": Pairs<Nullable>,
        rollback_config "rollback_config": Option<Update>,
        update_config "update_config": Option<Update>,
        resources "resources": Option<Resources>,
        restart_policy "restart_policy": Option<RestartPolicy>,
        placement "placement": Option<Placement>,
    }
}

section! {
    /// How one version replaces another.
    Update {
        parallelism "parallelism": Option<Traced<i64>>,
        delay "delay": Option<Traced<Duration>>,
        failure_action "failure_action": Option<Traced<String>>,
        monitor "monitor": Option<Traced<Duration>>,
        max_failure_ratio "max_failure_ratio": Option<Traced<f64>>,
        order "order": Option<Traced<String>>,
    }
}

section! {
    /// What a service may use and what is kept for it.
    Resources {
        limits "limits": Option<Limits>,
        reservations "reservations": Option<Limits>,
    }
}

section! {
    /// Amounts of resources.
    Limits {
        cpus "cpus": Option<Traced<f64>>,
        memory "memory": Option<Traced<Bytes>>,
        pids "pids": Option<Traced<i64>>,
        devices "devices": Vec<DeviceRequest>,
        generic_resources "generic_resources": Vec<GenericResource>,
    }
}

section! {
    /// Devices by what they can do.
    DeviceRequest {
        capabilities "capabilities": Vec<Traced<String>>,
        driver "driver": Option<Traced<String>>,
        count "count": Option<Traced<String>>,
        device_ids "device_ids": Vec<Traced<String>>,
        options "options": Pairs<Nullable>,
    }
}

section! {
    /// A resource the cluster's owner named.
    GenericResource {
        discrete_resource_spec "discrete_resource_spec": Option<DiscreteResource>,
    }
}

section! {
    /// A resource that is counted.
    DiscreteResource {
        kind "kind": Option<Traced<String>>,
        value "value": Option<Traced<i64>>,
    }
}

section! {
    /// What happens when a process ends.
    RestartPolicy {
        condition "condition": Option<Traced<String>>,
        delay "delay": Option<Traced<Duration>>,
        max_attempts "max_attempts": Option<Traced<i64>>,
        window "window": Option<Traced<Duration>>,
    }
}

section! {
    /// Where a service may run.
    Placement {
        constraints "constraints": Vec<Traced<String>>,
        preferences "preferences": Vec<Preference>,
        max_replicas_per_node "max_replicas_per_node": Option<Traced<i64>>,
    }
}

section! {
    /// What replicas are spread over.
    Preference {
        spread "spread": Option<Traced<String>>,
    }
}
