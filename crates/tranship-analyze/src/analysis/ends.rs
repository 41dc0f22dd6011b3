//! When versions of images stop getting fixes. Dates are those their makers published; only versions whose date is known.

/// An image, the beginning of its tag, and the day of its last fix.
const ENDS: &[(&str, &str, &str)] = &[
    ("node", "14", "2023-04-30"),
    ("node", "16", "2023-09-11"),
    ("node", "18", "2025-04-30"),
    ("node", "19", "2023-06-01"),
    ("node", "20", "2026-04-30"),
    ("node", "21", "2024-06-01"),
    ("python", "2", "2020-01-01"),
    ("python", "3.6", "2021-12-23"),
    ("python", "3.7", "2023-06-27"),
    ("python", "3.8", "2024-10-07"),
    ("python", "3.9", "2025-10-31"),
    ("postgres", "9", "2021-11-11"),
    ("postgres", "10", "2022-11-10"),
    ("postgres", "11", "2023-11-09"),
    ("postgres", "12", "2024-11-21"),
    ("postgres", "13", "2025-11-13"),
    ("mysql", "5", "2023-10-31"),
    ("mysql", "8.0", "2026-04-30"),
    ("mongo", "4", "2024-02-29"),
    ("mongo", "5", "2024-10-31"),
    ("mongo", "6", "2025-07-31"),
    ("php", "7", "2022-11-28"),
    ("php", "8.0", "2023-11-26"),
    ("php", "8.1", "2025-12-31"),
    ("ruby", "2", "2023-03-31"),
    ("ruby", "3.0", "2024-04-23"),
    ("ruby", "3.1", "2025-03-26"),
    ("ruby", "3.2", "2026-03-31"),
    ("debian", "10", "2024-06-30"),
    ("ubuntu", "18.04", "2023-05-31"),
    ("ubuntu", "20.04", "2025-05-31"),
];

/// The version that ended and when, where an image's tag names one.
pub(super) fn ended(image: &str) -> Option<(&'static str, &'static str)> {
    let name = crate::tech::bare(image);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let (_, tag) = image.rsplit('/').next()?.split_once(':')?;
    let fits =
        |version: &str| tag.strip_prefix(version).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
    let found = ENDS.iter().find(|(known, version, _)| *known == name && fits(version))?;
    Some((found.1, found.2))
}

#[cfg(test)]
mod tests {
    use super::ended;

    #[test]
    fn a_version_is_told_from_one_that_begins_alike() {
        assert_eq!(ended("node:20-alpine"), Some(("20", "2026-04-30")));
        assert_eq!(ended("docker.io/library/python:3.9.2-slim"), Some(("3.9", "2025-10-31")));
        for image in ["node:22", "python:3.12", "postgres:16", "someone/node:20", "node", "node:lts", "python:3.90"] {
            assert_eq!(ended(image), None, "{image}");
        }
    }
}
