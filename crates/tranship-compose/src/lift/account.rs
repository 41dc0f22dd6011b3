//! Which leaves stand behind a typed value, so that the ledger can speak for them.

use tranship_model::{At, Traced};

use crate::typed::{Any, Extension, Nullable, Pair};

/// A value of the typed view that knows the leaves behind it.
pub(super) trait Leaves {
    /// Calls `each` with every leaf.
    fn each(&self, each: &mut dyn FnMut(&At));

    /// The leaves in a list.
    fn list(&self) -> Vec<At> {
        let mut out = Vec::new();
        self.each(&mut |at| out.push(at.clone()));
        out
    }
}

impl<T> Leaves for Traced<T> {
    fn each(&self, each: &mut dyn FnMut(&At)) {
        self.origin.leaves().iter().for_each(each);
    }
}

impl Leaves for At {
    fn each(&self, each: &mut dyn FnMut(&At)) {
        each(self);
    }
}

impl Leaves for Nullable {
    fn each(&self, each: &mut dyn FnMut(&At)) {
        each(&self.at);
    }
}

impl Leaves for Any {
    fn each(&self, each: &mut dyn FnMut(&At)) {
        each(&self.at);
    }
}

impl Leaves for Extension {
    fn each(&self, each: &mut dyn FnMut(&At)) {
        each(&self.at);
    }
}

impl<T: Leaves> Leaves for Pair<T> {
    fn each(&self, each: &mut dyn FnMut(&At)) {
        self.value.each(each);
    }
}

impl<T: Leaves> Leaves for Option<T> {
    fn each(&self, each: &mut dyn FnMut(&At)) {
        if let Some(value) = self {
            value.each(each);
        }
    }
}

impl<T: Leaves> Leaves for Vec<T> {
    fn each(&self, each: &mut dyn FnMut(&At)) {
        for value in self {
            value.each(each);
        }
    }
}

impl<T: Leaves> Leaves for [T] {
    fn each(&self, each: &mut dyn FnMut(&At)) {
        for value in self {
            value.each(each);
        }
    }
}

impl<T: Leaves + ?Sized> Leaves for &T {
    fn each(&self, each: &mut dyn FnMut(&At)) {
        (**self).each(each);
    }
}
