//! Places boxes and lines: a layered drawing from left to right, after Sugiyama, Tagawa and Toda.
//!
//! Circles are cut (`cycles`), boxes get columns (`ranks`), long lines get a place in every column they pass,
//! columns are sorted so that few lines cross (`order`), and boxes move to where their lines are short
//! (`heights`). Parts that do not hang together are drawn one below the other. All numbers are whole pixels, and
//! the same graph gives the same drawing.

mod cycles;
mod heights;
mod order;
mod parts;
mod ranks;

/// The size of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Width.
    pub width: i64,
    /// Height.
    pub height: i64,
}

/// A point; `y` grows downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// From the left.
    pub x: i64,
    /// From the top.
    pub y: i64,
}

/// A drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawing {
    /// The left upper corner of each box.
    pub boxes: Vec<Point>,
    /// The points each line goes through, from the side of its first box to the side of its second. The parts between
    /// the second and third, fourth and fifth … are straight: there the line passes a column.
    pub lines: Vec<Vec<Point>>,
    /// How wide it is.
    pub width: i64,
    /// How high it is.
    pub height: i64,
}

/// Distances of a drawing.
const GAP_Y: i64 = 18;
const GAP_LINE: i64 = 10;
const GAP_X: i64 = 72;
const GAP_PART: i64 = 40;
/// Boxes without lines stand further apart, so that an arrow before one is not taken for a line from the other.
const GAP_SHELF: i64 = 46;

/// Lays boxes and lines out. Lines name boxes by position; one from a box to itself gets no points. `rooms` is the room
/// each line wants before its second box, for a word; where it is shorter than the lines, the rest want none.
pub fn layout(sizes: &[Size], edges: &[(usize, usize)], rooms: &[i64]) -> Drawing {
    let mut drawing = Drawing {
        boxes: vec![Point { x: 0, y: 0 }; sizes.len()],
        lines: vec![Vec::new(); edges.len()],
        width: 0,
        height: 0,
    };
    let parts::Parts { joined, alone } = parts::parts(sizes.len(), edges);
    let mut top = 0;
    for part in &joined {
        let own: Vec<Size> = part.nodes.iter().filter_map(|at| sizes.get(*at).copied()).collect();
        let local = |at: usize| part.nodes.binary_search(&at).unwrap_or(0);
        let own_lines: Vec<(usize, usize)> =
            part.edges.iter().filter_map(|at| edges.get(*at)).map(|(from, to)| (local(*from), local(*to))).collect();
        let room = |at: &usize| rooms.get(*at).copied().unwrap_or(0);
        let drawn = one(&own, &own_lines, &part.edges.iter().map(room).collect::<Vec<_>>());
        let down = |point: Point| Point { x: point.x, y: point.y + top };
        for (at, point) in part.nodes.iter().zip(drawn.boxes) {
            if let Some(place) = drawing.boxes.get_mut(*at) {
                *place = down(point);
            }
        }
        for (at, line) in part.edges.iter().zip(drawn.lines) {
            if let Some(place) = drawing.lines.get_mut(*at) {
                *place = line.into_iter().map(down).collect();
            }
        }
        drawing.width = drawing.width.max(drawn.width);
        top += drawn.height + GAP_PART;
    }
    let height = shelves(&alone, sizes, top, &mut drawing);
    drawing.height = if alone.is_empty() { (top - GAP_PART).max(0) } else { height };
    drawing
}

/// Puts boxes without lines in rows below; gives the height of everything.
fn shelves(alone: &[usize], sizes: &[Size], top: i64, drawing: &mut Drawing) -> i64 {
    let area: i64 =
        alone.iter().filter_map(|at| sizes.get(*at)).map(|s| (s.width + GAP_SHELF) * (s.height + GAP_Y)).sum();
    let square = (area.max(0) * 2).isqrt();
    let limit = drawing.width.max(square);
    let (mut x, mut y, mut row) = (0, top, 0);
    for at in alone {
        let Some(size) = sizes.get(*at) else { continue };
        if x > 0 && x + size.width > limit {
            (x, y, row) = (0, y + row + GAP_Y, 0);
        }
        if let Some(place) = drawing.boxes.get_mut(*at) {
            *place = Point { x, y };
        }
        drawing.width = drawing.width.max(x + size.width);
        x += size.width + GAP_SHELF;
        row = row.max(size.height);
    }
    y + row
}

