//! Packages that manifests name: `package.json`, `requirements.txt`, `go.mod` and their like.
//!
//! Only names are wanted, and where they stand; versions are kept as written. What cannot be read gives nothing.

use serde_json::Value;

use super::files::Reader;
use crate::place::{Place, ends};

/// A package that the code uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Package {
    /// The ecosystem and the name, as `pip:fastapi`, in small letters where the ecosystem does not tell them apart.
    pub(super) key: String,
    /// The version as written; may be empty.
    pub(super) version: String,
    /// Whether only development needs it.
    pub(super) dev: bool,
    /// Where it is named.
    pub(super) place: Place,
}

/// Every package the manifests of some folders name.
pub(super) fn packages(reader: &mut Reader<'_>, folders: &[String]) -> Vec<Package> {
    let mut out = Vec::new();
    for folder in folders {
        for name in reader.list(folder).to_vec() {
            let Some(read) = reads(&name) else { continue };
            let path = reader.name(folder, &name);
            let Some(text) = reader.text(&path) else { continue };
            out.extend(read(&text).into_iter().map(|(key, version, dev, line)| Package {
                key,
                version,
                dev,
                place: Place::new(path.clone(), line),
            }));
        }
    }
    out
}

/// Key, version, whether only development needs it, line.
type Row = (String, String, bool, usize);

fn reads(name: &str) -> Option<fn(&str) -> Vec<Row>> {
    let is_requirements = name.starts_with("requirements") && ends(name, &[".txt", ".in"]);
    Some(match name {
        "package.json" => npm,
        "pyproject.toml" | "Pipfile" => pyproject,
        "setup.py" | "setup.cfg" | "environment.yml" => python_words,
        "go.mod" => go,
        "Cargo.toml" => cargo,
        "Gemfile" => gem,
        "composer.json" => composer,
        "pom.xml" => pom,
        "build.gradle" | "build.gradle.kts" => gradle,
        "mix.exs" => mix,
        "Package.swift" => swift,
        _ if is_requirements => requirements,
        _ if ends(name, &[".csproj", ".fsproj"]) => project,
        _ => return None,
    })
}

/// The line of a text's first place of some words.
fn line_of(text: &str, words: &str) -> usize {
    text.find(words).map_or(1, |at| text.get(..at).unwrap_or_default().matches('\n').count() + 1)
}

fn npm(text: &str) -> Vec<Row> {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let mut out = Vec::new();
    for (section, dev) in [("dependencies", false), ("peerDependencies", true), ("devDependencies", true)] {
        for (name, version) in value.get(section).and_then(Value::as_object).into_iter().flatten() {
            let version = version.as_str().unwrap_or_default().to_owned();
            out.push((format!("npm:{name}"), version, dev, line_of(text, &format!("\"{name}\""))));
        }
    }
    out
}

fn composer(text: &str) -> Vec<Row> {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let mut out = Vec::new();
    for (section, dev) in [("require", false), ("require-dev", true)] {
        for (name, version) in value.get(section).and_then(Value::as_object).into_iter().flatten() {
            let version = version.as_str().unwrap_or_default().to_owned();
            out.push((format!("composer:{name}"), version, dev, line_of(text, &format!("\"{name}\""))));
        }
    }
    out
}

/// The name of a Python package as it is compared: small letters, `-` for what stands between words.
fn pip(name: &str) -> String {
    format!("pip:{}", name.to_ascii_lowercase().replace(['_', '.'], "-"))
}

/// The name at the beginning of a requirement and what follows it.
fn requirement(text: &str) -> Option<(String, String)> {
    let text = text.trim().trim_matches(['"', '\'', ',']).trim();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    let version = rest.split(';').next().unwrap_or_default().split(']').next_back().unwrap_or_default();
    (starts && name.len() > 1).then(|| (pip(name), version.trim().trim_matches(['"', '\'']).to_owned()))
}

fn requirements(text: &str) -> Vec<Row> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.split('#').next().unwrap_or_default().trim()));
    let wanted = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('-'));
    wanted.filter_map(|(at, line)| requirement(line).map(|(key, version)| (key, version, false, at))).collect()
}

/// Dependencies of `pyproject.toml` in its own form and Poetry's, and of a Pipfile.
fn pyproject(text: &str) -> Vec<Row> {
    let Ok(table) = text.parse::<toml::Table>() else { return Vec::new() };
    let at = |path: &[&str]| path.iter().try_fold(&table, |table, key| table.get(*key)?.as_table());
    let mut out = Vec::new();
    let lists = at(&["project"]).and_then(|project| project.get("dependencies")).and_then(toml::Value::as_array);
    for entry in lists.into_iter().flatten().filter_map(toml::Value::as_str) {
        if let Some((key, version)) = requirement(entry) {
            out.push((key, version, false, line_of(text, entry)));
        }
    }
    for path in [&["tool", "poetry", "dependencies"][..], &["packages"]] {
        for (name, version) in at(path).into_iter().flatten().filter(|(name, _)| *name != "python") {
            let version = version.as_str().unwrap_or_default().to_owned();
            out.push((pip(name), version, false, line_of(text, name)));
        }
    }
    out
}

