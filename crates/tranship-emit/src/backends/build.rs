//! What builds the images of a project: a file for `docker buildx bake`, and a script of plain commands.
//!
//! Both are run in the project's directory, which their paths are relative to. Start reading at [`emit`].

use std::path::Path;

use indexmap::{IndexMap, IndexSet};
use serde_json::{Map, Value, json};
use tranship_model::{Build, BuildSecret, BuildSecretSource, BuildSettings, Service, Stack};
use tranship_source::{Checked, Diagnostic};

use crate::quote::{bake, shell};
use crate::tree::{File, FileTree};

/// The folder of the output that holds both files.
pub const FOLDER: &str = "build";

/// `build/docker-bake.json` and `build/build.sh`; an empty tree where nothing is built.
pub fn emit(stack: &Stack) -> Checked<FileTree> {
    let mut tree = FileTree::new();
    let jobs = jobs(stack);
    let mut faults = Vec::new();
    if jobs.is_empty() {
        return Checked::clean(tree);
    }
    for (service, job) in &jobs {
        faults.extend(lost(service, job.build));
    }
    for (name, text) in [("docker-bake.json", bake_file(&jobs)), ("build.sh", script(&jobs))] {
        if let Err(refusal) = tree.add(&format!("{FOLDER}/{name}"), File::public(text)) {
            faults.push(Diagnostic::error("output-path", refusal.to_string()));
        }
    }
    Checked::new(tree, faults)
}

/// One image to build.
struct Job<'a> {
    build: &'a Build,
    /// Its names, the one that is run first.
    tags: Vec<&'a str>,
    /// What it is built for: the builder's own list, or what the service runs on.
    platforms: Vec<&'a str>,
}

/// Images to build by service, those that others build on first.
fn jobs(stack: &Stack) -> IndexMap<&str, Job<'_>> {
    let mut out = IndexMap::new();
    for service in stack.services.values() {
        visit(stack, service, &mut Vec::new(), &mut out);
    }
    out
}

fn visit<'a>(stack: &'a Stack, service: &'a Service, path: &mut Vec<&'a str>, out: &mut IndexMap<&'a str, Job<'a>>) {
    let name = service.name.as_str();
    let (Some(build), Some(image)) = (&service.build, &service.image) else { return };
    if out.contains_key(name) || path.contains(&name) {
        return;
    }
    path.push(name);
    for (_, value) in &build.settings.contexts {
        if let Some(other) = value.strip_prefix("service:").and_then(|other| stack.services.get(other)) {
            visit(stack, other, path, out);
        }
    }
    path.pop();
    let mut tags = vec![image.value.as_str()];
    tags.extend(build.settings.tags.iter().map(String::as_str).filter(|tag| *tag != image.value));
    let own: Vec<&str> = build.settings.platforms.iter().map(String::as_str).collect();
    let runs_on = service.platform.iter().map(|platform| platform.value.as_str());
    let platforms = if own.is_empty() { runs_on.collect() } else { own };
    out.insert(name, Job { build, tags, platforms });
}

/// Settings that no command has.
fn lost(service: &str, build: &Build) -> Vec<Diagnostic> {
    let BuildSettings { isolation, secrets, .. } = &*build.settings;
    let span = build.origin.span();
    let mut out = Vec::new();
    if isolation.is_some() {
        let message = format!("`isolation` of the build of `{service}` is left out of the files that build it");
        let help = "it is known on Windows alone; give `--isolation` to docker build there";
        out.push(Diagnostic::note("build-isolation", message).at(span).help(help));
    }
    for secret in secrets.iter().filter(|secret| secret.source == BuildSecretSource::Unknown) {
        let message =
            format!("the secret `{}` that the build of `{service}` asks for has no file or variable", secret.id);
        let help = "give it `file:` or `environment:` among the secrets of the project";
        out.push(Diagnostic::warning("build-secret", message).at(span).help(help));
    }
    out
}

