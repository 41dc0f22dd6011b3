//! What the files at the source of a mount tell.

use std::path::Path;

use tranship_source::{Kind, World};

/// What a look at a directory found. At most [`MOST`] entries are looked at.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// Files of a programming language.
    pub code: usize,
    /// Files of configuration, texts, pages, certificates.
    pub config: usize,
    /// Any other files.
    pub other: usize,
    /// A file that marks the root of a project of code, such as `package.json`.
    pub marker: Option<String>,
}

impl Contents {
    /// Whether there is no file at all.
    pub(super) fn is_empty(&self) -> bool {
        self.code + self.config + self.other == 0
    }
}

/// Entries that are looked at before the answer is given.
const MOST: usize = 400;

/// Files that mark the root of a project of code.
const MARKERS: &[&str] = &[
    ".git",
    "Cargo.toml",
    "Dockerfile",
    "Gemfile",
    "build.gradle",
    "composer.json",
    "go.mod",
    "manage.py",
    "mix.exs",
    "package.json",
    "pom.xml",
    "pyproject.toml",
    "requirements.txt",
    "setup.py",
    "tsconfig.json",
];

/// Endings of code.
const CODE: &[&str] = &[
    "c", "cc", "cjs", "clj", "cpp", "cs", "csproj", "dart", "erl", "ex", "exs", "fs", "go", "gradle", "h", "hs",
    "java", "jsx", "js", "kt", "lua", "mjs", "php", "pl", "py", "rb", "rs", "scala", "svelte", "swift", "ts", "tsx",
    "vue",
];

/// Endings of configuration and of what is served as it is.
const CONFIG: &[&str] = &[
    "acl",
    "bash",
    "cer",
    "cfg",
    "cnf",
    "conf",
    "config",
    "crt",
    "css",
    "csv",
    "env",
    "hcl",
    "htm",
    "html",
    "ico",
    "ini",
    "jpg",
    "json",
    "key",
    "list",
    "md",
    "pem",
    "png",
    "properties",
    "rego",
    "rules",
    "sh",
    "sql",
    "svg",
    "template",
    "tf",
    "tmpl",
    "toml",
    "tpl",
    "txt",
    "vcl",
    "xml",
    "xsl",
    "yaml",
    "yml",
];

/// Endings of files that keep state.
const STATE: &[&str] = &["db", "sqlite", "sqlite3", "mdb", "rdb", "aof", "dat"];

/// The ending of a file name, in small letters.
pub(super) fn ending(name: &str) -> String {
    let stem = name.trim_start_matches('.');
    stem.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default()
}

/// Whether a file name is one of code.
pub(super) fn is_code(name: &str) -> bool {
    CODE.contains(&ending(name).as_str())
}

/// Whether a file name is one of configuration.
pub(super) fn is_config(name: &str) -> bool {
    CONFIG.contains(&ending(name).as_str()) || name.starts_with('.')
}

/// Whether a file keeps state that the process writes.
pub(super) fn is_state(name: &str) -> bool {
    STATE.contains(&ending(name).as_str()) || name == "acme.json"
}

/// Whether a name marks the root of a project of code.
pub(super) fn is_marker(name: &str) -> bool {
    MARKERS.contains(&name) || ending(name) == "sln"
}

/// Looks at a directory.
pub(super) fn look(world: &dyn World, path: &Path) -> Contents {
    let mut contents = Contents::default();
    let mut left = MOST;
    visit(world, path, 6, &mut left, &mut contents);
    contents
}

fn visit(world: &dyn World, path: &Path, depth: usize, left: &mut usize, out: &mut Contents) {
    let Ok(names) = world.list(path) else { return };
    let top = depth == 6;
    for name in names {
        if *left == 0 {
            return;
        }
        *left -= 1;
        if top && is_marker(&name) && out.marker.is_none() {
            out.marker = Some(name.clone());
        }
        let child = path.join(&name);
        match world.stat(&child).map(|stat| stat.kind) {
            Ok(Kind::Directory) if depth > 0 && !matches!(name.as_str(), ".git" | "node_modules") => {
                visit(world, &child, depth - 1, left, out);
            }
            Ok(Kind::File) if matches!(name.as_str(), ".gitkeep" | ".keep" | ".gitignore" | "README.md") => {}
            Ok(Kind::File) if is_code(&name) => out.code += 1,
            Ok(Kind::File) if is_config(&name) => out.config += 1,
            Ok(Kind::File) => out.other += 1,
            _ => {}
        }
    }
}

/// Why a file is held to be secret, a sentence; `None` when nothing says so.
pub(in crate::lift) fn secret(name: &str, bytes: &[u8]) -> Option<String> {
    let lower = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let ending = ending(&lower);
    let by_name = lower.starts_with(".env")
        || matches!(
            ending.as_str(),
            "env" | "key" | "p12" | "pfx" | "jks" | "keystore" | "kdbx" | "htpasswd" | "pgpass"
        )
        || matches!(
            lower.as_str(),
            "htpasswd" | ".htpasswd" | ".pgpass" | ".netrc" | "pgpass" | "passwd" | "users.acl" | "acme.json"
        )
        || ["id_rsa", "id_ed25519", "id_ecdsa", "credential", "secret", "password", "private"]
            .iter()
            .any(|w| lower.contains(w));
    if by_name && ending != "pub" && !lower.contains("example") && !lower.contains("sample") {
        return Some(format!("files named like `{lower}` hold credentials"));
    }
    let text = std::str::from_utf8(bytes).ok()?;
    if let Some(why) = tranship_model::credential::by_value(text) {
        return Some(why.replace("the value", "the file"));
    }
    let line = text.lines().take(5_000).find(|line| holds_credential(line))?;
    let key = line.split([':', '=']).next().unwrap_or_default().trim();
    Some(format!("the file sets `{key}`"))
}

/// Whether a line sets a key that names a credential to a value that is written out.
fn holds_credential(line: &str) -> bool {
    let line = line.trim().trim_start_matches("export ").trim_start_matches("- ");
    let Some((key, value)) = line.split_once('=').or_else(|| line.split_once(": ")) else { return false };
    let key = key.trim().trim_matches(['"', '\'']);
    let value = value.trim().trim_end_matches([',', ';']).trim_matches(['"', '\'']);
    let is_key =
        !key.is_empty() && key.len() < 60 && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let written = !value.starts_with(['$', '{', '%', '<', '*', '#', '|', '>', '/', '(', '[']) && !value.contains(' ');
    is_key && written && tranship_model::credential::reason(key, value, None).is_some()
}
