//! Where in the tree a stage is: keys and list positions from the root, kept on the stack.

use std::fmt;

/// A step of a path.
#[derive(Clone, Copy, Debug)]
enum Part<'p> {
    Root,
    Key(&'p str),
    Item(usize),
}

/// A place in the tree. Made while walking down; costs nothing until it is matched or printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    part: Part<'p>,
}

/// The longest path a rule names, and one more so that deeper places match none.
const MAX: usize = 9;

/// The first steps of a path, list positions as `[]`.
pub(crate) struct Parts<'p> {
    parts: [&'p str; MAX],
    len: usize,
}

impl<'p> Parts<'p> {
    /// The steps, for slice patterns such as `["services", _, "ports", "[]"]`.
    pub(crate) fn as_slice(&self) -> &[&'p str] {
        self.parts.get(..self.len).unwrap_or(&[])
    }
}

impl<'p> Path<'p> {
    /// The root of the tree.
    pub(crate) const ROOT: Path<'static> = Path { parent: None, part: Part::Root };

    /// The place under a key.
    pub(crate) fn key<'q>(&'q self, key: &'q str) -> Path<'q> {
        Path { parent: Some(self), part: Part::Key(key) }
    }

    /// The place of a list item.
    pub(crate) fn item(&self, index: usize) -> Path<'_> {
        Path { parent: Some(self), part: Part::Item(index) }
    }

    fn depth(&self) -> usize {
        self.parent.map_or(0, |parent| parent.depth() + 1)
    }

    /// The steps from the root.
    pub(crate) fn parts(&self) -> Parts<'p> {
        let depth = self.depth();
        let mut parts = [""; MAX];
        let mut step = Some(self);
        let mut at = depth;
        while let Some(path) = step {
            if at > 0
                && let Some(slot) = parts.get_mut(at - 1)
            {
                *slot = match path.part {
                    Part::Root => "",
                    Part::Key(key) => key,
                    Part::Item(_) => "[]",
                };
            }
            at = at.saturating_sub(1);
            step = path.parent;
        }
        Parts { parts, len: depth.min(MAX) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(out)?;
            match self.part {
                Part::Root => {}
                Part::Key(key) if matches!(parent.part, Part::Root) => out.write_str(key)?,
                Part::Key(key) => write!(out, ".{key}")?,
                Part::Item(index) => write!(out, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_prints_and_matches_by_its_steps() {
        let root = Path::ROOT;
        let services = root.key("services");
        let web = services.key("web");
        let ports = web.key("ports");
        let first = ports.item(0);
        assert_eq!(first.to_string(), "services.web.ports[0]");
        assert!(matches!(first.parts().as_slice(), ["services", _, "ports", "[]"]));
    }
}
