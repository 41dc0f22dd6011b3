//! Cuts circles: which lines to turn around so that all lead to the right.

/// For each line whether it is turned: those that lead back to a box the search is still below.
pub(super) fn turned(number: usize, edges: &[(usize, usize)]) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut turned = vec![false; edges.len()];
    let mut marks = vec![Mark::New; number];
    let entered: Vec<bool> = (0..number).map(|at| edges.iter().any(|(from, to)| *to == at && from != to)).collect();
    // Boxes that nothing leads to come first: their lines then lead away from them.
    let mut starts: Vec<usize> = (0..number).collect();
    starts.sort_by_key(|at| entered.get(*at).copied());
    let mut leaving: Vec<Vec<(usize, usize)>> = vec![Vec::new(); number];
    for (line, (from, to)) in edges.iter().enumerate() {
        if let Some(own) = leaving.get_mut(*from) {
            own.push((line, *to));
        }
    }
    for start in starts {
        let mut path = vec![(start, 0)];
        while let Some((at, followed)) = path.last_mut() {
            let (at, number) = (*at, *followed);
            *followed += 1;
            if number == 0 {
                if marks.get(at) != Some(&Mark::New) {
                    path.pop();
                    continue;
                }
                set(&mut marks, at, Mark::Open);
            }
            match leaving.get(at).and_then(|own| own.get(number)) {
                Some((line, to)) => match marks.get(*to) {
                    Some(Mark::Open) => set(&mut turned, *line, true),
                    Some(Mark::New) => path.push((*to, 0)),
                    _ => {}
                },
                None => {
                    set(&mut marks, at, Mark::Done);
                    path.pop();
                }
            }
        }
    }
    turned
}

fn set<T>(all: &mut [T], at: usize, value: T) {
    if let Some(place) = all.get_mut(at) {
        *place = value;
    }
}
