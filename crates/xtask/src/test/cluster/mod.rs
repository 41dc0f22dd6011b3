//! A real cluster of one node: that it runs pods, finds names, keeps volumes, enforces policies and leaves nothing behind.
//! What else is proven on a cluster stands on this.

mod entry;
mod reach;

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use tranship_testing::{Cluster, Program};

use super::context::Context;
use super::outcome::{Outcome, Skipped};

const OBJECTS: &str = include_str!("objects.yaml");
const POLICIES: &str = include_str!("policies.yaml");
const EDGE: &str = include_str!("edge.yaml");

/// Asks the web server by the name of its Service, with four seconds to answer.
const ASK: &[&str] = &["timeout", "4", "wget", "-q", "-O", "-", "http://web/"];

/// A behaviour of the cluster.
struct Step {
    name: &'static str,
    prove: fn(&Cluster, &Context) -> Result<()>,
}

/// What is proven, each on the state that those before it left.
const STEPS: &[Step] = &[
    Step { name: "pods of the restricted level become ready", prove: pods_become_ready },
    Step { name: "the level refuses a pod that asks for more", prove: a_pod_that_asks_for_more_is_refused },
    Step { name: "a command runs in a container, as its user", prove: a_command_runs_in_a_container },
    Step { name: "a Service answers by its name", prove: a_service_answers_by_name },
    Step { name: "a claim's data outlives its pod", prove: data_outlives_its_pod },
    Step { name: "a rolling update loses no request", prove: a_rolling_update_loses_no_request },
    Step { name: "a policy blocks and another opens", prove: policies_block_and_open },
    Step { name: "metrics are served", prove: metrics_are_served },
    Step { name: "requests come in by Ingress, Gateway and a port of the node", prove: entry::requests_come_in },
];

/// One test per step, and one for what is left when the cluster is gone.
pub fn run(context: &Context) -> Result<Outcome> {
    let since = Instant::now();
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(why) => return Ok(Outcome::no_server(why)),
    };
    let mut outcome = Outcome::default();
    if !entry::has_traefik() {
        let reason = "Ingress and Gateway: Traefik is not built (testbed/build gateway)".to_owned();
        outcome.not_run.push(Skipped { reason, live: true });
    }
    let mut times = vec![format!("up {:.1} s", since.elapsed().as_secs_f64())];
    for Step { name, prove } in STEPS {
        let since = Instant::now();
        let done = prove(&cluster, context);
        times.push(format!("{name} {:.1} s", since.elapsed().as_secs_f64()));
        if let Err(why) = done {
            outcome.count(Err(format!("{name}: {why:#}")));
            fs::write(context.log("cluster"), state(&cluster)).context("keeping the state of the cluster")?;
            break;
        }
        outcome.count(Ok(()));
    }
    if outcome.failed == 0 {
        let since = Instant::now();
        let done = reach::run(context, &cluster);
        times.push(format!("a project keeps its order and its networks {:.1} s", since.elapsed().as_secs_f64()));
        match done {
            Ok(order) => {
                times.push(order);
                outcome.count(Ok(()));
            }
            Err(why) => {
                outcome.count(Err(format!("a project keeps its order and its networks: {why:#}")));
                fs::write(context.log("cluster"), state(&cluster)).context("keeping the state of the cluster")?;
            }
        }
    }
    let folder = cluster.folder().to_owned();
    let since = Instant::now();
    drop(cluster);
    times.push(format!("down {:.1} s", since.elapsed().as_secs_f64()));
    outcome.count(nothing_left(&folder).map_err(|why| format!("{why:#}")));
    outcome.notes.extend(times);
    Ok(outcome)
}

fn pods_become_ready(cluster: &Cluster, _: &Context) -> Result<()> {
    apply(cluster, OBJECTS)?;
    let proof = |args: &[&str]| cluster.kubectl().args(["-n", "proof"]).args(args).succeed();
    proof(&["rollout", "status", "deployment/web", "--timeout=60s"])?;
    proof(&["rollout", "status", "statefulset/store", "--timeout=60s"])?;
    proof(&["rollout", "status", "deployment/client", "--timeout=60s"])?;
    Ok(())
}

fn a_pod_that_asks_for_more_is_refused(cluster: &Cluster, _: &Context) -> Result<()> {
    let done = cluster.kubectl().args(["-n", "proof", "run", "greedy", "--image=testbed.local/busybox:1"]).run()?;
    ensure!(done.code() != Some(0) && done.talk().contains("violates PodSecurity"), "{}", done.last_words());
    Ok(())
}

fn a_command_runs_in_a_container(cluster: &Cluster, _: &Context) -> Result<()> {
    let id = within(cluster, "deployment/client", &["id", "-u"]).succeed()?.text();
    ensure!(id.trim() == "10002", "the client runs as {id}");
    Ok(())
}

fn a_service_answers_by_name(cluster: &Cluster, _: &Context) -> Result<()> {
    let answer = within(cluster, "deployment/client", ASK).succeed()?.text();
    ensure!(answer == "hello from web\n", "web answers {answer}");
    for stranger in ["nobody.proof.svc.cluster.local", "outside.example"] {
        let done = within(cluster, "deployment/client", &["nslookup", stranger]).run()?;
        ensure!(done.text().contains("NXDOMAIN"), "a name that nobody has: {}", done.last_words());
    }
    // The world outside is this machine: the name it is given is found at once.
    fs::write(cluster.folder().join("hosts"), "198.18.0.1 outside.example\n")?;
    let found = || within(cluster, "deployment/client", &["nslookup", "outside.example"]).run();
    until(|| Ok(found()?.code() == Some(0)), "a name of the world outside is not found")?;
    Ok(())
}

