//! A service and the structs only services have.

use std::time::Duration;

use tranship_model::Traced;
use tranship_source::yaml::Node;

use super::build::{Build, Develop};
use super::decode::{Decode, Decoder, Nullable, Pairs};
use super::deploy::{Deploy, DeviceRequest};
use super::scalar::{Any, Argv, Bytes, Mode};
use super::section::section;

section! {
    /// A service. The order of the fields is the order of the specification's schema.
    Service {
        develop "develop": Option<Develop>,
        deploy "deploy": Option<Deploy>,
        annotations "annotations": Pairs<Nullable>,
        attach "attach": Option<Traced<bool>>,
        build "build": Option<Build>,
        blkio_config "blkio_config": Option<Blkio>,
        cap_add "cap_add": Vec<Traced<String>>,
        cap_drop "cap_drop": Vec<Traced<String>>,
        cgroup "cgroup": Option<Traced<String>>,
        cgroup_parent "cgroup_parent": Option<Traced<String>>,
        command "command": Option<Argv>,
        configs "configs": Vec<FileReference>,
        container_name "container_name": Option<Traced<String>>,
        cpu_count "cpu_count": Option<Traced<i64>>,
        cpu_percent "cpu_percent": Option<Traced<f64>>,
        cpu_shares "cpu_shares": Option<Traced<i64>>,
        cpu_quota "cpu_quota": Option<Traced<i64>>,
        cpu_period "cpu_period": Option<Traced<String>>,
        cpu_rt_period "cpu_rt_period": Option<Traced<String>>,
        cpu_rt_runtime "cpu_rt_runtime": Option<Traced<String>>,
        cpus "cpus": Option<Traced<f64>>,
        cpuset "cpuset": Option<Traced<String>>,
        credential_spec "credential_spec": Option<CredentialSpec>,
        depends_on "depends_on": Pairs<Dependency>,
        device_cgroup_rules "device_cgroup_rules": Vec<Traced<String>>,
        devices "devices": Vec<DeviceMapping>,
        dns "dns": Vec<Traced<String>>,
        dns_opt "dns_opt": Vec<Traced<String>>,
        dns_search "dns_search": Vec<Traced<String>>,
        domainname "domainname": Option<Traced<String>>,
        entrypoint "entrypoint": Option<Argv>,
        env_file "env_file": Vec<EnvFile>,
        label_file "label_file": Vec<Traced<String>>,
        environment "environment": Pairs<Nullable>,
        expose "expose": Vec<Traced<String>>,
        extends "extends": Option<Any>,
        provider "provider": Option<Provider>,
        external_links "external_links": Vec<Traced<String>>,
        extra_hosts "extra_hosts": Vec<Traced<String>>,
        gpus "gpus": Vec<DeviceRequest>,
        group_add "group_add": Vec<Traced<String>>,
        healthcheck "healthcheck": Option<Healthcheck>,
        hostname "hostname": Option<Traced<String>>,
        image "image": Option<Traced<String>>,
        init "init": Option<Traced<bool>>,
        ipc "ipc": Option<Traced<String>>,
        isolation "isolation": Option<Traced<String>>,
        labels "labels": Pairs<Nullable>,
        links "links": Vec<Traced<String>>,
        logging "logging": Option<Logging>,
        mac_address "mac_address": Option<Traced<String>>,
        mem_limit "mem_limit": Option<Traced<Bytes>>,
        mem_reservation "mem_reservation": Option<Traced<Bytes>>,
        mem_swappiness "mem_swappiness": Option<Traced<String>>,
        memswap_limit "memswap_limit": Option<Traced<Bytes>>,
        network_mode "network_mode": Option<Traced<String>>,
        models "models": Pairs<ModelBinding>,
        networks "networks": Pairs<Attachment>,
        oom_kill_disable "oom_kill_disable": Option<Traced<bool>>,
        oom_score_adj "oom_score_adj": Option<Traced<i64>>,
        pid "pid": Option<Traced<String>>,
        pids_limit "pids_limit": Option<Traced<i64>>,
        platform "platform": Option<Traced<String>>,
        ports "ports": Vec<Port>,
        pre_start "pre_start": Vec<Hook>,
        post_start "post_start": Vec<Hook>,
        pre_stop "pre_stop": Vec<Hook>,
        privileged "privileged": Option<Traced<bool>>,
        profiles "profiles": Vec<Traced<String>>,
        pull_policy "pull_policy": Option<Traced<String>>,
        pull_refresh_after "pull_refresh_after": Option<Traced<String>>,
        read_only "read_only": Option<Traced<bool>>,
        restart "restart": Option<Traced<String>>,
        runtime "runtime": Option<Traced<String>>,
        scale "scale": Option<Traced<i64>>,
        security_opt "security_opt": Vec<Traced<String>>,
        shm_size "shm_size": Option<Traced<Bytes>>,
        secrets "secrets": Vec<FileReference>,
        sysctls "sysctls": Pairs<Nullable>,
        stdin_open "stdin_open": Option<Traced<bool>>,
        stop_grace_period "stop_grace_period": Option<Traced<Duration>>,
        stop_signal "stop_signal": Option<Traced<String>>,
        storage_opt "storage_opt": Pairs<Nullable>,
        tmpfs "tmpfs": Vec<Traced<String>>,
        tty "tty": Option<Traced<bool>>,
        ulimits "ulimits": Pairs<Ulimit>,
        use_api_socket "use_api_socket": Option<Traced<bool>>,
        user "user": Option<Traced<String>>,
        uts "uts": Option<Traced<String>>,
        userns_mode "userns_mode": Option<Traced<String>>,
        volumes "volumes": Vec<Mount>,
        volumes_from "volumes_from": Vec<Traced<String>>,
        working_dir "working_dir": Option<Traced<String>>,
    }
}

