//! One file per target.

pub mod convert;
pub mod dotenv;
pub mod loader;
pub mod yaml;
