//! What services share: networks, volumes, configs, secrets, models.

use tranship_model::Traced;

use super::decode::{Nullable, Pairs};
use super::section::section;

section! {
    /// A network.
    Network {
        name "name": Option<Traced<String>>,
        driver "driver": Option<Traced<String>>,
        driver_opts "driver_opts": Pairs<Nullable>,
        ipam "ipam": Option<Ipam>,
        external "external": Option<Traced<bool>>,
        internal "internal": Option<Traced<bool>>,
        enable_ipv4 "enable_ipv4": Option<Traced<bool>>,
        enable_ipv6 "enable_ipv6": Option<Traced<bool>>,
        attachable "attachable": Option<Traced<bool>>,
        labels "labels": Pairs<Nullable>,
    }
}

section! {
    /// How addresses are given.
    Ipam {
        driver "driver": Option<Traced<String>>,
        config "config": Vec<IpamPool>,
        options "options": Pairs<Nullable>,
    }
}

section! {
    /// Addresses to give.
    IpamPool {
        subnet "subnet": Option<Traced<String>>,
        ip_range "ip_range": Option<Traced<String>>,
        gateway "gateway": Option<Traced<String>>,
        aux_addresses "aux_addresses": Pairs<Nullable>,
    }
}

section! {
    /// Storage that outlives a container.
    Volume {
        name "name": Option<Traced<String>>,
        driver "driver": Option<Traced<String>>,
        driver_opts "driver_opts": Pairs<Nullable>,
        external "external": Option<Traced<bool>>,
        labels "labels": Pairs<Nullable>,
    }
}

section! {
    /// A config or a secret.
    FileObject {
        name "name": Option<Traced<String>>,
        file "file": Option<Traced<String>>,
        environment "environment": Option<Traced<String>>,
        content "content": Option<Traced<String>>,
        external "external": Option<Traced<bool>>,
        labels "labels": Pairs<Nullable>,
        driver "driver": Option<Traced<String>>,
        driver_opts "driver_opts": Pairs<Nullable>,
        template_driver "template_driver": Option<Traced<String>>,
    }
}

section! {
    /// A language model that services talk to.
    Model {
        name "name": Option<Traced<String>>,
        model "model": Option<Traced<String>>,
        context_size "context_size": Option<Traced<i64>>,
        runtime_flags "runtime_flags": Vec<Traced<String>>,
    }
}
