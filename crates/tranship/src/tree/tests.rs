//! What the writer promises, on real folders.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use tranship_emit::base::BASE;
use tranship_emit::merge::Resolve;
use tranship_emit::state::seal;
use tranship_emit::{File, FileTree};

use super::{Rules, Written};

/// Writes without or with force.
fn write(directory: &Path, tree: &FileTree, force: bool) -> anyhow::Result<Written> {
    super::write(directory, tree, Rules { force, ..Rules::default() })
}

fn tree(files: &[(&str, &str)]) -> FileTree {
    let mut tree = FileTree::new();
    for (path, text) in files {
        let file = if path.starts_with("secrets/") { File::private(*text) } else { File::public(*text) };
        tree.add(path, file).unwrap();
    }
    seal(&mut tree).unwrap();
    tree
}

/// Every file below a folder with its content, sorted; bookkeeping left out.
fn files(root: &Path) -> Vec<(String, String)> {
    fn walk(root: &Path, folder: &Path, out: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            match path.symlink_metadata().unwrap().is_dir() {
                true => walk(root, &path, out),
                false if name.starts_with(".tranship/") || matches!(&*name, "secrets/.key" | "secrets/.base") => {}
                false => out.push((name, fs::read_to_string(&path).unwrap_or_default())),
            }
        }
    }
    let mut out = Vec::new();
    walk(root, root, &mut out);
    out.sort();
    out
}

fn check(root: &Path, expect: &[(&str, &str)]) {
    let expect: Vec<_> = expect.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    assert_eq!(files(root), expect);
}

fn beside(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    super::put::mode_of(&fs::symlink_metadata(path).unwrap()).unwrap()
}

#[test]
fn a_new_tree_is_written_with_its_rights_and_leaves_nothing_beside_it() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("deep/er/k8s");
    let written = write(&out, &tree(&[("m/a.yaml", "a"), ("secrets/s.yaml", "s")]), false).unwrap();
    assert_eq!(written.changed, 8);
    check(&out, &[("m/a.yaml", "a"), ("secrets/s.yaml", "s")]);
    assert_eq!(beside(&home.path().join("deep/er")), ["k8s"]);
    #[cfg(unix)]
    for (path, expect) in
        [("", 0o755), ("m", 0o755), ("m/a.yaml", 0o644), ("secrets", 0o700), ("secrets/s.yaml", 0o600)]
    {
        assert_eq!(mode(&out.join(path)), expect, "{path}");
    }
}

#[test]
fn a_second_run_replaces_its_own_files_and_removes_those_it_no_longer_writes() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("k8s");
    write(&out, &tree(&[("m/a", "1"), ("m/b", "1"), ("old/c", "1"), ("secrets/s", "1")]), false).unwrap();
    fs::write(out.join("m/mine"), "foreign").unwrap();
    fs::create_dir(out.join("empty")).unwrap();
    let written = write(&out, &tree(&[("m/a", "2"), ("m/b", "1")]), false).unwrap();
    check(&out, &[("m/a", "2"), ("m/b", "1"), ("m/mine", "foreign")]);
    assert!(written.removed.contains(&"old/c".to_owned()) && written.removed.contains(&"secrets/s".to_owned()));
    assert!(!out.join("old").exists() && !out.join("secrets").exists() && out.join("empty").is_dir());
    assert_eq!(beside(home.path()), ["k8s"]);
}

#[test]
fn a_run_that_changes_nothing_touches_nothing() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("k8s");
    let tree = tree(&[("m/a", "1"), ("m/b", "1"), ("secrets/s", "1")]);
    write(&out, &tree, false).unwrap();
    fs::write(out.join("m/a"), "edited").unwrap();
    fs::write(out.join("m/mine"), "foreign").unwrap();
    fs::remove_file(out.join("m/b")).unwrap();
    let before = stamps(&out);
    assert!(write(&out, &tree, false).unwrap().is_unchanged());
    assert_eq!(stamps(&out), before);
}

#[test]
fn a_directory_that_is_not_ours_is_refused_untouched() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("k8s");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("a"), "mine").unwrap();
    let fault = format!("{:#}", write(&out, &tree(&[("a", "1")]), false).unwrap_err());
    assert!(fault.contains("not an output of tranship") && fault.contains("--force"), "{fault}");
    check(&out, &[("a", "mine")]);
    let written = write(&out, &tree(&[("a", "1"), ("b", "1")]), true).unwrap();
    assert_eq!(written.saved, [("a".to_owned(), "a.bak".to_owned())]);
    check(&out, &[("a", "1"), ("a.bak", "mine"), ("b", "1")]);
    fs::remove_dir_all(&out).unwrap();
    fs::create_dir(&out).unwrap();
    write(&out, &tree(&[("a", "1")]), false).unwrap();
    check(&out, &[("a", "1")]);
}

