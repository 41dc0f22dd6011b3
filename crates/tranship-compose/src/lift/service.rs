//! A service, key by key. The destructuring below is the list of everything a service can say.

use std::collections::{BTreeMap, BTreeSet};

use tranship_model::catalog::{self, Product};
use tranship_model::{At, Condition, Dependency, Operations, Origin, PullPolicy, Role, Service, Traced, Workload};

use super::account::Leaves;
use super::context::Lifting;
use super::workload;
use super::{build, docker_only, env, health, mounts, names, ports, process, resources, rollout, said, security};
use crate::overrides::{self, Kind, Overrides, notes};
use crate::typed::{self, Deploy, Pair, Pairs, Provider};

/// What a service has to know of the others.
pub(super) struct Neighbours {
    /// Services that others wait for to complete: who waits, and where that is written.
    awaited: BTreeMap<String, (String, Vec<At>)>,
    /// Services that have no pod, and why.
    provided: BTreeMap<String, &'static str>,
    /// Services, or names of their containers, whose mounts others take.
    givers: BTreeSet<String>,
}

impl Neighbours {
    /// Looks over all services.
    pub(super) fn new(services: &Pairs<Box<typed::Service>>, said: &Overrides) -> Self {
        let provided = services.iter().filter(|pair| pair.value.provider.is_some());
        let provided = provided.map(|pair| (pair.key.clone(), "is provided from outside"));
        let out = |kind: &Traced<Kind>| kind.value == Kind::None;
        let left_out = said.services.iter().filter(|(_, said)| said.workload.as_ref().is_some_and(out));
        let left_out = left_out.map(|(name, _)| (name.clone(), "is left out, as you said"));
        let givers = mounts::givers(services).into_iter().map(str::to_owned).collect();
        Self { awaited: names::awaited(services), provided: provided.chain(left_out).collect(), givers }
    }
}

