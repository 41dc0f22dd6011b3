//! Asks the container engine ([`engine`]) or registries ([`registry`]) for the configuration of images.
//!
//! The only crate that talks to a network before anything is deployed, and only when the user asks for it. It fetches
//! texts and concludes nothing: what they mean is `tranship-infer`'s. Nothing is pulled, stored or changed, and
//! credentials go to the registry they are for and to no message. Start reading at [`registry::Client`].

pub mod credentials;
pub mod engine;
mod platform;
mod program;
pub mod registry;

/// An image to ask about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Its name, as Compose writes it.
    pub image: String,
    /// What it has to run on, such as `linux/arm64`.
    pub platform: Option<String>,
}

/// What was told of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Its configuration, as JSON.
    Config(String),
    /// It is not there, or not to be had; why, a clause.
    Absent(String),
}

/// Nobody could be asked at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{who} cannot be reached: {why}")]
pub struct Unreachable {
    /// Who was asked, such as `the Docker engine` or `registry registry.example`.
    pub who: String,
    /// What went wrong.
    pub why: String,
    /// What to do about it.
    pub help: String,
}
