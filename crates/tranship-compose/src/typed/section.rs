//! How a struct of the Compose specification is written down.

/// Declares a struct with a field for each key, its place, and the user's own `x-…` keys, and decodes it.
///
/// `field "key": Type` reads a key; `field "key" | "Other": Type` reads it under either name.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $( $field:ident $key:literal $(| $other:literal)* : $ty:ty, )* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// The section itself: its path and place.
            pub at: tranship_model::At,
            $(
                #[doc = concat!("The key `", $key, "`.")]
                pub $field: $ty,
            )*
            /// The user's own keys, `x-…`.
            pub extensions: Vec<$crate::typed::decode::Extension>,
        }

        impl $crate::typed::decode::Decode for $name {
            fn decode(
                node: &tranship_source::yaml::Node,
                path: &str,
                decoder: &mut $crate::typed::decode::Decoder,
            ) -> Option<Self> {
                use $crate::typed::decode::Field;
                let map = decoder.mapping(node, path)?;
                // A mapping has few of the keys it might have: one pass over it finds them all.
                $( let mut $field: Option<(&str, &tranship_source::yaml::Node)> = None; )*
                for (key, child) in map {
                    match key.text.as_str() {
                        $(
                            $key => $field = Some(($key, child)),
                            $( $other => $field = $field.or(Some(($other, child))), )*
                        )*
                        unknown => decoder.unknown(unknown, path, child),
                    }
                }
                Some(Self {
                    at: tranship_model::At::new(path, node.span),
                    $( $field: Field::field($field, path, decoder), )*
                    extensions: decoder.extensions(map, path, $crate::overrides::has(stringify!($name))),
                })
            }
        }
    };
}

pub(super) use section;
