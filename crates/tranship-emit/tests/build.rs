//! What builds the images: quoting that survives the programs that read it, and a place for every key.
#![expect(clippy::unwrap_used, reason = "a test may stop at a broken promise")]

#[allow(dead_code, reason = "shared with the other tests of the crate")]
mod bundle;

use indexmap::IndexMap;
use tranship_emit::backends::build::emit;
use tranship_emit::quote::{bake, shell};
use tranship_model::{Build, BuildSecret, BuildSecretSource, BuildSettings, Origin, Service, Stack, Traced};
use tranship_testing::{Mutator, Program, not_run, places};

fn decided<T>(value: T) -> Traced<T> {
    Traced::decided(value, "test", "a test")
}

fn empty() -> Stack {
    Stack {
        name: decided("shop".to_owned()),
        services: IndexMap::new(),
        volumes: IndexMap::new(),
        networks: IndexMap::new(),
        isolation: None,
        configs: IndexMap::new(),
        secrets: IndexMap::new(),
        outside: IndexMap::new(),
        exposure: tranship_model::Exposure::default(),
        left_out: Vec::new(),
        said: None,
    }
}

/// A project of one service whose build says everything there is to say.
fn full(nasty: &str) -> Stack {
    let text = || nasty.to_owned();
    let settings = BuildSettings {
        dockerfile_inline: None,
        contexts: vec![("lib".to_owned(), "lib".to_owned()), ("base".to_owned(), "service:base".to_owned())],
        labels: vec![("note".to_owned(), text())],
        cache_from: vec!["type=registry,ref=cache/web".to_owned()],
        cache_to: vec!["type=inline".to_owned()],
        no_cache: true,
        no_cache_filter: vec!["deps".to_owned()],
        pull: true,
        network: Some("host".to_owned()),
        provenance: Some("mode=max".to_owned()),
        sbom: Some("true".to_owned()),
        ssh: vec!["default".to_owned()],
        secrets: vec![
            BuildSecret { id: "npm".to_owned(), source: BuildSecretSource::File("secrets/a,b".to_owned()) },
            BuildSecret { id: "token".to_owned(), source: BuildSecretSource::Variable("TOKEN".to_owned()) },
        ],
        shm_size: Some(134_217_728),
        extra_hosts: vec!["db=10.0.0.1".to_owned(), "six:::1".to_owned()],
        ulimits: vec![("nofile".to_owned(), 1024, 2048)],
        entitlements: vec!["network.host".to_owned()],
        privileged: true,
        isolation: Some("process".to_owned()),
        tags: vec!["shop/web:extra".to_owned()],
        platforms: vec!["linux/amd64".to_owned(), "linux/arm64".to_owned()],
    };
    let build = |context: &str, settings: BuildSettings| Build {
        origin: Origin::decided("test", "a test"),
        context: context.to_owned(),
        dockerfile: Some("docker/Dockerfile".to_owned()),
        target: Some("prod".to_owned()),
        args: vec![("A".to_owned(), Some(text())), ("FROM_ENV".to_owned(), None)],
        settings: Box::new(settings),
    };
    let mut web = bundle::service("web", Origin::decided("test", "a test"));
    web.image = Some(decided("shop-web:v1".to_owned()));
    web.build = Some(build("web app", settings));
    let mut base = bundle::service("base", Origin::decided("test", "a test"));
    base.image = Some(decided("shop-base:v1".to_owned()));
    base.build = Some(build(
        "./base",
        BuildSettings { dockerfile_inline: Some(format!("FROM a\n# {nasty}\n")), ..BuildSettings::default() },
    ));
    let mut stack = empty();
    stack.services.extend([("web".to_owned(), web), ("base".to_owned(), base)]);
    stack
}

fn files(stack: &Stack) -> (serde_json::Value, String) {
    let tree = emit(stack).value;
    let text = |path: &str| String::from_utf8(tree.get(path).unwrap().bytes.clone()).unwrap();
    (serde_json::from_str(&text("build/docker-bake.json")).unwrap(), text("build/build.sh"))
}

const NASTY: [&str; 12] =
    ["", "plain", "two words", "it's", "\"q\"", "$HOME ${A:-b}", "%{x} $${y}", "`id`", "a\nb", "-x", "\\", "é*?[~]#!"];

#[test]
fn a_shell_gives_words_back_as_they_were() {
    let mut mutator = Mutator::new(3);
    let long = NASTY.join("\n");
    let made = (0..400).map(|_| mutator.edit(&long));
    let words: Vec<String> = NASTY.iter().map(|word| (*word).to_owned()).chain(made).collect();
    let script: Vec<String> = words.iter().map(|word| format!("printf '%s\\0' {}\n", shell(word))).collect();
    let said = Program::new("sh").args(["-c", &script.concat()]).succeed().unwrap().text();
    let said: Vec<&str> = said.split_terminator('\0').collect();
    assert_eq!(said, words);
}

