//! Keys that no platform but the container engine has: each with its own reason and what to do instead.

use tranship_model::Traced;

use super::context::Lifting;
use super::env::texts;
use crate::typed::{
    Any, Blkio, Bytes, CredentialSpec, Develop, EnvFile, Logging, ModelBinding, Nullable, Pairs, Throttle, Trigger,
    WeightDevice,
};

/// Keys of a service about how the engine schedules and accounts for a container.
pub(super) struct Engine<'a> {
    pub attach: &'a Option<Traced<bool>>,
    pub blkio_config: &'a Option<Blkio>,
    pub cgroup: &'a Option<Traced<String>>,
    pub cgroup_parent: &'a Option<Traced<String>>,
    pub cpu_count: &'a Option<Traced<i64>>,
    pub cpu_percent: &'a Option<Traced<f64>>,
    pub cpu_shares: &'a Option<Traced<i64>>,
    pub cpu_rt_period: &'a Option<Traced<String>>,
    pub cpu_rt_runtime: &'a Option<Traced<String>>,
    pub cpuset: &'a Option<Traced<String>>,
    pub device_cgroup_rules: &'a [Traced<String>],
    pub isolation: &'a Option<Traced<String>>,
    pub mac_address: &'a Option<Traced<String>>,
    pub mem_swappiness: &'a Option<Traced<String>>,
    pub memswap_limit: &'a Option<Traced<Bytes>>,
    pub oom_kill_disable: &'a Option<Traced<bool>>,
    pub oom_score_adj: &'a Option<Traced<i64>>,
    pub storage_opt: &'a Pairs<Nullable>,
    pub use_api_socket: &'a Option<Traced<bool>>,
    pub pull_refresh_after: &'a Option<Traced<String>>,
}

/// Drops what only the engine does.
pub(super) fn engine(cx: &mut Lifting<'_>, keys: &Engine<'_>) {
    let Engine {
        attach,
        blkio_config,
        cgroup,
        cgroup_parent,
        cpu_count,
        cpu_percent,
        cpu_shares,
        cpu_rt_period,
        cpu_rt_runtime,
        cpuset,
        device_cgroup_rules,
        isolation,
        mac_address,
        mem_swappiness,
        memswap_limit,
        oom_kill_disable,
        oom_score_adj,
        storage_opt,
        use_api_socket,
        pull_refresh_after,
    } = keys;
    cx.decided(
        *attach,
        "it says whether `docker compose up` shows the service's output, and nothing about the service",
    );
    if let Some(blkio_config) = blkio_config {
        blkio(cx, blkio_config);
    }
    cx.dropped(*cgroup, "the kubelet gives each container a cgroup namespace of its own", "");
    cx.dropped(*cgroup_parent, "the kubelet keeps its own tree of cgroups, by pod and quality of service", "");
    cx.dropped(*cpu_count, "a number of processors is an option of Windows containers", "say the limit with `cpus`");
    cx.dropped(
        *cpu_percent,
        "a share of the machine's processors is an option of Windows containers",
        "say the limit with `cpus`",
    );
    cx.dropped(
        *cpu_shares,
        "a weight against other containers of one machine; a pod's weight follows from the CPU it requests",
        "say what the service needs with `deploy.resources.reservations.cpus`",
    );
    cx.dropped(*cpu_rt_period, "pods have no real-time scheduling, and so no period for it", "");
    cx.dropped(*cpu_rt_runtime, "pods have no real-time scheduling, and so no time set aside for it", "");
    cx.dropped(
        *cpuset,
        "single processors are given out by the kubelet's static CPU manager, not named by a pod",
        "on nodes with that policy request whole CPUs, with limits equal to requests",
    );
    cx.dropped(
        *device_cgroup_rules,
        "a pod has no rules for classes of devices; it gets single ones from a device plugin",
        "install a plugin for the device and request its resource",
    );
    cx.dropped(
        *isolation,
        "the technology that isolates a container is the node's runtime",
        "choose one with `runtime`, which becomes a RuntimeClass",
    );
    cx.dropped(*mac_address, "the cluster's network gives a pod its hardware address", "");
    cx.dropped(*mem_swappiness, "how eagerly memory is swapped is set per node by the kubelet", "");
    cx.dropped(
        *memswap_limit,
        "a pod cannot say how much it may swap; where nodes allow swap, the kubelet works it out from requests",
        "",
    );
    cx.dropped(
        *oom_kill_disable,
        "a container over its memory limit is always killed on a node",
        "raise the memory limit instead",
    );
    cx.dropped(
        *oom_score_adj,
        "the kubelet sets the score from the pod's quality of service",
        "make requests equal to limits for what must be killed last",
    );
    storage(cx, storage_opt);
    cx.dropped(
        *use_api_socket,
        "there is no engine behind a pod whose socket could be handed to it",
        "use the cluster's API with a ServiceAccount",
    );
    cx.dropped(
        *pull_refresh_after,
        "a pull policy has no age after which an image is fetched again",
        "pin the tag or digest",
    );
}

