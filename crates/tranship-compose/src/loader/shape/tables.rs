//! The type of every key of a Compose project.

use super::Shape::{
    Bool, Bytes, Command, Count, Cpus, Devices, Duration, Float, Hosts, Int, Labels, List, Loose, ManyOptions, Map,
    Mapping, MaybeBool, MaybeCount, MaybeDuration, MaybeInt, Mode, Numbers, OptOut, Options, PlainBool, PlainBytes,
    PlainInt, Ssh, Strict, Struct, Test, Text, TextOrTexts, Texts, Ulimit, Variables,
};
use super::{Fields, Shape};

pub(super) const SERVICE: &Fields = &[
    ("profiles", Texts),
    ("annotations", Mapping),
    ("attach", MaybeBool),
    ("build", Struct(BUILD)),
    ("develop", Struct(DEVELOP)),
    ("blkio_config", Struct(BLKIO)),
    ("cap_add", Texts),
    ("cap_drop", Texts),
    ("cgroup_parent", Text),
    ("cgroup", Text),
    ("cpu_count", Int),
    ("cpu_percent", Float),
    ("cpu_period", Int),
    ("cpu_quota", Int),
    ("cpu_rt_period", Int),
    ("cpu_rt_runtime", Int),
    ("cpus", Float),
    ("cpuset", Text),
    ("cpu_shares", Int),
    ("command", Command),
    ("configs", List(&Struct(REFERENCE))),
    ("container_name", Text),
    ("credential_spec", Struct(CREDENTIAL)),
    ("depends_on", Map(&Struct(DEPENDENCY))),
    ("deploy", Struct(DEPLOY)),
    ("device_cgroup_rules", Texts),
    ("devices", List(&Struct(DEVICE))),
    ("dns", TextOrTexts),
    ("dns_opt", Texts),
    ("dns_search", TextOrTexts),
    ("dockerfile", Text),
    ("domainname", Text),
    ("entrypoint", Command),
    ("provider", Struct(PROVIDER)),
    ("environment", Variables),
    ("env_file", List(&Struct(ENV_FILE))),
    ("expose", Numbers),
    ("extends", Struct(EXTENDS)),
    ("external_links", Texts),
    ("extra_hosts", Hosts),
    ("group_add", Texts),
    ("gpus", List(&Struct(REQUEST))),
    ("hostname", Text),
    ("healthcheck", Struct(HEALTH)),
    ("image", Text),
    ("init", MaybeBool),
    ("ipc", Text),
    ("isolation", Text),
    ("labels", Labels),
    ("label_file", Texts),
    ("links", Texts),
    ("logging", Struct(LOGGING)),
    ("log_driver", Text),
    ("log_opt", Strict),
    ("mem_limit", Bytes),
    ("mem_reservation", Bytes),
    ("memswap_limit", Bytes),
    ("mem_swappiness", Bytes),
    ("mac_address", Text),
    ("models", Map(&Struct(SERVICE_MODEL))),
    ("net", Text),
    ("network_mode", Text),
    ("networks", Map(&Struct(SERVICE_NETWORK))),
    ("oom_kill_disable", Bool),
    ("oom_score_adj", Int),
    ("pid", Text),
    ("pids_limit", Int),
    ("platform", Text),
    ("ports", List(&Struct(PORT))),
    ("privileged", Bool),
    ("pull_policy", Text),
    ("read_only", Bool),
    ("restart", Text),
    ("runtime", Text),
    ("scale", MaybeInt),
    ("secrets", List(&Struct(REFERENCE))),
    ("security_opt", Texts),
    ("shm_size", Bytes),
    ("stdin_open", Bool),
    ("stop_grace_period", MaybeDuration),
    ("stop_signal", Text),
    ("storage_opt", Strict),
    ("sysctls", Mapping),
    ("tmpfs", TextOrTexts),
    ("tty", Bool),
    ("ulimits", Map(&Ulimit)),
    ("use_api_socket", Bool),
    ("user", Text),
    ("userns_mode", Text),
    ("uts", Text),
    ("volume_driver", Text),
    ("volumes", List(&Struct(VOLUME_MOUNT))),
    ("volumes_from", Texts),
    ("working_dir", Text),
    ("pre_start", List(&Struct(HOOK))),
    ("post_start", List(&Struct(HOOK))),
    ("pre_stop", List(&Struct(HOOK))),
];

