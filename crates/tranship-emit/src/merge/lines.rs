//! Lines of two texts compared, and of three merged.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;

/// Changes searched for before two texts count as wholly different, which bounds time and memory.
const MOST_CHANGES: usize = 1_000;

/// Lines of a text that stand for other lines of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Lines of the first text.
    pub from: Range<usize>,
    /// Lines of the second text.
    pub to: Range<usize>,
}

/// The lines of a text with their line breaks.
pub fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Where two lists of lines differ, in order.
pub fn diff(a: &[&str], b: &[&str]) -> Vec<Hunk> {
    let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (a.get(head..).unwrap_or_default(), b.get(head..).unwrap_or_default());
    let tail = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(a, b)| a == b).count();
    let inner_a = rest_a.get(..rest_a.len() - tail).unwrap_or_default();
    let inner_b = rest_b.get(..rest_b.len() - tail).unwrap_or_default();
    if inner_a.is_empty() && inner_b.is_empty() {
        return Vec::new();
    }
    // Numbers compare faster than lines.
    let mut numbers = HashMap::new();
    let (x, y) = (numbered(inner_a, &mut numbers), numbered(inner_b, &mut numbers));
    let same = common(&x, &y).unwrap_or_default();
    gaps(&same, x.len(), y.len(), head)
}

fn numbered<'t>(lines: &[&'t str], numbers: &mut HashMap<&'t str, usize>) -> Vec<usize> {
    let number = |line: &&'t str| {
        let next = numbers.len();
        *numbers.entry(*line).or_insert(next)
    };
    lines.iter().map(number).collect()
}

/// The hunks between pairs of equal lines.
fn gaps(same: &[(usize, usize)], x: usize, y: usize, head: usize) -> Vec<Hunk> {
    let mut hunks = Vec::new();
    let (mut i, mut j) = (0, 0);
    for &(at_x, at_y) in same.iter().chain([&(x, y)]) {
        if i < at_x || j < at_y {
            hunks.push(Hunk { from: i + head..at_x + head, to: j + head..at_y + head });
        }
        (i, j) = (at_x + 1, at_y + 1);
    }
    hunks
}

/// Pairs of equal lines, as many as can be in order (Myers 1986); `None` beyond [`MOST_CHANGES`].
fn common(x: &[usize], y: &[usize]) -> Option<Vec<(usize, usize)>> {
    let limit = (x.len() + y.len()).min(MOST_CHANGES);
    // Diagonal k stands at k + limit + 1.
    let place = |k: isize| usize::try_from(k + isize::try_from(limit).unwrap_or(0) + 1).unwrap_or(0);
    let mut furthest = vec![0usize; 2 * limit + 3];
    let mut trace = Vec::new();
    for changes in 0..=isize::try_from(limit).ok()? {
        trace.push(furthest.clone());
        for k in (-changes..=changes).step_by(2) {
            let (left, right) = (*furthest.get(place(k - 1))?, *furthest.get(place(k + 1))?);
            let mut at_x = if k == -changes || (k != changes && left < right) { right } else { left + 1 };
            let mut at_y = usize::try_from(isize::try_from(at_x).ok()? - k).ok()?;
            while x.get(at_x).is_some() && x.get(at_x) == y.get(at_y) {
                (at_x, at_y) = (at_x + 1, at_y + 1);
            }
            *furthest.get_mut(place(k))? = at_x;
            if at_x >= x.len() && at_y >= y.len() {
                return walk_back(&trace, place, x.len(), y.len());
            }
        }
    }
    None
}

/// The equal pairs on the shortest way, from its end.
fn walk_back(trace: &[Vec<usize>], place: impl Fn(isize) -> usize, x: usize, y: usize) -> Option<Vec<(usize, usize)>> {
    let mut pairs = Vec::new();
    let (mut at_x, mut at_y) = (x, y);
    for (changes, furthest) in trace.iter().enumerate().rev() {
        let changes = isize::try_from(changes).ok()?;
        let k = isize::try_from(at_x).ok()? - isize::try_from(at_y).ok()?;
        let (left, right) = (*furthest.get(place(k - 1))?, *furthest.get(place(k + 1))?);
        let down = k == -changes || (k != changes && left < right);
        let (from_x, from_k) = if down { (right, k + 1) } else { (left, k - 1) };
        let from_y = usize::try_from(isize::try_from(from_x).ok()? - from_k).unwrap_or(0);
        let (stop_x, stop_y) = if changes == 0 { (0, 0) } else { (from_x, from_y) };
        while at_x > stop_x && at_y > stop_y {
            (at_x, at_y) = (at_x - 1, at_y - 1);
            pairs.push((at_x, at_y));
        }
        (at_x, at_y) = (stop_x, stop_y);
    }
    pairs.reverse();
    Some(pairs)
}

/// Both changes of a text, or the line of `hand` (from 1) at which they touch each other.
pub fn merge(last: &str, next: &str, hand: &str) -> Result<String, usize> {
    let (base, ours, theirs) = (split(last), split(next), split(hand));
    let (to_next, to_hand) = (diff(&base, &ours), diff(&base, &theirs));
    let mut out = String::with_capacity(hand.len().max(next.len()));
    let (mut i, mut j, mut at) = (0, 0, 0);
    loop {
        let (a, b) = (to_next.get(i), to_hand.get(j));
        let (hunk, lines) = match (a, b) {
            (Some(a), Some(b)) if touch(a, b) => {
                let same = a.from == b.from && ours.get(a.to.clone()) == theirs.get(b.to.clone());
                if !same {
                    return Err(b.to.start + 1);
                }
                (i, j) = (i + 1, j + 1);
                (b, &theirs)
            }
            (Some(a), b) if b.is_none_or(|b| a.from.start < b.from.start) => {
                i += 1;
                (a, &ours)
            }
            (_, Some(b)) => {
                j += 1;
                (b, &theirs)
            }
            (_, None) => break,
        };
        out.extend(base.get(at..hunk.from.start).unwrap_or_default().iter().copied());
        out.extend(lines.get(hunk.to.clone()).unwrap_or_default().iter().copied());
        at = hunk.from.end;
    }
    out.extend(base.get(at..).unwrap_or_default().iter().copied());
    Ok(out)
}

