//! Platforms by the names registries use, whatever names people use (containerd's `platforms` package).

use std::fmt;

/// Operating system, architecture and variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Platform {
    os: String,
    architecture: String,
    /// The architecture's version; empty where nothing is said.
    variant: String,
}

/// Operating systems that a lone word may be.
const SYSTEMS: &[&str] = &["linux", "windows", "darwin", "freebsd", "wasip1", "wasi"];

impl Platform {
    /// `linux/arm64/v8`, `linux/aarch64`, `arm64`, `linux`.
    pub(crate) fn parse(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let parts: Vec<&str> = lower.split('/').collect();
        match parts.as_slice() {
            [os] if SYSTEMS.contains(os) => Self::of(os, "amd64", ""),
            [architecture] => Self::of("linux", architecture, ""),
            [os, architecture] => Self::of(os, architecture, ""),
            [os, architecture, variant, ..] => Self::of(os, architecture, variant),
            [] => Self::of("linux", "amd64", ""),
        }
    }

    /// One name for each architecture. Where a variant is implied it is that.
    pub(crate) fn of(os: &str, architecture: &str, variant: &str) -> Self {
        let (architecture, variant) = match (architecture, variant) {
            ("aarch64" | "arm64", "8" | "v8") => ("arm64", ""),
            ("aarch64", variant) => ("arm64", variant),
            ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
            ("x86_64" | "x86-64", variant) => ("amd64", variant),
            ("i386" | "i486" | "i586" | "i686", variant) => ("386", variant),
            ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
            ("armel", _) | ("arm", "6") => ("arm", "v6"),
            ("arm", "5") => ("arm", "v5"),
            other => other,
        };
        let os = if os == "macos" { "darwin" } else { os };
        Self { os: os.to_owned(), architecture: architecture.to_owned(), variant: variant.to_owned() }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(f, "/{}", self.variant) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_has_one_name_however_it_is_written() {
        for (text, expect) in [
            ("linux/amd64", "linux/amd64"),
            ("linux/x86_64", "linux/amd64"),
            ("linux/arm64/v8", "linux/arm64"),
            ("linux/aarch64", "linux/arm64"),
            ("arm64", "linux/arm64"),
            ("Linux/ARM64", "linux/arm64"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/arm/v6", "linux/arm/v6"),
            ("armhf", "linux/arm/v7"),
            ("linux/i386", "linux/386"),
            ("windows", "windows/amd64"),
            ("linux", "linux/amd64"),
            ("linux/arm64/v9", "linux/arm64/v9"),
        ] {
            assert_eq!(Platform::parse(text).to_string(), expect, "{text}");
        }
    }
}
