//! The `tranship` command.

fn main() {}
