//! One file per target.

pub mod dotenv;
pub mod loader;
pub mod yaml;
