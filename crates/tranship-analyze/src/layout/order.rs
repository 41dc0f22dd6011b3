//! The order in each column, so that few lines cross: medians of neighbours, swept to and fro, then swaps.

use super::Item;

const SWEEPS: usize = 24;

/// The items of each column from top to bottom.
pub(super) fn order(items: &[Item], links: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let columns = items.iter().map(|item| item.rank + 1).max().unwrap_or(0);
    let mut order: Vec<Vec<usize>> = vec![Vec::new(); columns];
    for at in walk(items.len(), links) {
        if let Some(column) = items.get(at).and_then(|item| order.get_mut(item.rank)) {
            column.push(at);
        }
    }
    let mut near = Near { before: vec![Vec::new(); items.len()], after: vec![Vec::new(); items.len()] };
    for (from, to) in links {
        if let Some(own) = near.after.get_mut(*from) {
            own.push(*to);
        }
        if let Some(own) = near.before.get_mut(*to) {
            own.push(*from);
        }
    }
    let mut best = order.clone();
    let mut fewest = crossings(&order, &near, items.len());
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        let right = sweep % 2 == 0;
        let steps: Vec<usize> =
            if right { (1..columns).collect() } else { (0..columns.saturating_sub(1)).rev().collect() };
        for column in steps {
            sort(&mut order, column, if right { &near.before } else { &near.after }, items.len());
        }
        swap(&mut order, &near, items.len());
        let crossed = crossings(&order, &near, items.len());
        if crossed < fewest {
            (best, fewest) = (order.clone(), crossed);
        }
    }
    best
}

/// Neighbours in the columns beside.
struct Near {
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
}

/// Items in the order a search from the left meets them: what hangs together comes near each other.
fn walk(number: usize, links: &[(usize, usize)]) -> Vec<usize> {
    let mut near: Vec<Vec<usize>> = vec![Vec::new(); number];
    for (from, to) in links {
        for (a, b) in [(from, to), (to, from)] {
            if let Some(own) = near.get_mut(*a) {
                own.push(*b);
            }
        }
    }
    let mut seen = vec![false; number];
    let mut out = Vec::with_capacity(number);
    for start in 0..number {
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            let Some(mark) = seen.get_mut(at).filter(|mark| !**mark) else { continue };
            *mark = true;
            out.push(at);
            open.extend(near.get(at).into_iter().flatten().rev());
        }
    }
    out
}

/// Where each item stands in its column.
fn positions(order: &[Vec<usize>], number: usize) -> Vec<usize> {
    let mut out = vec![0; number];
    for column in order {
        for (place, at) in column.iter().enumerate() {
            if let Some(position) = out.get_mut(*at) {
                *position = place;
            }
        }
    }
    out
}

/// Sorts a column by the medians of its neighbours; an item without any keeps its place.
fn sort(order: &mut [Vec<usize>], column: usize, near: &[Vec<usize>], number: usize) {
    let positions = positions(order, number);
    let Some(column) = order.get_mut(column) else { return };
    let median = |at: &usize| {
        let mut places: Vec<usize> =
            near.get(*at).into_iter().flatten().filter_map(|other| positions.get(*other).copied()).collect();
        places.sort_unstable();
        let middle = places.len() / 2;
        let upper = places.get(middle).copied()?;
        // Twice the median, so that it stays a whole number.
        Some(if places.len() % 2 == 1 { upper * 2 } else { upper + places.get(middle.saturating_sub(1)).copied()? })
    };
    let keys: Vec<Option<usize>> = column.iter().map(median).collect();
    let mut movable: Vec<(usize, usize)> =
        column.iter().zip(&keys).filter_map(|(at, key)| Some(((*key)?, *at))).collect();
    movable.sort_by_key(|(key, _)| *key);
    let mut next = movable.into_iter();
    for (place, key) in column.iter_mut().zip(&keys) {
        if key.is_some()
            && let Some((_, at)) = next.next()
        {
            *place = at;
        }
    }
}

/// Swaps neighbours of a column while that takes crossings away.
fn swap(order: &mut [Vec<usize>], near: &Near, number: usize) {
    for _ in 0..6 {
        let mut better = false;
        for column in 0..order.len() {
            let positions = positions(order, number);
            let Some(column) = order.get_mut(column) else { continue };
            for place in 1..column.len() {
                let (Some(a), Some(b)) = (column.get(place - 1).copied(), column.get(place).copied()) else { continue };
                let now = crossed(a, b, near, &positions);
                let then = crossed(b, a, near, &positions);
                if then < now {
                    column.swap(place - 1, place);
                    better = true;
                }
            }
        }
        if !better {
            return;
        }
    }
}

/// How many lines of two items cross where the first stands above the second.
fn crossed(upper: usize, lower: usize, near: &Near, positions: &[usize]) -> usize {
    let count = |near: &[Vec<usize>]| {
        let places = |at: usize| {
            near.get(at).into_iter().flatten().filter_map(|other| positions.get(*other).copied()).collect::<Vec<_>>()
        };
        let lower = places(lower);
        places(upper).iter().map(|place| lower.iter().filter(|other| *other < place).count()).sum::<usize>()
    };
    count(&near.before) + count(&near.after)
}

/// How many lines cross as a whole.
fn crossings(order: &[Vec<usize>], near: &Near, number: usize) -> usize {
    let positions = positions(order, number);
    let mut all = 0;
    for column in order {
        let mut ends: Vec<usize> = Vec::new();
        for at in column {
            let mut own: Vec<usize> =
                near.after.get(*at).into_iter().flatten().filter_map(|to| positions.get(*to).copied()).collect();
            own.sort_unstable();
            all += own.iter().map(|end| ends.iter().filter(|other| *other > end).count()).sum::<usize>();
            ends.extend(own);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_that_need_not_cross_do_not() {
        let item = |rank| Item { rank, height: 10, passes: false };
        let items = [item(0), item(0), item(1), item(1)];
        let links = [(0, 3), (1, 2)];
        let order = order(&items, &links);
        let place = |at: usize| order.iter().flatten().position(|other| *other == at).unwrap();
        assert_eq!(place(0) < place(1), place(3) < place(2), "{order:?}");
    }
}
