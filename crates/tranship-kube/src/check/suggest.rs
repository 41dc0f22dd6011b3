//! The name that was probably meant.

/// The candidate nearest to a word, if it is near enough to be a misspelling of it.
///
/// Upper and lower case count as equal; up to a third of the letters may differ.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let letters = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<char>>();
    let word = letters(word);
    let limit = (word.len() / 3).max(1);
    let mut best = None;
    for candidate in candidates.filter(|candidate| candidate.len().abs_diff(word.len()) <= limit) {
        let score = distance(&word, &letters(candidate));
        if score <= best.map_or(limit, |(lowest, _): (usize, _)| lowest.saturating_sub(1)) {
            best = Some((score, candidate));
        }
        if score == 0 {
            break;
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The number of letters to add, drop, change or swap with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut row: Vec<usize> = Vec::with_capacity(b.len() + 1);
    for (i, x) in a.iter().enumerate() {
        row.clear();
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let at = |line: &[usize], place: usize| line.get(place).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&above, j) + usize::from(x != y)).min(at(&above, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_are_found() {
        let fields = ["containerPort", "hostPort", "name", "protocol"];
        for (word, expect) in [
            ("containerport", Some("containerPort")),
            ("contianerPort", Some("containerPort")),
            ("protocoll", Some("protocol")),
            ("nmae", Some("name")),
            ("volumes", None),
        ] {
            assert_eq!(nearest(word, fields.into_iter()), expect, "{word}");
        }
    }
}
