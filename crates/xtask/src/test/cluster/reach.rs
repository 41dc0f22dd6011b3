//! A converted project on the cluster: its order is kept, its networks are kept apart, and a changed task runs again.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tranship_testing::program::scratch;
use tranship_testing::{Cluster, Program, places};

use super::until;
use crate::test::context::Context;

const PROJECT: &str = include_str!("fixtures/shop/compose.yaml");
/// The name by which the node knows the image of the database.
const DATABASE: &str = include_str!("fixtures/shop/database-image");
/// Stands for the client in a database's image.
const PG_ISREADY: &str = "#!/bin/sh\nexec nc -w 2 \"$2\" 5432 -e /bin/true\n";

/// A scenario on one project in a folder of its own.
struct Shop<'a> {
    cluster: &'a Cluster,
    tranship: &'a Path,
    folder: TempDir,
}

/// Brings the project up, with `networks` and then with `graph`, and changes its task. Gives the times of its start.
pub(super) fn run(context: &Context, cluster: &Cluster) -> Result<String> {
    let folder = TempDir::with_prefix_in("tranship-reach-", scratch())?;
    let shop = Shop { cluster, tranship: context.tranship()?, folder };
    shop.images()?;
    fs::write(shop.folder.path().join("compose.yaml"), PROJECT)?;
    shop.convert("networks")?;
    shop.apply()?;
    shop.comes_up()?;
    let times = shop.order()?;
    shop.networks()?;
    shop.convert("graph")?;
    shop.kubectl(&["delete", "networkpolicy", "--all"]).succeed()?;
    shop.apply()?;
    shop.graph()?;
    shop.a_changed_task_runs_again()?;
    shop.kubectl(&["delete", "namespace", "reach", "--wait=false"]).succeed()?;
    Ok(times)
}