/// A box, or the place where a line passes a column.
#[derive(Clone, Copy, Debug)]
struct Item {
    /// The column.
    rank: usize,
    /// Its height.
    height: i64,
    /// Whether a line passes here and no box stands.
    passes: bool,
}

/// Lays out what hangs together.
fn one(sizes: &[Size], edges: &[(usize, usize)], rooms: &[i64]) -> Drawing {
    let turned = cycles::turned(sizes.len(), edges);
    let straight: Vec<(usize, usize)> = edges
        .iter()
        .zip(&turned)
        .map(|((from, to), turned)| if *turned { (*to, *from) } else { (*from, *to) })
        .collect();
    let ranks = ranks::ranks(sizes.len(), &straight);
    let rank = |at: usize| ranks.get(at).copied().unwrap_or(0);
    let mut items: Vec<Item> = sizes
        .iter()
        .enumerate()
        .map(|(at, size)| Item { rank: rank(at), height: size.height, passes: false })
        .collect();
    let mut links: Vec<(usize, usize)> = Vec::new();
    let mut chains: Vec<Vec<usize>> = Vec::new();
    for (from, to) in &straight {
        let mut chain = vec![*from];
        for column in rank(*from) + 1..rank(*to) {
            chain.push(items.len());
            items.push(Item { rank: column, height: 2, passes: true });
        }
        if from != to {
            chain.push(*to);
        }
        links.extend(chain.iter().zip(chain.iter().skip(1)).map(|(a, b)| (*a, *b)));
        chains.push(chain);
    }
    let columns = order::order(&items, &links);
    let ys = heights::heights(&items, &links, &columns);
    let widths: Vec<i64> = columns
        .iter()
        .map(|column| column.iter().filter_map(|at| sizes.get(*at)).map(|size| size.width).max().unwrap_or(0))
        .collect();
    let mut lefts = Vec::new();
    let mut x = 0;
    for (number, width) in widths.iter().enumerate() {
        lefts.push(x);
        // Where many lines turn between two columns they get more room.
        let turning = links.iter().filter(|(from, _)| items.get(*from).is_some_and(|item| item.rank == number)).count();
        let more = i64::try_from(turning).unwrap_or(0) * 3;
        let enters = |(room, (_, to)): (&i64, &(usize, usize))| (rank(*to) == number + 1).then_some(*room);
        let room = rooms.iter().zip(&straight).filter_map(enters).max().unwrap_or(0);
        x += width + (GAP_X + more.min(120)).max(if room > 0 { room + 44 } else { 0 });
    }
    let (left, width) = (|rank: usize| lefts.get(rank).copied().unwrap_or(0), |rank: usize| widths.get(rank).copied());
    let boxes: Vec<Point> =
        (0..sizes.len()).map(|at| Point { x: left(rank(at)), y: ys.get(at).copied().unwrap_or(0) }).collect();
    let ends = ports(&chains, &boxes, sizes, &ys);
    let mut routes = Vec::new();
    for ((chain, turned), (start, end)) in chains.iter().zip(&turned).zip(ends) {
        let (Some(first), Some(last)) = (chain.first(), chain.last()) else {
            routes.push(Vec::new());
            continue;
        };
        if chain.len() < 2 {
            routes.push(Vec::new());
            continue;
        }
        let own = sizes.get(*first).map_or(0, |size| size.width);
        let mut line = vec![Point { x: left(rank(*first)) + own, y: start }];
        for at in chain.iter().skip(1).take(chain.len().saturating_sub(2)) {
            let column = items.get(*at).map_or(0, |item| item.rank);
            let y = ys.get(*at).copied().unwrap_or(0) + 1;
            line.push(Point { x: left(column), y });
            line.push(Point { x: left(column) + width(column).unwrap_or(0), y });
        }
        line.push(Point { x: left(rank(*last)), y: end });
        if *turned {
            line.reverse();
        }
        routes.push(line);
    }
    let bottom = items.iter().zip(&ys).map(|(item, y)| item.height + y).max().unwrap_or(0);
    let right = lefts.iter().zip(&widths).map(|(left, width)| left + width).max().unwrap_or(0);
    Drawing { boxes, lines: routes, width: right, height: bottom }
}

