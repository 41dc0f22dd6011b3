//! Requests from outside reach what `convert` wrote: by host and path, through an Ingress, a Gateway and a port of the node.
//!
//! Without Traefik (`testbed/build gateway`) only the port of the node is asked, and the closing lines of the tests say so.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use tranship_testing::{Cluster, Program, places};

use super::until;
use crate::test::context::Context;

/// Two web servers: one is published, the other is named by labels of Traefik.
const PROJECT: &str = include_str!("entry.compose.yaml");

/// A host, a path and the answer.
type Ask = (&'static str, &'static str, &'static str);

/// What is asked through an entry that tells requests apart.
const ASKS: &[Ask] = &[
    ("shop.test", "/", "hello from web\n"),
    ("shop.test", "/api/", "hello from api\n"),
    ("other.test", "/", "404 page not found\n"),
];

/// Whether Traefik is built.
pub(super) fn has_traefik() -> bool {
    places::testbed_bin().join("traefik").is_file()
}

/// Converts, applies and asks, for each way in.
pub(super) fn requests_come_in(cluster: &Cluster, context: &Context) -> Result<()> {
    let has_traefik = has_traefik();
    if has_traefik {
        cluster.gateway().context("starting Traefik")?;
    }
    let address = cluster.kubectl().args(["get", "node", "node", "-o", "jsonpath={.status.addresses[0].address}"]);
    let address = address.succeed()?.text();
    let folder = cluster.folder().join("entry");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("compose.yaml"), PROJECT)?;
    for (way, flags) in [
        ("ingress", &["--host", "web=shop.test"][..]),
        ("gateway", &["--host", "web=shop.test", "--ingress-class", "traefik"]),
    ] {
        if !has_traefik {
            continue;
        }
        apply(cluster, context, &folder, way, flags)?;
        for (host, path, answer) in ASKS {
            let url = format!("http://{address}{path}");
            let ask = || ask(&url, host);
            until(|| Ok(ask()? == *answer), &format!("{way}: {host}{path} does not answer `{}`", answer.trim_end()))?;
        }
        remove(cluster, way)?;
    }
    apply(cluster, context, &folder, "nodeport", &["--node-port", "web=30000"])?;
    let url = format!("http://{address}:30000/");
    until(|| Ok(ask(&url, "any.test")? == "hello from web\n"), "nodeport: port 30000 of the node does not answer")?;
    remove(cluster, "nodeport")
}

/// What a request is answered, with five seconds for it; nothing where nobody answers.
fn ask(url: &str, host: &str) -> Result<String> {
    let header = format!("Host: {host}");
    let done = Program::new("curl").args(["-s", "-m", "5", "-H", &header, url]).run()?;
    Ok(done.text())
}

fn apply(cluster: &Cluster, context: &Context, folder: &Path, way: &str, flags: &[&str]) -> Result<()> {
    let convert = Program::new(context.tranship()?).args(["convert", "--stdout", "--expose", way]).args(flags);
    let namespace = namespace(way);
    let convert = convert.args(["--namespace", &namespace]);
    // Labels that no Ingress and no port of a node serves are findings, with which objects are written all the same.
    let done = convert.dir(folder).run()?;
    ensure!(done.code().is_some_and(|code| code < 2), "{way}: {}", done.last_words());
    cluster.kubectl().args(["apply", "--server-side", "-f", "-"]).input(done.text()).succeed()?;
    for service in ["web", "api"] {
        let name = format!("deployment/{service}");
        cluster.kubectl().args(["-n", &namespace, "rollout", "status", &name, "--timeout=90s"]).succeed()?;
    }
    Ok(())
}

/// Each way has a namespace of its own, so that none waits for the end of the one before.
fn namespace(way: &str) -> String {
    format!("entry-{way}")
}

fn remove(cluster: &Cluster, way: &str) -> Result<()> {
    cluster.kubectl().args(["delete", "namespace", &namespace(way), "--wait=false"]).succeed()?;
    Ok(())
}