fn storage(cx: &mut Lifting<'_>, storage_opt: &Pairs<Nullable>) {
    for (key, value) in texts(storage_opt) {
        if key == "size" {
            let why = "the size of a container's own file system is an option of the engine's storage driver";
            cx.dropped(&value, why, "limit it with the resource `ephemeral-storage`");
        } else {
            let why = format!("`{key}` is an option of the engine's storage driver");
            cx.dropped(&value, &why, "");
        }
    }
}

fn blkio(cx: &mut Lifting<'_>, blkio: &Blkio) {
    let Blkio {
        at: _,
        weight,
        weight_device,
        device_read_bps,
        device_read_iops,
        device_write_bps,
        device_write_iops,
        extensions,
    } = blkio;
    cx.decided(extensions, "`x-` keys of `blkio_config` are the project's own notes");
    let todo = "choose a storage class with the performance that is wanted";
    cx.dropped(weight, "a pod has no weight for disk access", todo);
    for WeightDevice { at: _, path, weight, extensions } in weight_device {
        cx.decided(extensions, "`x-` keys of a device's weight are the project's own notes");
        cx.dropped(path, "a pod does not know its node's disks by path, and cannot weigh its access to one", todo);
        cx.dropped(weight, "a pod has no weight for access to a single disk", todo);
    }
    for (what, list) in [
        ("bytes read a second", device_read_bps),
        ("reads a second", device_read_iops),
        ("bytes written a second", device_write_bps),
        ("writes a second", device_write_iops),
    ] {
        for Throttle { at: _, path, rate, extensions } in list {
            cx.decided(extensions, "`x-` keys of a device's limit are the project's own notes");
            cx.dropped(
                path,
                &format!("a pod does not know its node's disks by path, and cannot limit {what} of one"),
                todo,
            );
            cx.dropped(rate, &format!("a pod cannot limit {what}"), todo);
        }
    }
}

/// Logging: a pod writes to its standard output, and the node's log agent takes it from there.
pub(super) fn logging(cx: &mut Lifting<'_>, logging: Option<&Logging>) {
    let Some(Logging { at: _, driver, options, extensions }) = logging else { return };
    cx.decided(extensions, "`x-` keys of `logging` are the project's own notes");
    let name = driver.as_ref().map_or("json-file", |driver| driver.value.as_str());
    match name {
        "json-file" | "local" => {
            cx.decided(driver, "the kubelet keeps the container's output in files, as this driver does");
        }
        "none" => cx.dropped(driver, "the kubelet always keeps a container's output", "let the process write less"),
        other => cx.dropped(
            driver,
            &format!("the node's log agent, not a pod, sends output on; nothing goes to `{other}` by itself"),
            "run a log agent on the nodes and let it send to the same place",
        ),
    }
    for (key, value) in texts(options) {
        let why = match key.as_str() {
            "max-size" => {
                "the kubelet's `containerLogMaxSize` says when a log file is full, for the whole node".to_owned()
            }
            "max-file" => {
                "the kubelet's `containerLogMaxFiles` says how many log files are kept, for the whole node".to_owned()
            }
            _ => format!("`{key}` is an option of the log driver `{name}`"),
        };
        cx.dropped(&value, &why, "");
    }
}

