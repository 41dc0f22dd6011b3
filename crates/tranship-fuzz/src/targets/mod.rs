//! One file per target.

pub mod dotenv;
pub mod yaml;
