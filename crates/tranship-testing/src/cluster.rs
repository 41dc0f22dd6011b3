//! A whole Kubernetes cluster of one node for tests that must see things run: `testbed/cluster`, with a life as long as ours.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::places;
use crate::program::{Finished, Program, Trouble, scratch};
use crate::served::Served;

/// A cluster that is ready: pods run in it, names resolve, volumes are made, policies hold.
#[derive(Debug)]
pub struct Cluster {
    served: Served,
    folder: PathBuf,
    kubectl: PathBuf,
}

impl Cluster {
    /// A fresh cluster. It takes about 15 seconds, a gigabyte of memory, and whatever runs in it.
    ///
    /// The error says in one line why there is none; a test passes it to [`crate::not_run()`].
    pub fn start() -> Result<Self, String> {
        let wanted = script("build").args(["--list", "cluster"]).succeed().map_err(|error| error.to_string())?;
        if let Some(name) = wanted.text().lines().find(|name| !places::testbed_bin().join(name).is_file()) {
            return Err(format!("{name} is not built (testbed/build cluster)"));
        }
        if Program::new("id").arg("-u").succeed().is_ok_and(|id| id.text().trim() != "0") {
            return Err("a cluster needs root".to_owned());
        }
        let namespaces = Program::new("unshare").args(["--mount", "--net", "--pid", "--fork", "true"]).succeed();
        namespaces.map_err(|error| format!("the kernel gives no namespaces: {error}"))?;
        let folder = scratch().join(format!("tranship-cluster-{}", std::process::id()));
        let served = Served::start("cluster", &folder)
            .map_err(|error| format!("the testbed's cluster did not start: {error}"))?;
        Ok(Self { served, folder, kubectl: places::testbed_bin().join("kubectl") })
    }

    /// The path of its kubeconfig.
    pub fn kubeconfig(&self) -> &Path {
        self.served.kubeconfig()
    }

    /// The folder that has everything, with the logs of the node's programs in `log`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// `kubectl` pointed at this cluster.
    pub fn kubectl(&self) -> Program {
        Program::new(&self.kubectl).arg("--kubeconfig").arg(self.kubeconfig())
    }

    /// Copies images from the Docker engine into the node.
    pub fn load(&self, images: &[&str]) -> Result<Finished, Trouble> {
        let load = script("cluster").args(["load", "--in"]).arg(&self.folder).args(images);
        load.limit(Duration::from_secs(600)).succeed()
    }

    /// Adds an entry for Ingress and Gateway API, class `traefik`, on ports 80 and 443 of the node.
    pub fn gateway(&self) -> Result<Finished, Trouble> {
        script("cluster").arg("gateway").arg(&self.folder).succeed()
    }

    /// Runs a command in the node's namespaces.
    pub fn node(&self, command: &[&str]) -> Program {
        script("cluster").args(["node", "--in"]).arg(&self.folder).args(command)
    }
}

fn script(name: &str) -> Program {
    Program::new(places::workspace().join("testbed").join(name))
}
