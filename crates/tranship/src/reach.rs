//! What the user chooses of the way in from outside, of the kind of cluster and of storage.
//!
//! A flag counts more than what the project says in `x-tranship`, and that more than what the kind of cluster brings.

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use tranship_compose::lift::Reach;
use tranship_harden::Expose;
use tranship_kube::cluster::{self, PROFILES, Profile};
use tranship_model::exposure::is_host;
use tranship_model::said::chosen;
use tranship_model::{Origin, Tls, Traced, Way};
use tranship_source::Diagnostic;

/// By what an application is reached from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The entry that all applications of the cluster share, told by an Ingress
    Ingress,
    /// A Gateway of the Gateway API, told by HTTPRoutes
    Gateway,
    /// A Service with an address of its own
    #[value(name = "loadbalancer")]
    LoadBalancer,
    /// A port of every node
    #[value(name = "nodeport")]
    NodePort,
    /// Nothing
    None,
}

/// Flags of the way in.
#[derive(Clone, Debug, Default, Args)]
pub struct ReachFlags {
    /// Kind of cluster: its storage and ingress classes, its load balancer, how images get there [default: generic]
    #[arg(long, value_name = "KIND", value_parser = PossibleValuesParser::new(PROFILES.iter().map(|profile| profile.name)))]
    pub cluster: Option<String>,
    /// By what the app is reached from outside [default: ingress, or gateway where the kind of cluster has one]
    #[arg(long, value_enum, value_name = "WAY")]
    pub expose: Option<Kind>,
    /// Host under which a service is reached, or the front door where no service is named; may be given several times
    #[arg(long = "host", value_name = "[SERVICE=]NAME", value_parser = host)]
    pub hosts: Vec<(Option<String>, String)>,
    /// Domain of the app: the front door is reached there, other services as SERVICE.DOMAIN [default: localhost]
    #[arg(long, value_name = "NAME", value_parser = domain)]
    pub domain: Option<String>,
    /// Class of the Ingresses, or of the Gateway
    #[arg(long, value_name = "NAME")]
    pub ingress_class: Option<String>,
    /// Where certificates come from: `secret:NAME`, `cert-manager:CLUSTERISSUER`, `cert-manager:issuer/NAME`, or
    /// `cert-manager` with `--tls-email`
    #[arg(long, value_name = "HOW")]
    pub tls: Option<String>,
    /// Address for mail of the authority; with `--tls cert-manager` an Issuer of Let's Encrypt is written
    #[arg(long, value_name = "EMAIL", requires = "tls")]
    pub tls_email: Option<String>,
    /// Port of every node at which a service is reached, with `--expose nodeport`; may be given several times
    #[arg(long = "node-port", value_name = "SERVICE=PORT", value_parser = node_port)]
    pub node_ports: Vec<(String, u16)>,
}

impl ReachFlags {
    /// The kind of cluster, by the flag, else by the project.
    pub fn profile(&self, said: &Reach) -> &'static Profile {
        let name = self.cluster.as_deref().or(said.cluster.as_ref().map(|kind| kind.value.as_str()));
        name.and_then(cluster::find).unwrap_or_default()
    }

    /// Flags and what the project says as one.
    ///
    /// Errors: `option-tls`, and `override-value` where the project says it.
    pub fn expose(&self, said: &Reach, faults: &mut Vec<Diagnostic>) -> Expose {
        let flag = |name: &str, value: &String| flag(name, value.clone());
        let way = self.expose.map(|kind| said_way(kind, &format!("--expose {}", word(kind))));
        let of_project = said.way.as_ref().map(|way| {
            let kind = Kind::value_variants().iter().copied().find(|kind| word(*kind) == way.value);
            way.with(kind.and_then(way_of))
        });
        let hosts = self.hosts.iter().map(|(service, name)| {
            let whole = service.as_ref().map_or_else(|| name.clone(), |service| format!("{service}={name}"));
            (service.clone(), flag("host", &whole).with(name.clone()))
        });
        let named: Vec<_> = hosts.collect();
        let of_services =
            said.hosts.iter().filter(|(service, _)| !named.iter().any(|(named, _)| named.as_ref() == Some(service)));
        let of_services: Vec<_> = of_services.map(|(service, host)| (Some(service.clone()), host.clone())).collect();
        let flagged = self
            .node_ports
            .iter()
            .map(|(service, port)| (service.clone(), flag("node-port", &format!("{service}={port}")).with(*port)));
        let flagged: Vec<_> = flagged.collect();
        let ports = said.ports.iter().filter(|(service, _)| !flagged.iter().any(|(flagged, _)| flagged == service));
        let ports: Vec<_> = ports.cloned().collect();
        Expose {
            way: way.or(of_project),
            hosts: named.into_iter().chain(of_services).collect(),
            domain: self.domain.as_ref().map(|name| flag("domain", name)).or_else(|| said.domain.clone()),
            class: self.ingress_class.as_ref().map(|name| flag("ingress-class", name)).or_else(|| said.class.clone()),
            tls: self.certificates(said, faults),
            node_ports: flagged.into_iter().chain(ports).collect(),
            entries: said.entries.clone(),
            cluster: self.profile(said),
        }
    }

    fn certificates(&self, said: &Reach, faults: &mut Vec<Diagnostic>) -> Option<Traced<Tls>> {
        let how = self.tls.as_ref().map(|how| flag("tls", how.clone())).or_else(|| said.tls.clone())?;
        let email = self.tls_email.clone().or_else(|| said.tls_email.as_ref().map(|email| email.value.clone()));
        match tls(&how.value, email) {
            Ok(tls) => Some(how.with(tls)),
            Err(message) => {
                let code = if self.tls.is_some() { "option-tls" } else { "override-value" };
                let help = "write `secret:NAME`, `cert-manager:CLUSTERISSUER`, `cert-manager:issuer/NAME`, or `cert-manager` with an e-mail address";
                faults.push(Diagnostic::error(code, message).at(how.span()).help(help));
                None
            }
        }
    }
}

