//! What the passes about rights make of services, one line each.

use tranship_model::catalog::{self, ImageRef};
use tranship_model::{ImageKnowledge, MountSource, Service, Stack, Traced};

use crate::fixture::stack;
use crate::{Settings, harden};

/// The facts that the catalog has of the images, as whoever looks at images puts them into the stack.
fn learned(mut stack: Stack) -> Stack {
    for service in stack.services.values_mut() {
        let image = service.image.as_ref().map(|image| image.value.clone()).unwrap_or_default();
        let Some(product) = catalog::find(&image) else { continue };
        let tag = ImageRef::parse(&image).tag;
        let number = |value: u32| Some(Traced::decided(value, "test", "the catalog says so"));
        let user = product.user_for(tag);
        service.image_facts = Some(Box::new(ImageKnowledge {
            uid: user.and_then(|user| number(if user.starts_as_root { 0 } else { user.uid })),
            gid: user.and_then(|user| number(if user.starts_as_root { 0 } else { user.gid? })),
            ..ImageKnowledge::default()
        }));
    }
    stack
}

/// `user, non-root, dropped +added, read-only, no-escalation, seccomp, folders` as far as they are there.
fn rights(service: &Service) -> String {
    let mut out = Vec::new();
    if let Some(user) = &service.process.user {
        let group = user.value.group.as_ref().map(|group| format!(":{group}")).unwrap_or_default();
        out.push(format!("{}{group}", user.value.user));
    }
    let security = &service.security;
    let words = |list: &[Traced<String>]| list.iter().map(|name| name.value.clone()).collect::<Vec<_>>().join(",");
    if security.non_root.is_some() {
        out.push("non-root".to_owned());
    }
    if !security.cap_drop.is_empty() {
        out.push(format!("-{}", words(&security.cap_drop)));
    }
    match security.cap_add.len() {
        0 => {}
        13 => out.push("+given".to_owned()),
        _ => out.push(format!("+{}", words(&security.cap_add))),
    }
    let flags = [("read-only", &security.read_only_root), ("no-escalation", &security.no_new_privileges)];
    out.extend(
        flags.iter().filter(|(_, flag)| flag.as_ref().is_some_and(|f| f.value)).map(|(word, _)| (*word).to_owned()),
    );
    out.extend(security.seccomp.as_ref().map(|_| "seccomp".to_owned()));
    out.extend(security.sysctls.iter().map(|(name, value)| format!("{name}={}", value.value)));
    let empty = service.mounts.iter().filter(|mount| matches!(mount.source, MountSource::Scratch { .. }));
    out.extend(empty.map(|mount| mount.target.clone()));
    out.join(" ")
}

fn check(service: &str, expect: &str) {
    let text = format!(
        "services:\n  a:\n    {service}\nvolumes: {{vol: {{}}}}\nconfigs: {{c: {{content: 'access_log /var/log/nginx/own.log;'}}}}\n"
    );
    let mut stack = learned(stack(&text));
    harden(&mut stack, &Settings::default());
    assert_eq!(rights(&stack.services["a"]), expect, "{service}");
}

const LOW: &str = "net.ipv4.ip_unprivileged_port_start=0";

