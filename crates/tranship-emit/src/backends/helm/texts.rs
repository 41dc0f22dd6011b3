//! What a chart says: its metadata, helpers, values, notes, test and README.

use std::collections::BTreeMap;
use std::fmt::Write;

use tranship_source::yaml::{self, Map, Node, Value};

use super::chart::Chart;
use super::values::{Group, literal};
use super::write::escape;
use crate::bundle::Bundle;
use crate::quote::shell;

/// The image of the chart's test, the same small one that containers wait with.
const TEST_IMAGE: (&str, &str) = ("busybox", "1.37-musl");

/// `Chart.yaml`.
pub(super) fn chart(chart: &Chart<'_>) -> String {
    let bundle = chart.bundle;
    let project = &bundle.stack.name.value;
    let services: Vec<&str> = bundle.stack.services.keys().map(String::as_str).collect();
    let node = Node::from([
        ("apiVersion", "v2".into()),
        ("name", chart.name.into()),
        ("description", format!("{project}: {}", listed(&services)).into()),
        ("type", "application".into()),
        ("version", Node::from("0.1.0").commented("The version of the chart: raise it with every change")),
        ("appVersion", Node::from(app_version(bundle)).commented("The version of the app, for people to read")),
        ("kubeVersion", format!(">={}.0-0", oldest(bundle.kubernetes)).into()),
        ("keywords", vec![Node::from(project.as_str())].into()),
    ]);
    yaml::write(&node)
}

/// The oldest version that has every field which is written: fields come, and stay for long.
fn oldest(version: &str) -> &str {
    if version < "1.31" { version } else { "1.31" }
}

fn listed(names: &[&str]) -> String {
    const MOST: usize = 8;
    let shown = names.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    if names.len() > MOST { format!("{shown} and {} more", names.len() - MOST) } else { shown }
}

/// The tag that most images built here have.
fn app_version(bundle: &Bundle<'_>) -> String {
    let mut tags: BTreeMap<&str, usize> = BTreeMap::new();
    for service in bundle.stack.services.values().filter(|service| service.build.is_some()) {
        let image = service.image.as_ref().map(|image| image.value.as_str()).unwrap_or_default();
        if let Some((_, tag)) = image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
            *tags.entry(tag).or_default() += 1;
        }
    }
    let most = tags.into_iter().max_by_key(|(tag, count)| (*count, std::cmp::Reverse(*tag)));
    most.map_or_else(|| "1.0.0".to_owned(), |(tag, _)| tag.to_owned())
}

/// `values.yaml`.
pub(super) fn values(chart: &Chart<'_>) -> String {
    yaml::write(&chart.values.tree())
}

/// `values.schema.json`.
pub(super) fn schema(chart: &Chart<'_>) -> String {
    let mut schema = chart.values.schema();
    if let Some(map) = schema.as_object_mut() {
        map.insert("$schema".to_owned(), "https://json-schema.org/draft-07/schema#".into());
        map.insert("title".to_owned(), format!("Values of the chart {}", chart.name).into());
    }
    format!("{schema:#}\n")
}

/// The keys of services, in the order of their values.
fn services<'a>(chart: &'a Chart<'_>) -> impl Iterator<Item = (&'a str, &'a Group)> {
    let keys = chart.values.keys().filter(|key| *key != "global");
    keys.filter_map(|key| Some((key, chart.values.at(&[key])?)))
}

/// `values-prod.yaml`: what production says for itself, so that a change of the defaults does not change it.
pub(super) fn prod(chart: &Chart<'_>) -> String {
    let pick = |group: &Group| {
        let mut out = Map::default();
        let image = group.at(&["image"]).map(|image| taken(image, &["registry", "tag", "digest", "pullPolicy"]));
        if let Some(image) = image.filter(|image| !image.is_empty()) {
            out.insert("image".into(), image.into());
        }
        for (key, value) in taken(group, &["replicas", "resources"]) {
            out.insert(key, value);
        }
        if let Some(scaling) = group.at(&["autoscaling"]).filter(|group| !group.is_empty()) {
            out.insert("autoscaling".into(), scaling.tree());
        }
        out
    };
    let lead = "Production: `-f values-prod.yaml`. Registry, tags, sizes and numbers, as the defaults have them today.";
    overlay(chart, lead, &["imageRegistry", "imagePullSecrets"], &pick)
}

