//! Groups that images have by name, so that `group_add: [video]` is a number.

use tranship_model::catalog::ImageRef;

/// Debian's and Ubuntu's groups (`group.master` of base-passwd), which every image built on them has.
const DEBIAN: &[(&str, u32)] = &[
    ("root", 0),
    ("daemon", 1),
    ("bin", 2),
    ("sys", 3),
    ("adm", 4),
    ("tty", 5),
    ("disk", 6),
    ("lp", 7),
    ("mail", 8),
    ("uucp", 10),
    ("proxy", 13),
    ("kmem", 15),
    ("dialout", 20),
    ("cdrom", 24),
    ("floppy", 25),
    ("tape", 26),
    ("sudo", 27),
    ("audio", 29),
    ("www-data", 33),
    ("backup", 34),
    ("shadow", 42),
    ("utmp", 43),
    ("video", 44),
    ("plugdev", 46),
    ("staff", 50),
    ("games", 60),
    ("users", 100),
    ("nogroup", 65534),
];

/// Alpine's groups (`/etc/group` of alpine-baselayout).
const ALPINE: &[(&str, u32)] = &[
    ("root", 0),
    ("bin", 1),
    ("daemon", 2),
    ("sys", 3),
    ("adm", 4),
    ("tty", 5),
    ("disk", 6),
    ("lp", 7),
    ("kmem", 9),
    ("wheel", 10),
    ("floppy", 11),
    ("mail", 12),
    ("uucp", 14),
    ("audio", 18),
    ("cdrom", 19),
    ("dialout", 20),
    ("tape", 26),
    ("video", 27),
    ("netdev", 28),
    ("kvm", 34),
    ("games", 35),
    ("shadow", 42),
    ("www-data", 82),
    ("users", 100),
    ("nogroup", 65533),
    ("nobody", 65534),
];

/// Official images that are built on Debian or Ubuntu unless their tag says otherwise.
const ON_DEBIAN: &[&str] = &[
    "debian",
    "ubuntu",
    "buildpack-deps",
    "node",
    "python",
    "ruby",
    "php",
    "golang",
    "rust",
    "perl",
    "gcc",
    "nginx",
    "httpd",
    "haproxy",
    "postgres",
    "mariadb",
    "redis",
    "rabbitmq",
    "memcached",
    "eclipse-temurin",
    "tomcat",
];

/// The id of a group in an image; `None` where it is not known.
pub(super) fn group(image: &str, name: &str) -> Option<u32> {
    if name == "root" {
        return Some(0);
    }
    let of = |groups: &[(&str, u32)]| groups.iter().find(|(known, _)| *known == name).map(|(_, gid)| *gid);
    let reference = ImageRef::parse(image);
    let repository = reference.repository;
    let repository = repository.strip_prefix("library/").unwrap_or(repository);
    if repository == "alpine" || reference.tag.is_some_and(|tag| tag.contains("alpine")) {
        return of(ALPINE);
    }
    ON_DEBIAN.contains(&repository).then(|| of(DEBIAN)).flatten()
}

#[cfg(test)]
mod tests {
    use super::group;

    #[test]
    fn groups_of_known_systems_have_their_numbers() {
        for (image, name, expect) in [
            ("debian:12-slim", "video", Some(44)),
            ("python:3.13", "audio", Some(29)),
            ("node:22-alpine", "video", Some(27)),
            ("library/alpine", "www-data", Some(82)),
            ("debian:12", "docker", None),
            ("acme/web:1", "video", None),
            ("acme/web:1", "root", Some(0)),
        ] {
            assert_eq!(group(image, name), expect, "{image} {name}");
        }
    }
}
