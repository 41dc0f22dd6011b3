//! Env files by Compose's own rules.