fn bake_file(jobs: &IndexMap<&str, Job<'_>>) -> String {
    // A build that several services ask for is done once.
    let names: Vec<String> =
        commands(jobs).values().filter_map(|services| services.first().copied()).map(target_name).collect();
    let targets: Map<String, Value> =
        jobs.iter().map(|(service, job)| (target_name(service), Value::Object(target(job)))).collect();
    let file = json!({"group": {"default": {"targets": names}}, "target": targets});
    serde_json::to_string_pretty(&file).map(|text| text + "\n").unwrap_or_default()
}

/// Names of targets have no dots.
fn target_name(service: &str) -> String {
    service.replace('.', "_")
}

fn target(job: &Job<'_>) -> Map<String, Value> {
    let Build { origin: _, context, dockerfile, target, args, settings } = job.build;
    let BuildSettings {
        dockerfile_inline,
        contexts,
        labels,
        cache_from,
        cache_to,
        no_cache,
        no_cache_filter,
        pull,
        network,
        provenance,
        sbom,
        ssh,
        secrets,
        shm_size,
        extra_hosts,
        ulimits,
        entitlements,
        privileged,
        isolation: _, // noted by `lost`
        tags: _,      // by the job
        platforms: _, // by the job
    } = &**settings;
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| {
        let empty = match &value {
            Value::Null => true,
            Value::Bool(set) => !set,
            Value::Array(list) => list.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        };
        if !empty {
            out.insert(key.to_owned(), value);
        }
    };
    let texts = |list: &[String]| list.iter().map(|text| bake(text)).collect::<Value>();
    let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, |text| Value::String(bake(text)));
    let pairs = |list: &[(String, String)]| {
        list.iter().map(|(key, value)| (bake(key), Value::String(bake(value)))).collect::<Map<_, _>>()
    };
    let linked = contexts.iter().map(|(name, value)| {
        let target = value.strip_prefix("service:").map(|service| format!("target:{}", target_name(service)));
        (bake(name), Value::String(bake(target.as_deref().unwrap_or(value))))
    });
    put("context", Value::String(bake(context)));
    put("contexts", Value::Object(linked.collect()));
    put("dockerfile", if dockerfile_inline.is_some() { Value::Null } else { text(dockerfile) });
    put("dockerfile-inline", text(dockerfile_inline));
    put("target", text(target));
    put("args", Value::Object(args.iter().map(|(key, value)| (bake(key), text(value))).collect()));
    put("labels", Value::Object(pairs(labels)));
    put("tags", job.tags.iter().map(|tag| bake(tag)).collect());
    put("platforms", job.platforms.iter().map(|platform| bake(platform)).collect());
    put("cache-from", texts(cache_from));
    put("cache-to", texts(cache_to));
    put("no-cache", json!(no_cache));
    put("no-cache-filter", texts(no_cache_filter));
    put("pull", json!(pull));
    put("network", text(network));
    put("ssh", texts(ssh));
    put("secret", secrets.iter().filter_map(secret_spec).map(|spec| bake(&spec)).collect());
    put("shm-size", shm_size.map_or(Value::Null, |size| json!(size.to_string())));
    let hosts = extra_hosts.iter().filter_map(|host| host_parts(host));
    put(
        "extra-hosts",
        Value::Object(hosts.map(|(name, address)| (bake(name), Value::String(bake(address)))).collect()),
    );
    put("ulimits", ulimits.iter().map(ulimit).collect());
    let mut rights = entitlements.clone();
    if *privileged && !rights.iter().any(|right| right == "security.insecure") {
        rights.push("security.insecure".to_owned());
    }
    put("entitlements", texts(&rights));
    put("attest", attests(provenance.as_deref(), sbom.as_deref()).iter().map(|text| bake(text)).collect());
    out
}

