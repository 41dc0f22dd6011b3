//! The project directory the loader's targets work in: the input beside the few files that the seeds refer to.

use tranship_source::MemoryWorld;

/// A world whose `compose.yaml` is the input.
pub fn around(input: &[u8]) -> MemoryWorld {
    MemoryWorld::new()
        .with("compose.yaml", input)
        .with("other.yaml", "services: {other: {image: b}}\n")
        .with("a.yaml", "services: {included: {image: c}}\n")
        .with("b.yaml", "services: {included: {init: true}}\n")
        .with("site.conf", "server {}\n")
        .with("x", "x\n")
        .with("x.env", "X=1\n")
        .with(".env", "PW=secret\n")
}