/// Quoted or listed words of a file that is no data: each may be a package.
fn python_words(text: &str) -> Vec<Row> {
    let mut out = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        let words: Vec<&str> = match line.strip_prefix("- ") {
            Some(item) => vec![item],
            None => line.split(['"', '\'']).skip(1).step_by(2).collect(),
        };
        out.extend(words.into_iter().filter_map(requirement).map(|(key, version)| (key, version, false, at + 1)));
    }
    out
}

fn go(text: &str) -> Vec<Row> {
    let mut out = Vec::new();
    let mut inside = false;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("require (") {
            inside = true;
        } else if line == ")" {
            inside = false;
        }
        let entry = if inside { Some(line) } else { line.strip_prefix("require ") };
        let Some((name, version)) = entry.and_then(|entry| entry.split_once(' ')) else { continue };
        // What another package needs is none of the code's own choices.
        if name.contains('.') && !line.ends_with("// indirect") {
            out.push((
                format!("go:{name}"),
                version.split_whitespace().next().unwrap_or_default().to_owned(),
                false,
                at + 1,
            ));
        }
    }
    out
}

fn cargo(text: &str) -> Vec<Row> {
    let Ok(table) = text.parse::<toml::Table>() else { return Vec::new() };
    let of = |table: &toml::Table, dev: bool| {
        let section = if dev { "dev-dependencies" } else { "dependencies" };
        let entries = table.get(section).and_then(toml::Value::as_table).into_iter().flatten();
        entries
            .map(|(name, value)| {
                let version = value.as_str().or_else(|| value.get("version").and_then(toml::Value::as_str));
                (
                    format!("cargo:{name}"),
                    version.unwrap_or_default().to_owned(),
                    dev,
                    line_of(text, &format!("\n{name}")) + 1,
                )
            })
            .collect::<Vec<_>>()
    };
    let workspace = table.get("workspace").and_then(toml::Value::as_table);
    let mut out = of(&table, false);
    out.extend(of(&table, true));
    out.extend(workspace.into_iter().flat_map(|workspace| of(workspace, false)));
    out
}

fn gem(text: &str) -> Vec<Row> {
    let lines = text.lines().enumerate();
    let gems = lines.filter_map(|(at, line)| {
        let mut words = line.trim().strip_prefix("gem ")?.split(['"', '\'']);
        let name = words.nth(1)?;
        Some((format!("gem:{name}"), words.nth(1).unwrap_or_default().to_owned(), false, at + 1))
    });
    gems.collect()
}

fn pom(text: &str) -> Vec<Row> {
    let lines = text.lines().enumerate();
    let found = lines.flat_map(|(at, line)| {
        let names = line.split("<artifactId>").skip(1).filter_map(|rest| rest.split('<').next());
        names.map(move |name| (format!("maven:{}", name.trim()), String::new(), false, at + 1)).collect::<Vec<_>>()
    });
    found.collect()
}

/// Quoted words of a build script: plugins as they are, coordinates by the artifact.
fn gradle(text: &str) -> Vec<Row> {
    let mut out = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
        for word in line.split(['"', '\'']).skip(1).step_by(2) {
            let mut parts = word.split(':');
            let (first, artifact) = (parts.next().unwrap_or_default(), parts.next());
            let name = artifact.unwrap_or(first);
            out.push((format!("maven:{name}"), parts.next().unwrap_or_default().to_owned(), false, at + 1));
        }
    }
    out
}

/// Packages and the kind of project of .NET.
fn project(text: &str) -> Vec<Row> {
    let mut out = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for mark in ["PackageReference Include=\"", "Project Sdk=\"", "FrameworkReference Include=\""] {
            let name = line.split_once(mark).and_then(|(_, rest)| rest.split('"').next());
            out.extend(name.map(|name| (format!("nuget:{name}"), String::new(), false, at + 1)));
        }
    }
    out
}

fn mix(text: &str) -> Vec<Row> {
    let lines = text.lines().enumerate();
    let found = lines.filter_map(|(at, line)| {
        let name = line.trim().strip_prefix("{:")?.split(',').next()?;
        Some((format!("hex:{name}"), String::new(), false, at + 1))
    });
    found.collect()
}

fn swift(text: &str) -> Vec<Row> {
    let lines = text.lines().enumerate().filter(|(_, line)| line.contains(".package("));
    let found = lines.filter_map(|(at, line)| {
        let url = line.split('"').nth(1)?;
        let name = url.rsplit('/').next()?.trim_end_matches(".git");
        Some((format!("swift:{name}"), String::new(), false, at + 1))
    });
    found.collect()
}

