//! A real Kubernetes API server for tests: the cluster a person names, or the testbed's own on loopback.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::places;
use crate::program::{Finished, Program, Trouble};
use crate::served::Served;

/// The variable that names a kubeconfig to use instead of the testbed. The test command sets it for all its stages.
pub const KUBECONFIG: &str = "TRANSHIP_TEST_KUBECONFIG";

/// An API server that is ready.
#[derive(Debug)]
pub struct ApiServer {
    kubeconfig: PathBuf,
    kubectl: PathBuf,
    /// The testbed's server of our own: it stops when its standard input closes, so when this is dropped or we end.
    _own: Option<Served>,
}

impl ApiServer {
    /// The server of this process: started at the first call, stopped when the process ends.
    ///
    /// The error says in one line why there is none; a test passes it to [`crate::not_run()`].
    pub fn shared() -> Result<&'static Self, String> {
        static SHARED: OnceLock<Result<ApiServer, String>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref().map_err(Clone::clone)
    }

    /// The named cluster, or a fresh server.
    pub fn start() -> Result<Self, String> {
        let kubectl = places::program("kubectl").ok_or("no kubectl: neither built by testbed/build nor on PATH")?;
        if let Some(kubeconfig) = env::var_os(KUBECONFIG).filter(|value| !value.is_empty()) {
            let server = Self { kubeconfig: kubeconfig.into(), kubectl, _own: None };
            let answer = server.kubectl().args(["get", "--raw", "/readyz"]).succeed();
            return answer
                .map(|_| server)
                .map_err(|error| format!("{KUBECONFIG} names no cluster that answers: {error}"));
        }
        for name in ["etcd", "kube-apiserver"] {
            if !places::testbed_bin().join(name).is_file() {
                return Err(format!("{name} is not built (testbed/build) and {KUBECONFIG} is not set"));
            }
        }
        Self::serve(kubectl).map_err(|error| format!("the testbed's API server did not start: {error}"))
    }

    fn serve(kubectl: PathBuf) -> Result<Self, String> {
        let folder = env::temp_dir().join(format!("tranship-api-{}", std::process::id()));
        let served = Served::start("api", &folder)?;
        Ok(Self { kubeconfig: served.kubeconfig().to_owned(), kubectl, _own: Some(served) })
    }

    /// The path of its kubeconfig.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// `kubectl` pointed at this server.
    pub fn kubectl(&self) -> Program {
        Program::new(&self.kubectl).arg("--kubeconfig").arg(&self.kubeconfig)
    }

    /// Applies a file or folder: strictly, on the server, without keeping anything.
    ///
    /// The namespace its objects name must be there, which a dry run does not create.
    pub fn dry_run(&self, path: &Path) -> Result<Finished, Trouble> {
        self.kubectl()
            .args(["apply", "--dry-run=server", "--validate=strict", "--server-side", "--force-conflicts", "-R", "-f"])
            .arg(path)
            .run()
    }
}

#[cfg(test)]
mod tests {
    use super::ApiServer;
    use crate::not_run;

    #[test]
    fn a_real_server_refuses_an_unknown_field_and_takes_a_sound_object() {
        let server = match ApiServer::shared() {
            Ok(server) => server,
            Err(reason) => return not_run(&reason),
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("map.yaml");
        let mut sound = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: probe, namespace: default}\n".to_owned();
        std::fs::write(&file, &sound).unwrap();
        server.dry_run(&file).unwrap().success().unwrap();
        sound.push_str("dada: {}\n");
        std::fs::write(&file, &sound).unwrap();
        let refused = server.dry_run(&file).unwrap();
        assert_ne!(refused.code(), Some(0));
        assert!(refused.talk().contains("dada"), "{}", refused.talk());
    }
}
