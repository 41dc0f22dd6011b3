//! Fuzz targets that run on the stable toolchain: a function from bytes that must hold its promises whatever they are.
//!
//! `cargo run -p tranship-fuzz -- TARGET [--cases N] [--seed S]` feeds damaged variants of small seeds to a target, the
//! same ones for the same seed; `--file F` repeats one input. The functions take plain bytes, so that a coverage-guided
//! engine can call them as they are. A smoke run of each is a test. To add a target: a file in `targets/` and a line in
//! [`TARGETS`].

pub mod seeds;
mod targets;
pub mod world;

/// Something to feed bytes to.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Takes any bytes; panics when a promise is broken.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    // tidy: sorted
    Target { name: "convert", run: targets::convert::run },
    Target { name: "dotenv", run: targets::dotenv::run },
    Target { name: "loader", run: targets::loader::run },
    Target { name: "yaml", run: targets::yaml::run },
    // tidy: end
];
