//! What the move brings this project, each with the figure that shows it. What it does not bring is not said.

use std::collections::BTreeSet;

use tranship_model::{Service, Workload};

use super::{Benefit, Facts};
use crate::graph::{Evidence, Target};

/// Everything the move brings.
pub(super) fn benefits(facts: &Facts<'_>) -> Vec<Benefit> {
    let all = [
        scaling(facts),
        availability(facts),
        updates(facts),
        resources(facts),
        probes(facts),
        separation(facts),
        secrets(facts),
        discovery(facts),
        metrics(facts),
    ];
    all.into_iter().flatten().collect()
}

fn shown(facts: &Facts<'_>, service: &Service, text: String) -> Evidence {
    Evidence { what: "service".to_owned(), text, place: facts.places.of(service.origin.span()) }
}

fn benefit(title: &'static str, text: String, evidence: Vec<Evidence>) -> Option<Benefit> {
    (!evidence.is_empty()).then_some(Benefit { title, text, evidence })
}

fn scaling(facts: &Facts<'_>) -> Option<Benefit> {
    let scaled: Vec<Evidence> = facts
        .stack
        .services
        .values()
        .filter_map(|service| {
            let scaling = service.operations.scaling.as_ref()?;
            let range = format!("`{}`: {} to {} replicas", service.name, scaling.value.min, scaling.value.max);
            let aim = format!("{range}, aiming at {} % of the CPU kept for it", scaling.value.cpu_percent);
            Some(shown(facts, service, aim))
        })
        .collect();
    let number = scaled.len();
    let all = facts.stack.services.len();
    let text =
        format!("{number} of {all} services follow the load by themselves; docker compose runs as many as it is told");
    benefit("Scaling", text, scaled)
}

fn availability(facts: &Facts<'_>) -> Option<Benefit> {
    let several: Vec<Evidence> = facts
        .stack
        .services
        .values()
        .filter_map(|service| {
            let number = service.operations.scaling.as_ref().map(|scaling| scaling.value.min);
            let number = number.or_else(|| service.replicas.as_ref().map(|replicas| replicas.value))?;
            (number > 1).then(|| shown(facts, service, format!("`{}`: at least {number}", service.name)))
        })
        .collect();
    let one = facts.stack.services.len() - several.len();
    let text = format!(
        "{} run more than once, so that a node or a process may fail; the other {one} are started again elsewhere, after a \
         pause, where docker compose has one machine",
        count(several.len(), "service")
    );
    benefit("Availability", text, several)
}

fn updates(facts: &Facts<'_>) -> Option<Benefit> {
    let rolling = |service: &&Service| matches!(service.workload.value, Workload::Stateless);
    let without: Vec<&Service> = facts
        .stack
        .services
        .values()
        .filter(rolling)
        .filter(|service| {
            facts.workloads.get(&service.name).and_then(|label| label.split_once('/')).is_some_and(|(kind, name)| {
                let object = facts.objects.find(kind, name);
                let strategy = object.and_then(|object| object.get(&["spec", "strategy", "type"]));
                strategy.and_then(tranship_source::yaml::Node::as_str) != Some("Recreate") && kind == "Deployment"
            })
        })
        .collect();
    let rest = facts.stack.services.len() - without.len();
    let evidence: Vec<Evidence> =
        without.iter().map(|service| shown(facts, service, format!("`{}`", service.name))).collect();
    let text = format!(
        "{} are replaced one by one, the old one until the new one is ready; {rest} stop for a moment, since they keep data \
         or run once. `docker compose up -d` stops every service it replaces",
        count(evidence.len(), "service")
    );
    benefit("Updates without a stop", text, evidence)
}

fn resources(facts: &Facts<'_>) -> Option<Benefit> {
    // What the project says has its leaves behind it; what was decided has a reason.
    let said = |service: &&Service| {
        let memory = service.resources.memory_limit.as_ref();
        memory.is_some_and(|memory| !matches!(memory.origin, tranship_model::Origin::Decided { .. }))
    };
    let without: Vec<Evidence> = facts
        .stack
        .services
        .values()
        .filter(|service| !said(service))
        .map(|service| shown(facts, service, format!("`{}` has no limit of memory today", service.name)))
        .collect();
    let text = format!(
        "every service gets a share of CPU and memory that is kept for it, and a limit; today {} of {} may take all of the \
         machine",
        without.len(),
        facts.stack.services.len()
    );
    benefit("Shares of the machine", text, without)
}

