//! Init containers that wait for what a service depends on, in the order of the project.
//!
//! Each runs one small loop around a question: a connection, a client of the other's own image, or a request to the API,
//! for which the container alone gets a token and the pod's account a role that names the one object. What it waits for is
//! told in its log. It meets the strictest level of Pod Security whatever the service itself needs.

use tranship_model::operations::HOST;
use tranship_model::{Service, Traced, Until, Wait, Workload};
use tranship_source::yaml::Node;

use super::fields::{Fields, blamed, texts, whole};
use super::fill::Inits;
use super::workload::Place;
use super::{Lowering, metadata, pod};
use crate::lower::expansion::escape;
use crate::object::Object;

/// The argv around the question: what is waited for, for how many seconds at most (0: for ever), and the question. Not
/// every `nc` knows `-z`; those that do not know `-e`.
const SCRIPT: &str = r#"what=$1 patience=$2; shift 2
begun=$(date +%s); told=0
connect() { nc -z -w 2 "$1" "$2" || nc -w 2 "$1" "$2" -e /bin/true; }
echo "waiting for $what: $*"
until "$@" >/dev/null 2>&1; do
  passed=$(($(date +%s) - begun))
  if [ "$patience" -gt 0 ] && [ "$passed" -ge "$patience" ]; then
    echo "$what is not there after $passed s; the service starts all the same"
    exit 0
  fi
  if [ $((passed / 30)) -gt "$told" ]; then told=$((passed / 30)); echo "still waiting for $what after $passed s"; fi
  sleep 1
done
echo "$what is there"
"#;

/// Asks the API for an object: what is waited for, its path, and what its text holds when it is there and when it never will be.
const ASKS: &str = r#"what=$1 path=$2 good=$3 bad=$4
home=/var/run/secrets/tranship; begun=$(date +%s); told=0
ask() {
  printf 'header = "Authorization: Bearer %s"\n' "$(cat "$home/token")" |
    curl -sS -m 10 --cacert "$home/ca.crt" -K - "https://kubernetes.default.svc$path"
}
echo "waiting for $what: $path"
while :; do
  answer=$(ask 2>&1 | tr -d '\n')
  case $answer in
  *\"kind\":*) : ;;
  *) answer="no answer of the API: $answer" ;;
  esac
  if printf %s "$answer" | grep -Eq "$good"; then echo "$what is there"; exit 0; fi
  if [ -n "$bad" ] && printf %s "$answer" | grep -Eq "$bad"; then echo "$what failed, so that the service cannot start"; exit 1; fi
  passed=$(($(date +%s) - begun))
  if [ $((passed / 30)) -gt "$told" ]; then
    told=$((passed / 30)); echo "still waiting for $what after $passed s"
    case $answer in "no answer"*) printf '%s\n' "$answer" ;; *\"Status\"*) printf '%s\n' "$answer" | cut -c1-300 ;; esac
  fi
  sleep 2
done
"#;

