//! Where in an object a value stands, as far as the schema of its kind tells: what a list's items are told apart by.

use crate::KubeVersion;
use crate::check::pack::{ListOf, Schema, find, pack};

/// The form of a value within an object of a known kind; of an unknown kind or field it says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    schema: Option<&'static Schema>,
    version: KubeVersion,
}

/// How the items of a list are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Items {
    /// By the values of these fields.
    Keyed(&'static [&'static str]),
    /// By themselves: no two are equal.
    Set,
    /// By their place.
    Placed,
    /// It is not known.
    Unknown,
}

impl Shape {
    /// An object of a kind, as the newest known version describes it.
    pub fn of(api_version: &str, kind: &str) -> Self {
        let version = KubeVersion::default();
        let definition = pack().kind(api_version, kind, version);
        Self { schema: definition.map(|place| pack().schema(place, version)), version }.resolved()
    }

    /// The value of a field or key.
    #[must_use]
    pub fn field(self, key: &str) -> Self {
        let schema = match self.schema {
            Some(Schema::Fields(fields)) => find(fields, key).map(|field| &field.schema),
            Some(Schema::Map(inner)) => Some(&**inner),
            _ => None,
        };
        Self { schema, ..self }.resolved()
    }

    /// The items of a list.
    #[must_use]
    pub fn item(self) -> Self {
        let schema = if let Some(Schema::List(inner, _)) = self.schema { Some(&**inner) } else { None };
        Self { schema, ..self }.resolved()
    }

    /// How the items of a list are told apart.
    pub fn items(self) -> Items {
        match self.schema {
            Some(Schema::List(_, ListOf::Keyed(keys))) => Items::Keyed(keys),
            Some(Schema::List(_, ListOf::Set)) => Items::Set,
            Some(Schema::List(_, ListOf::Items)) => Items::Placed,
            _ => Items::Unknown,
        }
    }

    fn resolved(mut self) -> Self {
        // References lead to definitions, which are no references themselves.
        if let Some(Schema::Reference(place)) = self.schema {
            self.schema = Some(pack().schema(*place, self.version));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_say_what_their_items_are_told_apart_by() {
        let pod = Shape::of("apps/v1", "Deployment").field("spec").field("template").field("spec");
        let container = pod.field("containers").item();
        for (shape, expect) in [
            (pod.field("containers"), "Keyed([\"name\"])"),
            (pod.field("volumes"), "Keyed([\"name\"])"),
            (container.field("env"), "Keyed([\"name\"])"),
            (container.field("ports"), "Keyed([\"containerPort\", \"protocol\"])"),
            (container.field("volumeMounts"), "Keyed([\"mountPath\"])"),
            (container.field("args"), "Placed"),
            (container.field("nothing"), "Unknown"),
            (Shape::of("v1", "Service").field("spec").field("ports"), "Keyed([\"port\", \"protocol\"])"),
            (Shape::of("example.com/v1", "Thing").field("spec"), "Unknown"),
        ] {
            assert_eq!(format!("{:?}", shape.items()), expect);
        }
    }
}