/// Lifts one service; `None` for one that has no container.
pub(super) fn lift(cx: &mut Lifting<'_>, all: &Neighbours, pair: &Pair<Box<typed::Service>>) -> Option<Service> {
    let typed::Service {
        at,
        develop,
        deploy,
        annotations,
        attach,
        build,
        blkio_config,
        cap_add,
        cap_drop,
        cgroup,
        cgroup_parent,
        command,
        configs,
        container_name,
        cpu_count,
        cpu_percent,
        cpu_shares,
        cpu_quota,
        cpu_period,
        cpu_rt_period,
        cpu_rt_runtime,
        cpus,
        cpuset,
        credential_spec,
        depends_on,
        device_cgroup_rules,
        devices,
        dns,
        dns_opt,
        dns_search,
        domainname,
        entrypoint,
        env_file,
        label_file,
        environment,
        expose,
        extends,
        provider,
        external_links,
        extra_hosts,
        gpus,
        group_add,
        healthcheck,
        hostname,
        image,
        init,
        ipc,
        isolation,
        labels,
        links: _, // Lifted once all services are there: a link names another one.
        logging,
        mac_address,
        mem_limit,
        mem_reservation,
        mem_swappiness,
        memswap_limit,
        network_mode,
        models,
        networks,
        oom_kill_disable,
        oom_score_adj,
        pid,
        pids_limit,
        platform,
        ports: written_ports,
        pre_start,
        post_start,
        pre_stop,
        privileged,
        profiles,
        pull_policy,
        pull_refresh_after,
        read_only,
        restart,
        runtime,
        scale,
        security_opt,
        shm_size,
        secrets,
        sysctls,
        stdin_open,
        stop_grace_period,
        stop_signal,
        storage_opt,
        tmpfs,
        tty,
        ulimits,
        use_api_socket,
        user,
        uts,
        userns_mode,
        volumes,
        volumes_from: _, // Lifted once all services are there: it names another one's mounts.
        working_dir,
        extensions,
    } = &*pair.value;
    let name = &pair.key;
    if let Some(provider) = provider {
        provided(cx, name, at, provider);
        return None;
    }
    cx.decided(
        &notes(extensions),
        "`x-` keys of a service are the project's own notes; no tool but its own reads them",
    );
    let said = cx.said.services.remove(name).unwrap_or_default();
    if said.workload.as_ref().is_some_and(|kind| kind.value == Kind::None) {
        said::left_out(cx, at);
        return None;
    }
    cx.decided(profiles, "one of the service's profiles is active, so that it is part of this run");
    docker_only::files_read(cx, env_file, label_file, extends.as_ref());
    docker_only::develop(cx, develop.as_ref());
    docker_only::logging(cx, logging.as_ref());
    docker_only::credential_spec(cx, credential_spec.as_ref());
    docker_only::engine(
        cx,
        &docker_only::Engine {
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
        },
    );
    for binding in models {
        docker_only::model_binding(cx, name, &binding.key, &binding.value);
    }
    names::external_links(cx, external_links);
    process::note_empty_user(cx, user.as_ref());

    let build = build::lift(cx, build.as_ref());
    let image = image_of(cx, name, image.as_ref(), build.is_some());
    let image = said::image(cx, &said, image);
    let product = image.as_ref().filter(|_| build.is_none()).and_then(|image| catalog::find(&image.value));
    let role = said::role(&said, role(product, image.as_ref(), build.is_some()));
    let deploy = DeployParts::new(cx, deploy.as_ref());
    let replicas = replicas(cx, scale.as_ref(), deploy.replicas);
    let replicas = said::replicas(cx, &said, replicas);
    let restart = rollout::restart(cx, restart.as_ref(), deploy.restart_policy);
    let mut aliases = names::Aliases::new(name);
    for alias in container_name.iter().chain(hostname) {
        aliases.add(cx, alias);
    }
    let networks = names::attachments(cx, networks, &mut aliases);
    let keys = mounts::Keys { volumes, tmpfs, configs, secrets };
    let about = mounts::About {
        service: name,
        product,
        image: image.as_ref(),
        build: build.as_ref(),
        role: role.value,
        working_dir: working_dir.as_ref().map(|dir| dir.value.as_str()),
        gives_mounts: all.givers.contains(name)
            || container_name.as_ref().is_some_and(|container| all.givers.contains(&container.value)),
        said: said.mounts.as_ref(),
    };
    let mut mounts = mounts::lift(cx, &about, &keys);
    said::claims(cx, name, &said, &mut mounts);
    let evidence = workload::Evidence {
        service: name,
        mode: deploy.mode,
        replicas: replicas.as_ref().map(|replicas| replicas.value),
        restart: &restart,
        awaited: all.awaited.get(name),
        product,
        role: role.value,
        command,
        entrypoint,
        mounts: &mounts,
        span: image.as_ref().map_or(pair.key_span, Traced::span),
    };
    let chosen = said::workload(&said, replicas.as_ref().map(|replicas| replicas.value));
    let workload = workload::lift(cx, &evidence, chosen);
    let workload = said::retries(&said, workload);
    let schedule = if workload.value == Workload::Scheduled { said::schedule(cx, &said) } else { None };
    let ends = matches!(workload.value, Workload::Task { .. });
    let ports = ports::lift(cx, written_ports, expose, image.as_ref(), product, ends);
    // Labels of kompose say what overrides say, and are no part of the pods.
    let own = |(key, _): &(String, Traced<String>)| !overrides::is_label(key);
    let mut all_labels: Vec<_> = env::texts(labels).into_iter().filter(own).collect();
    for (key, value) in env::texts(deploy.labels).into_iter().filter(own) {
        if all_labels.iter().any(|(known, _)| *known == key) {
            cx.decided(&value, "the container's label of the same name says it already");
        } else {
            all_labels.push((key, value));
        }
    }
    let mut variables = env::lift(environment, product);
    said::env(cx, name, &said, &mut variables);
    said::of_entry(&mut cx.settings.reach, name, &said);
    let mut aliases = aliases.finish();
    aliases.extend(said::names(&said));
    let mut fields = Vec::new();
    let mut resources = resources::lift(
        cx,
        &resources::Keys {
            cpus,
            cpu_quota,
            cpu_period,
            mem_limit,
            mem_reservation,
            pids_limit,
            shm_size,
            ulimits,
            gpus,
            devices,
            deploy: deploy.resources,
        },
    );
    said::resources(cx, &said, &mut resources, &mut fields);
    Some(Service {
        name: name.clone(),
        origin: Origin::From(vec![At::new(at.path.clone(), pair.key_span)]),
        product: product.map(|product| known_product(product, image.as_ref())),
        role,
        platform: platform.clone().filter(|platform| !platform.value.is_empty()),
        runtime: runtime.clone().filter(|runtime| !runtime.value.is_empty()),
        pull: said::pull(cx, &said, pull(pull_policy.as_ref())),
        workload,
        schedule,
        replicas,
        process: tranship_model::Process {
            entrypoint: said::argv(cx, said.command.as_ref(), "command", entrypoint.clone()),
            command: said::argv(cx, said.args.as_ref(), "args", command.clone()),
            working_dir: working_dir.clone().filter(|dir| !dir.value.is_empty()),
            user: process::user(user.as_ref()),
            groups: group_add.clone(),
            tty: tty.clone(),
            stdin: stdin_open.clone(),
            init: init.clone(),
            stop_signal: stop_signal.clone().filter(|signal| !signal.value.is_empty()),
            stop_grace: stop_grace_period.clone(),
        },
        env: variables,
        mounts,
        aliases,
        hostname: hostname.clone().filter(|host| !host.value.is_empty()),
        domainname: domainname.clone().filter(|domain| !domain.value.is_empty()),
        networks,
        health: health::lift(cx, healthcheck.as_ref()),
        depends_on: depends_on.iter().filter_map(|pair| dependency(cx, all, pair)).collect(),
        resources,
        security: security::lift(
            cx,
            &security::Keys {
                privileged,
                cap_add,
                cap_drop,
                read_only,
                security_opt,
                sysctls,
                pid,
                ipc,
                network_mode,
                uts,
                userns_mode,
            },
        ),
        hosts: names::hosts(cx, extra_hosts),
        dns: tranship_model::Dns { servers: dns.clone(), search: dns_search.clone(), options: dns_opt.clone() },
        rollout: rollout::rollout(cx, deploy.update, deploy.rollback),
        restart,
        placement: rollout::placement(cx, deploy.placement),
        labels: all_labels,
        annotations: env::texts(annotations),
        hooks: process::hooks(cx, pre_start, post_start, pre_stop),
        operations: Operations::default(),
        image,
        build,
        image_facts: None,
        said: said::of_service(cx, said, &ports, fields),
        ports,
    })
}

