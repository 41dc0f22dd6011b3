//! Servers outside that a service's name leads to.

use crate::origin::Origin;

/// A server outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Who said so.
    pub origin: Origin,
    /// Its host: a name, or an address of four numbers.
    pub host: String,
    /// The port it listens on; `None` where nobody knows.
    pub port: Option<u16>,
    /// The ports at which the name was called before.
    pub called_at: Vec<u16>,
}

impl Outside {
    /// Whether its host is an address of four numbers.
    pub fn is_address(&self) -> bool {
        let parts: Vec<&str> = self.host.split('.').collect();
        parts.len() == 4 && parts.iter().all(|part| part.parse::<u8>().is_ok())
    }
}