/// Writes and settles conflicts in a way.
fn settle(directory: &Path, tree: &FileTree, resolve: Resolve) -> Written {
    super::write(directory, tree, Rules { resolve, ..Rules::default() }).unwrap()
}

#[test]
fn a_hand_edit_is_never_lost() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("k8s");
    write(&out, &tree(&[("a", "1"), ("b", "1"), ("secrets/s", "1")]), false).unwrap();
    let edit = || ["a", "b", "secrets/s"].map(|path| fs::write(out.join(path), "edited").unwrap());
    edit();
    let next = tree(&[("a", "2"), ("secrets/s", "2")]);
    // What cannot be merged stays, and what is generated lies beside it until it is settled.
    for _ in 0..2 {
        let written = write(&out, &next, false).unwrap();
        assert_eq!(written.conflicts, ["a", "secrets/s", "b"]);
        assert_eq!(written.findings.len(), 3);
        let edited = ["a", "b", "secrets/s"].map(|path| (path, "edited"));
        let beside = [("conflicts/a.new", "2"), ("secrets/conflicts/s.new", "2")];
        check(&out, &[edited[0], edited[1], beside[0], beside[1], edited[2]]);
        #[cfg(unix)]
        assert_eq!(mode(&out.join("secrets/conflicts/s.new")), 0o600);
    }
    // Whoever takes the generated file away has seen it.
    fs::remove_file(out.join("conflicts/a.new")).unwrap();
    assert_eq!(write(&out, &next, false).unwrap().conflicts, ["secrets/s", "b"]);
    let written = settle(&out, &next, Resolve::Mine);
    assert!(written.conflicts.is_empty() && written.kept == ["b"]);
    check(&out, &[("a", "edited"), ("b", "edited"), ("secrets/s", "edited")]);
    assert!(!out.join("conflicts").exists() && !out.join("secrets/conflicts").exists());
    assert!(write(&out, &next, false).unwrap().is_unchanged());
    // What changes after that is a conflict again, and the generated text may be taken.
    let third = tree(&[("a", "3"), ("b", "3"), ("secrets/s", "3")]);
    assert_eq!(write(&out, &third, false).unwrap().conflicts, ["a", "b", "secrets/s"]);
    assert!(settle(&out, &third, Resolve::Generated).conflicts.is_empty());
    check(&out, &[("a", "3"), ("b", "3"), ("secrets/s", "3")]);
    // With force everything is as generated, and the edits lie beside it.
    edit();
    write(&out, &next, true).unwrap();
    check(&out, &[("a", "2"), ("a.bak", "edited"), ("b", "edited"), ("secrets/s", "2"), ("secrets/s.bak", "edited")]);
    // An edit that says what the next run says is no edit.
    fs::write(out.join("a"), "3").unwrap();
    write(&out, &tree(&[("a", "3"), ("secrets/s", "2")]), false).unwrap();
}

#[test]
fn a_directory_without_what_was_written_last_is_refused_where_it_was_edited() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("k8s");
    write(&out, &tree(&[("a", "1"), ("b", "1")]), false).unwrap();
    for remains in [None, Some("tranship base 1\nwritten 9 a\n1")] {
        fs::write(out.join("a"), "edited").unwrap();
        match remains {
            None => fs::remove_file(out.join(BASE)).unwrap(),
            Some(text) => fs::write(out.join(BASE), text).unwrap(),
        }
        let next = tree(&[("a", "2"), ("b", "2")]);
        let fault = format!("{:#}", write(&out, &next, false).unwrap_err());
        assert!(fault.contains("\n  a was changed since it was written") && fault.contains("--force"), "{fault}");
        check(&out, &[("a", "edited"), ("b", "1")]);
        fs::write(out.join("a"), "1").unwrap();
        write(&out, &tree(&[("a", "1"), ("b", "1")]), false).unwrap();
        assert!(out.join(BASE).is_file(), "what was not edited is taken over");
    }
}