section! {
    /// Limits on block devices.
    Blkio {
        weight "weight": Option<Traced<i64>>,
        weight_device "weight_device": Vec<WeightDevice>,
        device_read_bps "device_read_bps": Vec<Throttle>,
        device_read_iops "device_read_iops": Vec<Throttle>,
        device_write_bps "device_write_bps": Vec<Throttle>,
        device_write_iops "device_write_iops": Vec<Throttle>,
    }
}

section! {
    /// A block device's share.
    WeightDevice {
        path "path" | "Path": Option<Traced<String>>,
        weight "weight" | "Weight": Option<Traced<i64>>,
    }
}

section! {
    /// A block device's limit.
    Throttle {
        path "path" | "Path": Option<Traced<String>>,
        rate "rate" | "Rate": Option<Traced<Bytes>>,
    }
}

section! {
    /// Credentials of a Windows service account.
    CredentialSpec {
        config "config": Option<Traced<String>>,
        file "file": Option<Traced<String>>,
        registry "registry": Option<Traced<String>>,
    }
}

section! {
    /// What has to hold of another service first.
    Dependency {
        condition "condition": Option<Traced<String>>,
        restart "restart": Option<Traced<bool>>,
        required "required": Option<Traced<bool>>,
    }
}

section! {
    /// A device file.
    DeviceMapping {
        source "source": Option<Traced<String>>,
        target "target": Option<Traced<String>>,
        permissions "permissions": Option<Traced<String>>,
    }
}

section! {
    /// A file of variables; only there when env files were not resolved.
    EnvFile {
        path "path": Option<Traced<String>>,
        format "format": Option<Traced<String>>,
        required "required": Option<Traced<bool>>,
    }
}

section! {
    /// A service that something else provides.
    Provider {
        kind "type": Option<Traced<String>>,
        options "options": Pairs<Any>,
    }
}

section! {
    /// A config or secret handed to a service or a build.
    FileReference {
        source "source": Option<Traced<String>>,
        target "target": Option<Traced<String>>,
        uid "uid": Option<Traced<String>>,
        gid "gid": Option<Traced<String>>,
        mode "mode": Option<Traced<Mode>>,
    }
}

section! {
    /// How health is asked.
    Healthcheck {
        disable "disable": Option<Traced<bool>>,
        interval "interval": Option<Traced<Duration>>,
        retries "retries": Option<Traced<i64>>,
        test "test": Option<Argv>,
        timeout "timeout": Option<Traced<Duration>>,
        start_period "start_period": Option<Traced<Duration>>,
        start_interval "start_interval": Option<Traced<Duration>>,
    }
}

