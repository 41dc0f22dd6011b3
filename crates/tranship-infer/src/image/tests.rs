//! Small projects and what is known of their images.

use std::path::Path;

use tranship_compose::{LoadOptions, load};
use tranship_model::{Health, Stack, Test};
use tranship_source::{Diagnostic, MemoryWorld, Sources};
use tranship_testing::Fixture;

use super::{Naming, Tag, learn, name_builds};

const PROJECT: &str = "/project";

fn stack(world: &MemoryWorld) -> (Stack, Sources) {
    let loaded = load(world, &LoadOptions::default());
    let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let lifted = tranship_compose::lift::lift(&project, &loaded.sources, world);
    (lifted.value.stack, loaded.sources)
}

pub(super) fn learned(files: &str) -> (Stack, Vec<Diagnostic>) {
    let world = Fixture::parse(files).in_memory();
    let (mut stack, mut sources) = stack(&world);
    let checked = learn(&mut stack, &world, Path::new(PROJECT), &mut sources);
    (stack, checked.diagnostics)
}

/// A project of one built service and its Dockerfile.
fn built(dockerfile: &str) -> (Stack, Vec<Diagnostic>) {
    learned(&format!("-- compose.yaml\nservices: {{web: {{build: .}}}}\n-- Dockerfile\n{dockerfile}"))
}

#[test]
fn what_the_dockerfile_says_goes_into_the_stack() {
    let (stack, faults) = built(
        "FROM node:20-alpine\nENV A=1\nWORKDIR /app\nUSER node\nEXPOSE 3000 53/udp\nVOLUME /data\nSTOPSIGNAL SIGQUIT\n\
         HEALTHCHECK --interval=5s CMD wget -q localhost:3000\nCMD [\"node\", \"x.js\"]\n",
    );
    assert!(faults.is_empty(), "{faults:?}");
    let web = &stack.services["web"];
    assert_eq!(
        web.ports.iter().map(|p| (p.container, p.protocol.as_str())).collect::<Vec<_>>(),
        [(3000, "tcp"), (53, "udp")]
    );
    assert_eq!(web.process.stop_signal.as_ref().map(|s| s.value.as_str()), Some("SIGQUIT"));
    let Health::Check(check) = &web.health else { panic!("{:?}", web.health) };
    assert_eq!(
        check.test.as_ref().map(|test| test.value.clone()),
        Some(Test::Shell("wget -q localhost:3000".to_owned()))
    );
    let facts = web.image_facts.as_ref().unwrap();
    assert_eq!((facts.uid.as_ref().map(|u| u.value), facts.gid.as_ref().map(|g| g.value)), (Some(1000), Some(1000)));
    assert_eq!(facts.workdir.as_ref().map(|d| d.value.as_str()), Some("/app"));
    assert_eq!(facts.command.as_ref().unwrap().value, ["node", "x.js"]);
    assert_eq!(facts.volumes[0].value, "/data");
    assert!(
        matches!(&web.ports[0].origin, tranship_model::Origin::Decided { by: "image-port", because, .. } if because.ends_with("EXPOSE in line 5"))
    );
}

#[test]
fn users_become_numbers_where_somebody_says_which() {
    for (dockerfile, expect) in [
        ("FROM node\nUSER node:node\n", (Some(1000), Some(1000))),
        ("FROM a\nUSER 10:20\n", (Some(10), Some(20))),
        ("FROM a\nUSER 10\n", (Some(10), None)),
        ("FROM a\nRUN addgroup -g 30 g && adduser -u 31 -G g -D u\nUSER u\n", (Some(31), Some(30))),
        ("FROM a\nRUN useradd -u 31 u\nUSER u:7\n", (Some(31), Some(7))),
        ("FROM a\nUSER mystery\n", (None, None)),
        ("FROM postgres:16-alpine\nUSER postgres\n", (Some(70), Some(70))),
        ("FROM postgres:16\n", (Some(0), Some(0))),
        ("FROM scratch\nCMD [\"/x\"]\n", (Some(0), Some(0))),
        ("FROM unheard-of\n", (None, None)),
    ] {
        let (stack, _) = built(dockerfile);
        let facts = stack.services["web"].image_facts.as_ref().unwrap();
        let got = (facts.uid.as_ref().map(|u| u.value), facts.gid.as_ref().map(|g| g.value));
        assert_eq!(got, expect, "{dockerfile}");
    }
}