fn attests(provenance: Option<&str>, sbom: Option<&str>) -> Vec<String> {
    let one = |kind: &str, value: &str| match value {
        "true" => format!("type={kind}"),
        "false" => format!("type={kind},disabled=true"),
        other => format!("type={kind},{other}"),
    };
    provenance.map(|value| one("provenance", value)).into_iter().chain(sbom.map(|value| one("sbom", value))).collect()
}

/// A secret as both commands take it. A comma or quote asks for quotes around the field.
fn secret_spec(secret: &BuildSecret) -> Option<String> {
    let BuildSecret { id, source } = secret;
    let (key, value) = match source {
        BuildSecretSource::File(path) => ("src", path),
        BuildSecretSource::Variable(name) => ("env", name),
        BuildSecretSource::Unknown => return None,
    };
    Some(format!("{},{}", field("id", id), field(key, value)))
}

fn field(key: &str, value: &str) -> String {
    let text = format!("{key}={value}");
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// `name=address`, or `name:address` with an address that may hold colons itself.
fn host_parts(host: &str) -> Option<(&str, &str)> {
    host.split_once('=').or_else(|| host.split_once(':'))
}

fn ulimit((name, soft, hard): &(String, i64, i64)) -> String {
    format!("{name}={soft}:{hard}")
}

fn script(jobs: &IndexMap<&str, Job<'_>>) -> String {
    let mut out = String::from(
        "#!/bin/sh\n# Builds the project's images and pushes them. Run it in the project's directory, or name that:\n\
         #   sh build.sh [DIRECTORY]\n# PUSH=no builds only.\nset -eu\ncd -- \"${1:-.}\"\n",
    );
    let tags: IndexSet<&str> = jobs.values().flat_map(|job| job.tags.iter().copied()).collect();
    if let Some(tag) = tags.iter().find(|tag| !names_registry(tag)) {
        out.push_str(&refusal(tag));
    }
    for (command, services) in commands(jobs) {
        out.push_str(if services.len() == 1 { "\n# service " } else { "\n# services " });
        out.push_str(&services.join(", ").replace(char::is_control, " "));
        out.push('\n');
        out.push_str(&command);
    }
    out.push_str("\n[ \"${PUSH:-yes}\" != no ] || exit 0\n");
    for tag in tags {
        out.push_str("docker push ");
        out.push_str(&shell(tag));
        out.push('\n');
    }
    out
}

/// The commands that build, each once with the services it is for.
fn commands<'a>(jobs: &IndexMap<&'a str, Job<'_>>) -> IndexMap<String, Vec<&'a str>> {
    let mut out: IndexMap<String, Vec<&str>> = IndexMap::new();
    for (service, job) in jobs {
        out.entry(command(job, jobs)).or_default().push(service);
    }
    out
}

/// Whether an image's name begins with a registry; without one it is a name of Docker Hub.
pub(crate) fn names_registry(image: &str) -> bool {
    let host = image.split_once('/').map(|(host, _)| host);
    host.is_some_and(|host| host.contains(['.', ':']) || host == "localhost")
}

/// Stops before anything is pushed to Docker Hub that nobody meant to publish.
fn refusal(tag: &str) -> String {
    let name = tag.replace(char::is_control, " ");
    let lines = [
        format!("{name} names no registry, and docker would push it to Docker Hub."),
        "Name yours: in the `image` of the service, or where the project names no image: tranship convert --registry HOST/PATH"
            .to_owned(),
        "For a cluster on this machine run PUSH=no sh build.sh, then load the images:".to_owned(),
        "  kind load docker-image IMAGE, or k3d image import IMAGE, or minikube image load IMAGE".to_owned(),
        "Docker Hub is meant: PUSH=yes sh build.sh".to_owned(),
    ];
    let words: Vec<String> = lines.iter().map(|line| format!("    {}", shell(line))).collect();
    format!("if [ -z \"${{PUSH:-}}\" ]; then\n  printf '%s\\n' \\\n{} >&2\n  exit 1\nfi\n", words.join(" \\\n"))
}

/// One `docker build`, an argument a line.
fn command(job: &Job<'_>, jobs: &IndexMap<&str, Job<'_>>) -> String {
    let Build { origin: _, context, dockerfile, target: stage, args, settings } = job.build;
    let settings = &**settings;
    let mut words: Vec<(&str, String)> = Vec::new();
    match (&settings.dockerfile_inline, dockerfile) {
        (Some(_), _) => words.push(("--file", "-".to_owned())),
        (None, Some(file)) => words.push(("--file", in_context(context, file))),
        (None, None) => {}
    }
    words.extend(stage.iter().map(|stage| ("--target", stage.clone())));
    let given = |(name, value): &(String, Option<String>)| match value {
        Some(value) => format!("{name}={value}"),
        None => name.clone(),
    };
    words.extend(args.iter().map(|arg| ("--build-arg", given(arg))));
    for (name, value) in &settings.contexts {
        let other = value.strip_prefix("service:").and_then(|service| jobs.get(service));
        let image = other.and_then(|other| other.tags.first()).map(|tag| format!("docker-image://{tag}"));
        words.push(("--build-context", format!("{name}={}", image.as_deref().unwrap_or(value))));
    }
    words.extend(settings.labels.iter().map(|(name, value)| ("--label", format!("{name}={value}"))));
    words.extend(settings.cache_from.iter().map(|cache| ("--cache-from", cache.clone())));
    words.extend(settings.cache_to.iter().map(|cache| ("--cache-to", cache.clone())));
    words.extend(settings.no_cache.then(|| ("--no-cache", String::new())));
    words.extend(settings.no_cache_filter.iter().map(|stage| ("--no-cache-filter", stage.clone())));
    words.extend(settings.pull.then(|| ("--pull", String::new())));
    words.extend(settings.network.iter().map(|network| ("--network", network.clone())));
    words.extend(settings.ssh.iter().map(|key| ("--ssh", key.clone())));
    words.extend(settings.secrets.iter().filter_map(secret_spec).map(|spec| ("--secret", spec)));
    words.extend(settings.shm_size.map(|size| ("--shm-size", size.to_string())));
    let hosts = settings.extra_hosts.iter().filter_map(|host| host_parts(host));
    words.extend(hosts.map(|(name, address)| ("--add-host", format!("{name}={address}"))));
    words.extend(settings.ulimits.iter().map(|limit| ("--ulimit", ulimit(limit))));
    words.extend(settings.entitlements.iter().map(|right| ("--allow", right.clone())));
    let insecure = settings.privileged && !settings.entitlements.iter().any(|right| right == "security.insecure");
    words.extend(insecure.then(|| ("--allow", "security.insecure".to_owned())));
    let attests = attests(settings.provenance.as_deref(), settings.sbom.as_deref());
    words.extend(attests.into_iter().map(|attest| ("--attest", attest)));
    if !job.platforms.is_empty() {
        words.push(("--platform", job.platforms.join(",")));
    }
    words.extend(job.tags.iter().map(|tag| ("--tag", (*tag).to_owned())));
    let mut out = match &settings.dockerfile_inline {
        Some(text) => format!("printf '%s' {} | docker build", shell(text)),
        None => "docker build".to_owned(),
    };
    for (flag, value) in words {
        out.push_str(" \\\n  ");
        out.push_str(flag);
        if !matches!(flag, "--no-cache" | "--pull") {
            // The flag and its value in one word: a value may start with a dash.
            out.push('=');
            out.push_str(&shell(&value));
        }
    }
    format!("{out} \\\n  -- {}\n", shell(context))
}

/// A Dockerfile's path seen from the project: its own is relative to the context.
fn in_context(context: &str, file: &str) -> String {
    if context.contains("://") {
        return file.to_owned();
    }
    Path::new(context).join(file).to_string_lossy().into_owned()
}
