//! What the engine or a registry tells of images: the configuration each was made with, which both give in one form.

use std::collections::BTreeMap;

use serde_json::Value;
use std::time::Duration;
use tranship_model::{Check, Health, ImageKnowledge, Origin, Port, Protocol, Test, Traced, User};

/// What was told of images, by the names they are called by.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// Who told it, such as `the Docker engine`.
    teller: &'static str,
    /// The rule of its facts.
    rule: &'static str,
    facts: BTreeMap<String, ImageKnowledge>,
}

impl Inspected {
    /// Nothing told yet by the engine.
    pub fn by_engine() -> Self {
        Self { teller: "the Docker engine", rule: "image-engine", facts: BTreeMap::new() }
    }

    /// Nothing told yet by registries.
    pub fn by_registry() -> Self {
        Self { teller: "its registry", rule: "image-registry", facts: BTreeMap::new() }
    }

    /// Adds what was told of an image: its configuration as JSON, as in the `config` of an OCI image. The error says why
    /// it cannot be read.
    pub fn add(&mut self, image: &str, config: &str) -> Result<(), String> {
        let config: Value = serde_json::from_str(config).map_err(|fault| fault.to_string())?;
        if !config.is_object() {
            return Err("it is no mapping".to_owned());
        }
        let read = Reading {
            image,
            config: &config,
            because: format!("{} says so of `{image}`", self.teller),
            rule: self.rule,
        };
        self.facts.insert(image.to_owned(), read.knowledge());
        Ok(())
    }

    /// What was told of an image.
    pub(super) fn get(&self, image: &str) -> Option<&ImageKnowledge> {
        self.facts.get(image)
    }
}

/// A configuration being read.
struct Reading<'a> {
    image: &'a str,
    config: &'a Value,
    because: String,
    rule: &'static str,
}

