//! The container's process and ports.

use std::collections::BTreeSet;

use tranship_model::{ImageKnowledge, Port, Process, Traced};
use tranship_source::yaml::Node;
use tranship_source::{Diagnostic, Span};

use super::Lowering;
use super::covered::Covered;
use super::fields::{Fields, blamed, texts, whole};
use super::service::MOST_PORTS;
use super::workload::{Place, warn};

/// argv, working directory, terminal, and what has no place in a pod.
///
/// `image` is what is known of the image.
pub(crate) fn process(
    cx: &mut Lowering<'_>,
    place: &Place,
    container: Fields,
    process: &Process,
    image: Option<&ImageKnowledge>,
    covered: &Covered,
) -> Fields {
    let Process {
        entrypoint,
        command,
        working_dir,
        user: _,   // by the security context
        groups: _, // by the security context
        tty,
        stdin,
        init,
        stop_signal,
        stop_grace: _, // by the pod
    } = process;
    let words = image.and_then(|image| image.command.as_ref());
    let container = argv(cx, place, container, [entrypoint.as_ref(), command.as_ref()], words, covered);
    if let Some(init) = init {
        note_init(cx, place, init);
    }
    let same = |signal: &&Traced<String>| image.and_then(|image| image.stop_signal.as_ref()) == Some(*signal);
    if let Some(signal) = stop_signal.as_ref().filter(same) {
        cx.ledger
            .decided(&signal.origin, "the image's own STOPSIGNAL is this one, and ends the process in a pod as well");
    } else if let Some(signal) = stop_signal {
        let why = format!(
            "the image's STOPSIGNAL ends the process; a pod's own `{}` needs the feature gate `ContainerStopSignals`",
            signal.value
        );
        cx.ledger.dropped(&signal.origin, &why, &format!("write `STOPSIGNAL {}` into the Dockerfile", signal.value));
    }
    let mut container = container;
    if let Some(dir) = working_dir {
        cx.ledger.kept(&dir.origin, &place.container("workingDir"));
        container = container.put("workingDir", blamed(dir, dir.value.clone()));
    }
    for (field, flag) in [("stdin", stdin), ("tty", tty)] {
        if let Some(flag) = flag {
            cx.ledger.kept(&flag.origin, &place.container(field));
            container = container.put(field, blamed(flag, flag.value));
        }
    }
    container
}

/// Whether a pod lets its own init adopt what a process leaves behind, as the engine's does: where one container asks for
/// it and no other shares the pod.
pub(crate) fn wants_init(process: &Process, joined: usize) -> bool {
    joined == 0 && process.init.as_ref().is_some_and(|init| init.value)
}

fn note_init(cx: &mut Lowering<'_>, place: &Place, init: &Traced<bool>) {
    if !init.value {
        cx.ledger.decided(&init.origin, "a container has no init process unless its image brings one");
    } else if place.alone {
        let why = "the pod's own init adopts processes whose parents ended, and the service's process is not number 1";
        cx.ledger.translated(&init.origin, &place.pod("shareProcessNamespace"), why);
    } else {
        let why = "containers of one pod would see each other's processes if the pod's init were to adopt them";
        cx.ledger.dropped(&init.origin, why, "put `tini` or `dumb-init` into the image's ENTRYPOINT");
    }
}

/// Compose's `entrypoint` is Kubernetes' `command`, and its `command` is `args`.
///
/// With an entrypoint, both platforms forget the image's command. A cleared entrypoint leaves the command as the argv: the
/// project's, or else the image's own.
fn argv(
    cx: &mut Lowering<'_>,
    place: &Place,
    container: Fields,
    [entrypoint, command]: [Option<&Traced<Vec<String>>>; 2],
    image: Option<&Traced<Vec<String>>>,
    covered: &Covered,
) -> Fields {
    let entry_words = entrypoint.map(|entry| entry.value.as_slice());
    let list = |traced: &Traced<Vec<String>>| blamed(traced, texts(covered.command(entry_words, &traced.value)));
    let first = |traced: &Traced<Vec<String>>| blamed(traced, texts(covered.argv(&[], &traced.value)));
    let why = "the same argv; `$(` is escaped where the kubelet would expand it";
    let is_cleared = |entry: &Traced<Vec<String>>| match entry.value.as_slice() {
        [] => true,
        [only] => only.is_empty(),
        _ => false,
    };
    match (entrypoint, command) {
        (Some(entry), Some(args)) if is_cleared(entry) && !args.value.is_empty() => {
            cx.ledger
                .decided(&entry.origin, "the image's entrypoint is cleared, so that the command is the whole argv");
            cx.ledger.translated(&args.origin, &place.container("command"), why);
            container.filled("command", list(args))
        }
        (Some(entry), args) if is_cleared(entry) => {
            if let Some(args) = args {
                cx.ledger.decided(&args.origin, "a command without words is none");
            }
            // An entrypoint of one empty word forgets the image's command, an empty list keeps it.
            if let Some(words) = image.filter(|words| entry.value.is_empty() && !words.value.is_empty()) {
                let why = "the image's entrypoint is cleared, so that its CMD is the whole argv";
                cx.ledger.translated(&entry.origin, &place.container("command"), why);
                return container.filled("command", list(words).blamed_on(entry.span()));
            }
            let why = "the image's entrypoint is cleared and no command is known: there is no argv to run";
            cx.ledger.dropped(&entry.origin, why, "write the `command` that the container is to run");
            warn(cx, "no-argv", entry.span(), format!("`{}` has no command", place.name), "write its `command`");
            container
        }
        (Some(entry), args) => {
            cx.ledger.translated(&entry.origin, &place.container("command"), why);
            if let Some(args) = args {
                cx.ledger.translated(&args.origin, &place.container("args"), why);
            }
            let container = container.filled("command", first(entry));
            args.map_or_else(Fields::new, |args| Fields::new().filled("args", list(args))).join(container)
        }
        (None, Some(args)) if args.value.is_empty() => {
            cx.ledger.decided(&args.origin, "a command without words leaves the image's own");
            container
        }
        (None, Some(args)) => {
            cx.ledger.translated(&args.origin, &place.container("args"), why);
            container.filled("args", list(args))
        }
        (None, None) => container,
    }
}

/// Ports of the container, each number and protocol once.
pub(crate) fn ports(cx: &mut Lowering<'_>, place: &Place, ports: &[Port]) -> Vec<Node> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    if ports.len() > MOST_PORTS {
        let span = ports.first().map_or(Span::NONE, |port| port.origin.span());
        let message = format!("`{}` has {} ports, more than its objects can name", place.name, ports.len());
        let help = "its name leads to the pods themselves, where every port is reached; clients that keep an address have to ask again";
        cx.diagnostics.push(Diagnostic::note("ports-many", message).at(span).help(help));
        for port in ports {
            cx.ledger.decided(&port.origin, "every port is reached by a name that leads to the pods themselves");
        }
        return out;
    }
    for port in ports {
        let Port { origin, container, protocol, name: _, app_protocol: _, published: _ } = port;
        cx.ledger.kept(origin, &place.container("ports"));
        if !seen.insert((*container, *protocol)) {
            continue;
        }
        let node = Fields::new()
            .put("name", port_name(port))
            .put("containerPort", whole(u64::from(*container)).blamed_on(origin.span()))
            .put("protocol", protocol.as_str().to_ascii_uppercase())
            .node();
        out.push(node);
    }
    out
}

/// The name of a port within its pod and Service: protocol and number, which no two ports share.
pub(crate) fn port_name(port: &Port) -> String {
    format!("{}-{}", port.protocol.as_str(), port.container)
}
