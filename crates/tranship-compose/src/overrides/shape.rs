//! How the format of what users can say is described, and how a struct of it is declared.

/// One key: everything the documentation and the schema say of it.
#[derive(Clone, Copy, Debug)]
pub struct KeyInfo {
    /// The key.
    pub key: &'static str,
    /// What it says, in a sentence or two.
    pub doc: &'static str,
    /// A value to paste, as YAML of one line.
    pub example: &'static str,
    /// The fields of the model it decides, such as `workload` or `resources.cpu_limit`.
    pub decides: &'static [&'static str],
    /// The shape of its value.
    pub shape: fn() -> Shape,
}

/// The shape of a value.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A text; what it has to be, in a few words.
    Text(&'static str),
    /// A DNS label of at most that many characters.
    Name(u32),
    /// A whole number between the two.
    Number(u32, u32),
    /// True or false.
    Truth,
    /// An amount such as `500m` or `2Gi`.
    Quantity,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A list.
    List(Box<Shape>),
    /// A mapping whose keys are the user's; what they are, in a few words.
    Map(&'static str, Box<Shape>),
    /// A mapping with these keys: its name in the schema, and the keys.
    Section(&'static str, &'static [KeyInfo]),
    /// Fields of Kubernetes as they are; which, in a few words.
    Tree(&'static str),
    /// `false`, or the shape.
    OrFalse(Box<Shape>),
    /// The first in short, the second in full.
    Short(Box<Shape>, Box<Shape>),
}

impl Shape {
    /// The words for it in a message: `one of deployment, job`.
    pub fn words(&self) -> String {
        match self {
            Self::Text(what) => (*what).to_owned(),
            Self::Name(longest) => {
                format!("a name of at most {longest} small letters, digits and `-` that starts with a letter")
            }
            Self::Number(least, most) if *most == u32::MAX => format!("a whole number from {least}"),
            Self::Number(least, most) => format!("a whole number from {least} to {most}"),
            Self::Truth => "true or false".to_owned(),
            Self::Quantity => "an amount such as `500m`, `2` or `10Gi`".to_owned(),
            Self::Words(words) => format!("one of {}", words.join(", ")),
            Self::List(of) => format!("a list, each {}", of.words()),
            Self::Map(keys, of) => format!("a mapping from {keys} to {}", of.words()),
            Self::Section(_, keys) => {
                format!("a mapping with the keys {}", keys.iter().map(|key| key.key).collect::<Vec<_>>().join(", "))
            }
            Self::Tree(what) => format!("a mapping: {what}"),
            Self::OrFalse(of) => format!("`false`, or {}", of.words()),
            Self::Short(short, long) => format!("{}, or {}", short.words(), long.words()),
        }
    }
}

/// Declares a section of the format: a struct with an optional field for each key, and the table of its keys.
///
/// Each line is: documentation, field, key, type, example, the fields of the model that it decides.
macro_rules! said {
    ($(#[doc = $doc:literal])* $name:ident {
        $( $(#[doc = $line:literal])+ $field:ident $key:literal: $ty:ty, $example:literal, [$($decides:literal),*]; )*
    }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            $( $(#[doc = $line])+ pub $field: Option<$ty>, )*
        }

        impl $name {
            /// The keys of the section.
            pub const KEYS: &'static [$crate::overrides::shape::KeyInfo] = &[
                $( $crate::overrides::shape::KeyInfo {
                    key: $key,
                    doc: concat!($($line),+),
                    example: $example,
                    decides: &[$($decides),*],
                    shape: <$ty as $crate::overrides::value::Read>::shape,
                }, )*
            ];
        }

        impl $crate::overrides::value::Read for $name {
            fn shape() -> $crate::overrides::shape::Shape {
                $crate::overrides::shape::Shape::Section(stringify!($name), Self::KEYS)
            }

            fn read(
                node: &tranship_source::yaml::Node,
                path: &str,
                reader: &mut $crate::overrides::value::Reader,
            ) -> Option<Self> {
                let map = reader.section(node, path, Self::KEYS, &Self::shape())?;
                Some(Self { $( $field: reader.field(map, $key, path), )* })
            }

            fn places(&self) -> Vec<tranship_model::At> {
                let mut out = Vec::new();
                $( out.extend(self.$field.iter().flat_map($crate::overrides::value::Read::places)); )*
                out
            }

            fn or(self, other: Self, clashes: &mut Vec<(tranship_model::At, tranship_model::At)>) -> Self {
                Self { $( $field: $crate::overrides::value::either(self.$field, other.$field, clashes), )* }
            }
        }
    };
}

/// Declares the words a key can have.
macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident { $( $(#[doc = $line:literal])+ $variant:ident $word:literal, )* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $( $(#[doc = $line])+ $variant, )*
        }

        impl $name {
            /// The word itself.
            pub fn word(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )*
                }
            }
        }

        impl $crate::overrides::value::Scalar for $name {
            fn shape() -> $crate::overrides::shape::Shape {
                $crate::overrides::shape::Shape::Words(&[$($word),*])
            }

            fn parse(text: &str) -> Option<Self> {
                match text {
                    $( $word => Some(Self::$variant), )*
                    _ => None,
                }
            }
        }
    };
}

pub(super) use {said, words};