#[test]
fn what_the_project_says_counts_more() {
    let (stack, _) = learned(
        "-- compose.yaml\nservices:\n  web:\n    build: {context: app, target: run, args: {P: '81'}}\n    ports: ['8080:80']\n    \
         stop_signal: SIGINT\n    healthcheck: {interval: 9s}\n  db: {image: 'postgres:16'}\n-- app/Dockerfile\nFROM a AS run\nARG P=80\nEXPOSE $P\n\
         STOPSIGNAL 9\nHEALTHCHECK --interval=1s --retries=4 CMD x\nFROM b\nEXPOSE 99\n",
    );
    let web = &stack.services["web"];
    assert_eq!(web.ports.iter().map(|p| p.container).collect::<Vec<_>>(), [80]);
    assert_eq!(web.process.stop_signal.as_ref().unwrap().value, "SIGINT");
    assert_eq!(web.image_facts.as_ref().unwrap().ports[0].container, 81);
    let Health::Check(check) = &web.health else { panic!("{:?}", web.health) };
    assert_eq!(check.test.as_ref().unwrap().value, Test::Shell("x".to_owned()));
    assert_eq!((check.interval.as_ref().unwrap().value.as_secs(), check.retries.as_ref().unwrap().value), (9, 4));
    assert_eq!(stack.services["db"].image_facts.as_ref().unwrap().uid.as_ref().unwrap().value, 0);
}

#[test]
fn faults_are_told_with_their_code_and_the_rest_is_known() {
    for (files, code) in [
        ("-- compose.yaml\nservices: {web: {build: .}}\n", "dockerfile-absent"),
        ("-- compose.yaml\nservices: {web: {build: .}}\n-- Dockerfile\nFROM a\nBOGUS\n", "dockerfile-instruction"),
        ("-- compose.yaml\nservices: {web: {build: .}}\n-- Dockerfile\nFROM a\nEXPOSE web\n", "dockerfile-build"),
        (
            "-- compose.yaml\nservices: {web: {build: {context: ., target: x}}}\n-- Dockerfile\nFROM a\n",
            "dockerfile-target",
        ),
        (
            "-- compose.yaml\nservices: {web: {build: .}}\n-- Dockerfile\nFROM a\nENV B=$JAVA_HOME\n",
            "dockerfile-variable",
        ),
        ("-- compose.yaml\nservices: {web: {build: .}}\n-- Dockerfile\n", "dockerfile-no-stage"),
    ] {
        let (_, faults) = learned(files);
        assert_eq!(faults.first().map(|fault| fault.code), Some(code), "{files}: {faults:?}");
    }
}

#[test]
fn images_that_are_only_built_get_the_name_that_is_asked_for() {
    let files = "-- compose.yaml\nname: shop\nservices: {web: {build: web}, own: {build: web, image: 'me/own:2'}}\n-- web/Dockerfile\nFROM a\n\
                 -- web/.dockerignore\n*.log\n-- web/a.txt\nx\n-- web/b.log\nx\n-- .git/HEAD\nref: refs/heads/main\n\
                 -- .git/packed-refs\n# pack-refs\n0123456789abcdef0123456789abcdef01234567 refs/heads/main\n";
    let named = |files: &str, registry: Option<&str>, tag: Tag| {
        let world = Fixture::parse(files).in_memory();
        let (mut stack, _) = stack(&world);
        let naming = Naming { registry: registry.map(str::to_owned), tag };
        let checked = name_builds(&mut stack, &naming, &world, Path::new(PROJECT));
        let image = |service: &str| stack.services[service].image.as_ref().unwrap().value.clone();
        (image("web"), image("own"), checked.diagnostics.len())
    };
    let own = "me/own:2".to_owned();
    assert_eq!(named(files, None, Tag::default()), ("shop-web:v1".to_owned(), own.clone(), 0));
    let registry = Some("registry.example/team/");
    assert_eq!(
        named(files, registry, Tag::Git),
        ("registry.example/team/shop-web:0123456789ab".to_owned(), own.clone(), 0)
    );
    let context = |files: &str| named(files, None, Tag::Context).0;
    assert_eq!(context(files), context(&files.replace("b.log\nx", "b.log\nother")), "ignored files do not count");
    assert_ne!(context(files), context(&files.replace("a.txt\nx", "a.txt\nother")));
    assert_ne!(context(files), context(&files.replace("FROM a", "FROM b")));
    assert_eq!(named(&files.replace(".git/HEAD", "x"), None, Tag::Git), ("shop-web:v1".to_owned(), own, 1));
    assert!(Tag::parse("a b").is_err() && Tag::parse("1.2-rc").is_ok());
}