/// `values-dev.yaml`: one pod of each, fetched as seldom as possible, with no more than it asks for itself.
pub(super) fn dev(chart: &Chart<'_>) -> String {
    let pick = |group: &Group| {
        let mut out = Map::default();
        if group.at(&["image"]).is_some_and(|image| image.has("pullPolicy")) {
            let image = [(yaml::Key::from("pullPolicy"), Node::from("IfNotPresent"))].into_iter().collect::<Map>();
            out.insert("image".into(), image.into());
        }
        if group.default_of("replicas").and_then(Node::as_int).is_some_and(|count| count > 1) {
            out.insert("replicas".into(), 1.into());
        }
        if group.at(&["autoscaling"]).is_some_and(|scaling| scaling.default_of("enabled") == Some(&true.into())) {
            out.insert("autoscaling".into(), Node::from([("enabled", false.into())]));
        }
        out
    };
    let lead = "Development: `-f values-dev.yaml`. One pod of each service, and images as they lie on the node.";
    overlay(chart, lead, &["imageRegistry"], &pick)
}

/// Values of a group by their keys.
fn taken(group: &Group, keys: &[&str]) -> Map {
    let one = |key: &&str| {
        let value = group.default_of(key)?;
        let empty = matches!(&value.value, Value::String(text) if text.is_empty())
            && !matches!(*key, "registry" | "imageRegistry");
        let none = value.as_map().is_some_and(Map::is_empty);
        (!empty && !none).then(|| (yaml::Key::from(*key), value.clone()))
    };
    keys.iter().filter_map(one).collect()
}

fn overlay(chart: &Chart<'_>, lead: &str, global: &[&str], pick: &dyn Fn(&Group) -> Map) -> String {
    let mut tree = Map::default();
    if let Some(group) = chart.values.at(&["global"]) {
        let global = taken(group, global);
        if !global.is_empty() {
            tree.insert("global".into(), global.into());
        }
    }
    for (key, group) in services(chart) {
        let values = pick(group);
        if !values.is_empty() {
            tree.insert(key.into(), values.into());
        }
    }
    if tree.is_empty() {
        return format!("# {lead}\n{{}}\n");
    }
    format!("# {lead}\n{}", yaml::write(&tree.into()))
}

/// `templates/_helpers.tpl`.
pub(super) fn helpers(chart: &Chart<'_>) -> String {
    let (name, bare) = (chart.name, literal(&chart.bare));
    let room = chart.room;
    let project = tranship_kube::names::label_value(&chart.bundle.stack.name.value);
    let mut out = format!(
        r#"{{{{/*
What stands before the name of every object: nothing where the release is called as the project, else its own name.
*/}}}}
{{{{- define "{name}.prefix" -}}}}
{{{{- if ne .Release.Name {bare} }}}}
{{{{- if gt (len .Release.Name) {room} }}}}
{{{{- fail (printf "the name of the release, %s, is too long for the names of objects: at most {room} characters" .Release.Name) }}}}
{{{{- end }}}}
{{{{- .Release.Name }}}}-
{{{{- end }}}}
{{{{- end }}}}

{{{{/*
An image: "image" has registry, repository, tag and digest; "global" is the registry that counts more.
*/}}}}
{{{{- define "{name}.image" -}}}}
{{{{- with .global | default .image.registry }}}}{{{{ trimSuffix "/" . }}}}/{{{{ end }}}}
{{{{- .image.repository }}}}
{{{{- with .image.tag }}}}:{{{{ . }}}}{{{{ end }}}}
{{{{- with .image.digest }}}}@{{{{ . }}}}{{{{ end }}}}
{{{{- end }}}}
"#
    );
    if project != chart.bare {
        _ = write!(
            out,
            r#"
{{{{/*
The name of this installation, as labels have it.
*/}}}}
{{{{- define "{name}.instance" -}}}}
{{{{- if eq .Release.Name {bare} }}}}{{{{ print {} }}}}{{{{ else }}}}{{{{ .Release.Name }}}}{{{{ end }}}}
{{{{- end }}}}
"#,
            literal(&project)
        );
    }
    out
}

