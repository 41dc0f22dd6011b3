//! The loader on the smallest projects that show each stage: what is accepted, and what is refused and where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use tranship_compose::{LoadOptions, Loaded, load};
use tranship_source::yaml::{Node, Value};
use tranship_source::{MemoryWorld, Severity};

fn project(files: &[(&str, &str)]) -> MemoryWorld {
    files.iter().fold(MemoryWorld::new(), |world, (name, text)| world.with(name, *text))
}

fn loaded(files: &[(&str, &str)], options: &LoadOptions) -> Loaded {
    load(&project(files), options)
}

/// A value on one line, such as `{a: [1, x]}`.
fn line(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::String(text) => format!("'{text}'"),
        Value::Sequence(items) => format!("[{}]", items.iter().map(line).collect::<Vec<_>>().join(", ")),
        Value::Mapping(map) => {
            let entries: Vec<String> = map.iter().map(|(key, node)| format!("{}: {}", key.text, line(node))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// What a service key becomes in a project of one service with an image.
fn check(key: &str, written: &str, expect: &str) {
    let text = format!(
        "services:\n  web:\n    image: nginx\n    {key}: {written}\n  db: {{image: pg}}\nvolumes: {{data: }}\n"
    );
    let loaded = loaded(&[("compose.yaml", &text)], &LoadOptions::default());
    let project = loaded.project.unwrap_or_else(|| panic!("{key}: {written}: {:?}", loaded.diagnostics));
    let value = project.tree.at(&["services", "web", key]).map_or_else(|| "absent".to_owned(), line);
    assert_eq!(value, expect, "{key}: {written}");
}

/// The errors of a project as `CODE LINE:COLUMN`.
fn faults(files: &[(&str, &str)], options: &LoadOptions) -> Vec<String> {
    let loaded = loaded(files, options);
    let errors = loaded.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let place = |d: &tranship_source::Diagnostic| match &d.primary {
        Some(label) => {
            let at = loaded.sources.get(label.span.file).unwrap().position(label.span.start);
            format!("{} {}:{}", d.code, at.line, at.column)
        }
        None => d.code.to_owned(),
    };
    let shown: Vec<String> = errors.map(place).collect();
    assert_eq!(loaded.project.is_none(), !shown.is_empty(), "a project is given exactly where nothing is wrong");
    shown
}

#[test]
fn short_forms_become_long_ones() {
    for (key, written, expect) in [
        ("ports", "['80:81/udp']", "[{mode: 'ingress', target: 81, published: '80', protocol: 'udp'}]"),
        ("volumes", "['data:/x:ro']", "[{type: 'volume', source: 'data', target: '/x', read_only: true, volume: {}}]"),
        ("volumes", "['./a:/x']", "[{type: 'bind', source: '/project/a', target: '/x', bind: {}}]"),
        ("depends_on", "[db]", "{db: {condition: 'service_started', required: true}}"),
        ("environment", "[A=1, B]", "{A: '1', B: null}"),
        ("environment", "{A: 1.5, B: true, C: }", "{A: '1.5', B: 'true', C: null}"),
        ("labels", "[a=b=c, d]", "{a: 'b=c', d: ''}"),
        ("command", "a 'b c'", "['a', 'b c']"),
        ("entrypoint", "[]", "[]"),
        ("healthcheck", "{test: hi, interval: 90s}", "{test: ['CMD-SHELL', 'hi'], interval: '1m30s'}"),
        ("mem_limit", "64m", "'67108864'"),
        ("cpus", "'0.1'", "0.1"),
        ("devices", "['/a:/b']", "[{source: '/a', target: '/b', permissions: 'rwm'}]"),
        ("gpus", "all", "[{count: -1}]"),
        ("extra_hosts", "['b:1', 'a=[::1]']", "['a=::1', 'b=1']"),
        ("ulimits", "{nproc: '5', nofile: {soft: 1, hard: 2}}", "{nproc: 5, nofile: {soft: 1, hard: 2}}"),
        ("privileged", "'yes'", "true"),
        ("privileged", "false", "absent"),
        ("pull_policy", "if_not_present", "'missing'"),
        (
            "volumes",
            "['data:/x', 'data:/x:ro']",
            "[{type: 'volume', source: 'data', target: '/x', read_only: true, volume: {}}]",
        ),
    ] {
        check(key, written, expect);
    }
}

#[test]
fn files_merge_key_by_key() {
    for (key, base, over, expect) in [
        ("command", "[a]", "[b]", "['b']"),
        ("environment", "{A: 1, B: 2}", "[B=3]", "{A: '1', B: '3'}"),
        ("expose", "['1']", "['2', '1']", "['1', '2']"),
        ("dns", "a", "[b]", "['a', 'b']"),
        ("expose", "['1']", "!override ['2']", "['2']"),
        ("expose", "['1']", "!reset []", "absent"),
        ("logging", "{driver: a, options: {x: y}}", "{driver: b}", "{driver: 'b'}"),
        ("logging", "{options: {x: y}}", "{driver: b}", "{options: {x: 'y'}, driver: 'b'}"),
    ] {
        let base = format!("services: {{web: {{image: x, {key}: {base}}}}}");
        let over = format!("services:\n  web:\n    {key}: {over}\n");
        let files = [("compose.yaml", base.as_str()), ("compose.override.yaml", over.as_str())];
        let project = loaded(&files, &LoadOptions::default()).project.unwrap();
        let value = project.tree.at(&["services", "web", key]).map_or_else(|| "absent".to_owned(), line);
        assert_eq!(value, expect, "{over}");
    }
}

#[test]
fn every_fault_is_reported_at_its_place() {
    let text = "services:\n  web:\n    image: x\n    colour: red\n    networks: [zz]\n  db:\n    image: ${NO:?need}\n    privileged: perhaps\n";
    let found = faults(&[("compose.yaml", text)], &LoadOptions::default());
    for expect in ["schema-unknown-key 4:5", "undefined-reference 5:16", "variable-required 7:12", "wrong-type 8:17"] {
        assert!(found.iter().any(|fault| fault == expect), "{expect} is missing in {found:?}");
    }
}

#[test]
fn what_docker_compose_refuses_is_refused() {
    for (text, code) in [
        ("services: {web: {}}", "service-without-image"),
        ("services: {web: {image: x, depends_on: [zz]}}", "undefined-service"),
        ("services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}", "dependency-cycle"),
        ("services: {a: {extends: b}, b: {extends: a}}", "extends-cycle"),
        ("services: {a: {extends: zz}}", "extends-unknown"),
        ("include: [compose.yaml]", "include-cycle"),
        ("include: [nope.yaml]", "file-unreadable"),
        ("include: ['oci://x/y']", "remote-resource"),
        ("services: {a: {image: x, env_file: nope}}", "file-unreadable"),
        ("services: {a: {image: x, tmpfs: [/a], volumes: ['/b:/a']}}", "duplicate-mount"),
        ("services: {a: {image: x, ports: ['x:y']}}", "port-syntax"),
        ("services: {a: {image: x, container_name: cc, scale: 2}}", "container-name-scale"),
        (
            "services: {a: {image: x, container_name: cc}, b: {image: x, container_name: cc}}",
            "duplicate-container-name",
        ),
        ("services: {a: {image: x}}\nvolumes: {v: {external: true, driver: d}}", "external-conflict"),
        ("services: {a: {image: '${'}}", "variable-syntax"),
        ("- a", "not-a-mapping"),
        ("", "empty-project"),
        ("services: {a: {image: x", "yaml-syntax"),
    ] {
        let found = faults(&[("compose.yaml", text)], &LoadOptions::default());
        assert!(found.iter().any(|fault| fault.starts_with(code)), "{text}: {code} is not in {found:?}");
    }
    let none = faults(&[("readme", "")], &LoadOptions::default());
    assert_eq!(none, ["no-compose-file"]);
}

#[test]
fn included_and_extended_files_keep_their_directory_and_variables() {
    let files = [
        ("compose.yaml", "include: [sub/a.yaml]\nservices: {web: {extends: {file: sub/b.yaml, service: base}}}"),
        ("sub/a.yaml", "services: {db: {image: 'pg:$TAG', build: ./db}}"),
        ("sub/.env", "TAG=7"),
        ("sub/b.yaml", "services: {base: {build: ./base}}"),
    ];
    let project = loaded(&files, &LoadOptions::default()).project.unwrap();
    let at = |path: &[&str]| project.tree.at(path).and_then(Node::as_str).unwrap_or("").to_owned();
    assert_eq!(at(&["services", "db", "image"]), "pg:7");
    assert_eq!(at(&["services", "db", "build", "context"]), "/project/sub/db");
    assert_eq!(at(&["services", "web", "build", "context"]), "/project/sub/base");
}

#[test]
fn profiles_and_names_select_services() {
    let text = "services: {a: {image: x}, b: {image: x, profiles: [p]}, c: {image: x, depends_on: [a]}}";
    for (profiles, services, expect) in [
        (&[][..], &[][..], "a c"),
        (&["p"][..], &[][..], "a b c"),
        (&["*"][..], &[][..], "a b c"),
        (&[][..], &["c"][..], "a c"),
        (&[][..], &["b"][..], "b"),
    ] {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let options = LoadOptions { profiles: owned(profiles), services: owned(services), ..LoadOptions::default() };
        let project = loaded(&[("compose.yaml", text)], &options).project.unwrap();
        let mut names: Vec<&str> = project.section("services").unwrap().keys().map(|key| key.text.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names.join(" "), expect, "{profiles:?} {services:?}");
        assert_eq!(project.disabled.len(), 3 - names.len());
    }
}

#[test]
fn a_value_knows_its_place_its_variables_and_what_it_replaced() {
    let files = [
        ("compose.yaml", "services:\n  web:\n    image: old\n"),
        ("compose.override.yaml", "services:\n  web:\n    image: new:$TAG\n"),
        (".env", "TAG=1\n"),
    ];
    let loaded = loaded(&files, &LoadOptions::default());
    let project = loaded.project.unwrap();
    let image = project.tree.at(&["services", "web", "image"]).unwrap();
    let trail = image.meta.as_ref().unwrap().trail.as_ref().unwrap();
    assert_eq!(loaded.sources.place(image.span).unwrap(), "compose.override.yaml:3:12");
    assert_eq!(trail.variables.len(), 1);
    assert_eq!(
        trail.replaced.iter().filter_map(|at| loaded.sources.place(*at)).collect::<Vec<_>>(),
        ["compose.yaml:3:12"]
    );
}

#[test]
fn the_name_comes_from_flag_environment_file_or_directory() {
    let text = "name: File\nservices: {a: {image: x}}";
    let bare = "services: {a: {image: x}}";
    let named = LoadOptions { project_name: Some("flag".to_owned()), ..LoadOptions::default() };
    let name = |world: MemoryWorld, options: &LoadOptions| load(&world, options).project.unwrap().name;
    assert_eq!(name(project(&[("compose.yaml", text)]), &named), "flag");
    let world = project(&[("compose.yaml", text)]).with_env("COMPOSE_PROJECT_NAME", "env");
    assert_eq!(name(world, &LoadOptions::default()), "env");
    assert_eq!(name(project(&[("compose.yaml", text)]), &LoadOptions::default()), "file");
    assert_eq!(name(project(&[("compose.yaml", bare)]), &LoadOptions::default()), "project");
}
