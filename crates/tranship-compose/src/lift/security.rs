//! Rights: capabilities, security options, namespaces of the machine.

use tranship_model::{Security, Traced};

use super::context::Lifting;
use super::env::texts;
use crate::typed::{Nullable, Pairs};

/// The keys of a service that rights are made of.
pub(super) struct Keys<'a> {
    pub privileged: &'a Option<Traced<bool>>,
    pub cap_add: &'a [Traced<String>],
    pub cap_drop: &'a [Traced<String>],
    pub read_only: &'a Option<Traced<bool>>,
    pub security_opt: &'a [Traced<String>],
    pub sysctls: &'a Pairs<Nullable>,
    pub pid: &'a Option<Traced<String>>,
    pub ipc: &'a Option<Traced<String>>,
    pub network_mode: &'a Option<Traced<String>>,
    pub uts: &'a Option<Traced<String>>,
    pub userns_mode: &'a Option<Traced<String>>,
}

/// The rights of a service.
pub(super) fn lift(cx: &mut Lifting<'_>, keys: &Keys<'_>) -> Security {
    let Keys {
        privileged,
        cap_add,
        cap_drop,
        read_only,
        security_opt,
        sysctls,
        pid,
        ipc,
        network_mode,
        uts,
        userns_mode,
    } = keys;
    let mut security = Security {
        privileged: (*privileged).clone(),
        cap_add: cap_add.iter().map(capability).collect(),
        cap_drop: cap_drop.iter().map(capability).collect(),
        read_only_root: (*read_only).clone(),
        sysctls: texts(sysctls),
        pid: spoken(cx, pid.as_ref(), "pid"),
        ipc: spoken(cx, ipc.as_ref(), "ipc"),
        network_mode: spoken(cx, network_mode.as_ref(), "network_mode"),
        uts: spoken(cx, uts.as_ref(), "uts"),
        userns: spoken(cx, userns_mode.as_ref(), "userns_mode"),
        ..Security::default()
    };
    for option in *security_opt {
        security_option(cx, option, &mut security);
    }
    security
}

/// A text that says something; an empty one is the default.
fn spoken(cx: &mut Lifting<'_>, value: Option<&Traced<String>>, key: &str) -> Option<Traced<String>> {
    let value = value?;
    if value.value.is_empty() {
        cx.decided(value, &format!("an empty `{key}` is the container's own"));
        return None;
    }
    Some(value.clone())
}

/// A capability as the kernel's list names it, without `CAP_`.
fn capability(written: &Traced<String>) -> Traced<String> {
    let upper = written.value.to_ascii_uppercase();
    written.with(upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned())
}

/// One option, `key:value` or `key=value`.
fn security_option(cx: &mut Lifting<'_>, option: &Traced<String>, security: &mut Security) {
    let text = option.value.trim();
    let (key, value) = text.split_once([':', '=']).map_or((text, ""), |(key, value)| (key, value));
    match key {
        "no-new-privileges" => security.no_new_privileges = Some(option.with(value != "false")),
        "seccomp" => security.seccomp = Some(option.with(value.to_owned())),
        "apparmor" => security.apparmor = Some(option.with(value.to_owned())),
        "label" => security.selinux.push(option.with(value.replacen('=', ":", 1))),
        "systempaths" => cx.dropped(
            option,
            "uncovering the kernel's protected paths needs an unmasked /proc, which only a pod with its own user \
             namespace may have",
            "do without it, or set `procMount: Unmasked` and `hostUsers: false` by hand",
        ),
        "credentialspec" => cx.dropped(
            option,
            "a credential spec is for containers of Windows",
            "on Windows nodes set `windowsOptions.gmsaCredentialSpecName` by hand",
        ),
        _ => cx.dropped(
            option,
            &format!("the security option `{key}` is not known to have a counterpart in a pod"),
            "look up what it does and set the pod's security context by hand",
        ),
    }
}