/// The parts of the `deploy` section.
struct DeployParts<'a> {
    mode: &'a Option<Traced<String>>,
    replicas: Option<&'a Traced<i64>>,
    labels: &'a Pairs<typed::Nullable>,
    update: Option<&'a typed::Update>,
    rollback: Option<&'a typed::Update>,
    resources: Option<&'a typed::Resources>,
    restart_policy: Option<&'a typed::RestartPolicy>,
    placement: Option<&'a typed::Placement>,
}

impl<'a> DeployParts<'a> {
    fn new(cx: &mut Lifting<'_>, deploy: Option<&'a Deploy>) -> Self {
        static NO_LABELS: Pairs<typed::Nullable> = Vec::new();
        let Some(deploy) = deploy else {
            return Self {
                mode: &None,
                replicas: None,
                labels: &NO_LABELS,
                update: None,
                rollback: None,
                resources: None,
                restart_policy: None,
                placement: None,
            };
        };
        let Deploy {
            at: _,
            mode,
            endpoint_mode,
            replicas,
            labels,
            rollback_config,
            update_config,
            resources,
            restart_policy,
            placement,
            extensions,
        } = deploy;
        cx.decided(extensions, "`x-` keys of `deploy` are the project's own notes");
        match endpoint_mode.as_ref().map(|mode| mode.value.as_str()) {
            Some("dnsrr") => cx.dropped(
                endpoint_mode,
                "clients reach the service at one address, and the cluster spreads them over the pods",
                "where clients want the address of every pod, say `x-tranship: {service: {headless: true}}`",
            ),
            _ => cx.decided(endpoint_mode, "one virtual address for all replicas is what a Service is"),
        }
        Self {
            mode,
            replicas: replicas.as_ref(),
            labels,
            update: update_config.as_ref(),
            rollback: rollback_config.as_ref(),
            resources: resources.as_ref(),
            restart_policy: restart_policy.as_ref(),
            placement: placement.as_ref(),
        }
    }
}

/// How many run: `scale` and `deploy.replicas` say the same by the loader's rules.
fn replicas(cx: &mut Lifting<'_>, scale: Option<&Traced<i64>>, replicas: Option<&Traced<i64>>) -> Option<Traced<u32>> {
    let mut value = scale.or(replicas)?.clone();
    if let (Some(_), Some(replicas)) = (scale, replicas) {
        value.origin = value.origin.and(&replicas.origin);
    }
    let Ok(number) = u32::try_from(value.value) else {
        cx.dropped(&value, "a number of replicas is zero or more", "write how many are to run");
        return None;
    };
    Some(value.with(number))
}

