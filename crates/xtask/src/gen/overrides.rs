//! `docs/schemas/x-tranship.v1.json`, and the reference of every key in `docs/overrides.md`, from the list of keys.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use tranship_compose::overrides;

use super::Generated;

const PAGE: &str = "docs/overrides.md";
const BEGIN: &str = "<!-- Written by `cargo xtask gen` from `crates/tranship-compose/src/overrides/keys.rs`. -->\n";

/// The schema, and the page with its reference made anew; what stands above the mark is written by hand.
pub fn generate(root: &Path) -> Result<Vec<Generated>> {
    let page = fs::read_to_string(root.join(PAGE)).with_context(|| format!("reading {PAGE}"))?;
    let (head, _) = page.split_once(BEGIN).with_context(|| format!("{PAGE} has no line {BEGIN}"))?;
    let schema = format!("{:#}\n", overrides::schema());
    Ok(vec![
        ("docs/schemas/x-tranship.v1.json".to_owned(), schema),
        (PAGE.to_owned(), format!("{head}{BEGIN}\n{}", overrides::markdown())),
    ])
}
