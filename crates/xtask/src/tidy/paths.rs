//! No path of the machine something was written on: it is right nowhere else.

use std::env;

use super::{Fault, Tree};

/// Looks at every text file for the place of this checkout, the build caches of its user, and folders of work machines.
pub fn check(tree: &Tree) -> Vec<Fault> {
    let home = env::var("HOME").unwrap_or_default();
    let mut places = vec![format!("{}/", tree.root), ["/wo", "rk/"].concat(), ["/Use", "rs/"].concat()];
    if home.len() > 1 {
        places.extend([".cache/tranship-testbed", ".cargo/", ".rustup/"].map(|folder| format!("{home}/{folder}")));
    }
    let mut faults = Vec::new();
    for file in &tree.files {
        for (number, line) in file.lines() {
            let found = places.iter().find(|place| starts_a_path(line, place));
            faults.extend(
                found.and_then(|place| file.fault("paths", number, format!("`{place}…` is a path of one machine"))),
            );
        }
    }
    faults
}

/// Whether the line has the place as the start of a path, and not in the middle of a longer one.
fn starts_a_path(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "./_-~}*".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Tree;

    #[test]
    fn paths_of_a_machine_are_faults_and_paths_in_a_project_are_not() {
        let bad = format!("cd {}{}/main\n", "/wo", "rk");
        assert_eq!(check(&Tree::of("docs/a.md", &bad)).len(), 1);
        assert_eq!(check(&Tree::of("docs/a.md", "see /elsewhere/src/lib.rs\n")).len(), 1);
        assert_eq!(check(&Tree::of("docs/a.md", "./work/main and src/work/x and /var/lib\n")), []);
    }
}
