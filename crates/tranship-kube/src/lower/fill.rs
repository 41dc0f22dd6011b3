//! Init containers that fill an empty volume with the files the image has at its place, as Docker does.
//!
//! The container runs the service's own image, so that the files are there, and mounts the volume elsewhere, so that it
//! does not hide them. The copy is made beside the folder and put in place by renames: whoever is killed halfway, or
//! runs twice, or at the same time as another replica, leaves the same files and never overwrites one. What was begun
//! shows as a folder `.tranship-fill.*` until it is done; a volume that holds anything else is left alone.

use std::collections::BTreeSet;

use tranship_model::Service;
use tranship_source::yaml::Node;

use super::Lowering;
use super::expansion::escape;
use super::fields::{Fields, texts};

/// The image whose shell is lent to images that may have none: one static program.
pub(crate) const TOOL_IMAGE: &str = "busybox:1.37-musl";
/// Where the lent program lies.
const TOOL: &str = "/tranship/bin/busybox";
/// The volume it is handed over in, and the container that puts it there.
const TOOL_VOLUME: &str = "tranship-bin";
const TOOL_CONTAINER: &str = "lend-shell";

/// Fills each volume: `$1` is put before every command, then come the image's folder, the volume's root and the folder
/// to fill, for each volume.
const SCRIPT: &str = r#"set -eu
run=$1; shift
holds() {
  for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    case "${entry##*/}" in lost+found|.tranship-fill.*) continue ;; esac
    if [ -e "$entry" ] || [ -L "$entry" ]; then return 0; fi
  done
  return 1
}
begun() {
  for entry in "$1"/.tranship-fill.*; do
    if [ -e "$entry" ]; then return 0; fi
  done
  return 1
}
while [ $# -gt 0 ]; do
  from=$1 root=$2 to=$3; shift 3
  if [ ! -d "$from" ]; then continue; fi
  if ! begun "$root" && holds "$to"; then continue; fi
  if [ ! -d "$to" ]; then $run mkdir -p "$to"; fi
  if ! holds "$to"; then
    $run chown "$($run stat -c %u:%g "$from")" "$to" 2>/dev/null || :
    $run chmod "$($run stat -c %a "$from")" "$to" 2>/dev/null || :
  fi
  if ! holds "$from"; then continue; fi
  part=$($run mktemp -d "$root/.tranship-fill.XXXXXX")
  if ! $run cp -a "$from/." "$part/"; then
    $run rm -rf "$part"
    $run mkdir "$part"
    $run cp -RP "$from/." "$part/"
  fi
  for entry in "$part"/* "$part"/.[!.]* "$part"/..?*; do
    if [ ! -e "$entry" ] && [ ! -L "$entry" ]; then continue; fi
    name=${entry##*/}
    if [ ! -e "$to/$name" ] && [ ! -L "$to/$name" ]; then $run mv "$entry" "$to/"; fi
  done
  $run rm -rf "$root"/.tranship-fill.*
done
"#;

/// One volume to fill.
pub(crate) struct Fill {
    /// The pod's volume.
    pub(crate) volume: String,
    /// The folder of the volume that is mounted; `None` for all of it.
    pub(crate) folder: Option<&'static str>,
    /// Where it is mounted, which is where the image has the files.
    pub(crate) target: String,
}

/// Whether the image has a shell of its own, as far as is known.
fn has_shell(service: &Service) -> bool {
    service.image_facts.as_ref().and_then(|facts| facts.shell) == Some(true)
}

/// Says in the ledger's words how a volume is filled.
pub(crate) fn how(service: &Service) -> &'static str {
    if has_shell(service) {
        "an init container of the same image fills the volume while it is empty"
    } else {
        "an init container of the same image fills the volume while it is empty; busybox lends it a shell, since the image may \
         have none"
    }
}

/// The init containers that fill the volumes of one service, before those that are there already.
pub(crate) fn lower(cx: &mut Lowering<'_>, service: &Service, container: &Node, fills: &[Fill], out: &mut Inits) {
    if fills.is_empty() {
        return;
    }
    let lent = !has_shell(service);
    let like = |field: &str| container.get(field).cloned();
    let root = |fill: &Fill| format!("/tranship/volumes/{}", fill.volume);
    let triple = |fill: &Fill| {
        let root = root(fill);
        let to = fill.folder.map_or_else(|| root.clone(), |folder| format!("{root}/{folder}"));
        [escape(&fill.target), escape(&root), escape(&to)]
    };
    let mut mounts: Vec<Node> = Vec::new();
    let mut mounted: Vec<&str> = Vec::new();
    for fill in fills {
        if !mounted.contains(&fill.volume.as_str()) {
            mounted.push(&fill.volume);
            mounts.push(Node::from([("name", fill.volume.as_str().into()), ("mountPath", root(fill).into())]));
        }
    }
    if lent {
        mounts.push(Node::from([("name", TOOL_VOLUME.into()), ("mountPath", "/tranship/bin".into())]));
        out.lend(container);
    }
    let name = out.free(name(&cx.workload(&service.name)));
    let node = Fields::new()
        .put("name", name)
        .maybe("image", like("image"))
        .maybe("imagePullPolicy", like("imagePullPolicy"))
        .put("command", texts(command(lent)))
        .put("args", texts(fills.iter().flat_map(triple)))
        .maybe("resources", like("resources"))
        .put("volumeMounts", mounts)
        .maybe("securityContext", like("securityContext"))
        .node();
    out.containers.push(node);
}