/// `templates/NOTES.txt`.
pub(super) fn notes(chart: &Chart<'_>) -> String {
    let bundle = chart.bundle;
    let label = format!("app.kubernetes.io/instance={{{{ {} }}}}", chart.instance());
    let namespace = "{{ .Release.Namespace }}";
    let prefix = format!("{{{{ {} }}}}", chart.helper("prefix"));
    let mut out = format!(
        "{} runs as {{{{ .Release.Name }}}} in the namespace {namespace}.\n\nSee whether it came up:\n\n  kubectl -n {namespace} get pods -l {label}\n",
        escape(&bundle.stack.name.value, false)
    );
    let services: Vec<(&str, i64)> = fronts(bundle);
    if !services.is_empty() {
        out += "\nReach it from this machine:\n\n";
        for (name, port) in services {
            _ = writeln!(out, "  kubectl -n {namespace} port-forward service/{prefix}{name} {port}:{port}");
        }
    }
    let ways: Vec<&str> =
        bundle.objects.iter().filter(|o| o.kind() == "Ingress").map(tranship_kube::Object::name).collect();
    if !ways.is_empty() {
        out += "\nThe way in from outside:\n\n";
        for name in ways {
            _ = writeln!(out, "  kubectl -n {namespace} get ingress {prefix}{name}");
        }
    }
    if !chart.release.fixed.is_empty() {
        _ = write!(
            out,
            "{{{{- if ne .Release.Name {} }}}}\n\nUnder this name some references lead elsewhere, since they cannot be changed:\n",
            literal(&chart.bare)
        );
        for line in &chart.release.fixed {
            _ = writeln!(out, "- {}", escape(line, false));
        }
        out += "{{- end }}\n";
    }
    out
}

/// Services that the project publishes, with their first port: those of the way in, else every one with an entry.
fn fronts<'a>(bundle: &'a Bundle<'_>) -> Vec<(&'a str, i64)> {
    let entered = bundle.stack.entries();
    let names: Vec<&str> = entered.iter().map(|(service, _)| *service).collect();
    let closed = bundle.stack.exposure.closed.iter().map(|closed| closed.service.as_str());
    let wanted: std::collections::BTreeSet<&str> =
        names.into_iter().chain(closed).filter_map(|name| Some(bundle.workloads.get(name)?.as_str())).collect();
    let port = |object: &tranship_kube::Object| {
        let port = object.get(&["spec", "ports", "0"])?;
        (port.get("protocol").and_then(Node::as_str) != Some("UDP")).then(|| port.get("port")?.as_int()).flatten()
    };
    let services = bundle.objects.iter().filter(|o| o.kind() == "Service" && wanted.contains(o.name()));
    services.filter_map(|object| Some((object.name(), port(object)?))).collect()
}

/// The labels that hold the namespace to a level of the Pod Security Standards, as `kubectl label` takes them.
pub(super) fn namespace_labels(bundle: &Bundle<'_>) -> String {
    let namespace = bundle.objects.iter().find(|object| object.kind() == "Namespace");
    let labels = namespace.and_then(|object| object.get(&["metadata", "labels"])).and_then(Node::as_map);
    let of = labels.into_iter().flatten().filter(|(key, _)| key.text.starts_with("pod-security.kubernetes.io/"));
    let pairs: Vec<String> =
        of.filter_map(|(key, value)| Some(format!("{}={}", key.text, shell(value.as_str()?)))).collect();
    pairs.join(" ")
}

