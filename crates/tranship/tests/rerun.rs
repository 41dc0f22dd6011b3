//! A second `tranship convert` into the same directory: hand edits stay, changes of the project come, and whoever is
//! killed on the way leaves the old tree or the new one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tranship_testing::Fixture;

const FIRST: &str = "-- compose.yaml
name: shop
services:
  web:
    image: nginx:1.28
    depends_on: [api]
    ports: ['8080:80']
    volumes: ['./web.conf:/etc/nginx/conf.d/default.conf:ro']
  api:
    image: example.com/api:1
    command: [serve, --port, '3000']
    expose: ['3000']
    environment:
      LOG_LEVEL: info
      DATABASE_URL: postgres://shop:hunter2-and-more@db:5432/shop
      CACHE: redis://cache:6379/0
      REGION: north
    healthcheck:
      test: [CMD, wget, -q, -O, /dev/null, 'http://127.0.0.1:3000/healthz']
      interval: 10s
    deploy:
      replicas: 2
      resources:
        limits: {cpus: '0.5', memory: 256M}
  cache:
    image: redis:7
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: hunter2-and-more
    volumes: ['data:/var/lib/postgresql/data']
volumes:
  data: {}
-- web.conf
server {
  listen 80;
  location / {
    proxy_pass http://api:3000;
  }
}
";

/// The project after a week: a service more, other images, variables and ports.
fn second() -> String {
    [
        ("nginx:1.28", "nginx:1.29"),
        ("example.com/api:1", "example.com/api:2"),
        ("LOG_LEVEL: info", "LOG_LEVEL: warning"),
        ("      REGION: north\n", "      REGION: north\n      WORKERS: '4'\n"),
        ("'8080:80'", "'8080:80', '8443:443'"),
        ("memory: 256M", "memory: 512M"),
        ("interval: 10s", "interval: 20s"),
        ("  listen 80;\n", "  listen 80;\n  server_tokens off;\n"),
        (
            "  cache:\n",
            "  worker:\n    image: example.com/worker:1\n    environment: {QUEUE: 'redis://cache:6379/1'}\n  cache:\n",
        ),
    ]
    .iter()
    .fold(FIRST.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replace(from, to)
    })
}

fn run(directory: &Path, args: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command(directory, args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn command(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tranship"));
    command.args(args).current_dir(directory).env_clear().env("HOME", directory);
    command
}

/// Every file below a folder with its text.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                out.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    out
}

/// Files and folders with inode and time.
fn stamps(root: &Path) -> BTreeMap<PathBuf, (u64, std::time::SystemTime)> {
    let mut out = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let meta = path.metadata().unwrap();
            #[cfg(unix)]
            let inode = std::os::unix::fs::MetadataExt::ino(&meta);
            #[cfg(not(unix))]
            let inode = 0;
            out.insert(path.clone(), (inode, meta.modified().unwrap()));
            folders.extend(path.is_dir().then_some(path));
        }
    }
    out
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.roll(items.len())]
    }
}

/// A hand edit of one line of a file, which can be made in the old text and in the new one alike.
#[derive(Clone, Debug)]
enum Edit {
    Value { file: String, line: String },
    CommentAbove { file: String, line: String },
    CommentBehind { file: String, line: String },
    Field { file: String, line: String },
    Without { file: String, line: String },
    Variable { file: String, line: String },
    NewFile { file: String },
    NoFile { file: String },
}

const KINDS: usize = 8;