/// Packages that a command installs: `pip install a b==1`, `npm i -g c`.
pub(super) fn installed(command: &str) -> Vec<String> {
    let mut out = Vec::new();
    for part in command.split(['\n', ';', '&', '|']) {
        let words: Vec<&str> = part.split_whitespace().filter(|word| *word != "\\").collect();
        let Some(at) = words.iter().position(|word| matches!(*word, "install" | "add" | "i")) else { continue };
        let before = words.get(..at).unwrap_or_default();
        let has = |names: &[&str]| before.iter().any(|word| names.contains(&word.rsplit('/').next().unwrap_or(word)));
        let after = words.iter().skip(at + 1).filter(|word| !word.starts_with(['-', '.', '$', '/']));
        if has(&["pip", "pip3", "uv", "poetry"]) {
            out.extend(
                after.filter(|word| !ends(word, &[".txt"])).filter_map(|word| requirement(word)).map(|(key, _)| key),
            );
        } else if has(&["npm", "yarn", "pnpm"]) || before.is_empty() && words.first() == Some(&"npm") {
            out.extend(after.map(|word| {
                let name =
                    word.get(1..).and_then(|rest| rest.find('@')).map_or(*word, |cut| word.get(..=cut).unwrap_or(word));
                format!("npm:{name}")
            }));
        } else if has(&["gem"]) {
            out.extend(after.map(|word| format!("gem:{word}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(rows: Vec<Row>) -> Vec<String> {
        rows.into_iter().map(|(key, version, _, line)| format!("{key} {version} {line}")).collect()
    }

    #[test]
    fn packages_are_named_with_version_and_line() {
        let rows =
            npm("{\n \"dependencies\": {\n  \"next\": \"15.1.0\"\n },\n \"devDependencies\": {\"vite\": \"^6\"}\n}");
        assert_eq!(keys(rows), ["npm:next 15.1.0 3", "npm:vite ^6 5"]);
        let rows = requirements(
            "# web\nfastapi==0.115.0\nuvicorn[standard]>=0.30 ; python_version > '3'\n-r more.txt\nFlask_Login\n",
        );
        assert_eq!(keys(rows), ["pip:fastapi ==0.115.0 2", "pip:uvicorn >=0.30 3", "pip:flask-login  5"]);
        let rows = pyproject(
            "[project]\nname = \"x\"\ndependencies = [\n \"django>=5\",\n]\n[tool.poetry.dependencies]\npython = \"^3\"\nflask = \"^3.0\"\n",
        );
        assert_eq!(keys(rows), ["pip:django >=5 4", "pip:flask ^3.0 8"]);
        let rows = go(
            "module x\nrequire github.com/gin-gonic/gin v1.10.0\nrequire (\n\tgolang.org/x/net v0.1 // indirect\n\tgithub.com/a/b v1\n)\n",
        );
        assert_eq!(keys(rows), ["go:github.com/gin-gonic/gin v1.10.0 2", "go:github.com/a/b v1 5"]);
        assert_eq!(keys(cargo("[package]\nname = \"x\"\n[dependencies]\naxum = \"0.8\"\n")), ["cargo:axum 0.8 4"]);
        assert_eq!(keys(gem("source 'x'\ngem 'rails', '~> 8.0'\n")), ["gem:rails ~> 8.0 2"]);
        assert_eq!(
            keys(composer("{\"require\": {\"laravel/framework\": \"^12\"}}")),
            ["composer:laravel/framework ^12 1"]
        );
        assert_eq!(
            keys(pom("<parent>\n<artifactId>spring-boot-starter-parent</artifactId>\n")),
            ["maven:spring-boot-starter-parent  2"]
        );
        assert_eq!(
            keys(gradle("plugins {\n id 'org.springframework.boot' version '3.5'\n}")),
            ["maven:org.springframework.boot  2", "maven:3.5  2"]
        );
        assert_eq!(keys(project("<Project Sdk=\"Microsoft.NET.Sdk.Web\">")), ["nuget:Microsoft.NET.Sdk.Web  1"]);
        assert_eq!(keys(mix("{:phoenix, \"~> 1.7\"},")), ["hex:phoenix  1"]);
    }

    #[test]
    fn commands_tell_what_they_install() {
        assert_eq!(
            installed("pip install --no-cache-dir flask==3 redis && npm i -g @nestjs/cli@10 next"),
            ["pip:flask", "pip:redis", "npm:@nestjs/cli", "npm:next"]
        );
        assert_eq!(installed("pip install -r requirements.txt; apt-get install -y curl"), [""; 0]);
        assert_eq!(installed("npm install"), [""; 0]);
    }

    #[test]
    fn broken_manifests_give_nothing() {
        for text in ["", "{", "[", "<<<", "\u{feff}", "gem", "gem ''", "require"] {
            for read in
                [npm, composer, requirements, pyproject, python_words, go, cargo, gem, pom, gradle, project, mix, swift]
            {
                assert!(read(text).len() < 2, "{text}");
            }
        }
    }
}