/// What a Job's text holds once it has ended well, and once it has failed.
const ENDED: [&str; 2] = [r#""completionTime": *""#, r#""type": *"Failed""#];
/// What a workload's text holds once one of its replicas is ready.
const READY: [&str; 2] = [r#""(readyReplicas|numberReady)": *[1-9]"#, ""];

/// The name of each such container begins so.
const NAME: &str = "wait-for-";
/// The volume with the token, and the place it is mounted at.
const TOKEN: &str = "wait-token";
const TOKEN_PATH: &str = "/var/run/secrets/tranship";
/// Who such a container runs as: nobody's number in any image.
const USER: u64 = 65532;

/// Adds the containers that wait for what a service depends on.
pub(crate) fn lower(cx: &mut Lowering<'_>, place: &Place, service: &Service, inits: &mut Inits) {
    for wait in &service.operations.waits {
        let why = "an init container waits for it before the service's own container starts";
        cx.ledger.translated(&wait.origin, &place.pod("initContainers"), why);
        let node = container(cx, wait, inits);
        inits.wait(node);
    }
}

fn container(cx: &mut Lowering<'_>, traced: &Traced<Wait>, inits: &mut Inits) -> Node {
    let Wait { service, until, image, patience } = &traced.value;
    let seconds = patience.map_or(0, |patience| patience.as_secs()).to_string();
    let host = cx.host(service);
    let name: String = format!("{NAME}{}", cx.workload(service)).chars().take(57).collect();
    let around = |question: Vec<String>| {
        let words = [service.clone(), seconds.clone()].into_iter().chain(question);
        (SCRIPT, words.collect::<Vec<String>>())
    };
    let (script, words) = match until {
        Until::Connects { port } => around(["connect", &host, &port.to_string()].map(str::to_owned).to_vec()),
        Until::Answers { command } => {
            around(command.iter().map(|word| if word == HOST { host.clone() } else { word.clone() }).collect())
        }
        Until::Ready | Until::Completed => {
            inits.needs_token();
            (ASKS, question(cx, service, until))
        }
    };
    let mount = Fields::new().put("name", TOKEN).put("mountPath", TOKEN_PATH).put("readOnly", true).node();
    let pull = cx.stack.services.get(service).filter(|_| matches!(until, Until::Answers { .. }));
    let pull = pull.and_then(|service| service.pull.as_ref()).and_then(|pull| super::workload::policy(pull.value));
    Fields::new()
        .put("name", name.trim_end_matches('-'))
        .put("image", blamed(traced, image.as_str()))
        .maybe("imagePullPolicy", pull)
        .put("command", texts(["/bin/sh", "-c", &escape(script), "wait"]))
        .put("args", texts(words.iter().map(|word| escape(word))))
        .put("resources", resources())
        .filled("volumeMounts", if until.asks_platform() { vec![mount] } else { Vec::new() })
        .put("securityContext", rights())
        .node()
        .blamed_on(traced.span())
}

/// The words after the script that asks the API. The name of a Job is not known before all objects are there.
fn question(cx: &mut Lowering<'_>, service: &str, until: &Until) -> Vec<String> {
    let (group, kind, name) = object_of(cx, service, until);
    let [good, bad] = if *until == Until::Completed { ENDED } else { READY };
    let path = format!("/apis/{group}/v1/namespaces/{}/{kind}/{name}", cx.namespace);
    [service, &path, good, bad].map(str::to_owned).to_vec()
}

/// Group, kind in the API's plural word, and name of the object that is asked for.
fn object_of(cx: &mut Lowering<'_>, service: &str, until: &Until) -> (&'static str, &'static str, String) {
    let stack = cx.stack;
    let home = stack.services.get(service).and_then(|s| pod::home(stack, s)).unwrap_or(service).to_owned();
    let name = cx.workload(&home);
    if *until == Until::Completed {
        return ("batch", "jobs", super::after::job(&name));
    }
    let kind = match stack.services.get(&home).map(|service| service.workload.value) {
        Some(Workload::Stateful) => "statefulsets",
        Some(Workload::PerNode) => "daemonsets",
        _ => "deployments",
    };
    ("apps", kind, name)
}

/// Little: a shell and one small program.
fn resources() -> Node {
    let amounts = |cpu: &str, memory: &str, disk: &str| {
        Fields::new().put("cpu", cpu).put("memory", memory).put("ephemeral-storage", disk).node()
    };
    Fields::new().put("requests", amounts("10m", "32Mi", "16Mi")).put("limits", amounts("200m", "64Mi", "64Mi")).node()
}

fn rights() -> Node {
    Fields::new()
        .put("runAsNonRoot", true)
        .put("runAsUser", whole(USER))
        .put("runAsGroup", whole(USER))
        .put("allowPrivilegeEscalation", false)
        .put("readOnlyRootFilesystem", true)
        .put("capabilities", Node::from([("drop", texts(["ALL"]))]))
        .put("seccompProfile", Node::from([("type", "RuntimeDefault".into())]))
        .node()
}

/// The volume that has a token for the containers that ask the API, and the certificate they know it by.
pub(crate) fn token_volume() -> Node {
    let token = Fields::new().put("path", "token").put("expirationSeconds", whole(3600)).node();
    let item = Node::from([("key", "ca.crt".into()), ("path", "ca.crt".into())]);
    let known = Fields::new().put("name", "kube-root-ca.crt").put("items", vec![item]).node();
    let sources = vec![Node::from([("serviceAccountToken", token)]), Node::from([("configMap", known)])];
    let projected = Node::from([("sources", sources.into())]);
    Fields::new().put("name", TOKEN).put("projected", projected).node()
}

/// The role that lets the pods of a workload ask for what they wait for, and for nothing else; and an account where they
/// have none of their own.
pub(crate) fn account(cx: &mut Lowering<'_>, place: &Place, spec: Fields, services: &[&Service]) -> Fields {
    let waits: Vec<&Traced<Wait>> = services.iter().flat_map(|service| &service.operations.waits).collect();
    let mut rules: Vec<Node> = Vec::new();
    for wait in waits.iter().filter(|wait| wait.value.until.asks_platform()) {
        let (group, kind, name) = object_of(cx, &wait.value.service, &wait.value.until);
        let verbs = texts(["get", "list", "watch"]);
        let rule = Fields::new().put("apiGroups", texts([group])).put("resources", texts([kind]));
        let rule = rule.put("resourceNames", texts([name])).put("verbs", verbs).node();
        if !rules.contains(&rule) {
            rules.push(rule.blamed_on(wait.span()));
        }
    }
    if rules.is_empty() {
        return spec;
    }
    let name = format!("{}-waits", place.name);
    let labels = metadata::labels(cx, &place.name);
    let mut role = Object::new("rbac.authorization.k8s.io/v1", "Role", name.as_str());
    role.set(&["metadata", "labels"], labels.clone());
    role.set(&["rules"], rules);
    let mut binding = Object::new("rbac.authorization.k8s.io/v1", "RoleBinding", name.as_str());
    binding.set(&["metadata", "labels"], labels.clone());
    let group = "rbac.authorization.k8s.io";
    let role_ref = Fields::new().put("apiGroup", group).put("kind", "Role").put("name", name);
    binding.set(&["roleRef"], role_ref.node());
    let subject = Fields::new().put("kind", "ServiceAccount").put("name", place.name.as_str());
    binding.set(&["subjects"], vec![subject.put("namespace", cx.namespace.as_str()).node()]);
    cx.add(role);
    cx.add(binding);
    cx.awaiting.push(place.object.clone());
    if services.iter().any(|service| service.operations.account.is_some()) {
        return spec;
    }
    let mut account = Object::new("v1", "ServiceAccount", place.name.as_str());
    account.set(&["metadata", "labels"], labels);
    account.set(&["automountServiceAccountToken"], false);
    cx.add(account);
    spec.put("serviceAccountName", place.name.as_str()).put("automountServiceAccountToken", false)
}

/// A wait, from the init container that was made for it. `host` gives the name of a service's Service.
pub(crate) fn read(container: &Node, host: &dyn Fn(&str) -> Option<String>) -> Option<Wait> {
    let words = |field: &str| -> Vec<String> {
        let items = container.get(field).and_then(Node::as_seq).unwrap_or_default();
        items.iter().filter_map(Node::as_str).map(super::expansion::unescape).collect()
    };
    let command = words("command");
    let script = command.get(2).filter(|_| command.last().is_some_and(|word| word == "wait"))?;
    let args = words("args");
    let service = args.first()?.clone();
    let image = container.get("image").and_then(Node::as_str)?.to_owned();
    let rest = args.get(2..)?;
    let mut patience = None;
    let until = if script == SCRIPT {
        let seconds: u64 = args.get(1)?.parse().ok()?;
        patience = (seconds > 0).then(|| std::time::Duration::from_secs(seconds));
        match rest {
            [connect, _, port] if connect == "connect" => Until::Connects { port: port.parse().ok()? },
            client => {
                let host = host(&service);
                // Other words may be the same: a user is often called as the service is.
                let place = client.iter().position(|word| Some(word) == host.as_ref());
                let word =
                    |(at, word): (usize, &String)| if Some(at) == place { HOST.to_owned() } else { word.clone() };
                Until::Answers { command: client.iter().enumerate().map(word).collect() }
            }
        }
    } else if script == ASKS {
        if rest.first().is_some_and(|good| good == ENDED[0]) { Until::Completed } else { Until::Ready }
    } else {
        return None;
    };
    Some(Wait { service, until, image, patience })
}
