//! Provenance: values made from other values keep their place, their variables and what they replaced.

use tranship_source::yaml::{Node, Trail, Value};

/// Says that `made` was made from `from`: whatever in it has no place of its own gets the place and the variables.
pub(crate) fn derived(mut made: Node, from: &Node) -> Node {
    let trail = from.meta.as_ref().and_then(|meta| meta.trail.as_ref());
    mark(&mut made, from, trail);
    made
}

fn mark(node: &mut Node, from: &Node, trail: Option<&Trail>) {
    if node.span.is_none() {
        node.span = from.span;
        if let Some(trail) = trail {
            node.meta_mut().trail.get_or_insert_with(|| trail.clone());
        }
    }
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(|item| mark(item, from, trail)),
        Value::Mapping(map) => {
            for (_, child) in map.iter_mut() {
                mark(child, from, trail);
            }
        }
        _ => {}
    }
}

/// Notes that `new` takes the place of `old`.
pub(crate) fn replaces(new: &mut Node, old: &Node) {
    if old.span.is_none() || old.span == new.span {
        return;
    }
    let mut replaced = old.meta.as_ref().and_then(|m| m.trail.as_ref()).map_or_else(Vec::new, |t| t.replaced.clone());
    replaced.push(old.span);
    let trail = new.meta_mut().trail.get_or_insert_with(Trail::default);
    replaced.append(&mut trail.replaced);
    trail.replaced = replaced;
}

/// Notes a variable that made the value.
pub(crate) fn trail_of(node: &mut Node) -> &mut Trail {
    node.meta_mut().trail.get_or_insert_with(Trail::default)
}
