//! Generates, checks and measures the project.

fn main() {}