impl Edit {
    /// An edit of a kind at a place that the project's change leaves alone.
    fn new(kind: usize, dice: &mut Dice, old: &BTreeMap<String, Vec<u8>>, new: &BTreeMap<String, Vec<u8>>) -> Self {
        let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).unwrap();
        let is_manifest = |name: &str| name.starts_with("manifests/") || name.starts_with("secrets/secret-");
        let shared: Vec<&String> = old.keys().filter(|name| is_manifest(name) && new.contains_key(*name)).collect();
        loop {
            let file = (*dice.pick(&shared)).clone();
            let (a, b) = (text(&old[&file]), text(&new[&file]));
            let once = |text: &str, line: &str| text.lines().filter(|other| *other == line).count() == 1;
            let fits = |line: &str, kind: usize| {
                let trimmed = line.trim_start();
                let is_entry = trimmed.split_once(": ").is_some_and(|(key, value)| {
                    let identity = ["name", "kind", "apiVersion", "containerPort", "port", "protocol", "mountPath"];
                    !identity.contains(&key.trim_start_matches("- ")) && !value.starts_with(['|', '[', '{'])
                });
                once(&a, line)
                    && once(&b, line)
                    && match kind {
                        0 | 4 => is_entry && !trimmed.starts_with("- "),
                        1 | 2 => is_entry,
                        3 => line == "spec:" || line == "    spec:",
                        _ => line == "        env:",
                    }
            };
            let lines: Vec<String> = a.lines().filter(|line| fits(line, kind)).map(str::to_owned).collect();
            match kind {
                6 => return Self::NewFile { file: format!("manifests/own-{}.yaml", dice.roll(1000)) },
                7 => return Self::NoFile { file },
                _ if lines.is_empty() => {}
                _ => {
                    let line = dice.pick(&lines).clone();
                    return match kind {
                        0 => Self::Value { file, line },
                        1 => Self::CommentAbove { file, line },
                        2 => Self::CommentBehind { file, line },
                        3 => Self::Field { file, line },
                        4 => Self::Without { file, line },
                        _ => Self::Variable { file, line },
                    };
                }
            }
        }
    }

    fn make(&self, files: &mut BTreeMap<String, Vec<u8>>) {
        let indent = |line: &str| " ".repeat(line.len() - line.trim_start().len());
        let (file, line, with): (&String, &String, Vec<String>) = match self {
            Self::NewFile { file } => {
                files.insert(file.clone(), b"kind: Own\n".to_vec());
                return;
            }
            Self::NoFile { file } => {
                files.remove(file);
                return;
            }
            Self::Value { file, line } => (file, line, vec![format!("{}: by-hand", line.split_once(": ").unwrap().0)]),
            Self::CommentAbove { file, line } => (file, line, vec![format!("{}# by hand", indent(line)), line.clone()]),
            Self::CommentBehind { file, line } => (file, line, vec![format!("{line}   # by hand")]),
            Self::Field { file, line } => {
                (file, line, vec![line.clone(), format!("{}  byHand: {{a: 1}}", indent(line))])
            }
            Self::Without { file, line } => (file, line, vec![]),
            Self::Variable { file, line } => {
                let item = ["        - name: BY_HAND".to_owned(), "          value: 'x'".to_owned()];
                (file, line, [vec![line.clone()], item.to_vec()].concat())
            }
        };
        let text = String::from_utf8(files[file].clone()).unwrap();
        let out = text.lines().flat_map(|l| if l == line { with.clone() } else { vec![l.to_owned()] });
        let out: String = out.flat_map(|line| [line, "\n".to_owned()]).collect();
        files.insert(file.clone(), out.into_bytes());
    }
}

/// Makes a directory hold just these files.
fn lay_down(root: &Path, files: &BTreeMap<String, Vec<u8>>) {
    if root.exists() {
        fs::remove_dir_all(root).unwrap();
    }
    for (name, bytes) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        #[cfg(unix)]
        if name.starts_with("secrets/") && !name.ends_with(".gitignore") || name == ".tranship/secrets.json" {
            let mode: fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            fs::set_permissions(&path, mode).unwrap();
        }
    }
}

/// Files of a tree by path.
type Files = BTreeMap<String, Vec<u8>>;

/// The trees of the project before and after its change, in a project that has changed.
fn before_and_after() -> (tempfile::TempDir, Files, Files) {
    let project = Fixture::parse(FIRST).on_disk().unwrap();
    assert_eq!(run(project.path(), &["convert"]).0, 0);
    let old = files(&project.path().join("k8s"));
    fs::remove_dir_all(project.path().join("k8s")).unwrap();
    let second = Fixture::parse(&second());
    for name in ["compose.yaml", "web.conf"] {
        fs::write(project.path().join(name), second.file(name).unwrap()).unwrap();
    }
    let (code, _, err) = run(project.path(), &["convert"]);
    assert_eq!(code, 0, "{err}");
    let new = files(&project.path().join("k8s"));
    assert_ne!(old.keys().collect::<Vec<_>>(), new.keys().collect::<Vec<_>>());
    (project, old, new)
}