/// A value of a flag, with the words of the report.
pub fn flag<T: std::fmt::Display>(name: &str, value: T) -> Traced<T> {
    let words = format!("--{name} {value}");
    chosen(value, &words, &Origin::From(Vec::new()))
}

fn said_way(kind: Kind, words: &str) -> Traced<Option<Way>> {
    chosen(way_of(kind), words, &Origin::From(Vec::new()))
}

fn way_of(kind: Kind) -> Option<Way> {
    match kind {
        Kind::Ingress => Some(Way::Ingress),
        Kind::Gateway => Some(Way::Gateway),
        Kind::LoadBalancer => Some(Way::LoadBalancer),
        Kind::NodePort => Some(Way::NodePort),
        Kind::None => None,
    }
}

fn word(kind: Kind) -> &'static str {
    way_of(kind).map_or("none", Way::as_str)
}

/// Where certificates come from, by its words.
fn tls(text: &str, email: Option<String>) -> Result<Tls, String> {
    let (how, name) = text.split_once(':').map_or((text, None), |(how, name)| (how, Some(name)));
    let name = name.filter(|name| !name.is_empty());
    match (how, name, email) {
        ("secret", Some(name), None) => Ok(Tls::Secret(name.to_owned())),
        ("secret", Some(_), Some(_)) => Err("a Secret that is there needs no address for mail".to_owned()),
        ("cert-manager", None, Some(email)) if email.contains('@') => {
            Ok(Tls::Issuer { name: "letsencrypt".to_owned(), cluster_wide: false, email: Some(email) })
        }
        ("cert-manager", _, Some(email)) if !email.contains('@') => Err(format!("`{email}` is no address for mail")),
        ("cert-manager", None, _) => {
            Err("`cert-manager` needs the name of an issuer, or an address for mail to write one".to_owned())
        }
        ("cert-manager", Some(name), email) => {
            let own = name.strip_prefix("issuer/");
            let name = own.unwrap_or(name).to_owned();
            Ok(Tls::Issuer { name, cluster_wide: own.is_none() && email.is_none(), email })
        }
        _ => Err(format!("`{text}` says nothing of where certificates come from")),
    }
}

fn host(text: &str) -> Result<(Option<String>, String), String> {
    let (service, name) = text.split_once('=').map_or((None, text), |(service, name)| (Some(service), name));
    if is_host(name) {
        return Ok((service.map(str::to_owned), name.to_owned()));
    }
    Err("a host is a name such as `shop.example.com` or `*.example.com`, without port and path".to_owned())
}

fn domain(text: &str) -> Result<String, String> {
    if is_host(text) && !text.starts_with('*') {
        return Ok(text.to_owned());
    }
    Err("a domain is a name such as `shop.example.com`".to_owned())
}

fn node_port(text: &str) -> Result<(String, u16), String> {
    let pair = text.split_once('=').and_then(|(service, port)| Some((service.to_owned(), port.parse().ok()?)));
    pair.filter(|(service, _)| !service.is_empty())
        .ok_or_else(|| "write `SERVICE=PORT`, such as `web=30000`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_certificates_come_from_is_read_or_refused() {
        let issuer = |name: &str, cluster_wide| Tls::Issuer { name: name.to_owned(), cluster_wide, email: None };
        assert_eq!(tls("secret:a", None), Ok(Tls::Secret("a".to_owned())));
        assert_eq!(tls("cert-manager:a", None), Ok(issuer("a", true)));
        assert_eq!(tls("cert-manager:issuer/a", None), Ok(issuer("a", false)));
        let email = Some("a@example.com".to_owned());
        let written = Tls::Issuer { name: "letsencrypt".to_owned(), cluster_wide: false, email: email.clone() };
        assert_eq!(tls("cert-manager", email.clone()), Ok(written));
        for (text, email) in [
            ("cert-manager", None),
            ("secret:", None),
            ("x", None),
            ("secret:a", email),
            ("cert-manager", Some("x".to_owned())),
        ] {
            assert!(tls(text, email).is_err(), "{text}");
        }
    }

    #[test]
    fn hosts_and_ports_are_read_or_refused() {
        assert_eq!(host("web=a.test"), Ok((Some("web".to_owned()), "a.test".to_owned())));
        assert_eq!(host("*.a.test"), Ok((None, "*.a.test".to_owned())));
        for text in ["http://a", "a:80", "a/b", "A.test", "1.2.3.4", "", "web="] {
            assert!(host(text).is_err(), "{text}");
        }
        assert_eq!(node_port("web=30000"), Ok(("web".to_owned(), 30_000)));
        assert!(node_port("30000").is_err() && node_port("web=x").is_err());
    }
}
