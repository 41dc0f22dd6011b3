//! The init container that fills a volume, run as the kubelet would run it: over real folders, by a real shell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tranship_compose::lift::lift;
use tranship_compose::{LoadOptions, load};
use tranship_kube::lower::{Options, lower};
use tranship_model::Ledger;
use tranship_source::MemoryWorld;
use tranship_source::yaml::Node;

/// The shell's script as the kubelet hands it over.
fn script() -> String {
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
            script.clone()
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

    /// The script as a process that fills a folder of the volume.
    fn command(&self, shell: &Shell, from: &Path, to: &Path) -> Command {
        let mut command = Command::new(shell.program);
        let tool = if shell.is_lent { shell.program } else { "" };
        command.args(shell.is_lent.then_some("sh")).args(["-c", &script(), "fill", tool]);
        command.args([from, &self.volume, to]);
        if shell.is_lent {
            command.env("PATH", "/nowhere");
        }
        command
    }

    /// Whether the script succeeds in filling a folder of the volume.
    fn fill(&self, shell: &Shell, from: &Path, to: &Path) -> bool {
        self.command(shell, from, to).status().is_ok_and(|status| status.success())
    }
}

/// A program that runs the script.
struct Shell {
    program: &'static str,
    /// Whether it is lent to an image that has nothing of its own, and brings all commands.
    is_lent: bool,
}

/// The shells of this machine. Without busybox, which is what images without a shell are lent, that one is not tried.
fn shells() -> Vec<Shell> {
    let shell = |program, is_lent| Shell { program, is_lent };
    let mut all = vec![shell("/bin/sh", false), shell("/bin/bash", false), shell("/bin/busybox", true)];
    all.retain(|shell| Path::new(shell.program).exists());
    if !all.iter().any(|shell| shell.is_lent) {
        tranship_testing::tell("fill: there is no /bin/busybox to try");
    }
    all
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
    for shell in &shells() {
        let of = |name: &str| Case::new(&scratch, &format!("{}-{name}", shell.program.replace('/', "")));
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

#[test]
fn a_copy_that_is_killed_anywhere_is_finished_by_the_next_run() {
    let scratch = std::env::temp_dir().join(format!("tranship-fill-killed-{}", std::process::id()));
    for shell in &shells() {
        for files in [0, 1, 150, 299] {
            let case = Case::new(&scratch, &format!("{}-{files}", shell.program.replace('/', "")));
            for number in 0..300 {
                fs::write(case.image.join(format!("file-{number:03}")), "x".repeat(2000)).unwrap();
            }
            let mut run = case.command(shell, &case.image, &case.data).process_group(0).spawn().unwrap();
            // As soon as so many files are copied, wherever they lie by then.
            while run.try_wait().unwrap().is_none() && copied(&case.volume) < files {}
            // With all it started, as a container ends; gone already is as good.
            let group = format!("-{}", run.id());
            Command::new("kill").args(["-KILL", "--", &group]).stderr(std::process::Stdio::null()).status().unwrap();
            run.wait().unwrap();
            assert!(case.fill(shell, &case.image, &case.data), "{} {files}", shell.program);
            assert_eq!(tree(&case.data), tree(&case.image), "{} {files}", shell.program);
            assert!(!tree(&case.volume).iter().any(|line| line.starts_with(".tranship")), "nothing is left behind");
        }
    }
    fs::remove_dir_all(&scratch).unwrap();
}

/// How many files lie in the folders of a volume.
fn copied(volume: &Path) -> usize {
    let folders = fs::read_dir(volume).into_iter().flatten().flatten();
    folders.map(|folder| fs::read_dir(folder.path()).into_iter().flatten().count()).sum()
}