impl Reading<'_> {
    fn traced<T>(&self, value: T) -> Traced<T> {
        Traced::decided(value, self.rule, self.because.clone())
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.config.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The texts of a list; none where it is absent or null.
    fn list(&self, key: &str) -> Vec<String> {
        let items = self.config.get(key).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The keys of a mapping, sorted.
    fn keys(&self, key: &str) -> Vec<&str> {
        let map = self.config.get(key).and_then(Value::as_object);
        let mut keys: Vec<&str> = map.into_iter().flat_map(serde_json::Map::keys).map(String::as_str).collect();
        keys.sort_unstable();
        keys
    }

    fn knowledge(&self) -> ImageKnowledge {
        let catalog = super::catalog::knowledge(self.image).unwrap_or_default();
        let (user, uid, gid) = self.user();
        let variable = |text: String| {
            let (name, value) = text.split_once('=').map_or((text.as_str(), ""), |pair| pair);
            (name.to_owned(), self.traced(value.to_owned()))
        };
        let declared: Vec<Port> = self.keys("ExposedPorts").into_iter().filter_map(|port| self.port(port)).collect();
        ImageKnowledge {
            whole: true,
            user,
            uid,
            gid,
            workdir: Some(self.traced(self.text("WorkingDir").unwrap_or("/").to_owned())),
            entrypoint: Some(self.traced(self.list("Entrypoint"))),
            command: Some(self.traced(self.list("Cmd"))),
            env: self.list("Env").into_iter().map(variable).collect(),
            // An image that declares nothing may listen all the same, where the catalog says so.
            ports: if declared.is_empty() { catalog.ports } else { declared },
            volumes: self.keys("Volumes").into_iter().map(|path| self.traced(path.to_owned())).collect(),
            process_of: None,
            file_rights: false,
            shell: catalog.shell,
            stop_signal: self.text("StopSignal").map(|signal| self.traced(signal.to_owned())),
            health: self.health(),
            ..ImageKnowledge::default()
        }
    }

    #[expect(clippy::type_complexity, reason = "three facts of one text")]
    fn user(&self) -> (Option<Traced<User>>, Option<Traced<u32>>, Option<Traced<u32>>) {
        let Some(written) = self.text("User") else {
            return (None, Some(self.traced(0)), Some(self.traced(0)));
        };
        let (user, group) = match written.split_once(':') {
            Some((user, group)) => (user, Some(group).filter(|group| !group.is_empty())),
            None => (written, None),
        };
        let usual = super::accounts::user(self.image, user);
        let uid = user.parse().ok().or(usual.map(|(uid, _)| uid));
        let of_name = |name: &str| super::accounts::user(self.image, name).and_then(|(_, gid)| gid);
        let gid = match group {
            Some(group) => group.parse().ok().or_else(|| of_name(group)),
            None => usual.and_then(|(_, gid)| gid),
        };
        let user = User { user: user.to_owned(), group: group.map(str::to_owned) };
        (Some(self.traced(user)), uid.map(|uid| self.traced(uid)), gid.map(|gid| self.traced(gid)))
    }

    fn port(&self, text: &str) -> Option<Port> {
        let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let protocol = match protocol {
            "udp" => Protocol::Udp,
            "sctp" => Protocol::Sctp,
            _ => Protocol::Tcp,
        };
        let origin = Origin::decided("image-port", self.because.clone());
        let container = number.parse().ok()?;
        Some(Port { origin, container, protocol, name: None, app_protocol: None, published: None })
    }

    fn health(&self) -> Health {
        let Some(check) = self.config.get("Healthcheck").filter(|check| check.is_object()) else {
            return Health::Unsaid;
        };
        let test: Vec<String> = check
            .get("Test")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|word| word.as_str().map(str::to_owned))
            .collect();
        let test = match test.split_first() {
            None => return Health::Unsaid,
            Some((kind, _)) if kind == "NONE" => {
                return Health::Disabled(Origin::decided(self.rule, self.because.clone()));
            }
            Some((kind, rest)) if kind == "CMD-SHELL" => Test::Shell(rest.join(" ")),
            Some((kind, rest)) if kind == "CMD" => Test::Exec(rest.to_vec()),
            Some(_) => Test::Exec(test),
        };
        // Zero stands for the engine's default.
        let time = |key: &str| {
            let nanos = check.get(key).and_then(Value::as_u64).filter(|nanos| *nanos > 0)?;
            Some(self.traced(Duration::from_nanos(nanos)))
        };
        let retries = check.get("Retries").and_then(Value::as_u64).filter(|retries| *retries > 0);
        Health::Check(Box::new(Check {
            origin: Origin::decided(self.rule, self.because.clone()),
            test: Some(self.traced(test)),
            interval: time("Interval"),
            timeout: time("Timeout"),
            retries: retries.map(|retries| self.traced(retries)),
            start_period: time("StartPeriod"),
            start_interval: time("StartInterval"),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_gives_every_fact_of_an_image() {
        let mut told = Inspected::by_engine();
        let config = r#"{"User":"node","ExposedPorts":{"53/udp":{},"3000/tcp":{}},"Env":["PATH=/bin","A=b=c","E="],
            "Entrypoint":["/e"],"Cmd":null,"Volumes":{"/data":{}},"WorkingDir":"/app","StopSignal":"SIGQUIT",
            "Healthcheck":{"Test":["CMD-SHELL","wget -q x"],"Interval":5000000000,"Retries":4}}"#;
        told.add("node:20", config).unwrap();
        let facts = told.get("node:20").unwrap();
        assert!(facts.whole);
        assert_eq!(facts.uid.as_ref().map(|uid| uid.value), Some(1000));
        assert_eq!(facts.ports.iter().map(|port| port.container).collect::<Vec<_>>(), [3000, 53]);
        assert_eq!(
            facts.env.iter().map(|(name, value)| format!("{name}={}", value.value)).collect::<Vec<_>>(),
            ["PATH=/bin", "A=b=c", "E="]
        );
        assert_eq!(facts.entrypoint.as_ref().unwrap().value, ["/e"]);
        assert!(facts.command.as_ref().unwrap().value.is_empty());
        assert_eq!(facts.volumes[0].value, "/data");
        let Health::Check(check) = &facts.health else { panic!("no check") };
        assert_eq!(check.interval.as_ref().unwrap().value, Duration::from_secs(5));
        assert!(check.timeout.is_none());
    }

    #[test]
    fn an_image_that_says_nothing_starts_as_root_in_the_root_directory() {
        let mut told = Inspected::by_registry();
        told.add("unheard-of", "{}").unwrap();
        let facts = told.get("unheard-of").unwrap();
        assert_eq!((facts.uid.as_ref().unwrap().value, facts.workdir.as_ref().unwrap().value.as_str()), (0, "/"));
        assert!(told.add("x", "[]").is_err() && told.add("x", "<html>").is_err());
    }
}