/// A credential spec of a Windows service account.
pub(super) fn credential_spec(cx: &mut Lifting<'_>, spec: Option<&CredentialSpec>) {
    let Some(CredentialSpec { at: _, config, file, registry, extensions }) = spec else { return };
    cx.decided(extensions, "`x-` keys of `credential_spec` are the project's own notes");
    let todo = "create a GMSACredentialSpec and name it in `windowsOptions.gmsaCredentialSpecName`";
    cx.dropped(config, "a Windows credential spec from a config is an object of the cluster's own there", todo);
    cx.dropped(file, "a Windows credential spec from a file is an object of the cluster's own there", todo);
    cx.dropped(registry, "a Windows credential spec from a node's registry cannot be asked for by a pod", todo);
}

/// What is watched while developing.
pub(super) fn develop(cx: &mut Lifting<'_>, develop: Option<&Develop>) {
    let Some(Develop { at: _, watch, extensions }) = develop else { return };
    cx.decided(extensions, "`x-` keys of `develop` are the project's own notes");
    for Trigger { at: _, path, action, target, exec, include, ignore, initial_sync, extensions } in watch {
        cx.decided(extensions, "`x-` keys of a watch are the project's own notes");
        cx.decided(
            path,
            "a folder watched while developing is no part of what runs; `docker compose watch` goes on working",
        );
        cx.decided(action, "what a change sets off while developing is no part of what runs");
        cx.decided(target, "where a watched file is copied to while developing is no part of what runs");
        cx.decided(include, "which watched files count while developing is no part of what runs");
        cx.decided(ignore, "which watched files do not count while developing is no part of what runs");
        cx.decided(initial_sync, "whether watching begins with a copy is no part of what runs");
        let exec = exec.as_ref().map(|hook| hook.at.whole());
        cx.decided(&exec, "a command run after a watched change is no part of what runs");
    }
}

/// How a service learns of a language model.
pub(super) fn model_binding(cx: &mut Lifting<'_>, service: &str, model: &str, binding: &ModelBinding) {
    let ModelBinding { at, endpoint_var, model_var, extensions } = binding;
    cx.decided(extensions, "`x-` keys of a model binding are the project's own notes");
    let word = model.to_ascii_uppercase().replace('-', "_");
    let name = |var: &Option<Traced<String>>, suffix: &str| {
        var.as_ref().map_or_else(|| format!("{word}_{suffix}"), |var| var.value.clone())
    };
    let (endpoint, id) = (name(endpoint_var, "URL"), name(model_var, "MODEL"));
    let why = format!("Docker's model runner serves `{model}`, and there is none in a cluster");
    let todo = format!("run a model server and set `{endpoint}` to its address and `{id}` to the model's name");
    if endpoint_var.is_none() && model_var.is_none() {
        cx.dropped(at, &why, &todo);
    }
    cx.dropped(endpoint_var, &format!("{why}, so that nothing sets `{endpoint}`"), &todo);
    cx.dropped(model_var, &format!("{why}, so that nothing sets `{id}`"), &todo);
    let message = format!("`{service}` is not told where the model `{model}` is served");
    cx.warn("model-dropped", at.span, message, todo);
}

/// Env and label files, which the loader has read into `environment` and `labels` already.
pub(super) fn files_read(
    cx: &mut Lifting<'_>,
    env_file: &[EnvFile],
    label_file: &[Traced<String>],
    extends: Option<&Any>,
) {
    for EnvFile { at: _, path, format, required, extensions } in env_file {
        cx.decided(extensions, "`x-` keys of an env file are the project's own notes");
        cx.decided(path, "the file's variables stand in the environment");
        cx.decided(format, "the format was used when the env file was read");
        cx.decided(required, "whether the env file has to be there was settled when it was read");
    }
    cx.decided(label_file, "the file's labels stand among the labels");
    cx.decided(&extends, "what is extended was merged in when the project was loaded");
}