/// Makes edits in the old tree, converts the new project into it, and expects the same edits in the new tree.
fn check(project: &Path, edits: &[Edit], old: &BTreeMap<String, Vec<u8>>, new: &BTreeMap<String, Vec<u8>>) {
    let k8s = project.join("k8s");
    let (mut edited, mut expect) = (old.clone(), new.clone());
    for edit in edits {
        edit.make(&mut edited);
        edit.make(&mut expect);
    }
    lay_down(&k8s, &edited);
    let (code, _, err) = run(project, &["convert"]);
    assert_eq!(code, 0, "{edits:?}\n{err}");
    let found = files(&k8s);
    assert_eq!(found.keys().collect::<Vec<_>>(), expect.keys().collect::<Vec<_>>(), "{edits:?}");
    for (name, bytes) in &found {
        assert_eq!(String::from_utf8_lossy(bytes), String::from_utf8_lossy(&expect[name]), "{name}: {edits:?}");
    }
    let before = stamps(&k8s);
    let (code, _, err) = run(project, &["convert"]);
    assert_eq!((code, stamps(&k8s)), (0, before), "a second run without a change writes nothing: {edits:?}");
    assert!(err.contains("unchanged in k8s"), "{err}");
}

#[test]
fn fifty_hand_edits_survive_a_changed_project_byte_for_byte() {
    let (project, old, new) = before_and_after();
    let mut dice = Dice(4);
    for number in 0..50 {
        let edit = Edit::new(number % KINDS, &mut dice, &old, &new);
        check(project.path(), &[edit], &old, &new);
    }
}

#[test]
fn many_hand_edits_survive_together() {
    let (project, old, new) = before_and_after();
    let mut dice = Dice(5);
    for _ in 0..6 {
        let mut edits: Vec<Edit> = Vec::new();
        let mut taken: Vec<String> = Vec::new();
        while edits.len() < 8 {
            // One edit a line, and none of a file that is deleted.
            let edit = Edit::new(dice.roll(KINDS - 1), &mut dice, &old, &new);
            let place = format!("{edit:?}");
            let place = place.split_once(' ').unwrap().1.to_owned();
            if !taken.contains(&place) {
                taken.push(place);
                edits.push(edit);
            }
        }
        check(project.path(), &edits, &old, &new);
    }
}

