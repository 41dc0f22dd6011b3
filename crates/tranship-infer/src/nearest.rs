//! The name that was probably meant.

/// The candidate nearest to a name that leads nowhere; `None` when none is near. The first of equals wins.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_ascii_lowercase();
    let scored = candidates.into_iter().filter_map(|candidate| Some((distance(&wanted, candidate)?, candidate)));
    scored.min_by_key(|(score, _)| *score).map(|(_, candidate)| candidate)
}

/// How far a candidate is, for those that are near: the same letters, the same words, a slip of the keyboard.
fn distance(wanted: &str, candidate: &str) -> Option<usize> {
    let candidate = candidate.to_ascii_lowercase();
    if letters(wanted) == letters(&candidate) {
        return Some(0);
    }
    let slips = edits(wanted, &candidate);
    if slips <= 1 && candidate.len() > 2 || slips == 2 && candidate.len() > 5 {
        return Some(slips);
    }
    let (a, b) = (words(wanted), words(&candidate));
    let shared = b.iter().filter(|word| a.contains(word)).count();
    // `backend-service-svc` for `backend-service`, `shop-web-1` for `web`, `db` for `shop-db`: one holds all of the other.
    let holds = shared > 0 && (shared == b.len() || shared == a.len());
    holds.then(|| 3 + a.len().max(b.len()) - shared)
}

fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn words(name: &str) -> Vec<&str> {
    name.split(['-', '_', '.']).filter(|word| !word.is_empty()).collect()
}

/// Letters to add, remove or change.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let above = *cell;
            *cell = (corner + usize::from(x != *y)).min(above + 1).min(left + 1);
            corner = above;
            left = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_longer_forms_find_the_name() {
        let names = ["backend-service", "web", "postgres", "db"];
        for (name, expect) in [
            ("backend-service-svc", Some("backend-service")),
            ("backend_service", Some("backend-service")),
            ("postgers", Some("postgres")),
            ("shop-web-1", Some("web")),
            ("postgre", Some("postgres")),
            ("backend", Some("backend-service")),
            ("kafka", None),
            ("dc", None),
        ] {
            assert_eq!(nearest(name, names), expect, "{name}");
        }
        assert_eq!(edits("kitten", "sitting"), 3);
    }
}