#[test]
fn a_deleted_file_stays_deleted_unless_all_are() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("k8s");
    let first = tree(&[("a", "1"), ("b", "1"), ("secrets/.gitignore", "*"), ("secrets/s", "1")]);
    write(&out, &first, false).unwrap();
    fs::remove_file(out.join("a")).unwrap();
    fs::remove_file(out.join("secrets/s")).unwrap();
    for _ in 0..2 {
        let written = write(&out, &first, false).unwrap();
        assert_eq!((written.deleted.as_slice(), written.changed), (&["a".to_owned(), "secrets/s".to_owned()][..], 0));
    }
    let next = tree(&[("a", "2"), ("b", "2"), ("secrets/.gitignore", "*"), ("secrets/s", "1")]);
    let written = write(&out, &next, false).unwrap();
    let messages: Vec<&str> = written.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert!(messages[0].contains("has changed") && !messages[1].contains("has changed"), "{messages:?}");
    check(&out, &[("b", "2"), ("secrets/.gitignore", "*")]);
    write(&out, &next, true).unwrap();
    check(&out, &[("a", "2"), ("b", "2"), ("secrets/.gitignore", "*"), ("secrets/s", "1")]);
    // A clone has no secrets: they were never deleted.
    fs::remove_dir_all(out.join("secrets")).unwrap();
    fs::remove_file(out.join(".tranship/secrets.json")).unwrap();
    assert!(write(&out, &next, false).unwrap().deleted.is_empty());
    check(&out, &[("a", "2"), ("b", "2"), ("secrets/.gitignore", "*"), ("secrets/s", "1")]);
    for path in ["a", "b", "secrets"] {
        let path = out.join(path);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
    assert!(write(&out, &next, false).unwrap().deleted.is_empty());
    check(&out, &[("a", "2"), ("b", "2"), ("secrets/.gitignore", "*"), ("secrets/s", "1")]);
}

#[test]
fn a_file_of_the_users_own_where_a_new_one_would_go_is_a_conflict() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("k8s");
    write(&out, &tree(&[("a", "1")]), false).unwrap();
    fs::write(out.join("b"), "mine").unwrap();
    let next = tree(&[("a", "1"), ("b", "2")]);
    assert_eq!(write(&out, &next, false).unwrap().conflicts, ["b"]);
    check(&out, &[("a", "1"), ("b", "mine"), ("conflicts/b.new", "2")]);
    fs::remove_file(out.join("conflicts/b.new")).unwrap();
    assert!(write(&out, &next, false).unwrap().conflicts.is_empty());
    assert!(write(&out, &next, false).unwrap().is_unchanged());
    check(&out, &[("a", "1"), ("b", "mine")]);
}

#[test]
fn an_edited_report_is_written_anew_and_kept_beside() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("k8s");
    let first = tree(&[("a", "1"), ("report.md", "1")]);
    write(&out, &first, false).unwrap();
    fs::write(out.join("report.md"), "mine").unwrap();
    write(&out, &first, false).unwrap();
    check(&out, &[("a", "1"), ("report.md", "1"), ("report.md.bak", "mine")]);
    assert!(write(&out, &first, false).unwrap().is_unchanged());
}

#[test]
fn files_emptied_by_a_lost_machine_are_no_edits() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("k8s");
    let first = tree(&[("a", "1"), ("b", "1")]);
    write(&out, &first, false).unwrap();
    fs::write(out.join("a"), "").unwrap();
    fs::write(out.join("b"), "\0\0").unwrap();
    assert!(write(&out, &first, false).unwrap().conflicts.is_empty());
    check(&out, &[("a", "1"), ("b", "1")]);
}

#[test]
fn a_dry_run_shows_what_would_change_and_writes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("deep/k8s");
    let dry = |tree: &FileTree| super::write(&out, tree, Rules { dry_run: true, ..Rules::default() }).unwrap().preview;
    let first = tree(&[("m/a", "1\n"), ("old", "o\n"), ("secrets/s", "hunter2\n")]);
    let shown = dry(&first);
    assert!(shown.contains("--- /dev/null\n+++ b/m/a\n@@ -0,0 +1,1 @@\n+1\n"), "{shown}");
    assert!(shown.contains("# secrets/s would be written") && !shown.contains("hunter2"), "{shown}");
    assert!(!home.path().join("deep").exists());
    write(&out, &first, false).unwrap();
    let before = stamps(&out);
    let shown = dry(&tree(&[("m/a", "2\n"), ("secrets/s", "hunter3\n")]));
    let expect = "--- a/m/a\n+++ b/m/a\n@@ -1,1 +1,1 @@\n-1\n+2\n--- a/old\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-o\n\
                  # secrets/s would change; values of secrets are not shown\n";
    assert_eq!(shown, expect);
    assert_eq!(dry(&first), "");
    assert_eq!(stamps(&out), before);
    assert_eq!(beside(&home.path().join("deep")), ["k8s"]);
}

/// Every file and folder with its inode and time.
fn stamps(root: &Path) -> Vec<(std::path::PathBuf, u64, std::time::SystemTime)> {
    let mut out = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let (path, meta) = entry.map(|entry| (entry.path(), entry.metadata().unwrap())).unwrap();
            #[cfg(unix)]
            let inode = std::os::unix::fs::MetadataExt::ino(&meta);
            #[cfg(not(unix))]
            let inode = 0;
            out.push((path.clone(), inode, meta.modified().unwrap()));
            folders.extend(meta.is_dir().then_some(path));
        }
    }
    out.sort();
    out
}