fn probes(facts: &Facts<'_>) -> Option<Benefit> {
    let restarted: Vec<Evidence> = facts
        .stack
        .services
        .values()
        .filter(|service| service.operations.live.is_some())
        .map(|service| shown(facts, service, format!("`{}`", service.name)))
        .collect();
    let text = format!(
        "{} are restarted when they hang; docker compose marks a container `unhealthy` and leaves it so",
        count(restarted.len(), "service")
    );
    benefit("Healing", text, restarted)
}

fn separation(facts: &Facts<'_>) -> Option<Benefit> {
    let services: Vec<&Service> = facts.stack.services.values().collect();
    let mut pairs = 0;
    for a in &services {
        let own: BTreeSet<&str> = a.networks.iter().map(|one| one.network.as_str()).collect();
        let shares =
            |b: &&&Service| b.name != a.name && b.networks.iter().any(|one| own.contains(one.network.as_str()));
        pairs += services.iter().filter(shares).count();
    }
    let used: BTreeSet<(&str, &str)> = facts
        .calls
        .iter()
        .filter_map(|call| match &call.to {
            Target::Service(to) => Some((call.from.as_str(), to.as_str())),
            Target::Outside(_) => None,
        })
        .collect();
    let policies = facts.objects.iter().filter(|object| object.kind() == "NetworkPolicy").count();
    if policies == 0 || pairs == 0 {
        return None;
    }
    let mut evidence: Vec<Evidence> = facts
        .stack
        .networks
        .iter()
        .map(|(name, network)| Evidence {
            what: "network".to_owned(),
            text: format!("the network `{name}`"),
            place: facts.places.of(network.origin.span()),
        })
        .collect();
    evidence.truncate(6);
    let text = format!(
        "{} NetworkPolicies keep the networks of the project apart from each other and from other applications of the \
         cluster; of {pairs} ways between two services that docker compose leaves open, {} are used, and `--network-policy \
         graph` closes the rest",
        policies,
        used.len()
    );
    benefit("Separation", text, evidence)
}

fn secrets(facts: &Facts<'_>) -> Option<Benefit> {
    let rows = super::secrets::rows(facts);
    let number = rows.len();
    let evidence: Vec<Evidence> = rows
        .into_iter()
        .take(6)
        .map(|row| Evidence { what: row.form.to_owned(), text: format!("`{}`", row.name), place: row.place })
        .collect();
    let text = format!(
        "{} stand in Secrets, which RBAC keeps apart from everything else; at rest they are encrypted only where the \
         cluster is told to (on K3s `--secrets-encryption`)",
        count(number, "credential")
    );
    benefit("Credentials apart", text, evidence)
}

fn discovery(facts: &Facts<'_>) -> Option<Benefit> {
    let mut called: Vec<&str> = Vec::new();
    for call in facts.calls {
        if let Target::Service(to) = &call.to
            && !called.contains(&to.as_str())
        {
            called.push(to);
        }
    }
    let services = called.iter().filter_map(|name| facts.stack.services.get(*name));
    let evidence: Vec<Evidence> =
        services.map(|service| shown(facts, service, format!("`{}`", service.name))).collect();
    let text = format!(
        "the {} that others call keep their names, now with an address that leads to all ready replicas instead of one \
         container",
        count(evidence.len(), "service")
    );
    benefit("Names and balance", text, evidence)
}

fn metrics(facts: &Facts<'_>) -> Option<Benefit> {
    let told: Vec<Evidence> = facts
        .stack
        .services
        .values()
        .filter_map(|service| {
            let metrics = service.operations.metrics.as_ref()?;
            let text = format!("`{}` at port {}, `{}`", service.name, metrics.value.port, metrics.value.path);
            Some(shown(facts, service, text))
        })
        .collect();
    let text = format!(
        "{} tell where their metrics are, so that Prometheus finds them by itself",
        count(told.len(), "service")
    );
    benefit("Metrics", text, told)
}

fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
