//! What hangs together, the largest part first.

/// The parts of a graph.
pub(super) struct Parts {
    /// Those with lines.
    pub(super) joined: Vec<Part>,
    /// Boxes without any.
    pub(super) alone: Vec<usize>,
}

/// Boxes and lines that hang together, each sorted.
#[derive(Default)]
pub(super) struct Part {
    pub(super) nodes: Vec<usize>,
    pub(super) edges: Vec<usize>,
}

/// Tells the parts of a graph apart.
pub(super) fn parts(number: usize, edges: &[(usize, usize)]) -> Parts {
    let mut leads: Vec<usize> = (0..number).collect();
    for (from, to) in edges {
        let (a, b) = (root(&leads, *from), root(&leads, *to));
        if let Some(place) = leads.get_mut(a.max(b)) {
            *place = a.min(b);
        }
    }
    let mut by_root: Vec<Part> = (0..number).map(|_| Part::default()).collect();
    for at in 0..number {
        if let Some(part) = by_root.get_mut(root(&leads, at)) {
            part.nodes.push(at);
        }
    }
    for (at, (from, to)) in edges.iter().enumerate() {
        let part = by_root.get_mut(root(&leads, *from)).filter(|_| from != to);
        if let Some(part) = part {
            part.edges.push(at);
        }
    }
    let (mut joined, alone): (Vec<Part>, Vec<Part>) =
        by_root.into_iter().filter(|part| !part.nodes.is_empty()).partition(|part| part.nodes.len() > 1);
    joined.sort_by_key(|part| std::cmp::Reverse(part.nodes.len()));
    Parts { joined, alone: alone.into_iter().flat_map(|part| part.nodes).collect() }
}

fn root(leads: &[usize], mut at: usize) -> usize {
    // Every step leads to a smaller number, so that this ends.
    while let Some(next) = leads.get(at).copied().filter(|next| *next != at) {
        at = next;
    }
    at
}
