//! What the engine would start, case by case.

use tranship_model::launch::{Launch, Piece, Variable, What};
use tranship_model::{ImageKnowledge, Origin, Traced};
use tranship_source::MemoryWorld;

use super::launches;
use crate::{LoadOptions, Project, load};

fn project(text: &str) -> Project {
    let world = MemoryWorld::new().with("compose.yaml", text).with("a.conf", "a");
    let loaded = load(&world, &LoadOptions::default());
    loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

fn words(words: &[&str]) -> Traced<Vec<String>> {
    Traced::new(words.iter().map(|word| (*word).to_owned()).collect(), Origin::decided("test", "test"))
}

fn image() -> ImageKnowledge {
    ImageKnowledge {
        entrypoint: Some(words(&["/entry"])),
        command: Some(words(&["serve", "-v"])),
        ..ImageKnowledge::default()
    }
}

fn with<T>(service: &str, image: Option<&ImageKnowledge>, look: impl Fn(&Launch<'_>) -> T) -> T {
    let project = project(&format!("services:\n  web:\n    image: x\n{service}"));
    let facts = |_: &str| image;
    // The project has to outlive the facts it is looked at with.
    let all = launches(&project, &facts);
    look(&all.first().unwrap().1)
}

fn argv(service: &str, image: Option<&ImageKnowledge>) -> String {
    let word = |piece: &Piece<'_>| match piece {
        Piece::Word(word) => format!("[{word}]"),
        Piece::ImageEntrypoint => "ENTRYPOINT".to_owned(),
        Piece::ImageCommand => "CMD".to_owned(),
    };
    with(service, image, |launch| launch.argv.iter().map(word).collect::<Vec<_>>().join(" "))
}

#[test]
fn entrypoint_and_command_meet_those_of_the_image_as_in_the_engine() {
    for (service, known, unknown) in [
        ("", "[/entry] [serve] [-v]", "ENTRYPOINT CMD"),
        ("    command: a b\n", "[/entry] [a] [b]", "ENTRYPOINT [a] [b]"),
        ("    command: []\n", "[/entry] [serve] [-v]", "ENTRYPOINT CMD"),
        ("    entrypoint: e\n", "[e]", "[e]"),
        ("    entrypoint: e\n    command: c\n", "[e] [c]", "[e] [c]"),
        ("    entrypoint: []\n", "[serve] [-v]", "CMD"),
        ("    entrypoint: []\n    command: c\n", "[c]", "[c]"),
        ("    entrypoint: ['']\n    command: c\n", "[c]", "[c]"),
        ("    entrypoint: ['']\n", "", ""),
        ("    command: ['sh', '-c', 'echo $$HOME \"x y\"']\n", "[/entry] [sh] [-c] [echo $HOME \"x y\"]", ""),
    ] {
        assert_eq!(argv(service, Some(&image())), known, "{service}");
        if !unknown.is_empty() {
            assert_eq!(argv(service, None), unknown, "{service}");
        }
    }
}

#[test]
fn variables_cover_those_of_the_image_and_one_without_a_value_takes_it_away() {
    let env = [("A", "1"), ("B", "2"), ("C", "3")];
    let text = |text: &str| Traced::new(text.to_owned(), Origin::decided("test", "test"));
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
    let image = ImageKnowledge { env, ..ImageKnowledge::default() };
    let got = with("    environment: {B: yes, C: null, D: '1e3'}\n", Some(&image), |launch| {
        launch.env.iter().map(|(name, value)| format!("{name} {value:?}")).collect::<Vec<_>>()
    });
    assert_eq!(got, [r#"A Value("1")"#, r#"B Value("yes")"#, "C Unset", r#"D Value("1e3")"#]);
    let unset =
        with("    environment: [NOT_SET_ANYWHERE]\n", None, |launch| launch.env.first().unwrap().1 == Variable::Unset);
    assert!(unset);
}

#[test]
fn mounts_stand_sorted_and_a_text_is_written_with_its_own_mode() {
    let service = "    volumes: ['data:/data/', './a.conf:/etc/a.conf:ro', '/anonymous']\n    tmpfs: '/run:size=1m,mode=700'\n    \
                   configs: [{source: c, target: /c, mode: 0440, uid: '7'}]\nconfigs: {c: {content: hello}}\nvolumes: {data: {}}\n";
    let got = with(service, None, |launch| {
        let word = |what: &What<'_>| match what {
            What::Storage { id, .. } => format!("storage {id}"),
            What::Machine(path) => format!("machine {}", path.display()),
            What::Memory { size, mode } => format!("memory {size:?} {mode:?}"),
            What::File(file) => format!("file {:?} {:?}", file.mode, file.owner),
            other => format!("{other:?}"),
        };
        let line = |seen: &tranship_model::launch::Seen<'_>| {
            let what = word(&seen.what);
            let (key, index) = seen.at;
            format!("{} {} {key} {index} {what}", seen.target, if seen.read_only { "ro" } else { "rw" })
        };
        launch.mounts.iter().map(line).collect::<Vec<_>>()
    });
    assert_eq!(
        got,
        [
            "/anonymous rw volumes 2 storage web:/anonymous",
            "/c rw configs 0 file Some(288) Some(7)",
            "/data rw volumes 0 storage data",
            "/etc/a.conf ro volumes 1 machine /project/a.conf",
            "/run rw tmpfs 0 memory Some(1048576) Some(448)",
        ]
    );
}

#[test]
fn a_service_takes_the_mounts_of_others_and_the_host_name_of_the_one_whose_network_it_has() {
    let project = project(
        "services:\n  a: {image: x, hostname: one, volumes: ['data:/data', '/own']}\n  \
         b: {image: x, volumes_from: ['a:ro'], network_mode: 'service:a', depends_on: [a]}\nvolumes: {data: {}}\n",
    );
    let all = launches(&project, &|_| None);
    let (_, b) = &all[1];
    assert_eq!(b.hostname.as_deref(), Some("one"));
    let got: Vec<_> = b.mounts.iter().map(|seen| (&*seen.target, seen.read_only)).collect();
    assert_eq!(got, [("/data", true), ("/own", true)]);
    assert_eq!(
        b.mounts.iter().map(|s| &s.what).collect::<Vec<_>>(),
        all[0].1.mounts.iter().map(|s| &s.what).collect::<Vec<_>>()
    );
}

#[test]
fn shared_memory_is_what_is_mounted_there_or_asked_for() {
    for (service, expect) in [
        ("", 64 << 20),
        ("    shm_size: 1g\n", 1 << 30),
        ("    tmpfs: '/dev/shm:size=2g'\n    shm_size: 1g\n", 2 << 30),
        ("    volumes: [{type: tmpfs, target: /dev/shm, tmpfs: {size: 5m}}]\n", 5 << 20),
    ] {
        assert_eq!(with(service, None, |launch| launch.shared_memory), expect, "{service}");
    }
}
