//! The neutral model of an application: what runs, what it keeps, who talks to whom.
//!
//! Both dialects meet here: Compose is lifted to a [`Stack`], Kubernetes is lowered from one. Every value is
//! [`Traced`]: it knows the leaf of the project it came from, or the rule that decided it. The [`Ledger`] says for
//! each leaf of the project what became of it. This crate knows no platform and does no I/O.
//! Start reading at [`stack::Stack`].

pub mod build;
pub mod catalog;
pub mod credential;
pub mod diff;
pub mod exposure;
pub mod hardening;
pub mod health;
pub mod image;
pub mod isolation;
pub mod launch;
pub mod ledger;
pub mod mount;
pub mod network;
pub mod operations;
pub mod origin;
pub mod outside;
pub mod process;
pub mod resources;
pub mod rollout;
pub mod said;
pub mod schedule;
pub mod security;
pub mod service;
pub mod stack;
pub mod tree;

pub use build::{Build, BuildSecret, BuildSecretSource, BuildSettings};
pub use exposure::{Closed, Exposure, PathMatch, Route, Tls, Way};
pub use health::{Check, Health, Test};
pub use image::ImageKnowledge;
pub use isolation::{Call, Caller, Calls, Isolation};
pub use ledger::{Entry, Ledger, Outcome};
pub use mount::{Blob, BlobContent, BlobFile, BlobMount, Mount, MountClass, MountSource, Volume};
pub use network::{Attachment, Dns, HostEntry, Network, Port, Protocol, Published};
pub use operations::{Account, Ask, Metrics, Operations, Question, Right, Scaling, Until, Wait};
pub use origin::{At, KeyPath, Origin, Traced};
pub use outside::Outside;
pub use process::{EnvValue, EnvVar, Hook, Hooks, Process, User};
pub use resources::{Device, Resources, Ulimit};
pub use rollout::{Placement, Restart, Rollout};
pub use said::Said;
pub use schedule::{Overlap, Schedule};
pub use security::Security;
pub use service::{Condition, Dependency, PullPolicy, Role, Service, Workload};
pub use stack::{Helper, LeftOut, Stack};