/// The name of the init container that fills a container's volumes, where no other of the pod has it.
pub(crate) fn name(container: &str) -> String {
    format!("fill-{container}")
}

/// The argv before the volumes.
fn command(lent: bool) -> Vec<String> {
    let shell: &[&str] = if lent { &[TOOL, "sh"] } else { &["/bin/sh"] };
    let tool = if lent { TOOL } else { "" };
    let words = shell.iter().copied().chain(["-c", SCRIPT, "fill", tool]);
    words.map(escape).collect()
}

/// The paths whose volumes an init container fills, when it is one that was made here.
pub(crate) fn targets(container: &Node) -> Option<Vec<String>> {
    let words = |field: &str| -> Vec<String> {
        let items = container.get(field).and_then(Node::as_seq).unwrap_or_default();
        items.iter().filter_map(Node::as_str).map(str::to_owned).collect()
    };
    let argv = words("command");
    if argv != command(true) && argv != command(false) {
        return None;
    }
    let triples = words("args");
    Some(triples.chunks(3).filter_map(|triple| triple.first()).map(|path| super::expansion::unescape(path)).collect())
}

/// Whether a container only lends its shell to the others.
pub(crate) fn lends(container: &Node) -> bool {
    container.get("name").and_then(Node::as_str).map(wanted_name) == Some(TOOL_CONTAINER)
        && container.get("image").and_then(Node::as_str) == Some(TOOL_IMAGE)
}

/// Containers that run before those of the pod, and what they need.
pub(crate) struct Inits {
    containers: Vec<Node>,
    lender: Option<Node>,
    /// Names of the pod's containers.
    taken: BTreeSet<String>,
    /// Those that wait, as they were before they got their names.
    waiting: Vec<Node>,
    /// Whether one of them asks the platform's API.
    token: bool,
}

/// What is put after the name of an init container that another container of the pod has.
const MARK: &str = "--init";

/// The name an init container would have if no other container had it.
pub(crate) fn wanted_name(name: &str) -> &str {
    name.trim_end_matches(MARK)
}

impl Inits {
    /// None yet, in a pod whose containers have these names.
    pub(crate) fn new(taken: BTreeSet<String>) -> Self {
        Self { containers: Vec::new(), lender: None, taken, waiting: Vec::new(), token: false }
    }

    /// A name that no other container of the pod has.
    pub(crate) fn free(&mut self, mut name: String) -> String {
        while !self.taken.insert(name.clone()) {
            name.push_str(MARK);
        }
        name
    }

    /// Adds a container that runs after those that are there.
    pub(crate) fn push(&mut self, container: Node) {
        self.containers.push(container);
    }

    /// Adds a container that waits for something, unless another of the pod waits for the same in the same way.
    pub(crate) fn wait(&mut self, mut container: Node) {
        if self.waiting.contains(&container) {
            return;
        }
        self.waiting.push(container.clone());
        let name = container.get("name").and_then(Node::as_str).unwrap_or_default().to_owned();
        let name = self.free(name);
        if let Some(map) = container.as_map_mut() {
            map.insert("name".into(), name.into());
        }
        self.containers.push(container);
    }

    /// One of the containers needs a token for the platform's API.
    pub(crate) fn needs_token(&mut self) {
        self.token = true;
    }

    /// Adds the container that hands over the program, once.
    fn lend(&mut self, container: &Node) {
        if self.lender.is_some() {
            return;
        }
        let mount = Node::from([("name", TOOL_VOLUME.into()), ("mountPath", "/tranship/bin".into())]);
        let node = Fields::new()
            .put("name", self.free(TOOL_CONTAINER.to_owned()))
            .put("image", TOOL_IMAGE)
            .put("command", texts(["/bin/cp", "/bin/busybox", TOOL]))
            .maybe("resources", container.get("resources").cloned())
            .put("volumeMounts", vec![mount])
            .maybe("securityContext", container.get("securityContext").cloned())
            .node();
        self.lender = Some(node);
    }

    /// The containers in the order they run, and the volumes that they need.
    pub(crate) fn finish(self) -> (Vec<Node>, Vec<Node>) {
        let folder = || Node::from([("name", TOOL_VOLUME.into()), ("emptyDir", Fields::new().node())]);
        let mut volumes: Vec<Node> = self.lender.iter().map(|_| folder()).collect();
        volumes.extend(self.token.then(super::waits::token_volume));
        (self.lender.into_iter().chain(self.containers).collect(), volumes)
    }
}