#[test]
fn each_service_gets_no_more_rights_than_it_needs() {
    for (service, expect) in [
        (
            "image: 'postgres:16'\n    volumes: ['vol:/var/lib/postgresql/data']",
            "999:999 non-root -ALL read-only no-escalation seccomp /var/run/postgresql /tmp",
        ),
        ("image: 'unheard/of'", "-ALL +given no-escalation seccomp"),
        ("image: 'unheard/of'\n    user: '1000:1001'", "1000:1001 non-root -ALL no-escalation seccomp"),
        ("image: 'unheard/of'\n    user: root", "root -ALL +given no-escalation seccomp"),
        ("image: 'unheard/of'\n    user: somebody", "somebody -ALL +given no-escalation seccomp"),
        ("image: 'unheard/of'\n    privileged: true", ""),
        (
            "image: 'unheard/of'\n    cap_add: [SYS_ADMIN]",
            "-ALL +SYS_ADMIN,AUDIT_WRITE,CHOWN,DAC_OVERRIDE,FOWNER,FSETID,KILL,MKNOD,NET_BIND_SERVICE,SETFCAP,SETGID,SETPCAP,SETUID,SYS_CHROOT seccomp",
        ),
        ("image: 'unheard/of'\n    cap_drop: [ALL]\n    cap_add: [CHOWN]", "-ALL +CHOWN no-escalation seccomp"),
        (
            "image: 'unheard/of'\n    cap_drop: [CHOWN]",
            "-CHOWN,ALL +AUDIT_WRITE,DAC_OVERRIDE,FOWNER,FSETID,KILL,MKNOD,NET_BIND_SERVICE,SETFCAP,SETGID,SETPCAP,SETUID,SYS_CHROOT no-escalation seccomp",
        ),
        ("image: 'unheard/of'\n    command: ping -c 1 example.com", "no-escalation seccomp"),
        ("image: 'unheard/of'\n    command: sudo server", "-ALL +given seccomp"),
        (
            "image: 'unheard/of'\n    security_opt: ['seccomp=unconfined', 'no-new-privileges:false']",
            "-ALL +given seccomp",
        ),
    ] {
        check(service, expect);
    }
}

#[test]
fn an_image_stays_root_where_the_project_may_need_it() {
    let direct = |folders: &str| format!("101:101 non-root -ALL read-only no-escalation seccomp {LOW} {folders}");
    check("image: 'nginx:1.29'\n    ports: ['80:80']", &direct("/var/cache/nginx /var/run /tmp"));
    let templates = "image: 'nginx:1.29'\n    ports: ['80:80']\n    volumes: ['vol:/etc/nginx/templates:ro']";
    check(templates, &direct("/var/cache/nginx /var/run /tmp /etc/nginx/conf.d"));
    for settings in [
        "command: sh -c 'chown x y && nginx'",
        "entrypoint: /mine",
        "configs: [{source: c, target: /etc/nginx/conf.d/own.conf}]",
        "cap_add: [NET_ADMIN]",
        "network_mode: host",
    ] {
        let text = format!(
            "services:\n  a:\n    image: 'nginx:1.29'\n    expose: ['80']\n    {settings}\nconfigs: {{c: {{content: 'access_log /var/log/nginx/own.log;'}}}}\n"
        );
        let mut stack = learned(stack(&text));
        let notes = harden(&mut stack, &Settings::default()).value;
        let service = &stack.services["a"];
        assert!(service.process.user.is_none() && service.security.read_only_root.is_none(), "{settings}");
        assert!(notes.stayed_away.iter().any(|away| away.pass == "user"), "{settings}");
    }
}

#[test]
fn what_the_user_says_in_the_words_of_kubernetes_is_left_to_the_user() {
    let said = "x-tranship: {securityContext: {runAsUser: 5, readOnlyRootFilesystem: false, capabilities: {drop: [X]}, allowPrivilegeEscalation: true}}";
    check(&format!("image: 'postgres:16'\n    {said}"), "seccomp");
}

#[test]
fn a_user_namespace_is_given_on_request_and_root_keeps_no_rights_over_others() {
    let asked = "x-tranship: {passes: {user-namespace: on}}";
    check(&format!("image: 'unheard/of'\n    {asked}"), "-ALL no-escalation seccomp");
    let mut old = stack(&format!("services: {{a: {{image: x, {asked}}}}}"));
    let settings = Settings { version: tranship_kube::KubeVersion::new(34).unwrap(), ..Settings::default() };
    let notes = harden(&mut old, &settings).value;
    assert!(notes.stayed_away.iter().any(|away| away.pass == "user-namespace"));
    assert!(old.services["a"].security.userns.is_none());
}

#[test]
fn a_folder_that_is_mounted_gets_no_other() {
    check(
        "image: 'postgres:16'\n    volumes: ['vol:/var/lib/postgresql/data']\n    tmpfs: [/tmp, /var/run]",
        "999:999 non-root -ALL read-only no-escalation seccomp /tmp /var/run",
    );
}