#[test]
fn what_a_killed_run_left_is_cleared_and_a_missing_tree_put_back() {
    let home = tempfile::tempdir().unwrap();
    let (out, stage) = (home.path().join("k8s"), home.path().join(".k8s.tranship"));
    let first = tree(&[("a", "1")]);
    write(&out, &first, false).unwrap();
    fs::write(out.join("mine"), "foreign").unwrap();
    // Killed while the new tree was made: half of it lies there.
    fs::create_dir_all(stage.join("new/m")).unwrap();
    fs::write(stage.join("new/m/half"), "hal").unwrap();
    write(&out, &tree(&[("a", "2")]), false).unwrap();
    check(&out, &[("a", "2"), ("mine", "foreign")]);
    assert_eq!(beside(home.path()), ["k8s"]);
    // Killed between the two renames of a system that cannot exchange: the old tree lies aside.
    fs::create_dir_all(stage.join("new")).unwrap();
    fs::rename(&out, stage.join("old")).unwrap();
    write(&out, &tree(&[("a", "3")]), false).unwrap();
    check(&out, &[("a", "3"), ("mine", "foreign")]);
    assert_eq!(beside(home.path()), ["k8s"]);
}

#[test]
fn two_runs_at_once_do_not_meet() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("k8s");
    let target = super::place::of(&out).unwrap();
    let other = super::stage::Stage::beside(&target).unwrap();
    let fault = format!("{:#}", write(&out, &tree(&[("a", "1")]), false).unwrap_err());
    assert!(fault.contains("another run"), "{fault}");
    drop(other);
    write(&out, &tree(&[("a", "1")]), false).unwrap();
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("file"), "").unwrap();
    for (path, word) in [("file", "is a file"), ("file/k8s", "cannot make the folder")] {
        let fault = format!("{:#}", write(&home.path().join(path), &tree(&[("a", "1")]), false).unwrap_err());
        assert!(fault.contains(word), "{path}: {fault}");
    }
    let fault = format!("{:#}", write(Path::new("/"), &tree(&[("a", "1")]), true).unwrap_err());
    assert!(fault.contains("root"), "{fault}");
}

#[cfg(unix)]
#[test]
fn a_linked_directory_stays_linked_and_links_inside_are_not_followed() {
    use std::os::unix::fs::symlink;
    let home = tempfile::tempdir().unwrap();
    let (link, real) = (home.path().join("k8s"), home.path().join("real"));
    symlink("real", &link).unwrap();
    let fault = format!("{:#}", write(&link, &tree(&[("a", "1")]), false).unwrap_err());
    assert!(fault.contains("leads nowhere"), "{fault}");
    fs::create_dir(&real).unwrap();
    write(&link, &tree(&[("m/a", "1")]), false).unwrap();
    write(&link, &tree(&[("m/a", "2")]), false).unwrap();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    check(&real, &[("m/a", "2")]);
    // A folder of ours that became a link elsewhere is in the way and is not written through.
    let elsewhere = home.path().join("elsewhere");
    fs::rename(real.join("m"), &elsewhere).unwrap();
    symlink("../elsewhere", real.join("m")).unwrap();
    let fault = format!("{:#}", write(&link, &tree(&[("m/a", "3")]), false).unwrap_err());
    assert!(fault.contains("m is no folder"), "{fault}");
    write(&link, &tree(&[("m/a", "3")]), true).unwrap();
    assert_eq!(fs::read_to_string(elsewhere.join("a")).unwrap(), "2");
    assert_eq!(fs::read_to_string(real.join("m/a")).unwrap(), "3");
    assert!(real.join("m.bak").symlink_metadata().unwrap().is_symlink());
}

#[test]
fn files_are_replaced_one_by_one_where_the_directory_cannot_be() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("k8s");
    write(&out, &tree(&[("a", "1"), ("old/b", "1"), ("secrets/s", "1")]), false).unwrap();
    fs::write(out.join("mine"), "foreign").unwrap();
    fs::write(out.join("a"), "edited").unwrap();
    let next = tree(&[("a", "2"), ("m/c", "2"), ("secrets/s", "2")]);
    let survey = super::Survey::of(&out, &next, true).unwrap();
    super::put::in_place(&out, &next, &survey).unwrap();
    check(&out, &[("a", "2"), ("a.bak", "edited"), ("m/c", "2"), ("mine", "foreign"), ("secrets/s", "2")]);
    assert!(!out.join("old").exists());
    assert!(write(&out, &next, false).unwrap().is_unchanged());
}