fn data_outlives_its_pod(cluster: &Cluster, _: &Context) -> Result<()> {
    within(cluster, "pod/store-0", &["sh", "-c", "echo kept >/data/file"]).succeed()?;
    let proof = |args: &[&str]| cluster.kubectl().args(["-n", "proof"]).args(args).succeed();
    let id = ["get", "pod/store-0", "-o", "jsonpath={.metadata.uid}"];
    let before = proof(&id)?.text();
    proof(&["delete", "pod/store-0", "--wait"])?;
    proof(&["wait", "pod/store-0", "--for=create", "--timeout=30s"])?;
    proof(&["wait", "pod/store-0", "--for=condition=Ready", "--timeout=60s"])?;
    ensure!(proof(&id)?.text() != before, "the pod is still the one that was deleted");
    let file = within(cluster, "pod/store-0", &["cat", "/data/file"]).succeed()?.text();
    ensure!(file == "kept\n", "the file says {file}");
    Ok(())
}

/// A client asks without pause while every pod is replaced; it is told by a file when to stop.
fn a_rolling_update_loses_no_request(cluster: &Cluster, _: &Context) -> Result<()> {
    let loops = "n=0; while kill -0 1 && [ $n -lt 100000 ] && ! [ -e /dev/shm/stop ]; do \
                 timeout 4 wget -q -O /dev/null http://web/ || echo lost; n=$((n + 1)); done; echo asked $n";
    let asking = within(cluster, "deployment/client", &["sh", "-c", loops]);
    let asked = thread::scope(|scope| -> Result<String> {
        let client = scope.spawn(move || asking.succeed());
        let proof = |args: &[&str]| cluster.kubectl().args(["-n", "proof"]).args(args).succeed();
        let updated = proof(&["set", "env", "deployment/web", "REVISION=2"])
            .and_then(|_| proof(&["rollout", "status", "deployment/web", "--timeout=90s"]));
        within(cluster, "deployment/client", &["touch", "/dev/shm/stop"]).succeed()?;
        let asked = client.join().map_err(|_| anyhow!("the client's thread ended early"))?;
        updated?;
        Ok(asked?.text())
    })?;
    let count = asked.lines().find_map(|line| line.strip_prefix("asked ")?.parse::<u32>().ok());
    ensure!(count.is_some_and(|count| count > 10), "the client asked too little: {asked}");
    ensure!(!asked.contains("lost"), "requests were lost: {asked}");
    Ok(())
}

fn policies_block_and_open(cluster: &Cluster, _: &Context) -> Result<()> {
    apply(cluster, POLICIES)?;
    until(|| Ok(within(cluster, "deployment/client", ASK).run()?.code() != Some(0)), "the client still reaches web")?;
    within(cluster, "deployment/client", &["nslookup", "web.proof.svc.cluster.local"]).succeed()?;
    apply(cluster, EDGE)?;
    until(|| Ok(within(cluster, "deployment/client", ASK).run()?.code() == Some(0)), "the client does not reach web")?;
    let store = within(cluster, "pod/store-0", ASK).run()?;
    ensure!(store.code() != Some(0), "the store reaches web as well");
    Ok(())
}

fn metrics_are_served(cluster: &Cluster, _: &Context) -> Result<()> {
    let top = || cluster.kubectl().args(["-n", "proof", "top", "pod", "-l", "app=client"]).run();
    until(|| Ok(top()?.code() == Some(0)), "no figures for the client")
}

fn nothing_left(folder: &Path) -> Result<()> {
    ensure!(!folder.exists(), "{} is still there", folder.display());
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    ensure!(!mounts.contains(&*folder.to_string_lossy()), "{} still has mounts", folder.display());
    Ok(())
}

fn apply(cluster: &Cluster, objects: &str) -> Result<()> {
    cluster.kubectl().args(["apply", "--server-side", "-f", "-"]).input(objects).succeed()?;
    Ok(())
}

fn within(cluster: &Cluster, pod: &str, command: &[&str]) -> Program {
    cluster.kubectl().args(["-n", "proof", "exec", pod, "--"]).args(command)
}

/// Asks again until it is so, for a minute at most.
fn until(mut so: impl FnMut() -> Result<bool>, otherwise: &str) -> Result<()> {
    let since = Instant::now();
    while !so()? {
        ensure!(since.elapsed() < Duration::from_secs(60), "{otherwise}");
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// What a person would look at first: pods, events, the last words of the node's programs.
fn state(cluster: &Cluster) -> String {
    let look = |args: &[&str]| cluster.kubectl().args(args).run().map(|done| done.text()).unwrap_or_default();
    let mut text = look(&["get", "pods,pvc,svc", "-A", "-o", "wide"]);
    text.push_str(&look(&["get", "events", "-A", "--sort-by=.lastTimestamp"]));
    for log in fs::read_dir(cluster.folder().join("log")).into_iter().flatten().flatten() {
        let words = fs::read_to_string(log.path()).unwrap_or_default();
        let last: Vec<&str> = words.lines().rev().take(30).collect();
        text.extend(["\n", &*log.path().to_string_lossy(), "\n"]);
        text.extend(last.into_iter().rev().flat_map(|line| [line, "\n"]));
    }
    text
}
