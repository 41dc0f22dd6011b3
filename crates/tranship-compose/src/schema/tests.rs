//! What the schema check says of trees.

use std::fmt::Write as _;

use tranship_source::FileId;
use tranship_source::yaml;

use super::check;
use super::table::SCHEMAS;

/// Code, message, text under the primary span and help of each fault.
fn faults(text: &str) -> Vec<[String; 4]> {
    let parsed = yaml::parse(FileId(0), text);
    assert!(!parsed.has_errors(), "{text}: {:?}", parsed.diagnostics);
    let describe = |d: tranship_source::Diagnostic| {
        let span = d.primary.map(|p| p.span);
        let under = span.and_then(|s| text.get(s.start as usize..s.end as usize)).unwrap_or("");
        [d.code.to_owned(), d.message, under.to_owned(), d.help.unwrap_or_default()]
    };
    check(parsed.value.first().unwrap()).into_iter().map(describe).collect()
}

#[test]
fn the_table_holds_the_whole_schema_and_its_keys_are_sorted() {
    assert!(SCHEMAS.len() > 300);
    assert!(SCHEMAS.iter().all(|schema| schema.properties.is_sorted_by(|(one, _), (other, _)| one < other)));
}

#[test]
fn valid_projects_pass() {
    for text in [
        "services: {}",
        "name: x\nx-any: {thing: [1, {}]}\nservices:\n  web:\n    image: a\n    x-own: 1\n",
        "services: {web: {build: ., ports: [80, '1:1', {target: 5}], environment: {A: 1, B: null}, command: null}}",
        "services: {web: {image: a, ulimits: {nofile: 5, nproc: {soft: 1, hard: 2}}, deploy: {replicas: 2.0}}}",
        "services: {web: {image: a, networks: {n: null}, env_file: [{path: a, required: false}], pull_policy: every_2h}}",
        "services: {web: {image: a, oom_score_adj: -1000, gpus: all, mem_swappiness: 10}}",
    ] {
        assert_eq!(faults(text), Vec::<[String; 4]>::new(), "{text}");
    }
}

#[test]
fn each_fault_says_what_where_and_what_to_do() {
    for (text, expect) in [
        (
            "services: {web: {imgae: a}}",
            ["schema-unknown-key", "`services.web` has no key `imgae`", "imgae", "did you mean `image`?"],
        ),
        (
            "web: {image: a}",
            [
                "schema-unknown-key",
                "`web` is no top-level key of a Compose file",
                "web",
                "a service goes under `services:`",
            ],
        ),
        (
            "servces: {}",
            [
                "schema-unknown-key",
                "`servces` is no top-level key of a Compose file",
                "servces",
                "did you mean `services`?",
            ],
        ),
        (
            "services: {web: {image: a, services: {}}}",
            [
                "schema-unknown-key",
                "`services.web` has no key `services`",
                "services",
                "`services:` belongs at the top level; check the indentation",
            ],
        ),
        (
            "services: {a b: {image: x}}",
            [
                "schema-unknown-key",
                "`a b` cannot be a key of `services`: it must be a name of letters, digits, `.`, `_` and `-`",
                "a b",
                "",
            ],
        ),
        (
            "services: {web: {image: [a]}}",
            ["schema-type", "`services.web.image` must be a string, and is a list", "[a]", ""],
        ),
        (
            "services: {web: {image: 5}}",
            ["schema-type", "`services.web.image` must be a string, and is a number", "5", "put the value in quotes"],
        ),
        ("services: {web: }", ["schema-type", "`services.web` must be a mapping, and is empty", "", ""]),
        ("services: [a]", ["schema-type", "`services` must be a mapping, and is a list", "[a]", ""]),
        (
            "services: {web: {ports: 80}}",
            ["schema-type", "`services.web.ports` must be a list, and is a number", "80", ""],
        ),
        (
            "services: {web: {command: {a: b}}}",
            ["schema-type", "`services.web.command` must be a string, a list or null, and is a mapping", "{a: b}", ""],
        ),
        (
            "services: {web: {volumes: [{target: x}]}}",
            ["schema-required", "`services.web.volumes[0]` needs the key `type`", "{target: x}", ""],
        ),
        (
            "services: {web: {volumes: [{type: bnd, target: x}]}}",
            [
                "schema-value",
                "`services.web.volumes[0].type` must be one of `bind`, `volume`, `tmpfs`, `cluster`, `npipe`, `image`",
                "bnd",
                "did you mean `bind`?",
            ],
        ),
        (
            "services: {web: {oom_score_adj: 5000}}",
            ["schema-range", "`services.web.oom_score_adj` must be between -1000 and 1000", "5000", ""],
        ),
        (
            "services: {web: {container_name: a}}",
            [
                "schema-pattern",
                "`services.web.container_name` must be a name of at least two letters, digits, `.`, `_` or `-`, a letter or digit first",
                "a",
                "",
            ],
        ),
        (
            "services: {web: {cap_add: [A, B, A]}}",
            ["schema-duplicate-item", "`services.web.cap_add` has the same item twice", "A", ""],
        ),
        (
            "services: {web: {environment: {A: [1]}}}",
            [
                "schema-type",
                "`services.web.environment.A` must be a string, a boolean, a number or null, and is a list",
                "[1]",
                "",
            ],
        ),
        (
            "x-a: .inf",
            [
                "schema-number",
                "`x-a` is no number that can be written as JSON",
                ".inf",
                "put the value in quotes if text is meant",
            ],
        ),
    ] {
        assert_eq!(faults(text), [expect.map(str::to_owned)], "{text}");
    }
}

#[test]
fn all_faults_of_a_file_come_at_once_in_its_order() {
    let text = "services:\n  a: {image: 1, foo: x}\n  b: {ports: x}\nbar: 1\nvolumes: {v: 5}\n";
    let codes: Vec<_> = faults(text).into_iter().map(|[code, _, under, _]| (code, under)).collect();
    let expect = [
        ("schema-type", "1"),
        ("schema-unknown-key", "foo"),
        ("schema-type", "x"),
        ("schema-unknown-key", "bar"),
        ("schema-type", "5"),
    ];
    assert_eq!(codes, expect.map(|(code, under)| (code.to_owned(), under.to_owned())));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the time taken is what is tested")]
fn many_services_are_checked_in_time() {
    let mut text = "services:\n".to_owned();
    for i in 0..200 {
        let _ = write!(
            text,
            "  s{i}:\n    image: a:{i}\n    ports: ['80:80', '81:81']\n    environment: {{A: b, C: d, E: f}}\n    \
             depends_on: [s0]\n    networks: [x, y]\n    restart: always\n    healthcheck: {{test: [CMD, x], interval: 5s}}\n"
        );
    }
    let parsed = yaml::parse(FileId(0), &text);
    let root = parsed.value.first().unwrap();
    let start = std::time::Instant::now();
    assert!(check(root).is_empty());
    assert!(start.elapsed().as_millis() < 1000, "{:?}", start.elapsed());
}