const BUILD: &Fields = &[
    ("context", Text),
    ("dockerfile", Text),
    ("dockerfile_inline", Text),
    ("entitlements", Texts),
    ("args", Variables),
    ("provenance", Text),
    ("sbom", Text),
    ("ssh", Ssh),
    ("labels", Labels),
    ("cache_from", TextOrTexts),
    ("cache_to", TextOrTexts),
    ("no_cache", Bool),
    ("no_cache_filter", TextOrTexts),
    ("additional_contexts", Mapping),
    ("pull", Bool),
    ("extra_hosts", Hosts),
    ("isolation", Text),
    ("network", Text),
    ("target", Text),
    ("secrets", List(&Struct(REFERENCE))),
    ("shm_size", Bytes),
    ("tags", TextOrTexts),
    ("ulimits", Map(&Ulimit)),
    ("platforms", TextOrTexts),
    ("privileged", Bool),
];

const DEVELOP: &Fields = &[("watch", List(&Struct(TRIGGER)))];

const TRIGGER: &Fields = &[
    ("path", Shape::Text),
    ("action", Shape::Text),
    ("target", Text),
    ("exec", Loose(HOOK)),
    ("include", Texts),
    ("ignore", Texts),
    ("initial_sync", Bool),
];

const HOOK: &Fields = &[
    ("command", Command),
    ("image", Text),
    ("user", Text),
    ("privileged", Bool),
    ("working_dir", Text),
    ("environment", Variables),
    ("per_replica", Bool),
];

const BLKIO: &Fields = &[
    ("weight", Count),
    ("weight_device", List(&Struct(WEIGHT))),
    ("device_read_bps", List(&Struct(THROTTLE))),
    ("device_read_iops", List(&Struct(THROTTLE))),
    ("device_write_bps", List(&Struct(THROTTLE))),
    ("device_write_iops", List(&Struct(THROTTLE))),
];

const WEIGHT: &Fields = &[("path", Text), ("weight", PlainInt)];
const THROTTLE: &Fields = &[("path", Text), ("rate", PlainBytes)];

const REFERENCE: &Fields = &[("source", Text), ("target", Text), ("uid", Text), ("gid", Text), ("mode", Mode)];
const CREDENTIAL: &Fields = &[("config", Text), ("file", Text), ("registry", Text)];
const DEPENDENCY: &Fields = &[("condition", Text), ("restart", Bool), ("required", PlainBool)];

const DEPLOY: &Fields = &[
    ("mode", Text),
    ("replicas", MaybeInt),
    ("labels", Labels),
    ("update_config", Struct(UPDATE)),
    ("rollback_config", Struct(UPDATE)),
    ("resources", Loose(RESOURCES)),
    ("restart_policy", Struct(RESTART)),
    ("placement", Loose(PLACEMENT)),
    ("endpoint_mode", Text),
];

const UPDATE: &Fields = &[
    ("parallelism", MaybeCount),
    ("delay", Duration),
    ("failure_action", Text),
    ("monitor", Duration),
    ("max_failure_ratio", Float),
    ("order", Text),
];

const RESOURCES: &Fields = &[("limits", Struct(RESOURCE)), ("reservations", Struct(RESOURCE))];

const RESOURCE: &Fields = &[
    ("cpus", Cpus),
    ("memory", Bytes),
    ("pids", Int),
    ("devices", List(&Struct(REQUEST))),
    ("generic_resources", List(&Struct(GENERIC))),
];

const GENERIC: &Fields = &[("discrete_resource_spec", Struct(DISCRETE))];
const DISCRETE: &Fields = &[("kind", Text), ("value", PlainInt)];