/// Whether two changes are of the same or of neighbouring lines.
fn touch(a: &Hunk, b: &Hunk) -> bool {
    a.from.start <= b.from.end && b.from.start <= a.from.end
}

/// The change of a file as `diff -u` shows it; empty where there is none.
pub fn unified(path: &str, old: Option<&str>, new: Option<&str>) -> String {
    const AROUND: usize = 3;
    let (a, b) = (split(old.unwrap_or("")), split(new.unwrap_or("")));
    let hunks = diff(&a, &b);
    if hunks.is_empty() && old.is_some() == new.is_some() {
        return String::new();
    }
    let name = |side: &str, there: bool| if there { format!("{side}/{path}") } else { "/dev/null".to_owned() };
    let mut out = format!("--- {}\n+++ {}\n", name("a", old.is_some()), name("b", new.is_some()));
    let mut rest = hunks.as_slice();
    while let Some(first) = rest.first() {
        let near = rest.windows(2).take_while(|pair| match pair {
            [one, two] => two.from.start - one.from.end <= 2 * AROUND,
            _ => false,
        });
        let (group, later) = rest.split_at(near.count() + 1);
        rest = later;
        let last = group.last().unwrap_or(first);
        let lead = first.from.start.min(AROUND);
        let trail = (a.len() - last.from.end).min(AROUND);
        let from = first.from.start - lead..last.from.end + trail;
        let to = first.to.start - lead..last.to.end + trail;
        // The position of an empty range is the line before it.
        let place = |r: &Range<usize>| format!("{},{}", r.start + usize::from(!r.is_empty()), r.len());
        _ = writeln!(out, "@@ -{} +{} @@", place(&from), place(&to));
        let mut at = from.start;
        for hunk in group {
            body(&mut out, ' ', a.get(at..hunk.from.start));
            body(&mut out, '-', a.get(hunk.from.clone()));
            body(&mut out, '+', b.get(hunk.to.clone()));
            at = hunk.from.end;
        }
        body(&mut out, ' ', a.get(at..from.end));
    }
    out
}

fn body(out: &mut String, sign: char, lines: Option<&[&str]>) {
    for line in lines.unwrap_or_default() {
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> String {
        text.chars().flat_map(|c| [c, '\n']).collect()
    }

    #[test]
    fn changes_of_different_lines_are_both_kept() {
        for (last, next, hand, expect) in [
            ("abcdef", "abXdef", "abcdeY", Ok("abXdeY")),
            ("abcdef", "abcdef", "bcdef", Ok("bcdef")),
            ("abcdef", "abcdefZ", "Aabcdef", Ok("AabcdefZ")),
            ("abcdef", "aXcdef", "aXcdef", Ok("aXcdef")),
            ("abcdef", "acdef", "abcde", Ok("acde")),
            ("", "a", "a", Ok("a")),
            ("abc", "", "abc", Ok("")),
            ("abcdef", "aXcdef", "aYcdef", Err(2)),
            ("abcdef", "abXcdef", "abYcdef", Err(3)),
            ("", "a", "b", Err(1)),
        ] {
            let merged = merge(&lines(last), &lines(next), &lines(hand));
            assert_eq!(merged, expect.map(lines), "{last} {next} {hand}");
        }
    }

    #[test]
    fn hunks_turn_one_text_into_the_other() {
        // All pairs of short texts of two letters.
        let texts: Vec<String> = (0..6u32)
            .flat_map(|n| {
                (0..1u32 << n).map(move |bits| (0..n).map(|i| if bits >> i & 1 == 0 { 'a' } else { 'b' }).collect())
            })
            .collect();
        for one in &texts {
            for other in &texts {
                let (a, b) = (lines(one), lines(other));
                let (a, b) = (split(&a), split(&b));
                let (mut out, mut at) = (Vec::new(), 0);
                for hunk in diff(&a, &b) {
                    out.extend_from_slice(&a[at..hunk.from.start]);
                    out.extend_from_slice(&b[hunk.to.clone()]);
                    at = hunk.from.end;
                }
                out.extend_from_slice(&a[at..]);
                assert_eq!(out, b, "{one} {other}");
            }
        }
    }

    #[test]
    fn the_difference_is_shown_with_three_lines_around() {
        let (old, new) = (lines("abcdefghij"), lines("abcdeXghij"));
        let expect = "--- a/x\n+++ b/x\n@@ -3,7 +3,7 @@\n c\n d\n e\n-f\n+X\n g\n h\n i\n";
        assert_eq!(unified("x", Some(&old), Some(&new)), expect);
        assert_eq!(unified("x", None, Some("a\n")), "--- /dev/null\n+++ b/x\n@@ -0,0 +1,1 @@\n+a\n");
        assert_eq!(
            unified("x", Some("a"), None),
            "--- a/x\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("x", Some(&old), Some(&old)), "");
    }
}
