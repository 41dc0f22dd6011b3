//! Columns: every line leads to the right, and as few columns as possible lie between its ends.

/// The column of each box. The lines hold no circle; one from a box to itself is no line.
pub(super) fn ranks(number: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let lines: Vec<(usize, usize)> = edges.iter().copied().filter(|(from, to)| from != to).collect();
    let mut ranks = longest(number, &lines);
    // Boxes move to where their lines are short as a whole, within what their neighbours leave.
    for _ in 0..8 {
        let mut moved = false;
        for at in (0..number).rev() {
            moved |= pull(at, &mut ranks, &lines);
        }
        for at in 0..number {
            moved |= pull(at, &mut ranks, &lines);
        }
        if !moved {
            break;
        }
    }
    let least = ranks.iter().min().copied().unwrap_or(0);
    for rank in &mut ranks {
        *rank -= least;
    }
    ranks
}

/// One more than the longest way that leads to a box.
fn longest(number: usize, lines: &[(usize, usize)]) -> Vec<usize> {
    let mut ranks = vec![0; number];
    // No way is longer than the number of boxes.
    for _ in 0..number {
        let mut moved = false;
        for (from, to) in lines {
            let least = ranks.get(*from).map_or(0, |rank| rank + 1);
            if let Some(rank) = ranks.get_mut(*to).filter(|rank| **rank < least) {
                *rank = least;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    ranks
}

/// Moves a box to the side where it has more lines, as far as they let it.
fn pull(at: usize, ranks: &mut [usize], lines: &[(usize, usize)]) -> bool {
    let rank = |at: &usize| ranks.get(*at).copied().unwrap_or(0);
    let before: Vec<usize> = lines.iter().filter(|(_, to)| *to == at).map(|(from, _)| rank(from)).collect();
    let after: Vec<usize> = lines.iter().filter(|(from, _)| *from == at).map(|(_, to)| rank(to)).collect();
    let least = before.iter().max().map(|rank| rank + 1);
    let most = after.iter().min().map(|rank| rank.saturating_sub(1));
    let target = match (least, most) {
        (Some(least), _) if before.len() >= after.len() => least,
        (_, Some(most)) => most,
        _ => return false,
    };
    match ranks.get_mut(at).filter(|rank| **rank != target) {
        Some(rank) => {
            *rank = target;
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::ranks;

    #[test]
    fn every_line_leads_to_the_right_and_lines_are_short() {
        assert_eq!(ranks(4, &[(0, 1), (1, 2), (3, 2)]), [0, 1, 2, 1]);
        assert_eq!(ranks(3, &[(0, 1), (0, 2), (1, 2)]), [0, 1, 2]);
        assert_eq!(ranks(2, &[(1, 0), (1, 1)]), [1, 0]);
    }
}
