//! `RUN --mount`, `--network`, `--security` and `--device`: what BuildKit refuses.

use std::path::Path;

use crate::flags::{Flags, value};
use crate::lexer::{Lookup, expand};

/// What can be checked before variables are known.
pub(crate) fn check_flags(flags: &Flags) -> Result<(), String> {
    let of = |name: &str, known: &[&str]| match value(flags, name) {
        Some(word) if !known.contains(&word) => Err(format!("`{word}` cannot be the value of `--{name}`")),
        _ => Ok(()),
    };
    of("network", &["default", "none", "host"])?;
    of("security", &["insecure", "sandbox"])?;
    for text in all(flags, "device") {
        device(text)?;
    }
    for text in all(flags, "mount") {
        from(text)?;
    }
    Ok(())
}

/// Where the mounts of an instruction come from: stages or images; `None` is the build's own folder.
pub(crate) fn sources(flags: &Flags) -> Vec<Option<String>> {
    all(flags, "mount").map(|text| from(text).ok().flatten().filter(|from| !from.is_empty())).collect()
}

/// What can be checked once variables are known and the directory the command starts in.
pub(crate) fn check(flags: &Flags, escape: char, lookup: Lookup<'_>, workdir: &str) -> Result<(), String> {
    for text in all(flags, "mount") {
        let mount = mount(text, escape, lookup)?;
        let target = Path::new(workdir).join(&mount.target);
        let hides_all = tranship_source::path::clean(&target) == Path::new("/");
        if hides_all && !["secret", "ssh"].contains(&mount.kind.as_str()) {
            return Err("a mount cannot lie over the whole file system; give it a target".to_owned());
        }
    }
    Ok(())
}

fn all<'a>(flags: &'a Flags, name: &'a str) -> impl Iterator<Item = &'a str> {
    flags.iter().filter(move |(flag, _)| flag == name).map(|(_, value)| value.as_deref().unwrap_or_default())
}

fn from(text: &str) -> Result<Option<String>, String> {
    let mut out = None;
    for field in fields(text)? {
        let Some((key, value)) = field.split_once('=') else { continue };
        if !key.eq_ignore_ascii_case("from") {
            continue;
        }
        if value.find('$').is_some_and(|at| at + 1 != value.len()) {
            return Err("`from` of a mount takes no variables; give the image a stage of its own".to_owned());
        }
        out = Some(value.to_owned());
    }
    Ok(out)
}

fn device(text: &str) -> Result<(), String> {
    let mut named = false;
    for field in fields(text)? {
        let (key, value) = field.split_once('=').map_or((field.as_str(), None), |(key, value)| (key, Some(value)));
        match (key.to_lowercase().as_str(), value) {
            ("required", None) => {}
            ("required", Some(value)) => drop(boolean("required", value)?),
            ("name", Some(value)) if !named => named = !value.is_empty(),
            ("name", Some(_)) => return Err("a device can have only one name".to_owned()),
            (_, _) if !named => named = true,
            _ => return Err(format!("`{field}` means nothing for a device")),
        }
    }
    Ok(())
}

/// What the fields of a mount came to.
#[derive(Default)]
struct Mount {
    kind: String,
    from: bool,
    source: bool,
    target: String,
    id: bool,
    sharing: bool,
    owner: Option<&'static str>,
}

fn mount(text: &str, escape: char, lookup: Lookup<'_>) -> Result<Mount, String> {
    let mut out = Mount { kind: "bind".to_owned(), ..Mount::default() };
    for field in fields(text)? {
        match field.split_once('=') {
            None => bare(&out, &field)?,
            Some((key, value)) => keyed(&mut out, &key.to_lowercase(), &expand(value, escape, lookup)?)?,
        }
    }
    let kind = out.kind.as_str();
    if let Some(key) = out.owner.filter(|_| !["secret", "ssh", "cache"].contains(&kind)) {
        return Err(format!("a mount of type `{kind}` takes no `{key}`"));
    }
    if kind == "secret" {
        if out.from {
            return Err("a mounted secret comes from no stage".to_owned());
        }
        if !(out.source || out.id) && out.target.is_empty() {
            return Err("a mounted secret needs a source, an id or a target".to_owned());
        }
        if out.source && out.id {
            return Err("a mounted secret has a source or an id, not both".to_owned());
        }
    }
    if out.sharing && kind != "cache" { Err(format!("a mount of type `{kind}` takes no `sharing`")) } else { Ok(out) }
}

fn bare(out: &Mount, field: &str) -> Result<(), String> {
    match field.to_lowercase().as_str() {
        "readonly" | "ro" | "readwrite" | "rw" => Ok(()),
        "required" if ["secret", "ssh"].contains(&out.kind.as_str()) => Ok(()),
        _ => Err(format!("`{field}` means nothing for a mount of type `{}`", out.kind)),
    }
}