/// A pod that connects to every Service with a port; `helm test` runs it.
pub(super) fn test(chart: &Chart<'_>) -> Option<String> {
    let bundle = chart.bundle;
    let cluster = |object: &&tranship_kube::Object| {
        object.kind() == "Service" && object.get(&["spec", "type"]).and_then(Node::as_str) != Some("ExternalName")
    };
    let workloads = ["Deployment", "StatefulSet", "DaemonSet"];
    let runs = |object: &&tranship_kube::Object| {
        let name = object.get(&crate::report::build::NAME_LABEL).and_then(Node::as_str);
        bundle.objects.iter().any(|other| {
            workloads.contains(&other.kind())
                && other.get(&crate::report::build::NAME_LABEL).and_then(Node::as_str) == name
        })
    };
    let networks: Vec<String> = bundle
        .objects
        .iter()
        .filter(|object| object.kind() == "NetworkPolicy")
        .filter_map(|object| object.get(&["spec", "podSelector", "matchLabels"])?.as_map())
        .flat_map(|labels| labels.iter().map(|(key, _)| key.text.clone()))
        .filter(|key| key.starts_with("tranship.dev/") && key.contains("network-"))
        .collect();
    // Where calls are allowed one by one, a pod of another kind reaches nothing.
    let named = bundle.objects.iter().any(|object| object.kind() == "NetworkPolicy") && networks.is_empty();
    let mut targets = Vec::new();
    for object in bundle.objects.iter().filter(cluster).filter(runs).filter(|_| !named) {
        let ports = object.get(&["spec"]).map(|spec| spec.items_at("ports")).unwrap_or_default();
        let tcp = ports.iter().find(|port| port.get("protocol").and_then(Node::as_str).is_none_or(|p| p == "TCP"));
        let headless = object.get(&["spec", "clusterIP"]).and_then(Node::as_str) == Some("None");
        if let Some(port) = tcp.and_then(|port| port.get("port")?.as_int()).filter(|_| !headless) {
            targets.push((object.name(), port));
        }
    }
    if targets.is_empty() {
        return None;
    }
    let (name, instance) = (chart.name, chart.instance());
    let prefix = format!("{{{{ {} }}}}", chart.helper("prefix"));
    let mut out = format!(
        "# `helm test` connects to every Service from inside the cluster.\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {prefix}test-connection\n  \
         namespace: {{{{ .Release.Namespace }}}}\n  labels:\n    app.kubernetes.io/name: {prefix}test-connection\n    \
         app.kubernetes.io/instance: {{{{ {instance} }}}}\n    app.kubernetes.io/managed-by: {{{{ .Release.Service }}}}\n"
    );
    let mut seen = std::collections::BTreeSet::new();
    for label in networks.iter().filter(|label| seen.insert(label.as_str())) {
        _ = writeln!(out, "    {label}: \"true\"");
    }
    out += "  annotations:\n    helm.sh/hook: test\n    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded\nspec:\n  \
            restartPolicy: Never\n  automountServiceAccountToken: false\n  enableServiceLinks: false\n  {{- with .Values.global.imagePullSecrets }}\n  \
            imagePullSecrets:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}\n  containers:\n  - name: test-connection\n";
    let (image, tag) = TEST_IMAGE;
    let known = chart.values.at(&["global", "images", image]).is_some_and(|group| !group.is_empty());
    if known {
        _ = writeln!(
            out,
            "    image: {{{{ include \"{name}.image\" (dict \"image\" .Values.global.images.{image}) | quote }}}}"
        );
    } else {
        _ = writeln!(out, "    image: {image}:{tag}");
    }
    out += "    command:\n    - /bin/sh\n    - -c\n    - |\n      failed=0\n      try() {\n        for turn in 1 2 3 4 5 6 7 8 9 10; do\n          \
            if nc -z -w 2 \"$1\" \"$2\"; then echo \"$1:$2 answers\"; return; fi\n          sleep 2\n        done\n        \
            echo \"$1:$2 does not answer\"; failed=1\n      }\n";
    for (target, port) in targets {
        _ = writeln!(out, "      try {prefix}{target} {port}");
    }
    out += "      exit \"$failed\"\n    resources:\n      requests:\n        cpu: 10m\n        memory: 16Mi\n      limits:\n        cpu: 100m\n        memory: 32Mi\n    \
            securityContext:\n      runAsNonRoot: true\n      runAsUser: 65532\n      runAsGroup: 65532\n      allowPrivilegeEscalation: false\n      readOnlyRootFilesystem: true\n      \
            capabilities:\n        drop:\n        - ALL\n      seccompProfile:\n        type: RuntimeDefault\n";
    Some(out)
}