#[test]
fn a_value_that_both_changed_is_a_conflict_with_its_place_and_exit_1() {
    let (project, old, _) = before_and_after();
    let k8s = project.path().join("k8s");
    let replace = |files: &mut BTreeMap<String, Vec<u8>>, name: &str, from: &str, to: &str| {
        let text = String::from_utf8(files[name].clone()).unwrap();
        assert!(text.contains(from), "{name}: {text}");
        files.insert(name.to_owned(), text.replace(from, to).into_bytes());
    };
    let mut edited = old.clone();
    let api = "manifests/deployment-api.yaml";
    replace(&mut edited, api, "value: info", "value: debug # mine");
    replace(&mut edited, api, "memory: 256Mi", "memory: 300Mi");
    lay_down(&k8s, &edited);
    let (code, out, err) = run(project.path(), &["convert", "--dry-run"]);
    assert_eq!((code, files(&k8s)), (1, edited), "{err}");
    assert!(out.contains("-        image: example.com/api:1\n+        image: example.com/api:2\n"), "{out}");
    let (code, _, err) = run(project.path(), &["convert"]);
    assert_eq!(code, 1, "{err}");
    for part in [
        "error[edit-conflict]: `spec.template.spec.containers[0].env[0].value` in `k8s/manifests/deployment-api.yaml`",
        "changed by hand; it was `info` and would become `warning`",
        "it was `256Mi` and would become `512Mi`",
        "k8s/conflicts/manifests/deployment-api.yaml.new",
        "--resolve mine",
        "1 file in conflict",
    ] {
        assert!(err.contains(part), "no {part} in {err}");
    }
    let text = fs::read_to_string(k8s.join(api)).unwrap();
    for part in ["image: example.com/api:2\n", "value: debug # mine\n", "memory: 300Mi\n", "name: WORKERS\n"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    // Nothing that applies manifests takes what lies beside them.
    assert!(files(&k8s).keys().all(|name| !name.contains("conflicts/") || name.ends_with(".yaml.new")));
    let before = stamps(&k8s);
    assert_eq!(run(project.path(), &["convert"]).0, 1);
    assert_eq!(stamps(&k8s), before, "a conflict that is not settled changes nothing");
    let (code, out, _) = run(project.path(), &["convert", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &json["output"]["conflicts"]), (1, &serde_json::json!([api])));
    let edited_line = text.lines().position(|line| line.contains("value: debug # mine")).unwrap() + 1;
    assert_eq!(json["output"]["findings"][0]["line"], edited_line, "{json:#}");
    let (code, _, err) = run(project.path(), &["convert", "--resolve", "generated"]);
    assert_eq!(code, 0, "{err}");
    let text = fs::read_to_string(k8s.join(api)).unwrap();
    assert!(text.contains("value: warning # mine\n") && text.contains("memory: 512Mi\n"), "{text}");
    assert!(!k8s.join("conflicts").exists());
}

#[test]
fn a_change_that_a_cluster_refuses_of_a_stateful_set_is_told_with_what_to_do() {
    let project = Fixture::parse(FIRST).on_disk().unwrap();
    let file = project.path().join("compose.yaml");
    let first = fs::read_to_string(&file).unwrap();
    let text = |from: &str, to: &str| {
        fs::write(&file, first.replace(from, to)).unwrap();
        run(project.path(), &["convert"]).2
    };
    assert!(!text("name: shop", "name: shop").contains("statefulset-fixed"));
    assert!(!text("postgres:16", "postgres:17").contains("statefulset-fixed"));
    let said = text("  data: {}", "  data: {x-tranship: {size: 20Gi}}");
    assert!(said.contains("spec.volumeClaimTemplates") && said.contains("--cascade=orphan"), "{said}");
}

#[test]
fn values_of_secrets_stay_out_of_conflicts_and_previews() {
    let (project, old, _) = before_and_after();
    let k8s = project.path().join("k8s");
    let mut edited = old.clone();
    let secret = "secrets/secret-db-env.yaml";
    let text = String::from_utf8(edited[secret].clone()).unwrap();
    edited.insert(secret.to_owned(), text.replace("hunter2-and-more", "by-hand-3").into_bytes());
    lay_down(&k8s, &edited);
    let compose = fs::read_to_string(project.path().join("compose.yaml")).unwrap();
    let compose = compose.replace("POSTGRES_PASSWORD: hunter2-and-more", "POSTGRES_PASSWORD: hunter4-and-more");
    fs::write(project.path().join("compose.yaml"), compose).unwrap();
    for args in [&["convert", "--dry-run"][..], &["convert"], &["convert", "--format", "json"]] {
        let (code, out, err) = run(project.path(), args);
        assert_eq!(code, 1, "{err}");
        assert!(err.contains("stringData.POSTGRES_PASSWORD"), "{err}");
        for value in ["hunter2", "hunter4", "by-hand-3"] {
            assert!(!err.contains(value) && !out.contains(value), "{args:?}: {err}\n{out}");
        }
    }
    for (name, bytes) in files(&k8s) {
        let text = String::from_utf8_lossy(&bytes);
        let holds = ["hunter", "by-hand-3"].iter().any(|value| text.contains(value));
        assert!(!holds || name.starts_with("secrets/"), "{name}");
    }
}

/// A project of some size, whose version is in every file.
fn large(version: usize) -> String {
    let service = |n: usize| {
        format!("  s{n}:\n    image: example.com/s:{version}\n    environment: {{A: '{version}'}}\n    ports: ['80']\n")
    };
    format!("name: large\nservices:\n{}", (0..60).map(service).collect::<String>())
}

#[cfg(unix)]
#[test]
fn whoever_is_killed_leaves_the_old_tree_or_the_new_one() {
    let project = tempfile::tempdir().unwrap();
    let compose = |version| fs::write(project.path().join("compose.yaml"), large(version)).unwrap();
    let k8s = project.path().join("k8s");
    let edit = |files: &BTreeMap<String, Vec<u8>>| {
        let mut files = files.clone();
        let web = files.get_mut("manifests/deployment-s7.yaml").unwrap();
        web.extend_from_slice(b"# by hand\n");
        files.insert("own.txt".to_owned(), b"mine".to_vec());
        files
    };
    let trees: Vec<_> = (0..2)
        .map(|version| {
            compose(version);
            let out = format!("out{version}");
            assert_eq!(run(project.path(), &["convert", "--out", &out]).0, 0);
            edit(&files(&project.path().join(out)))
        })
        .collect();
    lay_down(&k8s, &trees[0]);
    let timed = |version: usize| {
        compose(version);
        let started = Instant::now();
        assert_eq!(run(project.path(), &["convert"]).0, 0);
        assert!(files(&k8s) == trees[version]);
        started.elapsed()
    };
    // The shortest of some runs, so that a busy moment does not put every kill behind the end.
    let whole = [1, 0, 1].map(timed).into_iter().min().unwrap();
    let mut dice = Dice(6);
    let (mut now, mut cut) = (1, 0);
    for round in 0..80 {
        let next = 1 - now;
        compose(next);
        let mut child =
            command(project.path(), &["convert"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let wait = whole.mul_f64(f64::from(u32::try_from(dice.roll(1000)).unwrap()) / 1000.0);
        spin(wait);
        child.kill().unwrap();
        child.wait().unwrap();
        let found = files(&k8s);
        let is = |version: usize| found == trees[version];
        assert!(is(0) || is(1), "round {round}, after {wait:?}: half a tree");
        cut += usize::from(is(now));
        now = usize::from(is(1));
    }
    assert!(cut > 2, "only {cut} of 80 runs were cut short");
    compose(0);
    assert_eq!(run(project.path(), &["convert"]).0, 0);
    assert!(files(&k8s) == trees[0]);
    let left: Vec<_> = fs::read_dir(project.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == ".k8s.tranship"), "{left:?}");
}

#[cfg(unix)]
#[test]
fn a_directory_that_stays_holds_whole_files_and_a_rerun_completes_it() {
    let project = tempfile::tempdir().unwrap();
    let compose = |version| fs::write(project.path().join("compose.yaml"), large(version)).unwrap();
    let k8s = project.path().join("k8s");
    let args = ["-f", "../compose.yaml", "convert", "--out", "."];
    let edited = |files: &BTreeMap<String, Vec<u8>>| {
        let mut files = files.clone();
        files.get_mut("manifests/deployment-s7.yaml").unwrap().extend_from_slice(b"# by hand\n");
        files
    };
    fs::create_dir(&k8s).unwrap();
    let started = Instant::now();
    let trees: Vec<_> = (0..2)
        .map(|version| {
            compose(version);
            assert_eq!(run(&k8s, &args).0, 0);
            edited(&files(&k8s))
        })
        .collect();
    let whole = started.elapsed() / 2;
    lay_down(&k8s, &trees[1]);
    let mut dice = Dice(7);
    for round in 0..30 {
        compose(round % 2);
        let mut child = command(&k8s, &args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        spin(whole.mul_f64(f64::from(u32::try_from(dice.roll(1000)).unwrap()) / 1000.0));
        child.kill().unwrap();
        child.wait().unwrap();
        for (name, bytes) in files(&k8s) {
            let known = trees.iter().any(|tree| tree.get(&name) == Some(&bytes));
            assert!(known || name.ends_with(".tranship-new"), "round {round}: half of {name}");
        }
        assert_eq!(run(&k8s, &args).0, 0);
        assert!(files(&k8s) == trees[round % 2], "round {round}");
    }
}

/// Waits without giving the processor away, since the instant is the point.
fn spin(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}
