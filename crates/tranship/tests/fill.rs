//! The init container that fills a volume, run as the kubelet would run it: over real folders, by a real shell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tranship_compose::lift::lift;
use tranship_compose::{LoadOptions, load};
use tranship_kube::lower::{Options, lower};
use tranship_model::Ledger;
use tranship_source::MemoryWorld;
use tranship_source::yaml::Node;

/// The shell's script, and its first argument, as the kubelet hands them over.
fn script() -> (String, String) {
    let world = MemoryWorld::new()
        .with("compose.yaml", "services: {web: {image: x, volumes: ['vol:/srv']}}\nvolumes: {vol: {}}\n");
    let loaded = load(&world, &LoadOptions::default());
    let stack = lift(loaded.project.as_ref().unwrap(), &loaded.sources, &world).value.stack;
    let objects = lower(&stack, &Options::default(), Ledger::new()).value.objects;
    let pod = objects.find("Deployment", "web").unwrap().get(&["spec", "template", "spec"]).unwrap();
    let init = pod.get("initContainers").and_then(Node::as_seq).unwrap().last().unwrap();
    let words = |field| -> Vec<String> {
        let items = init.get(field).and_then(Node::as_seq).unwrap();
        items.iter().map(|item| item.as_str().unwrap().replace("$$", "$")).collect()
    };
    assert_eq!(words("args"), ["/srv", "/tranship/volumes/vol", "/tranship/volumes/vol/data"]);
    match words("command").as_slice() {
        [tool, sh, c, script, _, lent] if sh == "sh" && c == "-c" => {
            assert_eq!(tool, lent, "the same program is the shell and its commands");
            (script.clone(), String::new())
        }
        other => panic!("{other:?}"),
    }
}

/// Files of an image and a volume with a file system's own folder in it.
struct Case {
    image: PathBuf,
    volume: PathBuf,
    data: PathBuf,
}

impl Case {
    fn new(scratch: &Path, name: &str) -> Self {
        let (image, volume) = (scratch.join(name).join("image"), scratch.join(name).join("volume"));
        fs::create_dir_all(image.join("sub dir")).unwrap();
        fs::create_dir_all(volume.join("data")).unwrap();
        fs::create_dir_all(volume.join("lost+found")).unwrap();
        for (path, text) in [("a", "1"), (".hidden", "2"), ("sub dir/b", "3")] {
            fs::write(image.join(path), text).unwrap();
        }
        std::os::unix::fs::symlink("gone", image.join("link")).unwrap();
        Self { data: volume.join("data"), image, volume }
    }

    /// Whether the script succeeds in filling a folder of the volume.
    fn fill(&self, shell: &str, from: &Path, to: &Path) -> bool {
        let (script, tool) = script();
        let mut command = Command::new(shell);
        command.args(["-c", &script, "fill", &tool]).args([from, &self.volume, to]);
        command.status().is_ok_and(|status| status.success())
    }
}

/// Every path below a folder, with its kind, mode and target.
fn tree(at: &Path) -> Vec<String> {
    let output = Command::new("find").arg(at).args(["-mindepth", "1", "-printf", "%P %y %m %l\n"]).output().unwrap();
    let mut lines: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn an_empty_volume_is_filled_once_and_after_a_kill_and_nothing_is_overwritten() {
    let scratch = std::env::temp_dir().join(format!("tranship-fill-{}", std::process::id()));
    for shell in ["/bin/sh", "/bin/bash"].into_iter().filter(|shell| Path::new(shell).exists()) {
        let of = |name: &str| Case::new(&scratch, &format!("{}-{name}", shell.replace('/', "")));
        let case = of("empty");
        assert!(case.fill(shell, &case.image, &case.data));
        assert_eq!(tree(&case.data), tree(&case.image));
        assert!(!tree(&case.volume).iter().any(|line| line.starts_with(".tranship")), "nothing is left behind");
        fs::write(case.data.join("a"), "the app's own").unwrap();
        fs::remove_file(case.data.join(".hidden")).unwrap();
        assert!(case.fill(shell, &case.image, &case.data));
        assert_eq!(fs::read_to_string(case.data.join("a")).unwrap(), "the app's own");
        assert!(!case.data.join(".hidden").exists(), "what the app removed stays away");

        let case = of("killed");
        fs::create_dir(case.volume.join(".tranship-fill.old")).unwrap();
        fs::write(case.data.join("a"), "1").unwrap();
        assert!(case.fill(shell, &case.image, &case.data));
        assert_eq!(tree(&case.data), tree(&case.image), "a copy that was begun is finished");

        let case = of("used");
        assert!(case.fill(shell, &case.image, &case.volume), "a volume that holds something is left alone");
        assert!(!case.volume.join("a").exists());
        fs::remove_dir(&case.data).unwrap();
        assert!(case.fill(shell, &case.image, &case.volume), "a file system's own folder is nothing");
        assert_eq!(fs::read_to_string(case.volume.join("sub dir/b")).unwrap(), "3");
        assert!(case.fill(shell, &scratch.join("absent"), &case.data), "an image without the folder fills nothing");
        assert!(!case.data.exists());
    }
    fs::remove_dir_all(&scratch).unwrap();
}