/// The image; what is only built gets the name docker compose gives it.
fn image_of(cx: &Lifting<'_>, service: &str, image: Option<&Traced<String>>, is_built: bool) -> Option<Traced<String>> {
    let written = image.filter(|image| !image.value.is_empty()).cloned();
    let usual = || {
        let name = format!("{}-{service}", cx.input.name).to_lowercase();
        let because = "the service is built and names no image; this is the name docker compose gives what it builds";
        Traced::decided(name, "built-image", because)
    };
    written.or_else(|| is_built.then(usual))
}

fn known_product(product: &Product, image: Option<&Traced<String>>) -> Traced<String> {
    let because = format!("the image is one of {}", product.title);
    let from = image.map(Leaves::list).unwrap_or_default();
    Traced::new(product.name.clone(), Origin::Decided { by: "catalog-image", because, from })
}

fn role(product: Option<&Product>, image: Option<&Traced<String>>, is_built: bool) -> Traced<Role> {
    let from = image.map(Leaves::list).unwrap_or_default();
    let (role, because) = match (product, is_built) {
        (Some(product), _) => (product.role.role(), format!("the catalog says so of {}", product.title)),
        (None, true) => (Role::App, "it is built here, so it is the project's own code".to_owned()),
        (None, false) => (Role::App, "the catalog does not know its image".to_owned()),
    };
    Traced::new(role, Origin::Decided { by: "catalog-role", because, from })
}

fn pull(policy: Option<&Traced<String>>) -> Option<Traced<PullPolicy>> {
    let policy = policy?;
    let value = match policy.value.as_str() {
        "always" => PullPolicy::Always,
        "never" => PullPolicy::Never,
        "missing" | "if_not_present" => PullPolicy::IfNotPresent,
        "build" => PullPolicy::Build,
        "" => return None,
        other => {
            let because =
                format!("`{other}` fetches the image again when it is old; asking at every start is the nearest");
            let origin = Origin::Decided { by: "pull-refresh", because, from: policy.list() };
            return Some(Traced::new(PullPolicy::Always, origin));
        }
    };
    Some(policy.with(value))
}

fn dependency(cx: &mut Lifting<'_>, all: &Neighbours, pair: &Pair<typed::Dependency>) -> Option<Dependency> {
    let typed::Dependency { at, condition, restart, required, extensions } = &pair.value;
    cx.decided(extensions, "`x-` keys of a dependency are the project's own notes");
    let restarts = restart.as_ref().is_some_and(|restart| restart.value);
    let mut parts: Vec<&dyn Leaves> = vec![condition, required];
    if restarts {
        parts.push(restart); // Told by the lowering, with the rest.
    } else {
        cx.decided(restart, "not restarting with the other service is how pods behave");
    }
    if let Some(reason) = all.provided.get(&pair.key) {
        let why = format!("`{}` {reason} and has no pod to wait for", pair.key);
        cx.dropped(&Lifting::origin(&parts).leaves().to_vec(), &why, "make sure it is there first");
        return None;
    }
    let mut origin = Lifting::origin(&parts);
    if origin.leaves().is_empty() {
        origin = Origin::From(vec![at.clone()]);
    }
    Some(Dependency {
        service: pair.key.clone(),
        origin,
        condition: match condition.as_ref().map(|condition| condition.value.as_str()) {
            Some("service_healthy") => Condition::Healthy,
            Some("service_completed_successfully") => Condition::Completed,
            _ => Condition::Started,
        },
        restart: restarts,
        required: required.as_ref().is_none_or(|required| required.value),
    })
}

/// A service that a program on the machine provides: there is nothing to run.
fn provided(cx: &mut Lifting<'_>, name: &str, at: &At, provider: &Provider) {
    let Provider { at: _, kind, options, extensions } = provider;
    cx.decided(extensions, "`x-` keys of a provider are the project's own notes");
    let kind_name = kind.as_ref().map_or("a provider", |kind| kind.value.as_str());
    let why = format!("the program `{kind_name}` on the machine provides `{name}`; there is no container to run");
    let todo =
        "create what it provides by the means of your cloud, and hand its address and credentials to the services";
    cx.dropped(kind, &why, todo);
    cx.dropped(options, &format!("options are for the program `{kind_name}`"), todo);
    cx.dropped(
        &at.whole(),
        &format!("`{name}` is provided from outside, so that nothing else about it has an effect"),
        todo,
    );
    cx.warn("service-provider", at.span, format!("`{name}` is left out: `{kind_name}` provides it"), todo);
}