/// `README.md`.
pub(super) fn readme(chart: &Chart<'_>) -> String {
    let bundle = chart.bundle;
    let (name, namespace) = (&chart.bare, shell(bundle.namespace));
    let secrets = if chart.secrets.is_empty() { "" } else { " -f ../../secrets/values.yaml" };
    let labels = namespace_labels(bundle);
    let mut out = format!(
        "# {}\n\nA Helm chart of {}. Every command is for this folder.\n\n",
        chart.name,
        plain_line(&bundle.stack.name.value)
    );
    out += "## Install\n\n```sh\n";
    if labels.is_empty() {
        _ = writeln!(out, "helm upgrade --install {name} . -n {namespace} --create-namespace{secrets}");
    } else {
        _ = writeln!(out, "kubectl create namespace {namespace}");
        _ = writeln!(out, "kubectl label namespace {namespace} {labels}");
        _ = writeln!(out, "helm upgrade --install {name} . -n {namespace}{secrets}");
    }
    out += "```\n\n";
    _ = writeln!(
        out,
        "Add `-f values-dev.yaml` or `-f values-prod.yaml` for one of these environments. Called `{name}`, the release gives its objects the \
         names they have in plain manifests; called otherwise, its name stands before theirs, so that two releases stand side by side.\n"
    );
    if !chart.secrets.is_empty() {
        out += "`../../secrets/values.yaml` has the passwords and keys; it is never committed. Where a Secret is there already, name it in \
                `existingSecret` instead. `helm get values` shows what a release was given.\n\n";
    }
    _ = write!(
        out,
        "## Look, change, go back\n\n```sh\nhelm lint --strict .{secrets}\nhelm template {name} . -n {namespace}{secrets}\nhelm status {name} -n {namespace}\n\
         helm test {name} -n {namespace}\nhelm history {name} -n {namespace}\nhelm rollback {name} -n {namespace}\nhelm uninstall {name} -n {namespace}\n```\n\n"
    );
    if !chart.claims.is_empty() {
        out += "Claims stay when the chart is uninstalled, unless `persistence.NAME.keep` is false.\n\n";
    }
    out + &tables(chart)
}

/// The values: those for all, the services with their keys, and what every service has below its key.
fn tables(chart: &Chart<'_>) -> String {
    let mut out =
        "## Values\n\nEach value has a comment in `values.yaml`, and `values.schema.json` refuses what is none.\n\n"
            .to_owned();
    out += "| value | default | what it is |\n|---|---|---|\n";
    let row = |out: &mut String, path: &str, default: &str, about: &str| {
        _ = writeln!(out, "| `{path}` | {} | {} |", code(default), about.replace('|', "\\|"));
    };
    if let Some(global) = chart.values.at(&["global"]) {
        for (path, default, about) in global.rows() {
            row(&mut out, &format!("global.{path}"), &default, &about);
        }
    }
    out += "\n| key | service | image | replicas |\n|---|---|---|---|\n";
    let mut shared: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (at, (key, group)) in services(chart).enumerate() {
        let workload = chart.keys.iter().find(|(_, known)| *known == key).map(|(workload, _)| workload.as_str());
        let name = chart.bundle.workloads.iter().find(|(_, known)| Some(known.as_str()) == workload);
        let text = |key: &str| group.at(&["image"]).and_then(|image| image.default_of(key)).and_then(Node::as_str);
        let tag = text("tag").filter(|tag| !tag.is_empty()).map(|tag| format!(":{tag}")).unwrap_or_default();
        let image = format!("{}{tag}", text("repository").unwrap_or_default());
        let replicas =
            group.default_of("replicas").and_then(Node::as_int).map(|count| count.to_string()).unwrap_or_default();
        let name = name.map_or(key, |(service, _)| service);
        _ = writeln!(out, "| `{key}` | {} | {} | {replicas} |", code(name), code(&image));
        for (order, (path, _, about)) in group.rows().into_iter().enumerate() {
            let general = match path.split('.').collect::<Vec<_>>().as_slice() {
                ["env", ..] => ("env.NAME".to_owned(), "A variable".to_owned()),
                ["secret", ..] => {
                    ("secret.KEY".to_owned(), "A password or key, given by `-f` with `secrets/values.yaml`".to_owned())
                }
                ["persistence", _, rest @ ..] => (format!("persistence.NAME.{}", rest.join(".")), about),
                _ => (path, about),
            };
            shared.entry(general.0).or_insert((order + at * 1000, general.1));
        }
    }
    let mut shared: Vec<(String, (usize, String))> = shared.into_iter().collect();
    shared.sort_by_key(|(_, (order, _))| *order);
    out += "\nBelow the key of a service, where it applies:\n\n| value | what it is |\n|---|---|\n";
    for (path, (_, about)) in shared {
        _ = writeln!(out, "| `{path}` | {} |", about.replace('|', "\\|"));
    }
    out
}

fn plain_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn code(text: &str) -> String {
    const MOST: usize = 60;
    let text: String = text.chars().filter(|c| !c.is_control() && *c != '`').take(MOST).collect();
    format!("`{}`", text.replace('|', "\\|"))
}
