//! What the typed view must read, and that no key of the schema is forgotten.

use tranship_source::FileId;
use tranship_source::yaml::parse;

use super::*;

fn project(text: &str) -> Reading<Project> {
    let documents = parse(FileId(0), text);
    assert!(documents.diagnostics.is_empty(), "{:?}", documents.diagnostics);
    read(&documents.value[0])
}

#[test]
fn values_know_their_path_and_place() {
    let text = "services:\n  web:\n    ports:\n      - target: 80\n";
    let reading = project(text);
    let services = reading.value.unwrap().services;
    let target = services[0].value.ports[0].target.clone().unwrap();
    assert_eq!(target.value, 80);
    assert_eq!(&*target.origin.leaves()[0].path, "services.web.ports[0].target");
    assert_eq!(&text[target.span().start as usize..target.span().end as usize], "80");
}

#[test]
fn what_has_no_place_is_a_gap() {
    let reading = project("services:\n  web:\n    colour: red\n    x-own: 1\n    init: [1]\n    cpus: many\n");
    let gaps: Vec<&str> = reading.gaps.iter().map(|gap| &*gap.at.path).collect();
    assert_eq!(gaps, ["services.web.colour", "services.web.cpus", "services.web.init"]);
    assert_eq!(reading.value.unwrap().services[0].value.extensions[0].key, "x-own");
}

#[test]
fn emptiness_speaks_only_where_it_clears_something() {
    let reading = project("services:\n  web:\n    command: []\n    dns: []\n    build: {}\n    hostname:\n");
    let empties: Vec<&str> = reading.empties.iter().map(|at| &*at.path).collect();
    assert_eq!(empties, ["services.web.build", "services.web.dns", "services.web.hostname"]);
    let services = reading.value.unwrap().services;
    assert_eq!(services[0].value.command.as_ref().unwrap().value, Vec::<String>::new());
}

#[test]
fn leaves_are_scalars_and_empty_containers() {
    let documents = parse(FileId(0), "services: {a: {command: null, env: {B: null}, c: [], d: [1, {e: 2}]}}");
    let paths: Vec<String> = leaves(&documents.value[0]).iter().map(|at| at.path.to_string()).collect();
    assert_eq!(paths, ["services.a.env.B", "services.a.c", "services.a.d[0]", "services.a.d[1].e"]);
}
