//! Pure crates see files, environment and clock through `World` alone.
//!
//! Clippy refuses the functions by their real names (`crates/clippy-pure.toml`, linked into each pure crate). This rule
//! sees to it that the link is there, that nobody switches the lint off, and finds the plain cases without a compiler.

use super::{Fault, Tree};

/// The crates of layers 0 to 3 that do no I/O.
const PURE: &[&str] = &[
    // tidy: sorted
    "tranship-analyze",
    "tranship-audit",
    "tranship-compose",
    "tranship-emit",
    "tranship-harden",
    "tranship-image",
    "tranship-infer",
    "tranship-kube",
    "tranship-model",
    "tranship-proxy",
    "tranship-source",
    // tidy: end
];

/// Modules of the standard library that reach outside.
const MODULES: &[&str] = &["env", "fs", "os", "process", "thread"];

/// Where such a module is used for what does not reach outside: threads that compute and end before their maker goes on.
const EXEMPT: &[(&str, &str)] = &[("crates/tranship-source/src/both.rs", "std::thread")];

/// What reaches outside without naming such a module.
const NAMES: &[&str] = &[
    "TcpListener",
    "TcpStream",
    "UdpSocket",
    "SystemTime",
    "Instant::now",
    "io::stdin",
    "io::stdout",
    "io::stderr",
    "disallowed_methods",
    "disallowed_types",
];

/// Looks at the code before the tests.
pub fn check(tree: &Tree) -> Vec<Fault> {
    PURE.iter().flat_map(|name| one(tree, name)).collect()
}

fn one(tree: &Tree, name: &str) -> Vec<Fault> {
    let sources = format!("crates/{name}/src/");
    let config = format!("crates/{name}/clippy.toml");
    let mut faults = Vec::new();
    for file in tree.rust().filter(|file| file.path.starts_with(&sources)) {
        for (number, line) in file.code().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            faults.extend(
                reaches(line).filter(|what| !EXEMPT.contains(&(file.path.as_str(), what.as_str()))).and_then(|what| {
                    file.fault("pure", number, format!("`{what}` in a pure crate: go through `World`"))
                }),
            );
        }
    }
    let there = tree.files.iter().any(|file| file.path.starts_with(&sources));
    let linked = tree.files.iter().any(|file| file.path == config && file.text.contains("disallowed-methods"));
    if there && !linked {
        faults.push(Fault { path: config, line: 0, what: "must be a link to ../clippy-pure.toml".to_owned() });
    }
    faults
}

fn reaches(line: &str) -> Option<String> {
    let modules = MODULES.iter().find(|module| {
        let direct = format!("std::{module}");
        let follows = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let grouped = line.trim_start().strip_prefix("use std::{").is_some_and(|group| {
            group
                .split([',', '{', '}', ';'])
                .any(|part| part.trim() == **module || part.trim().starts_with(&format!("{module}::")))
        });
        grouped || line.match_indices(&direct).any(|(at, _)| line.get(at + direct.len()..).is_some_and(follows))
    });
    modules
        .map(|module| format!("std::{module}"))
        .or_else(|| NAMES.iter().find(|name| line.contains(**name)).map(|name| (*name).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{check, reaches};
    use crate::tidy::Tree;

    #[test]
    fn what_reaches_outside_is_found_in_its_usual_spellings() {
        for bad in [
            "use std::fs;",
            "let text = std::fs::read(path)?;",
            "use std::{env, fmt};",
            "use std::{fmt, process::Command};",
            "let now = SystemTime::now();",
            "#[allow(clippy::disallowed_methods)]",
        ] {
            assert!(reaches(bad).is_some(), "{bad}");
        }
        for good in
            ["use std::fmt;", "world.env().get(name)", "std::environment", "use std::{collections::BTreeMap, fmt};"]
        {
            assert_eq!(reaches(good), None, "{good}");
        }
    }

    #[test]
    fn only_the_code_of_pure_crates_counts() {
        let body = "//! Header.\n// std::fs in words\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        let faults = |path: &str, text: &str| check(&Tree::of(path, text)).iter().filter(|f| f.line > 0).count();
        assert_eq!(faults("crates/tranship-model/src/lib.rs", body), 0);
        assert_eq!(faults("crates/tranship-model/src/lib.rs", "use std::fs;\n"), 1);
        assert_eq!(faults("crates/tranship/src/disk.rs", "use std::fs;\n"), 0);
    }

    #[test]
    fn a_pure_crate_without_the_lint_is_a_fault() {
        let faults = check(&Tree::of("crates/tranship-model/src/lib.rs", "//! Header.\n"));
        assert_eq!(faults.first().map(|fault| fault.path.as_str()), Some("crates/tranship-model/clippy.toml"));
    }
}
