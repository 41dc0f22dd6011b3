//! The Kubernetes version the output is written for.

use std::fmt;
use std::str::FromStr;

/// A minor version of Kubernetes 1, from 1.31 to 1.37: those whose schemas are embedded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubeVersion {
    minor: u8,
}

impl KubeVersion {
    /// The oldest version that is known.
    pub const OLDEST: Self = Self { minor: 31 };
    /// The newest version that is known.
    pub const NEWEST: Self = Self { minor: 37 };

    /// The first version whose pods mount the files of an image without a feature gate.
    pub(crate) const IMAGE_VOLUMES: Self = Self { minor: 35 };
    /// The first version whose pods may have a host name with dots without a feature gate.
    pub(crate) const HOSTNAME_OVERRIDE: Self = Self { minor: 35 };

    /// The first version whose variables may have any printable name.
    pub(crate) const ENV_NAMES: Self = Self { minor: 32 };

    /// `1.minor`, or `None` where it is not known.
    pub fn new(minor: u8) -> Option<Self> {
        let version = Self { minor };
        (Self::OLDEST..=Self::NEWEST).contains(&version).then_some(version)
    }

    /// The number after `1.`.
    pub fn minor(self) -> u8 {
        self.minor
    }

    /// Every known version, the oldest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (Self::OLDEST.minor..=Self::NEWEST.minor).map(|minor| Self { minor })
    }
}

impl Default for KubeVersion {
    fn default() -> Self {
        Self { minor: 36 }
    }
}

impl fmt::Display for KubeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}

/// The text is no known version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVersion(String);

impl fmt::Display for UnknownVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (oldest, newest) = (KubeVersion::OLDEST, KubeVersion::NEWEST);
        write!(f, "`{}` is no Kubernetes version from {oldest} to {newest}", self.0)
    }
}

impl std::error::Error for UnknownVersion {}

impl FromStr for KubeVersion {
    type Err = UnknownVersion;

    /// Reads `1.36`; a leading `v` and a patch number (`v1.36.2`) are allowed and do not count.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownVersion(text.to_owned());
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let (Some("1"), Some(minor)) = (parts.next(), parts.next()) else { return Err(unknown()) };
        let patch_reads = parts.next().is_none_or(|patch| patch.bytes().all(|b| b.is_ascii_digit()));
        if !patch_reads || parts.next().is_some() {
            return Err(unknown());
        }
        minor.parse().ok().and_then(Self::new).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_with_and_without_patch() {
        for (text, expect) in [
            ("1.31", Some(31)),
            ("v1.36.2", Some(36)),
            ("1.37.0", Some(37)),
            ("1.30", None),
            ("1.38", None),
            ("2.31", None),
            ("1", None),
            ("1.x", None),
            ("1.36.x", None),
            ("1.36.1.1", None),
        ] {
            assert_eq!(text.parse::<KubeVersion>().ok().map(KubeVersion::minor), expect, "{text}");
        }
        assert_eq!(KubeVersion::default().to_string(), "1.36");
    }
}