/// Where each line leaves its first box and enters its second: spread over the side, in the order of the other ends.
fn ports(chains: &[Vec<usize>], boxes: &[Point], sizes: &[Size], ys: &[i64]) -> Vec<(i64, i64)> {
    let mut ends = vec![(0, 0); chains.len()];
    for (at, (corner, size)) in boxes.iter().zip(sizes).enumerate() {
        for leaves in [true, false] {
            let next = |chain: &Vec<usize>| {
                let (end, next) =
                    if leaves { (chain.first(), chain.get(1)) } else { (chain.last(), chain.iter().rev().nth(1)) };
                (end == Some(&at)).then(|| next.copied()).flatten()
            };
            let mut own: Vec<(i64, usize)> = chains
                .iter()
                .enumerate()
                .filter_map(|(number, chain)| {
                    let next = next(chain)?;
                    let middle = sizes.get(next).map_or(1, |size| size.height / 2);
                    Some((ys.get(next).copied().unwrap_or(0) + middle, number))
                })
                .collect();
            own.sort_unstable();
            let number = i64::try_from(own.len()).unwrap_or(1);
            // Never nearer than a pixel or two to a corner, never further apart than a line of text.
            let step = ((size.height - 12).max(1) * 2 / (number + 1)).min(28);
            for (place, (_, line)) in own.iter().enumerate() {
                let place = i64::try_from(place).unwrap_or(0);
                let y = corner.y + size.height / 2 + (2 * place - (number - 1)) * step / 4;
                if let Some((start, end)) = ends.get_mut(*line) {
                    *(if leaves { start } else { end }) = y;
                }
            }
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(number: usize) -> Vec<Size> {
        vec![Size { width: 100, height: 40 }; number]
    }

    fn overlap(a: Point, b: Point, size: Size) -> bool {
        (a.x - b.x).abs() < size.width && (a.y - b.y).abs() < size.height
    }

    fn check(number: usize, edges: &[(usize, usize)]) -> Drawing {
        let sizes = sizes(number);
        let drawing = layout(&sizes, edges, &[]);
        for (at, a) in drawing.boxes.iter().enumerate() {
            assert!(a.x >= 0 && a.y >= 0, "{a:?}");
            assert!(a.x + 100 <= drawing.width && a.y + 40 <= drawing.height, "{a:?} in {drawing:?}");
            for b in drawing.boxes.iter().skip(at + 1) {
                assert!(!overlap(*a, *b, Size { width: 100, height: 40 }), "{a:?} {b:?}");
            }
        }
        for ((from, to), line) in edges.iter().zip(&drawing.lines) {
            if from == to {
                assert!(line.is_empty());
                continue;
            }
            let (first, last) = (line.first().unwrap(), line.last().unwrap());
            let touches = |point: &Point, at: usize| {
                let corner = drawing.boxes[at];
                (point.x == corner.x || point.x == corner.x + 100) && (corner.y..=corner.y + 40).contains(&point.y)
            };
            assert!(touches(first, *from) && touches(last, *to), "{from} {to} {line:?}");
            // The straight parts pass no box.
            for pair in line[1..line.len() - 1].chunks(2) {
                for corner in &drawing.boxes {
                    let beside = pair[0].y < corner.y || pair[0].y > corner.y + 40;
                    let before = pair[0].x.max(pair[1].x) <= corner.x || pair[0].x.min(pair[1].x) >= corner.x + 100;
                    assert!(beside || before, "{line:?} passes {corner:?}");
                }
            }
        }
        drawing
    }

    #[test]
    fn a_chain_is_a_row() {
        let drawing = check(3, &[(0, 1), (1, 2)]);
        assert!(drawing.boxes.iter().all(|point| point.y == 0), "{drawing:?}");
        assert!(drawing.boxes[0].x < drawing.boxes[1].x && drawing.boxes[1].x < drawing.boxes[2].x);
    }

    #[test]
    fn circles_loops_and_strangers_are_drawn() {
        check(3, &[(0, 1), (1, 2), (2, 0), (1, 1)]);
        check(5, &[(0, 1)]);
        check(0, &[]);
        check(1, &[]);
    }

    #[test]
    fn a_line_over_several_columns_goes_around_boxes() {
        let drawing = check(4, &[(0, 1), (1, 2), (2, 3), (0, 3)]);
        assert_eq!(drawing.lines[3].len(), 6);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
        #[test]
        fn no_boxes_overlap_and_every_line_ends_at_its_boxes(
            number in 1usize..30,
            raw in proptest::collection::vec((0usize..30, 0usize..30), 0..60),
        ) {
            let mut edges: Vec<_> = raw.into_iter().map(|(a, b)| (a % number, b % number)).collect();
            edges.dedup();
            check(number, &edges);
        }
    }
}