impl Shop<'_> {
    /// The image of the containers that wait, and a database's with its client.
    fn images(&self) -> Result<()> {
        let client = self.folder.path().join("pg_isready");
        fs::write(&client, PG_ISREADY)?;
        Program::new("chmod").arg("755").arg(&client).succeed()?;
        let client = client.to_string_lossy().into_owned();
        for (name, beside) in [("testbed.local/wait:1", "/usr/bin/curl"), (DATABASE.trim_end(), &*client)] {
            let line = "\"$1\" \"$2\" \"/bin/busybox+$3\" | ctr --address \"$4/containerd.sock\" --namespace k8s.io images import -";
            let image = places::workspace().join("testbed/node/image");
            let words = ["-c", line, "sh"];
            Program::new("sh").args(words).arg(&image).args([name, beside]).arg(self.cluster.folder()).succeed()?;
        }
        Ok(())
    }

    fn convert(&self, reach: &str) -> Result<()> {
        let flags = ["convert", "--wait-image", "testbed.local/wait:1", "--network-policy", reach];
        let done = Program::new(self.tranship).args(flags).dir(self.folder.path()).run()?;
        ensure!(done.code() == Some(0), "convert: {}", done.talk());
        Ok(())
    }

    fn apply(&self) -> Result<()> {
        let manifests = self.folder.path().join("k8s/manifests");
        self.cluster.kubectl().args(["apply", "-f"]).arg(manifests).succeed()?;
        Ok(())
    }

    fn kubectl(&self, args: &[&str]) -> Program {
        self.cluster.kubectl().args(["-n", "reach"]).args(args)
    }

    fn comes_up(&self) -> Result<()> {
        for name in ["deployment/web", "deployment/client", "deployment/stranger", "statefulset/db"] {
            let name = if self.kubectl(&["get", name]).run()?.code() == Some(0) { name } else { "deployment/db" };
            let done = self.kubectl(&["rollout", "status", name, "--timeout=100s"]).run()?;
            ensure!(done.code() == Some(0), "{name}: {}\n{}", done.last_words(), self.told());
        }
        Ok(())
    }

    /// Pods, and what the containers that wait said.
    fn told(&self) -> String {
        let look = |args: &[&str]| self.kubectl(args).run().map(|done| done.text()).unwrap_or_default();
        let logs = ["logs", "-l", "app.kubernetes.io/name=web", "--all-containers", "--prefix", "--tail=20"];
        look(&["get", "pods,jobs,networkpolicies", "-o", "wide"]) + &look(&logs)
    }

    /// When the service's own container started, by the label of its pods.
    fn started(&self, service: &str) -> Result<Value> {
        let label = format!("app.kubernetes.io/name={service}");
        let pods = self.kubectl(&["get", "pods", "-l", &label, "-o", "json"]).succeed()?;
        let pods: Value = serde_json::from_slice(&pods.stdout).context("reading pods")?;
        Ok(pods["items"][0]["status"]["containerStatuses"][0]["state"].clone())
    }

    /// The task starts once the database answers, the web server once the task has ended.
    fn order(&self) -> Result<String> {
        let at = |state: &Value, kind: &str, key: &str| state[kind][key].as_str().unwrap_or_default().to_owned();
        let db = at(&self.started("db")?, "running", "startedAt");
        let migrate = self.started("migrate")?;
        let (begun, ended) = (at(&migrate, "terminated", "startedAt"), at(&migrate, "terminated", "finishedAt"));
        let web = at(&self.started("web")?, "running", "startedAt");
        let times = format!("database started {db}, task ran {begun} to {ended}, web server started {web}");
        // All are of one form, in which earlier is less.
        let ordered = !db.is_empty() && db < begun && begun < ended && ended <= web;
        ensure!(ordered, "{times}\n{}", self.told());
        let log =
            self.kubectl(&["logs", "-l", "app.kubernetes.io/name=web", "-c", "wait-for-migrate"]).succeed()?.text();
        ensure!(log.contains("waiting for migrate") && log.contains("migrate is there"), "the log of the wait: {log}");
        Ok(times)
    }

    /// Whether a service reaches a port of another.
    fn reaches(&self, from: &str, host: &str, port: u16) -> Result<bool> {
        let line = format!("exec nc -w 3 {host} {port} -e /bin/true");
        let name = format!("deployment/{from}");
        let name = if from == "db" { self.pod_of("db")? } else { name };
        Ok(self.kubectl(&["exec", &name, "-c", from, "--", "sh", "-c", &line]).run()?.code() == Some(0))
    }

    fn pod_of(&self, service: &str) -> Result<String> {
        let label = format!("app.kubernetes.io/name={service}");
        Ok(self.kubectl(&["get", "pods", "-l", &label, "-o", "name"]).succeed()?.text().trim().to_owned())
    }

    fn expect(&self, from: &str, host: &str, port: u16, open: bool) -> Result<()> {
        let so = || Ok(self.reaches(from, host, port)? == open);
        let word = if open { "does not reach" } else { "still reaches" };
        until(so, &format!("{from} {word} {host}:{port}"))
    }

    fn networks(&self) -> Result<()> {
        self.expect("client", "web", 9090, true)?;
        self.expect("client", "web", 7070, true)?;
        self.expect("web", "db", 5432, true)?;
        self.expect("client", "db", 5432, false)?;
        self.expect("stranger", "web", 9090, false)?;
        let asked = ["exec", "deployment/stranger", "--", "nslookup", "web.reach.svc.cluster.local"];
        self.kubectl(&asked).succeed().context("names are not found")?;
        // The node's API server is outside for a pod.
        let node =
            self.cluster.kubectl().args(["get", "nodes", "-o", "jsonpath={.items[0].status.addresses[0].address}"]);
        let node = node.succeed()?.text();
        let api = self.cluster.kubectl().args([
            "get",
            "endpoints",
            "kubernetes",
            "-o",
            "jsonpath={.subsets[0].ports[0].port}",
        ]);
        let api: u16 = api.succeed()?.text().trim().parse().context("the port of the API server")?;
        self.expect("client", &node, api, true)?;
        self.expect("db", &node, api, false)
    }

    fn graph(&self) -> Result<()> {
        self.expect("client", "web", 7070, false)?;
        self.expect("client", "web", 9090, true)?;
        self.expect("client", "db", 5432, false)?;
        self.expect("stranger", "web", 9090, false)?;
        let asked = ["exec", "deployment/stranger", "--", "nslookup", "web.reach.svc.cluster.local"];
        self.kubectl(&asked).succeed().context("names are not found")?;
        Ok(())
    }

    /// The template of a Job cannot be changed: the changed task is another Job, and the web server waits for that one.
    fn a_changed_task_runs_again(&self) -> Result<()> {
        let before = self.ended_tasks()?;
        fs::write(self.folder.path().join("compose.yaml"), PROJECT.replace("echo migrated", "echo migrated again"))?;
        self.convert("graph")?;
        self.apply()?;
        self.comes_up()?;
        let after = self.ended_tasks()?;
        ensure!(after == before + 1, "{before} tasks had ended, and {after} have after the change");
        Ok(())
    }

    /// How many Jobs of the task have ended well.
    fn ended_tasks(&self) -> Result<usize> {
        let line = "jsonpath={range .items[*]}{.metadata.name} {.status.succeeded}\n{end}";
        let jobs = self.kubectl(&["get", "jobs", "-o", line]).succeed()?.text();
        Ok(jobs.lines().filter(|line| line.starts_with("migrate-") && line.ends_with(" 1")).count())
    }
}
