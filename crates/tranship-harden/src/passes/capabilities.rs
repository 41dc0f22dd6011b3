//! `capabilities`: all rights of root are taken away but those that are needed.

use tranship_model::{Service, Stack, Traced};

use crate::notes::Notes;
use crate::settings::Settings;
use crate::start::{product, product_user, said_of_container, uid};

/// The pass's name.
pub const NAME: &str = "capabilities";

/// What an engine gives every container but NET_RAW, with which others of the network can be deceived: all that a
/// namespace at level `baseline` admits.
const GIVEN: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// What an image needs that starts as root, makes folders its user's own and goes on as that user.
const TO_DROP: [&str; 6] = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID"];

/// Runs the pass.
pub fn run(stack: &mut Stack, _settings: &Settings, notes: &mut Notes) {
    for service in stack.services.values_mut() {
        if !notes.is_on_for(service) || said_of_container(service, "capabilities").is_some() {
            continue;
        }
        let security = &service.security;
        let has = |list: &[Traced<String>], word: &str| list.iter().any(|name| name.value == word);
        if has(&security.cap_drop, "ALL") {
            continue;
        }
        if security.privileged.as_ref().is_some_and(|privileged| privileged.value) || has(&security.cap_add, "ALL") {
            notes.stay_away(&service.name, "the project gives it all rights of the machine");
            continue;
        }
        if service.image_facts.as_ref().is_some_and(|facts| facts.file_rights) {
            notes.stay_away(&service.name, "its Dockerfile gives programs rights of their own with `setcap`");
            continue;
        }
        let (needed, because) = needed(service);
        if let Some(word) = sends_raw(service) {
            notes.stay_away(&service.name, format!("it seems to send packets of its own making: `{word}`"));
            continue;
        }
        let keep = |name: &&&str| !has(&security.cap_add, name) && !has(&security.cap_drop, name);
        let added: Vec<Traced<String>> =
            needed.iter().filter(keep).map(|name| Traced::decided((*name).to_owned(), NAME, because.clone())).collect();
        // Those that are gone by name are gone with all.
        let security = &mut service.security;
        let all = Traced::decided("ALL".to_owned(), NAME, because);
        security.cap_drop.push(all);
        security.cap_add.extend(added);
    }
}

/// What is added again, and why.
fn needed(service: &Service) -> (Vec<&'static str>, String) {
    let low = service.ports.iter().any(|port| port.container < 1024);
    let bind = ["NET_BIND_SERVICE"].into_iter().filter(|_| low);
    let is_alone = service.security.userns.as_ref().is_some_and(|mode| mode.value == "private");
    match (uid(service), product_user(service)) {
        (Some(uid), _) if uid != 0 => (Vec::new(), "whoever is not root has no rights of root to lose".to_owned()),
        _ if is_alone => (bind.collect(), "root among its own user ids needs no right over others".to_owned()),
        (Some(_), Some(user)) if user.starts_as_root && user.uid != 0 && user.runs_unprivileged == Some(true) => {
            let title = product(service).map(|(product, _)| product.title.as_str()).unwrap_or_default();
            let because =
                format!("the image of {title} starts as root, prepares its folders and goes on as user {}", user.uid);
            (TO_DROP.into_iter().chain(bind).collect(), because)
        }
        (Some(_), _) => {
            (GIVEN.to_vec(), "it runs as root, and nobody knows what it needs of what the engine gave it".to_owned())
        }
        (None, _) => {
            let because = "nobody knows who it runs as and what it needs of what the engine gave it";
            (GIVEN.to_vec(), because.to_owned())
        }
    }
}

/// A word of its argv or health check that stands for a program which makes its own packets.
fn sends_raw(service: &Service) -> Option<String> {
    const PROGRAMS: [&str; 7] = ["ping", "ping6", "tcpdump", "arping", "nmap", "traceroute", "dhclient"];
    let argv = [&service.process.entrypoint, &service.process.command].into_iter().flatten();
    let mut words: Vec<&str> = argv.flat_map(|argv| &argv.value).map(String::as_str).collect();
    if let tranship_model::Health::Check(check) = &service.health {
        match check.test.as_ref().map(|test| &test.value) {
            Some(tranship_model::Test::Exec(test)) => words.extend(test.iter().map(String::as_str)),
            Some(tranship_model::Test::Shell(line)) => words.push(line),
            None => {}
        }
    }
    let mut words = words.into_iter().flat_map(|word| word.split(|c: char| c.is_whitespace() || ";&|".contains(c)));
    // `redis-cli ping` is a command of its own, not a program.
    let first = words.next();
    let is = |word: &str| PROGRAMS.contains(&word.rsplit('/').next().unwrap_or(word));
    let mut before = first.unwrap_or_default();
    if is(before) {
        return Some(before.to_owned());
    }
    for word in words {
        let begins = before.is_empty() || ["&&", "||", ";", "-c", "then", "do", "exec", "CMD", "!"].contains(&before);
        if begins && is(word) {
            return Some(word.to_owned());
        }
        before = word;
    }
    None
}
