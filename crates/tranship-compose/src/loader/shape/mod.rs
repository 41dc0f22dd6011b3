//! The shape of the resolved project: which type each key has, and how docker compose prints it.
//!
//! [`tables`] says the type of every key; [`bind`] brings a long-form model into these types, key by key: durations and
//! sizes are read and printed in one way, lists of `KEY=VALUE` become mappings, values that say nothing vanish.

mod bind;
pub(crate) mod command;
mod tables;
mod units;

pub(crate) use bind::project;

/// The type of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Text; a whole number is taken as text.
    Text,
    /// A truth value that vanishes when false.
    Bool,
    /// A truth value whose absence means something else than false.
    MaybeBool,
    /// A truth value that is printed always.
    PlainBool,
    /// A truth value that vanishes when true.
    OptOut,
    /// A whole number that vanishes when zero.
    Int,
    /// A whole number whose absence means something else than zero.
    MaybeInt,
    /// A whole number that is printed always.
    PlainInt,
    /// A whole number that is not negative; vanishes when zero.
    Count,
    /// A whole number that is not negative, whose absence means something else than zero.
    MaybeCount,
    /// A number of single precision.
    Float,
    /// A number of processors.
    Cpus,
    /// A duration that vanishes when zero.
    Duration,
    /// A duration whose absence means something else than zero.
    MaybeDuration,
    /// A size in bytes that vanishes when zero.
    Bytes,
    /// A size in bytes that is printed always.
    PlainBytes,
    /// File permissions.
    Mode,
    /// How many devices; `all` is -1.
    Devices,
    /// A list of texts.
    Texts,
    /// A text or a list of texts.
    TextOrTexts,
    /// A list whose items may be numbers.
    Numbers,
    /// A command: a text is split as a shell splits it.
    Command,
    /// The test of a health check: a text is run by the shell.
    Test,
    /// A mapping to text, or a list of `KEY=VALUE`.
    Mapping,
    /// As [`Shape::Mapping`], with `null` for keys without a value.
    Variables,
    /// As [`Shape::Mapping`], for labels.
    Labels,
    /// A mapping to text.
    Options,
    /// A mapping to text, no numbers.
    Strict,
    /// A mapping to lists of text.
    ManyOptions,
    /// Host names and addresses, printed as a sorted list.
    Hosts,
    /// SSH keys.
    Ssh,
    /// A soft and a hard limit, or one number.
    Ulimit,
    /// A mapping with known keys.
    Struct(&'static Fields),
    /// A mapping with known keys that vanishes when nothing is in it.
    Loose(&'static Fields),
    /// A list.
    List(&'static Shape),
    /// A mapping with free keys whose values may be null.
    Map(&'static Shape),
    /// Not part of the project.
    Drop,
}

/// The keys of a mapping and their types.
pub(crate) type Fields = [(&'static str, Shape)];
