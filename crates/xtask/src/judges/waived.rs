//! The published list of findings that are waived: `docs/judges.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// Findings by judge and id, with the reason for each.
#[derive(Debug)]
pub struct Waived(BTreeMap<(String, String), String>);

impl Waived {
    /// Reads the list. Every row has a reason.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut all = BTreeMap::new();
        for line in text.lines() {
            let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
            let [judge, id, why] = cells.as_slice() else { continue };
            let Some(id) = id.strip_prefix('`').and_then(|id| id.strip_suffix('`')) else { continue };
            if why.is_empty() {
                bail!("{judge} `{id}` is waived without a reason");
            }
            all.insert(((*judge).to_owned(), id.to_owned()), (*why).to_owned());
        }
        Ok(Self(all))
    }

    /// Whether a finding is waived.
    pub fn excuses(&self, judge: &str, id: &str) -> bool {
        self.0.contains_key(&(judge.to_owned(), id.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Waived;

    #[test]
    fn rows_with_an_id_in_backticks_are_waived_and_each_has_a_reason() {
        let list = Waived::parse("| judge | id | why |\n|---|---|---|\n| checkov | `CKV_K8S_8` | because |\n").unwrap();
        assert!(list.excuses("checkov", "CKV_K8S_8"));
        assert!(!list.excuses("kube-score", "CKV_K8S_8") && !list.excuses("judge", "id"));
        assert!(Waived::parse("| checkov | `CKV_K8S_8` | |").is_err());
    }
}
