//! Who may reach whom by docker compose's own JSON: membership of networks, published ports, ways outside.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tranship_kube::{Object, ObjectSet};
use tranship_source::yaml::Node;

/// What is meant.
pub struct Meant {
    /// The pods.
    pub units: Vec<Unit>,
}

/// The pods of one workload, by the services in them.
#[derive(Debug, Default)]
pub struct Unit {
    /// `Kind/name`.
    pub workload: String,
    networks: BTreeSet<String>,
    /// Whether they use the network of their node.
    pub on_node: bool,
    /// Whether one of their networks leads outside.
    pub leads_outside: bool,
    /// Whether one of their containers asks the platform's API.
    pub asks_api: bool,
    /// Ports that everyone may call: what is published, and what requests from outside are led to.
    pub published: BTreeSet<(u16, String)>,
    /// Ports of their containers.
    pub ports: Vec<(u16, String)>,
    /// One of these, or 80.
    pub port: u16,
}

/// The engine's own network, which nobody names.
const BRIDGE: &str = "\nbridge";

impl Meant {
    /// Reads what is meant from docker compose's JSON. Which services are in which pod is read from the objects, which
    /// published ports are kept closed, and where requests from outside are led, from the report.
    pub fn new(resolved: &Value, report: &Value, objects: &ObjectSet) -> Self {
        let compose = Compose { resolved, report };
        let mut units = Vec::new();
        for object in objects {
            let Some(services) = compose.services_of(object) else { continue };
            let mut unit = Unit { workload: object.label(), port: 80, ..Unit::default() };
            for service in &services {
                compose.join(service, &mut unit);
            }
            let template = template(object);
            let volumes = template.and_then(|t| t.at(&["spec", "volumes"])).and_then(Node::as_seq).unwrap_or_default();
            unit.asks_api = volumes.iter().any(|volume| volume.get("projected").is_some());
            unit.ports = ports(template);
            unit.port = unit.ports.iter().find(|(_, protocol)| protocol == "TCP").map_or(80, |(port, _)| *port);
            units.push(unit);
        }
        Self { units }
    }

    /// Whether pods of one workload may call those of another.
    pub fn calls(from: &Unit, to: &Unit, (port, protocol): (u16, &str)) -> bool {
        match (from.on_node, to.on_node) {
            // The node is outside for a pod, and a pod on it is an address for policies.
            (_, true) => from.on_node || from.leads_outside,
            (true, false) => to.published.contains(&(port, protocol.to_owned())),
            (false, false) => !from.networks.is_disjoint(&to.networks),
        }
    }
}

fn template(object: &Object) -> Option<&Node> {
    match object.kind() {
        "Deployment" | "StatefulSet" | "DaemonSet" | "Job" => object.get(&["spec", "template"]),
        "CronJob" => object.get(&["spec", "jobTemplate", "spec", "template"]),
        _ => None,
    }
}

fn containers(template: Option<&Node>) -> &[Node] {
    template.and_then(|t| t.at(&["spec", "containers"])).and_then(Node::as_seq).unwrap_or_default()
}

fn ports(template: Option<&Node>) -> Vec<(u16, String)> {
    let all = containers(template).iter().flat_map(|c| c.get("ports").and_then(Node::as_seq).unwrap_or_default());
    let one = |port: &Node| {
        let protocol = port.get("protocol").and_then(Node::as_str).unwrap_or("TCP").to_owned();
        Some((u16::try_from(port.get("containerPort")?.as_int()?).ok()?, protocol))
    };
    all.filter_map(one).collect()
}

/// Docker compose's JSON beside the report.
struct Compose<'a> {
    resolved: &'a Value,
    report: &'a Value,
}

impl Compose<'_> {
    fn service(&self, name: &str) -> &Value {
        &self.resolved["services"][name]
    }

    /// The services of a workload: the one whose name it keeps, and those whose containers live in its pod.
    fn services_of(&self, object: &Object) -> Option<Vec<String>> {
        let template = template(object)?;
        let kept = object.get(&["metadata", "annotations", "tranship.dev/name"]).and_then(Node::as_str);
        let first = kept.unwrap_or(object.name()).to_owned();
        let all: BTreeMap<String, &String> = self.resolved["services"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| (tranship_kube::names::label(name), name))
            .collect();
        let guests = containers(Some(template)).iter().skip(1).filter_map(|c| c.get("name")?.as_str());
        let guests = guests.filter_map(|name| all.get(name).map(|name| (*name).clone()));
        Some(std::iter::once(first).chain(guests).collect())
    }

    /// The service whose network a service has, by `service:` and `container:`.
    fn owner<'s>(&'s self, name: &'s str) -> &'s str {
        let mut name = name;
        for _ in 0..64 {
            let mode = self.service(name)["network_mode"].as_str().unwrap_or_default();
            let other = match mode.split_once(':') {
                Some(("service", other)) => Some(other),
                Some(("container", other)) => {
                    let all = self.resolved["services"].as_object().into_iter().flatten();
                    let mut named = all.filter(|(_, service)| service["container_name"].as_str() == Some(other));
                    named.next().map(|(name, _)| name.as_str())
                }
                _ => None,
            };
            match other {
                Some(other) => name = other,
                None => break,
            }
        }
        name
    }

    /// Adds the networks and published ports of a service to its pod's.
    fn join(&self, name: &str, unit: &mut Unit) {
        let service = self.service(name);
        let owner = self.service(self.owner(name));
        let mut leads_outside = false;
        match owner["network_mode"].as_str() {
            Some("host") => unit.on_node = true,
            Some("none") => {}
            Some(_) => {
                unit.networks.insert(BRIDGE.to_owned());
                leads_outside = true;
            }
            None => {
                for key in owner["networks"].as_object().into_iter().flatten().map(|(key, _)| key) {
                    unit.networks.insert(key.clone());
                    leads_outside |= self.resolved["networks"][key]["internal"].as_bool() != Some(true);
                }
            }
        }
        unit.leads_outside |= leads_outside;
        for port in service["ports"].as_array().into_iter().flatten() {
            let ip = port["host_ip"].as_str().unwrap_or_default();
            let loopback = ip.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
            let protocol = port["protocol"].as_str().unwrap_or("tcp");
            let number = port["target"].as_u64().and_then(|number| u16::try_from(number).ok());
            let Some(number) = number.filter(|_| !loopback && !unit.on_node && leads_outside) else { continue };
            if !self.is_closed(name, number, protocol) {
                unit.published.insert((number, protocol.to_uppercase()));
            }
        }
        if !unit.on_node {
            unit.published.extend(self.routed(name).map(|number| (number, "TCP".to_owned())));
        }
    }

    /// The ports of a service that the report leads requests from outside to.
    fn routed<'s>(&'s self, service: &'s str) -> impl Iterator<Item = u16> + 's {
        let rows = self.report["reach"]["routes"].as_array().into_iter().flatten();
        let rows = rows.filter(move |row| row["service"].as_str() == Some(service));
        rows.filter_map(|row| u16::try_from(row["port"].as_u64()?).ok())
    }

    /// Whether the report says that a published port is not reached from outside.
    fn is_closed(&self, service: &str, port: u16, protocol: &str) -> bool {
        let rows = self.report["reach"]["closed"].as_array().into_iter().flatten();
        let fits = |row: &Value| {
            row["service"].as_str() == Some(service)
                && row["port"].as_u64() == Some(u64::from(port))
                && row["protocol"].as_str().is_none_or(|word| word.eq_ignore_ascii_case(protocol))
        };
        rows.into_iter().any(fits)
    }
}
