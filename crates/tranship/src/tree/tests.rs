//! What the writer promises, on real folders.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use tranship_emit::state::seal;
use tranship_emit::{File, FileTree};

use super::{Written, write};

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
                false if tranship_emit::state::is_bookkeeping(&name) => {}
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
    assert_eq!(written.changed, 6);
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
    let tree = tree(&[("m/a", "1"), ("secrets/s", "1")]);
    write(&out, &tree, false).unwrap();
    let before = fs::metadata(&out).unwrap().modified().unwrap();
    assert_eq!(write(&out, &tree, false).unwrap(), Written::default());
    assert_eq!(fs::metadata(&out).unwrap().modified().unwrap(), before);
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

#[test]
fn a_hand_edit_is_never_lost() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("k8s");
    write(&out, &tree(&[("a", "1"), ("b", "1"), ("secrets/s", "1")]), false).unwrap();
    for path in ["a", "b", "secrets/s"] {
        fs::write(out.join(path), "edited").unwrap();
    }
    let next = tree(&[("a", "2"), ("secrets/s", "2")]);
    let fault = format!("{:#}", write(&out, &next, false).unwrap_err());
    assert!(fault.contains("\n  a was changed") && fault.contains("\n  secrets/s was changed"), "{fault}");
    assert!(!fault.contains("\n  b"), "what is no longer written is in nobody's way: {fault}");
    check(&out, &[("a", "edited"), ("b", "edited"), ("secrets/s", "edited")]);
    let written = write(&out, &next, true).unwrap();
    assert_eq!(written.kept, ["b"]);
    check(&out, &[("a", "2"), ("a.bak", "edited"), ("b", "edited"), ("secrets/s", "2"), ("secrets/s.bak", "edited")]);
    write(&out, &next, false).unwrap();
    // An edit that says what the next run says is no edit.
    fs::write(out.join("a"), "3").unwrap();
    write(&out, &tree(&[("a", "3"), ("secrets/s", "2")]), false).unwrap();
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
    assert_eq!(write(&out, &next, false).unwrap(), Written::default());
}
