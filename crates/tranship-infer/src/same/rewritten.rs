//! Texts that differ by nothing but names Kubernetes cannot carry.

use std::collections::BTreeMap;

/// Names and what stands in their places.
pub(super) struct Rewritten<'a> {
    names: &'a BTreeMap<String, String>,
}

impl<'a> Rewritten<'a> {
    pub(super) fn new(names: &'a BTreeMap<String, String>) -> Self {
        Self { names }
    }

    /// Whether `there` is `here` with some of the names replaced.
    pub(super) fn leads(&self, here: &str, there: &str) -> bool {
        !self.names.is_empty() && self.follows(here.as_bytes(), there.as_bytes())
    }

    /// The same of bytes.
    pub(super) fn leads_in(&self, here: &[u8], there: &[u8]) -> bool {
        !self.names.is_empty() && self.follows(here, there)
    }

    fn follows(&self, mut here: &[u8], mut there: &[u8]) -> bool {
        loop {
            let common = here.iter().zip(there).take_while(|(a, b)| a == b).count();
            if common == here.len() && common == there.len() {
                return true;
            }
            // The first byte that differs lies in a name or right behind it: a name starts at most its length before.
            let found = self.names.iter().find_map(|(from, to)| {
                let back = from.len().max(to.len()).min(common);
                (common - back..=common).find_map(|start| {
                    let left = strip(here.get(start..)?, from.as_bytes())?;
                    let right = there.get(start..)?.strip_prefix(to.as_bytes())?;
                    (start + from.len().max(to.len()) > common).then_some((left, right))
                })
            });
            match found {
                Some((a, b)) => (here, there) = (a, b),
                None => return false,
            }
        }
    }
}

/// What follows a name, whose case does not count.
fn strip<'t>(text: &'t [u8], name: &[u8]) -> Option<&'t [u8]> {
    let (head, rest) = text.split_at_checked(name.len())?;
    head.eq_ignore_ascii_case(name).then_some(rest)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Rewritten;

    #[test]
    fn only_the_names_may_differ() {
        let names = BTreeMap::from([("my_db".to_owned(), "my-db".to_owned()), ("a.b".to_owned(), "web".to_owned())]);
        let names = Rewritten::new(&names);
        for (here, there, expect) in [
            ("pg://my_db:5432/my_db", "pg://my-db:5432/my_db", true),
            ("pg://MY_DB:5432", "pg://my-db:5432", true),
            ("my_db,a.b,x", "my-db,web,x", true),
            ("my_db", "my-db2", false),
            ("my_dbx", "my-dbx", true),
            ("other_db", "other-db", false),
            ("x", "y", false),
            ("", "web", false),
        ] {
            assert_eq!(names.leads(here, there), expect, "{here} {there}");
        }
    }
}
