//! The licences of all dependencies, read from the manifests Cargo has. Advisories need a database from the network and
//! are no part of this.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::context::Context;
use super::outcome::Outcome;
use crate::binary::cargo;

/// Licences that ask for nothing a binary under MIT or Apache-2.0 does not give.
const ALLOWED: &[&str] = &[
    // tidy: sorted
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    // tidy: end
];

/// One test per dependency.
pub fn run(_: &Context) -> Result<Outcome> {
    let done = cargo(&["metadata", "--format-version", "1", "--locked"]).succeed()?;
    let metadata: Value = serde_json::from_slice(&done.stdout).context("reading cargo's metadata")?;
    let packages = metadata.get("packages").and_then(Value::as_array).context("cargo's metadata names no packages")?;
    let mut outcome = Outcome::default();
    for package in packages {
        let text = |key: &str| package.get(key).and_then(Value::as_str).unwrap_or("");
        outcome.count(if allowed(text("license")) {
            Ok(())
        } else {
            Err(format!("{} {}: licence `{}` is not on the list", text("name"), text("version"), text("license")))
        });
    }
    outcome.notes.push("advisories were not asked for: their database needs the network".to_owned());
    Ok(outcome)
}

/// Whether an SPDX expression can be met with allowed licences: all parts of an AND, one part of an OR.
fn allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    split(&expression, " OR ").iter().any(|either| split(either, " AND ").iter().all(|part| one(part)))
}

fn one(part: &str) -> bool {
    let part = part.trim();
    match part.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => allowed(inner),
        None => ALLOWED.contains(&part),
    }
}

/// Splits at a word outside of parentheses.
fn split<'a>(expression: &'a str, word: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0_usize, 0);
    for (at, byte) in expression.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ if depth == 0 && at >= from && expression.get(at..).is_some_and(|rest| rest.starts_with(word)) => {
                parts.push(expression.get(from..at).unwrap_or(""));
                from = at + word.len();
            }
            _ => {}
        }
    }
    parts.push(expression.get(from..).unwrap_or(""));
    parts
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn an_expression_is_allowed_when_it_can_be_met() {
        for good in
            ["MIT", "MIT OR Apache-2.0", "MIT/Apache-2.0", "(MIT OR GPL-3.0) AND Unicode-3.0", "GPL-3.0 OR Zlib"]
        {
            assert!(allowed(good), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(GPL-3.0 OR AGPL-3.0) AND MIT"] {
            assert!(!allowed(bad), "{bad}");
        }
    }
}
