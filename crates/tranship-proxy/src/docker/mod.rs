//! Routes that proxies of the container engine read from labels and variables of the services they pass requests on to.
//!
//! What a shared entry of a cluster cannot do in the same way is refused with its reason and never bent: a route that
//! asks for a password must not become one that does not. Start reading at [`traefik()`], [`caddy()`] or [`nginx_proxy()`].

mod caddy;
mod nginx_proxy;
mod rule;
mod traefik;

pub use caddy::caddy;
pub use nginx_proxy::nginx_proxy;
pub use traefik::{Middlewares, traefik};

use tranship_model::PathMatch;

/// Requests that a label asks to be passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What the label calls it: a router, a site.
    pub name: String,
    /// The host; `None` for every host.
    pub host: Option<String>,
    /// The path.
    pub path: PathMatch,
    /// The port of the container; `None` where the proxy takes the one that is there.
    pub port: Option<u16>,
    /// What is put in place of the path before the request is passed on.
    pub replace: Option<String>,
    /// Whether requests without encryption are sent to the encrypted address.
    pub redirect: bool,
    /// Whether it is served encrypted.
    pub secure: bool,
    /// Which of several that fit counts: the highest.
    pub priority: Option<i64>,
    /// The labels or variables it is made of.
    pub keys: Vec<String>,
}

/// A route that cannot be had, or something of one that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What the label calls it.
    pub name: String,
    /// Why, the end of a sentence.
    pub why: String,
    /// The labels or variables it is made of.
    pub keys: Vec<String>,
}

/// What the labels or variables of a service ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Routes.
    pub wishes: Vec<Wish>,
    /// Routes that cannot be had.
    pub refused: Vec<Refusal>,
    /// What routes lose that requests reach nevertheless.
    pub lost: Vec<Refusal>,
    /// Every label or variable that was read.
    pub keys: Vec<String>,
}

impl Asked {
    /// Adds what another proxy is asked for.
    pub fn extend(&mut self, other: Self) {
        let Self { wishes, refused, lost, keys } = other;
        self.wishes.extend(wishes);
        self.refused.extend(refused);
        self.lost.extend(lost);
        self.keys.extend(keys);
    }
}

/// A name and its text.
pub type Pair<'a> = (&'a str, &'a str);

fn refusal(name: &str, why: impl Into<String>, keys: &[String]) -> Refusal {
    Refusal { name: name.to_owned(), why: why.into(), keys: keys.to_vec() }
}