section! {
    /// A command run in a service's life.
    Hook {
        command "command": Option<Argv>,
        image "image": Option<Traced<String>>,
        user "user": Option<Traced<String>>,
        privileged "privileged": Option<Traced<bool>>,
        working_dir "working_dir": Option<Traced<String>>,
        environment "environment": Pairs<Nullable>,
        per_replica "per_replica": Option<Traced<bool>>,
    }
}

section! {
    /// Where the engine sends a service's output.
    Logging {
        driver "driver": Option<Traced<String>>,
        options "options": Pairs<Nullable>,
    }
}

section! {
    /// How a service learns of a model.
    ModelBinding {
        endpoint_var "endpoint_var": Option<Traced<String>>,
        model_var "model_var": Option<Traced<String>>,
    }
}

section! {
    /// A service's place on a network.
    Attachment {
        aliases "aliases": Vec<Traced<String>>,
        interface_name "interface_name": Option<Traced<String>>,
        ipv4_address "ipv4_address": Option<Traced<String>>,
        ipv6_address "ipv6_address": Option<Traced<String>>,
        link_local_ips "link_local_ips": Vec<Traced<String>>,
        mac_address "mac_address": Option<Traced<String>>,
        driver_opts "driver_opts": Pairs<Nullable>,
        priority "priority": Option<Traced<i64>>,
        gw_priority "gw_priority": Option<Traced<i64>>,
    }
}

section! {
    /// A port.
    Port {
        name "name": Option<Traced<String>>,
        mode "mode": Option<Traced<String>>,
        host_ip "host_ip": Option<Traced<String>>,
        target "target": Option<Traced<i64>>,
        published "published": Option<Traced<String>>,
        protocol "protocol": Option<Traced<String>>,
        app_protocol "app_protocol": Option<Traced<String>>,
    }
}

section! {
    /// A mount.
    Mount {
        kind "type": Option<Traced<String>>,
        source "source": Option<Traced<String>>,
        target "target": Option<Traced<String>>,
        read_only "read_only": Option<Traced<bool>>,
        consistency "consistency": Option<Traced<String>>,
        bind "bind": Option<BindOptions>,
        volume "volume": Option<VolumeOptions>,
        tmpfs "tmpfs": Option<TmpfsOptions>,
        image "image": Option<ImageOptions>,
    }
}

section! {
    /// What only a mount of the machine's files has.
    BindOptions {
        propagation "propagation": Option<Traced<String>>,
        create_host_path "create_host_path": Option<Traced<bool>>,
        recursive "recursive": Option<Traced<String>>,
        selinux "selinux": Option<Traced<String>>,
    }
}

section! {
    /// What only a mount of a volume has.
    VolumeOptions {
        labels "labels": Pairs<Nullable>,
        nocopy "nocopy": Option<Traced<bool>>,
        subpath "subpath": Option<Traced<String>>,
    }
}

section! {
    /// What only a mount of memory has.
    TmpfsOptions {
        size "size": Option<Traced<Bytes>>,
        mode "mode": Option<Traced<Mode>>,
    }
}

section! {
    /// What only a mount of an image has.
    ImageOptions {
        subpath "subpath": Option<Traced<String>>,
    }
}

/// A limit of the kernel: one number for both limits, or two.
#[derive(Clone, Debug)]
pub enum Ulimit {
    /// Soft and hard limit alike.
    Single(Traced<i64>),
    /// Each by itself.
    Pair(UlimitPair),
}

section! {
    /// A soft and a hard limit.
    UlimitPair {
        soft "soft": Option<Traced<i64>>,
        hard "hard": Option<Traced<i64>>,
    }
}

impl Decode for Ulimit {
    fn decode(node: &Node, path: &str, decoder: &mut Decoder) -> Option<Self> {
        match node.as_map() {
            Some(_) => UlimitPair::decode(node, path, decoder).map(Self::Pair),
            None => Traced::decode(node, path, decoder).map(Self::Single),
        }
    }
}