fn keyed(out: &mut Mount, key: &str, value: &str) -> Result<(), String> {
    let kind = out.kind.clone();
    let only = |kinds: &[&str]| {
        if kinds.contains(&kind.as_str()) { Ok(()) } else { Err(format!("a mount of type `{kind}` takes no `{key}`")) }
    };
    let there = !value.is_empty();
    match key {
        "type" => {
            out.kind = value.to_lowercase();
            if !["bind", "cache", "tmpfs", "secret", "ssh"].contains(&out.kind.as_str()) {
                return Err(format!("`{value}` is no type of mount"));
            }
        }
        "from" => out.from = there,
        "source" | "src" => out.source = there,
        "target" | "dst" | "destination" => value.clone_into(&mut out.target),
        "readonly" | "ro" | "readwrite" | "rw" => drop(boolean(key, value)?),
        "required" => {
            only(&["secret", "ssh"])?;
            boolean(key, value)?;
        }
        "size" => {
            only(&["tmpfs"])?;
            size(value)?;
        }
        "id" => out.id = there,
        "sharing" => {
            if !["shared", "private", "locked"].contains(&value.to_lowercase().as_str()) {
                return Err(format!("`{value}` is no way to share a cache"));
            }
            out.sharing = true;
        }
        "mode" => out.owner = Some(number("mode", value, 8).map(|()| "mode")?),
        "uid" => out.owner = Some(number("uid", value, 10).map(|()| "uid")?),
        "gid" => out.owner = Some(number("gid", value, 10).map(|()| "gid")?),
        "env" => {}
        _ => return Err(format!("`{key}` means nothing for a mount")),
    }
    Ok(())
}

fn number(key: &str, text: &str, radix: u32) -> Result<(), String> {
    let digits = !text.is_empty() && text.chars().all(|c| c.is_digit(radix));
    let fits = digits && u32::from_str_radix(text, radix).is_ok();
    if fits { Ok(()) } else { Err(format!("`{text}` is no {key}")) }
}

fn boolean(key: &str, text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(format!("`{text}` is no truth value for `{key}`")),
    }
}

/// A size such as `64m`, `1.5GiB`.
fn size(text: &str) -> Result<(), String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (count, unit) = text.split_at(end);
    let unit = unit.strip_prefix(' ').unwrap_or(unit).to_lowercase();
    let known = ["", "b"].contains(&unit.as_str())
        || (unit.starts_with(['k', 'm', 'g', 't', 'p']) && ["", "b", "ib"].contains(&unit.get(1..).unwrap_or("x")));
    if known && count.parse::<f64>().is_ok() { Ok(()) } else { Err(format!("`{text}` is no size")) }
}

/// Fields between commas; one in double quotes may hold commas, and a quote written twice.
fn fields(text: &str) -> Result<Vec<String>, String> {
    if text.is_empty() {
        return Err("a list of fields is empty".to_owned());
    }
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        let (field, tail) = match rest.strip_prefix('"') {
            Some(inner) => in_quotes(inner)?,
            None => {
                let (field, tail) = rest.split_once(',').map_or((rest, None), |(field, tail)| (field, Some(tail)));
                if field.contains('"') {
                    return Err("a quote stands inside a field of a list".to_owned());
                }
                (field.to_owned(), tail)
            }
        };
        out.push(field);
        match tail {
            Some(tail) => rest = tail,
            None => return Ok(out),
        }
    }
}

fn in_quotes(inner: &str) -> Result<(String, Option<&str>), String> {
    let mut field = String::new();
    let mut rest = inner;
    loop {
        let Some((before, after)) = rest.split_once('"') else {
            return Err("a quote in a list is not closed".to_owned());
        };
        field.push_str(before);
        if let Some(more) = after.strip_prefix('"') {
            field.push('"');
            rest = more;
        } else if after.is_empty() {
            return Ok((field, None));
        } else if let Some(tail) = after.strip_prefix(',') {
            return Ok((field, Some(tail)));
        } else {
            return Err("a quote in a list is not followed by a comma".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_are_held_to_their_type() {
        let lookup = |name: &str| (name == "T").then(|| "cache".to_owned());
        for (text, good) in [
            ("type=cache,target=/root/.cache,sharing=locked", true),
            ("type=$T,target=/x,uid=1000", true),
            ("target=/x,uid=1000", false),
            ("type=secret,id=a,required", true),
            ("type=secret", false),
            ("type=bind,sharing=shared", false),
            ("type=tmpfs,size=64m", true),
            ("type=tmpfs,size=many", false),
            ("\"type=bind\",target=/x", true),
            ("target=\"x\"", false),
            ("bogus", false),
        ] {
            assert_eq!(mount(text, '\\', &lookup).is_ok(), good, "{text}");
        }
    }
}
