//! What is said of the way in from outside goes to whoever decides it, each value with the words it was said with.

use tranship_model::Traced;
use tranship_model::said::chosen;

use crate::lift::Reach;
use crate::overrides::{Project, Service};

/// What the whole project says, beside what services said.
pub(in crate::lift) fn reach(said: &Project, of_services: Reach) -> Reach {
    let words = |key: &str, value: Traced<String>| {
        chosen(value.value.clone(), &format!("{key}: {}", value.value), &value.origin)
    };
    let own = |value: Traced<&str>| value.map(str::to_owned);
    Reach {
        cluster: said.cluster.as_ref().map(|kind| words("cluster", own(kind.with(kind.value.word())))),
        way: said.expose.as_ref().map(|kind| words("expose", own(kind.with(kind.value.word())))),
        domain: said.domain.as_ref().map(|name| words("domain", name.with(name.value.0.clone()))),
        class: said.ingress_class.as_ref().map(|name| words("ingressClass", name.with(name.value.0.clone()))),
        tls: said.tls.as_ref().map(|tls| words("tls", tls.clone())),
        tls_email: said.tls_email.as_ref().map(|email| words("tlsEmail", email.clone())),
        ..of_services
    }
}

/// What a service says.
pub(in crate::lift) fn of_entry(reach: &mut Reach, service: &str, said: &Service) {
    reach.entries.extend(said.entry.as_ref().map(|entry| {
        let words = format!("entry: {}", entry.value);
        (service.to_owned(), chosen(entry.value, &words, &entry.origin))
    }));
    reach.hosts.extend(said.hosts.iter().flatten().map(|host| {
        let words = format!("hosts: {}", host.value.0);
        (service.to_owned(), chosen(host.value.0.clone(), &words, &host.origin))
    }));
    reach.ports.extend(said.entry_port.as_ref().map(|port| {
        let words = format!("entryPort: {}", port.value);
        (service.to_owned(), chosen(port.value, &words, &port.origin))
    }));
}