#[test]
fn the_script_hands_docker_every_argument_as_it_is_written() {
    // A `docker` that says what it was called with.
    let fake = "PUSH=yes\ndocker() { for word in \"$@\"; do printf '%s\\0' \"$word\"; done; [ \"$1\" = push ] || cat >&2; printf '\\n\\0'; }\n";
    for nasty in NASTY {
        let (_, script) = files(&full(nasty));
        let script = script.replace("cd -- \"${1:-.}\"\n", fake);
        let done = Program::new("sh").args(["-c", &script]).succeed().unwrap();
        let calls = done.text();
        let words: Vec<&str> = calls.split('\0').collect();
        for expect in [
            format!("--build-arg=A={nasty}"),
            format!("--label=note={nasty}"),
            "--build-arg=FROM_ENV".to_owned(),
            "--file=web app/docker/Dockerfile".to_owned(),
            "--secret=id=npm,\"src=secrets/a,b\"".to_owned(),
            "--secret=id=token,env=TOKEN".to_owned(),
            "--build-context=base=docker-image://shop-base:v1".to_owned(),
            "--add-host=six=::1".to_owned(),
            "--allow=security.insecure".to_owned(),
            "--platform=linux/amd64,linux/arm64".to_owned(),
            "web app".to_owned(),
        ] {
            assert!(words.contains(&expect.as_str()), "{expect:?} is not among {words:?}");
        }
        assert!(done.talk().contains(&format!("FROM a\n# {nasty}\n")), "the Dockerfile is read from standard input");
        let order = |tag: &str| words.iter().position(|word| *word == tag).unwrap();
        assert!(order("--tag=shop-base:v1") < order("--tag=shop-web:v1"), "what others build on comes first");
    }
}

#[test]
fn names_without_a_registry_are_not_pushed_unasked_and_each_is_built_and_pushed_once() {
    let mut stack = full("plain");
    let again = stack.services["base"].clone();
    stack.services.insert("migrate".to_owned(), Service { name: "migrate".to_owned(), ..again });
    let fake = "docker() { echo \"$1 $#\"; }\n";
    let (json, script) = files(&stack);
    let script = script.replace("cd -- \"${1:-.}\"\n", fake);
    let run = |push: &str| {
        let line = format!("PUSH={push}\n( {script} ) || echo refused");
        Program::new("sh").args(["-c", &line]).succeed().unwrap()
    };
    let refused = run("");
    assert_eq!(refused.text(), "refused\n");
    assert!(refused.talk().contains("--registry") && refused.talk().contains("PUSH=no"), "{}", refused.talk());
    let calls = |push: &str, what: &str| run(push).text().lines().filter(|line| line.starts_with(what)).count();
    assert_eq!((calls("no", "build"), calls("no", "push")), (2, 0));
    assert_eq!((calls("yes", "build"), calls("yes", "push")), (2, 3));
    assert_eq!(json["group"]["default"]["targets"], serde_json::json!(["base", "web"]));
    for service in stack.services.values_mut() {
        service.image = Some(decided(format!("localhost:5000/{}:v1", service.name)));
        if let Some(build) = &mut service.build {
            build.settings.tags.clear();
        }
    }
    assert!(!files(&stack).1.contains("exit 1"));
}

#[test]
fn every_key_has_its_place_in_the_bake_file() {
    let (file, _) = files(&full("x"));
    let mut keys: Vec<&String> = file["target"]["web"].as_object().unwrap().keys().collect();
    keys.sort();
    let expect = "args attest cache-from cache-to context contexts dockerfile entitlements extra-hosts labels network \
                  no-cache no-cache-filter platforms pull secret shm-size ssh tags target ulimits";
    assert_eq!(keys, expect.split(' ').collect::<Vec<_>>());
    assert_eq!(file["target"]["web"]["contexts"]["base"], "target:base");
    assert_eq!(file["target"]["web"]["args"]["FROM_ENV"], serde_json::Value::Null);
    assert!(file["target"]["base"].get("dockerfile").is_none());
    assert_eq!(bake("${a} %{b} $c"), "$${a} %%{b} $c");
}

#[test]
fn buildx_reads_the_bake_file_as_it_is_meant() {
    let Some(buildx) = places::program("docker-buildx") else { return not_run("docker-buildx is not on PATH") };
    for nasty in NASTY {
        let (mut file, _) = files(&full(nasty));
        // Buildx asks a running ssh agent for this one.
        file["target"]["web"].as_object_mut().unwrap().remove("ssh");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("docker-bake.json");
        write(&path, &file.to_string());
        // It looks for the files of secrets.
        write(&dir.path().join("secrets/a,b"), "x");
        let done = Program::new(&buildx).args(["bake", "--print", "-f"]).arg(&path).dir(dir.path()).succeed().unwrap();
        // What it prints is a bake file again, with `${` and `%{` escaped anew.
        let seen: serde_json::Value = serde_json::from_str(&done.text()).unwrap();
        for (key, ours, theirs) in [
            ("args", bake(nasty).as_str(), &seen["target"]["web"]["args"]["A"]),
            ("labels", bake(nasty).as_str(), &seen["target"]["web"]["labels"]["note"]),
            ("context", "web app", &seen["target"]["web"]["context"]),
            ("network", "host", &seen["target"]["web"]["network"]),
        ] {
            assert_eq!(theirs, ours, "{key}: {}", done.text());
        }
        assert_eq!(seen["target"]["web"]["ulimits"][0], "nofile=1024:2048");
        assert_eq!(seen["target"]["web"]["secret"].as_array().map(Vec::len), Some(2));
    }
}

#[expect(clippy::disallowed_methods, reason = "a test gives another program a file")]
fn write(path: &std::path::Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_project_that_builds_nothing_has_no_folder_for_it() {
    assert!(emit(&empty()).value.is_empty());
}
