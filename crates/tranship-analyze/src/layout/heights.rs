//! How high each item lies: as near to its neighbours as the order of its column lets it.
//!
//! For one column with the wishes of its items given, the best places in the sense of least squares follow from the
//! wishes alone: items that wish for the same place form a block, whose place is the mean of its wishes.

use super::{GAP_LINE, GAP_Y, Item};

const SWEEPS: usize = 20;

/// The upper edge of each item; the highest is 0.
pub(super) fn heights(items: &[Item], links: &[(usize, usize)], columns: &[Vec<usize>]) -> Vec<i64> {
    let mut ys = vec![0i64; items.len()];
    for column in columns {
        let mut y = 0;
        for (at, gap) in column.iter().zip(gaps(items, column)) {
            y += gap;
            set(&mut ys, *at, y);
            y += height(items, *at);
        }
    }
    let mut near: [Vec<Vec<usize>>; 2] = [vec![Vec::new(); items.len()], vec![Vec::new(); items.len()]];
    for (from, to) in links {
        let [before, after] = &mut near;
        if let (Some(after), Some(before)) = (after.get_mut(*from), before.get_mut(*to)) {
            after.push(*to);
            before.push(*from);
        }
    }
    for sweep in 0..SWEEPS {
        // The last sweeps look at both sides.
        let sides: &[usize] = match sweep {
            _ if sweep + 4 >= SWEEPS => &[0, 1],
            _ if sweep % 2 == 0 => &[0],
            _ => &[1],
        };
        let steps: Vec<&Vec<usize>> =
            if sweep % 2 == 0 { columns.iter().collect() } else { columns.iter().rev().collect() };
        for column in steps {
            settle(items, column, &near, sides, &mut ys);
        }
    }
    let least = ys.iter().min().copied().unwrap_or(0);
    for y in &mut ys {
        *y -= least;
    }
    ys
}

fn set(ys: &mut [i64], at: usize, y: i64) {
    if let Some(place) = ys.get_mut(at) {
        *place = y;
    }
}

fn height(items: &[Item], at: usize) -> i64 {
    items.get(at).map_or(0, |item| item.height)
}

/// The room above each item of a column.
fn gaps(items: &[Item], column: &[usize]) -> Vec<i64> {
    let passes = |at: &usize| items.get(*at).is_some_and(|item| item.passes);
    let mut out = vec![0];
    for pair in column.windows(2) {
        let [a, b] = pair else { continue };
        out.push(if passes(a) || passes(b) { GAP_LINE } else { GAP_Y });
    }
    out
}

/// Items that lie one below the other without room between.
struct Block {
    /// The sum of the wishes for the place of its first item, by weight.
    sum: i64,
    weight: i64,
    /// How many items it has.
    number: usize,
}

impl Block {
    fn place(&self) -> i64 {
        self.sum.div_euclid(self.weight.max(1))
    }
}

/// Moves the items of one column.
fn settle(items: &[Item], column: &[usize], near: &[Vec<Vec<usize>>; 2], sides: &[usize], ys: &mut [i64]) {
    let middle = |at: usize, ys: &[i64]| ys.get(at).copied().unwrap_or(0) + height(items, at) / 2;
    let gaps = gaps(items, column);
    let mut offsets = Vec::with_capacity(column.len());
    let mut blocks: Vec<Block> = Vec::new();
    let mut offset = 0;
    for (place, at) in column.iter().enumerate() {
        offset += gaps.get(place).copied().unwrap_or(0);
        offsets.push(offset);
        let others: Vec<usize> = sides.iter().filter_map(|side| near.get(*side)?.get(*at)).flatten().copied().collect();
        let passes = items.get(*at).is_some_and(|item| item.passes);
        let wishes: i64 = others.iter().map(|other| middle(*other, ys)).sum();
        let number = i64::try_from(others.len()).unwrap_or(1);
        let (wish, weight) = match number {
            0 => (ys.get(*at).copied().unwrap_or(0), 1),
            // Long lines are straight before short ones are.
            _ => (wishes / number - height(items, *at) / 2, if passes { 6 } else { 2 * number }),
        };
        blocks.push(Block { sum: (wish - offset) * weight, weight, number: 1 });
        offset += height(items, *at);
        while let [.., upper, lower] = blocks.as_slice()
            && upper.place() >= lower.place()
        {
            let (Some(lower), Some(upper)) = (blocks.pop(), blocks.last_mut()) else { break };
            upper.sum += lower.sum;
            upper.weight += lower.weight;
            upper.number += lower.number;
        }
    }
    let places = blocks.iter().flat_map(|block| std::iter::repeat_n(block.place(), block.number));
    for ((at, offset), place) in column.iter().zip(&offsets).zip(places) {
        set(ys, *at, place + offset);
    }
}
