//! What the user chooses by flags of how a project becomes objects: the same for every command that makes them, so that
//! what one wrote with a flag another compares and explains with it.

use clap::{Args, ValueEnum};
use tranship_compose::lift::Reach as Said;
use tranship_harden::{Reach, Settings, Waits};
use tranship_infer::image::Tag;
use tranship_infer::outside::{self, Address};
use tranship_kube::KubeVersion;
use tranship_model::{Origin, Stack, said};
use tranship_source::yaml::Node;
use tranship_source::{Diagnostic, World};

use crate::inspect::Inspect;
use crate::reach::ReachFlags;
use crate::secrets::SecretFlags;
use crate::storage::StorageFlags;

/// How much is decided beyond what the project says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// What a careful platform team would run
    #[default]
    Production,
    /// As close to Compose as a cluster allows
    Dev,
}

/// Whether limits of CPU are decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CpuLimits {
    /// Five times what is kept
    #[default]
    On,
    /// Only what the project says
    Off,
}

/// How narrow the network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NetworkPolicy {
    /// Services that share a network of the project reach each other, on every port
    Networks,
    /// Services reach each other where the project shows a call, on its port
    Graph,
    /// No NetworkPolicy is written
    None,
}

/// Whether services wait for what they depend on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Wait {
    /// They wait, each for as long as docker compose would
    #[default]
    Auto,
    /// All start at once
    None,
}

/// What the user chose by flags; it counts more than what the project says of the same.
#[derive(Clone, Debug, Default, Args)]
pub struct Choices {
    /// Namespace of every object [default: the project's name]
    #[arg(long, value_name = "NAME", value_parser = namespace)]
    pub namespace: Option<String>,
    /// Version of Kubernetes the objects are meant for and checked against, 1.31 to 1.37
    #[arg(long, value_name = "VERSION", default_value_t)]
    pub kube_version: KubeVersion,
    /// How much is decided beyond what the project says
    #[arg(long, value_enum, value_name = "PRESET", default_value_t)]
    pub preset: Preset,
    /// Whether services get a limit of CPU where the project names none
    #[arg(long, value_enum, value_name = "WHETHER", default_value_t)]
    pub cpu_limits: CpuLimits,
    /// Who may reach whom, by NetworkPolicies [default: networks, with the preset dev none]
    #[arg(long, value_enum, value_name = "REACH")]
    pub network_policy: Option<NetworkPolicy>,
    /// Whether services wait for what they depend on
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub wait: Wait,
    /// Image of the containers that wait, with `sh`, `nc` and `curl` [default: small public ones]
    #[arg(long, value_name = "IMAGE")]
    pub wait_image: Option<String>,
    /// Registry that images built here are pushed to, such as `registry.example.com/shop`
    #[arg(long, value_name = "HOST[/PATH]")]
    pub registry: Option<String>,
    /// Tag of images built here: a tag, `git` for the commit, `context` for a digest of what they are built from
    /// [default: v1]
    #[arg(long, value_name = "TAG", value_parser = Tag::parse)]
    pub tag: Option<Tag>,
    /// Secret with the credentials of a registry, for every pod; may be given several times
    #[arg(long = "image-pull-secret", value_name = "NAME")]
    pub image_pull_secrets: Vec<String>,
    #[command(flatten)]
    pub secrets: SecretFlags,
    /// Ask about images: `engine` for those the Docker engine has, `registry` for those that lie in registries
    #[arg(long, value_enum, value_name = "WHOM")]
    pub inspect: Option<Inspect>,
    /// The way in from outside.
    #[command(flatten)]
    pub reach: ReachFlags,
    /// Storage.
    #[command(flatten)]
    pub storage: StorageFlags,
    /// Server outside that takes the place of a service, `db=postgres://user:password@host/name`, or `db=env:NAME` for a
    /// variable that holds the address; may be given several times
    #[arg(long = "external", value_name = "SERVICE=URL", value_parser = external)]
    pub externals: Vec<(String, External)>,
}

