//! Support for tests: fixtures, outside programs with a time limit, a real API server, a whole cluster, and an honest way to say
//! "this could not run here".
//!
//! Only tests, benchmarks and `xtask` use this crate; it is the one place outside the binary that touches files,
//! processes and the environment. Start reading at [`Program`] and [`ApiServer`].

pub mod api_server;
pub mod cluster;
pub mod compose_keys;
pub mod fixture;
pub mod mutate;
pub mod not_run;
pub mod places;
pub mod program;
pub mod registry;
pub mod schema;
pub mod served;
pub mod verdict;

pub use api_server::ApiServer;
pub use cluster::Cluster;
pub use fixture::Fixture;
pub use mutate::Mutator;
pub use not_run::{no_shared, not_run, tell};
pub use program::{Finished, Program, Trouble};
pub use verdict::{Judge, Verdict};