const RESTART: &Fields =
    &[("condition", Text), ("delay", MaybeDuration), ("max_attempts", MaybeCount), ("window", MaybeDuration)];

const PLACEMENT: &Fields =
    &[("constraints", Texts), ("preferences", List(&Struct(&[("spread", Text)]))), ("max_replicas_per_node", Count)];

const DEVICE: &Fields = &[("source", Text), ("target", Text), ("permissions", Text)];

const REQUEST: &Fields =
    &[("capabilities", Texts), ("driver", Text), ("count", Devices), ("device_ids", Texts), ("options", Mapping)];

const PROVIDER: &Fields = &[("type", Text), ("options", ManyOptions)];
const ENV_FILE: &Fields = &[("path", Text), ("required", OptOut), ("format", Text)];
const EXTENDS: &Fields = &[("file", Text), ("service", Text)];

const HEALTH: &Fields = &[
    ("test", Test),
    ("timeout", MaybeDuration),
    ("interval", MaybeDuration),
    ("retries", MaybeCount),
    ("start_period", MaybeDuration),
    ("start_interval", MaybeDuration),
    ("disable", Bool),
];

const LOGGING: &Fields = &[("driver", Text), ("options", Options)];
const SERVICE_MODEL: &Fields = &[("endpoint_var", Text), ("model_var", Text)];

const SERVICE_NETWORK: &Fields = &[
    ("aliases", Texts),
    ("driver_opts", Options),
    ("gw_priority", Int),
    ("interface_name", Text),
    ("ipv4_address", Text),
    ("ipv6_address", Text),
    ("link_local_ips", Texts),
    ("mac_address", Text),
    ("priority", Int),
];

const PORT: &Fields = &[
    ("name", Text),
    ("mode", Text),
    ("host_ip", Text),
    ("target", Count),
    ("published", Text),
    ("protocol", Text),
    ("app_protocol", Text),
];

const VOLUME_MOUNT: &Fields = &[
    ("type", Text),
    ("source", Text),
    ("target", Text),
    ("read_only", Bool),
    ("consistency", Text),
    ("bind", Struct(&[("selinux", Text), ("propagation", Text), ("create_host_path", OptOut), ("recursive", Text)])),
    ("volume", Struct(&[("labels", Mapping), ("nocopy", Bool), ("subpath", Text)])),
    ("tmpfs", Struct(&[("size", Bytes), ("mode", Count)])),
    ("image", Struct(&[("subpath", Text)])),
];

pub(super) const NETWORK: &Fields = &[
    ("name", Text),
    ("driver", Text),
    ("driver_opts", Options),
    ("ipam", Loose(IPAM)),
    ("external", Bool),
    ("internal", Bool),
    ("attachable", Bool),
    ("labels", Labels),
    ("enable_ipv4", MaybeBool),
    ("enable_ipv6", MaybeBool),
];

const IPAM: &Fields = &[("driver", Text), ("config", List(&Struct(POOL))), ("options", Options)];
const POOL: &Fields = &[("subnet", Text), ("gateway", Text), ("ip_range", Text), ("aux_addresses", Mapping)];

pub(super) const VOLUME: &Fields =
    &[("name", Text), ("driver", Text), ("driver_opts", Options), ("external", Bool), ("labels", Labels)];

pub(super) const CONFIG: &Fields = &[
    ("name", Text),
    ("file", Text),
    ("environment", Text),
    ("content", Text),
    ("external", Bool),
    ("labels", Labels),
    ("driver", Text),
    ("driver_opts", Strict),
    ("template_driver", Text),
];

pub(super) const SECRET: &Fields = &[
    ("name", Text),
    ("file", Text),
    ("environment", Text),
    ("content", Shape::Drop),
    ("external", Bool),
    ("labels", Labels),
    ("driver", Text),
    ("driver_opts", Strict),
    ("template_driver", Text),
];

pub(super) const MODEL: &Fields = &[("name", Text), ("model", Text), ("context_size", Int), ("runtime_flags", Texts)];