impl Choices {
    /// What the user chose for the passes that decide what the project leaves open.
    ///
    /// `said` is what the project says of the same.
    pub fn settings(&self, said: &Said, faults: &mut Vec<Diagnostic>) -> Settings {
        let preset = match self.preset {
            Preset::Production => tranship_harden::Preset::Production,
            Preset::Dev => tranship_harden::Preset::Dev,
        };
        let reach = match (self.network_policy, self.preset) {
            (Some(NetworkPolicy::Networks), _) | (None, Preset::Production) => Reach::Networks,
            (Some(NetworkPolicy::Graph), _) => Reach::Graph,
            (Some(NetworkPolicy::None), _) | (None, Preset::Dev) => Reach::Open,
        };
        let waits = match self.wait {
            Wait::Auto => Waits::Always,
            Wait::None => Waits::Never,
        };
        Settings {
            preset,
            version: self.kube_version,
            expose: self.reach.expose(said, faults),
            cpu_limits: self.cpu_limits == CpuLimits::On,
            reach,
            waits,
            wait_image: self.wait_image.clone(),
            calls: Vec::new(),
        }
    }

    /// Whether the namespace is held to the level of the Pod Security Standards that its pods meet.
    pub fn is_production(&self) -> bool {
        self.preset == Preset::Production
    }

    /// Puts the secrets of registries into what is said of every pod.
    pub fn pull_secrets(&self, stack: &mut Stack) {
        let names: Vec<Node> =
            self.image_pull_secrets.iter().map(|name| Node::from([("name", name.as_str().into())])).collect();
        if names.is_empty() {
            return;
        }
        let words = format!("--image-pull-secret {}", self.image_pull_secrets.join(" --image-pull-secret "));
        let origin = said::chosen_origin(&words, &Origin::From(Vec::new()));
        let path = ["spec", "imagePullSecrets"].map(str::to_owned).to_vec();
        let field = said::Field { origin, on: said::On::Pod, path, value: names.into() };
        stack.said.get_or_insert_default().fields.push(field);
    }
}

/// The address of a server, or the variable of the shell that holds it.
#[derive(Clone, Debug)]
pub enum External {
    /// The address.
    Address(Box<Address>),
    /// The variable.
    Variable(String),
}

impl External {
    /// The address; the reason why there is none.
    pub fn address(&self, world: &dyn World) -> Result<Address, String> {
        match self {
            Self::Address(address) => Ok((**address).clone()),
            Self::Variable(name) => {
                let text = world.env().get(name).ok_or_else(|| format!("the variable `{name}` is not set"))?;
                outside::parse(text).map_err(|why| format!("`{name}` holds no address: {why}"))
            }
        }
    }
}

/// A service and the server that takes its place. No message repeats the address, which may hold a password.
fn external(text: &str) -> Result<(String, External), String> {
    let (service, address) = text.split_once('=').ok_or("write `SERVICE=URL`")?;
    if service.is_empty() {
        return Err("write `SERVICE=URL`".to_owned());
    }
    let external = match address.strip_prefix("env:") {
        Some(name) => External::Variable(name.to_owned()),
        None => External::Address(Box::new(outside::parse(address)?)),
    };
    Ok((service.to_owned(), external))
}

/// A name a namespace can have.
fn namespace(text: &str) -> Result<String, String> {
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let legal =
        text.len() <= 63 && text.starts_with(end) && text.ends_with(end) && text.chars().all(|c| end(c) || c == '-');
    if legal {
        return Ok(text.to_owned());
    }
    Err("a namespace is at most 63 lower-case letters, digits and `-`, with a letter or digit at both ends".to_owned())
}

#[cfg(test)]
mod tests {
    use super::namespace;

    #[test]
    fn namespaces_are_dns_labels() {
        for (text, legal) in
            [("shop", true), ("1-a", true), ("", false), ("-a", false), ("a-", false), ("A", false), ("a.b", false)]
        {
            assert_eq!(namespace(text).is_ok(), legal, "{text}");
        }
        assert!(namespace(&"a".repeat(64)).is_err());
    }
}
