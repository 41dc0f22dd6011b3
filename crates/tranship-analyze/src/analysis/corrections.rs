//! Beliefs about moves like this one that do not hold, answered where the project gives an occasion for them.

use std::collections::BTreeMap;

use tranship_model::{Role, Service, Workload};

use super::{Correction, Facts};
use crate::code::{Code, What};

/// Every belief that this project gives an occasion for.
pub(super) fn corrections(facts: &Facts<'_>, codes: &BTreeMap<&str, Code>) -> Vec<Correction> {
    let names = |wanted: &dyn Fn(&Service) -> bool| {
        let all = facts.stack.services.values().filter(|service| wanted(service));
        all.map(|service| format!("`{}`", service.name)).collect::<Vec<_>>()
    };
    let stateful = names(&|service| matches!(service.workload.value, Workload::Stateful));
    let losing = names(&|service| matches!(service.role.value, Role::Cache | Role::Queue));
    let proxies = names(&|service| service.role.value == Role::Proxy);
    let low =
        names(&|service| service.role.value == Role::Proxy && service.ports.iter().any(|port| port.container < 1024));
    let single = names(&|service| {
        let code = codes.get(service.name.as_str());
        code.is_some_and(|code| code.held.iter().any(|held| held.what.is_hard()))
    });
    let embedded = names(&|service| {
        let code = codes.get(service.name.as_str());
        code.is_some_and(|code| code.held.iter().any(|held| held.what == What::Sqlite))
    });
    let built = names(&|service| service.build.is_some());
    let mut out = Vec::new();
    let mut say = |occasion: bool, said: &'static str, holds: String| {
        if occasion {
            out.push(Correction { said, holds });
        }
    };
    let class = facts.cluster.ingress_class.map_or_else(
        || "take a controller that is kept up".to_owned(),
        |class| format!("on {} the class is {class}", facts.cluster.title),
    );
    say(
        !facts.stack.exposure.routes.is_empty() || !proxies.is_empty(),
        "NGINX Ingress is the usual way in",
        format!(
            "ingress-nginx was retired in March 2026 and gets no more fixes; {class}, or the Gateway API where its definitions \
             are installed"
        ),
    );
    say(
        !stateful.is_empty(),
        "`kubectl wait --for=condition=available` tells when the databases are up",
        format!(
            "a StatefulSet has no such condition, so that it waits for its time to run out; ask `kubectl rollout status` for \
             {}",
            stateful.join(", ")
        ),
    );
    say(
        !stateful.is_empty() || !single.is_empty(),
        "A HorizontalPodAutoscaler for all services",
        format!(
            "it would start second writers of the same data: {} stay at the number they have",
            list(&[stateful.clone(), single].concat())
        ),
    );
    say(
        !losing.is_empty(),
        "No data is lost as long as the database is copied",
        format!(
            "{} start empty unless their volumes or exports are copied as well: the move is told per store",
            losing.join(", ")
        ),
    );
    say(
        !stateful.is_empty(),
        "Scaling all Deployments to 0 stops the application for a restore",
        format!(
            "StatefulSets go on running, {} among them; and what was written since the move is not in the old data",
            stateful.join(", ")
        ),
    );
    say(
        !low.is_empty(),
        "All services run as users without rights",
        format!(
            "{} listen below port 1024: that takes the sysctl `net.ipv4.ip_unprivileged_port_start` (which `convert` sets), a \
             capability, or another port",
            low.join(", ")
        ),
    );
    say(
        !built.is_empty(),
        "`tag: latest` is enough while images lie on the node",
        format!(
            "the default pull policy of `latest` is Always, so that the node asks a registry that has none of {}; `convert` \
             names a version",
            list(&built)
        ),
    );
    say(
        !built.is_empty(),
        "Several stages make an image 50 to 70 % smaller",
        "only where the last stage starts from a smaller image than the first and copies the result alone".to_owned(),
    );
    say(
        !embedded.is_empty(),
        "SQLite can stay as it is",
        format!(
            "with one replica it can: {} stop for a moment at each update, since two pods must not write one file",
            embedded.join(", ")
        ),
    );
    let policies = facts.objects.iter().filter(|object| object.kind() == "NetworkPolicy").count();
    say(
        policies > 0,
        "NetworkPolicies keep services apart",
        format!(
            "only where a network plugin enforces them: Minikube as it starts by itself does not (`minikube start --cni calico` \
             does), and its {policies} policies would be without effect"
        ),
    );
    say(
        !facts.claims.is_empty(),
        "A PersistentVolume made by hand is what the claim gets",
        format!(
            "a claim that names no class takes the default one, which makes a volume of its own, so that the hand-made one \
             never binds; the {} claims here ask for a class or the default",
            facts.claims.len()
        ),
    );
    say(
        !built.is_empty(),
        "A `regcred` Secret makes private images work",
        format!(
            "it has to lie in the namespace `{}` and be named by the pods (`--image-pull-secret`), and a token given as an \
             argument stands in the shell's history: give a file",
            facts.namespace
        ),
    );
    say(
        !built.is_empty() && facts.cluster.name == "k3s",
        "`localhost:5000` is K3s's registry",
        "K3s ships none to push to: run one and name it in `registries.yaml`, or load images with `k3s ctr images import`".to_owned(),
    );
    say(
        facts.cluster.name == "k3s" && !facts.stack.exposure.routes.is_empty(),
        "Ports 80 and 443 of the node are free for the proxy",
        "on K3s its own Traefik holds them; what stands behind it needs no port of the node".to_owned(),
    );
    say(
        !stateful.is_empty() || !embedded.is_empty(),
        "A dump in `/tmp` is a backup",
        "a restart of the machine may empty it, and a dump that was never restored is none: keep it elsewhere and try it".to_owned(),
    );
    say(
        !facts.stack.exposure.routes.is_empty(),
        "An answer in less than a second for 95 % of requests shows that it bears the load",
        "users who wait for an answer before they ask again hide every stall: ask at a fixed rate, and count from when the \
         request was due"
            .to_owned(),
    );
    say(
        true,
        "Native Secrets are encrypted at rest",
        "they are not, unless the API server is given a key; on K3s `--secrets-encryption` does that".to_owned(),
    );
    say(
        true,
        "A PodSecurityPolicy keeps pods from having rights",
        "it is gone since Kubernetes 1.25; labels of the namespace enforce the Pod Security Standards, which `convert` sets".to_owned(),
    );
    say(
        true,
        "Argo CD rolls back with one click",
        "with automated sync the API refuses it, and syncing again deploys the same commit: revert the commit instead. In the \
         same way `helm rollback` and `skaffold run` fight a release that Flux owns"
            .to_owned(),
    );
    out
}

fn list(names: &[String]) -> String {
    const MOST: usize = 6;
    let mut names = names.to_vec();
    names.dedup();
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
}
