//! What stays, what comes and what is in conflict.
#![allow(clippy::unwrap_used)]

use tranship_source::FileId;
use tranship_testing::Mutator;

use super::{Merged, Resolve, merge};

const LAST: &str = "\
# service web in compose.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx:1.28
        args:
        - serve
        - --quiet
        env:
        - name: A
          value: \"1\"
        - name: B
          value: \"2\"
        ports:
        - name: tcp-80
          containerPort: 80
          protocol: TCP
      volumes:
      - name: tmp
        emptyDir: {}
";

fn run(next: &str, hand: &str, resolve: Resolve) -> Merged {
    merge("manifests/a.yaml", LAST, next, hand, FileId(0), resolve)
}

/// Changes of the text written last, as pairs of a text and what stands for it.
fn with(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(LAST.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replace(from, to)
    })
}

/// A hand edit and a change of the project that do not meet give both, byte for byte.
fn check(hand: &[(&str, &str)], next: &[(&str, &str)], both: &[(&str, &str)]) {
    let merged = run(&with(next), &with(hand), Resolve::Report);
    assert!(merged.conflicts.is_empty(), "{:?}", merged.conflicts);
    assert_eq!(merged.text, with(both));
    assert_eq!(merged.base, with(next));
}

fn check_both(hand: &[(&str, &str)], next: &[(&str, &str)]) {
    check(hand, next, &[hand, next].concat());
}

#[test]
fn values_comments_and_layout_of_a_hand_edit_stay() {
    let image = ("image: nginx:1.28", "image: nginx:1.29");
    check_both(&[("  replicas: 1\n", "  # black friday\n  replicas: 3   # not less\n\n")], &[image]);
    check_both(&[("        image: nginx:1.28\n", "        image:   nginx:1.28   # pinned\n")], &[]);
    check(
        &[("image: nginx:1.28", "\"image\":   'nginx:1.28'   # pinned")],
        &[image],
        &[("image: nginx:1.28", "\"image\": nginx:1.29   # pinned")],
    );
    check_both(&[("      volumes:\n", "      priorityClassName: high\n      volumes:\n")], &[image]);
    check_both(&[("        env:\n", "        env: # two\n")], &[("value: \"2\"", "value: \"3\"")]);
    check_both(&[("  replicas: 1\n", "")], &[image]);
    check_both(&[("kind: Deployment\n", "\n\nkind:   Deployment\n")], &[image, ("replicas: 1", "replicas: 2")]);
}

#[test]
fn items_of_lists_come_and_go_by_their_keys() {
    let new = ("        - name: B\n", "        - name: AA\n          value: x\n        - name: B\n");
    let mine = ("        ports:\n", "        - name: MINE\n          value: y\n        ports:\n");
    check_both(&[mine], &[new]);
    let gone = ("        - name: A\n          value: \"1\"\n", "");
    check_both(&[mine], &[gone]);
    check_both(&[gone], &[("value: \"2\"", "value: \"4\"")]);
    let volume = (
        "      - name: tmp\n",
        "      - name: data\n        persistentVolumeClaim:\n          claimName: data\n      - name: tmp\n",
    );
    check_both(&[("emptyDir: {}", "emptyDir: {medium: Memory}")], &[volume]);
    check(
        &[("  replicas: 1\n", "  replicas: 2\n")],
        &[("emptyDir: {}", "emptyDir:\n          sizeLimit: 1Gi")],
        &[("  replicas: 1\n", "  replicas: 2\n"), ("emptyDir: {}", "emptyDir:\n          sizeLimit: 1Gi")],
    );
    check(
        &[("emptyDir: {}", "emptyDir: {medium: Memory} # fast")],
        &[("emptyDir: {}", "emptyDir:\n          sizeLimit: 1Gi")],
        &[("emptyDir: {}", "emptyDir: {medium: Memory, sizeLimit: 1Gi} # fast")],
    );
    // A Service's port without a protocol is the one of TCP.
    check_both(&[("          protocol: TCP\n", "")], &[("value: \"2\"", "value: \"5\"")]);
    // The list's own indentation is kept.
    let (old, deep) = (
        "        - name: A\n          value: \"1\"\n        - name: B\n          value: \"2\"\n",
        "          - name: A\n            value: \"1\"\n          - name: B\n            value: \"2\"\n",
    );
    check(
        &[(old, deep)],
        &[("        ports:\n", "        - name: C\n          value: z\n        ports:\n")],
        &[(old, &format!("{deep}          - name: C\n            value: z\n"))],
    );
}

#[test]
fn comments_in_braces_and_brackets_stay_or_the_change_is_a_conflict() {
    let env = "        env:\n        - name: A\n          value: \"1\"\n        - name: B\n          value: \"2\"\n";
    let flow = "        env: [ {name: A, value: \"1\"}, # ticket 42\n          {name: B, value: \"2\"} ]\n";
    let changed = flow.replace("\"2\"", "\"3\"");
    check(&[(env, flow)], &[("value: \"2\"", "value: \"3\"")], &[(env, &changed)]);
    let args = "        args:\n        - serve\n        - --quiet\n";
    let own = "        args: [serve,   '--quiet']\n";
    check(
        &[(args, own)],
        &[("        - --quiet\n", "        - --loud\n")],
        &[(args, "        args: [serve,   --loud]\n")],
    );
    // What comes or goes is put in only where nothing but values is lost.
    let third = ("          value: \"2\"\n", "          value: \"2\"\n        - name: C\n          value: \"4\"\n");
    let block = "        args:\n        - serve # first\n        - --quiet\n";
    let longer = ("        - --quiet\n", "        - --quiet\n        - --fast\n");
    for (from, to, next) in [(env, flow, third), (args, block, longer)] {
        let hand = with(&[(from, to)]);
        let merged = run(&with(&[next]), &hand, Resolve::Report);
        assert_eq!(merged.conflicts.len(), 1, "{to}");
        assert_eq!(merged.text, hand);
        assert_eq!(run(&with(&[next]), &hand, Resolve::Mine).text, hand);
        assert_ne!(run(&with(&[next]), &hand, Resolve::Generated).text, hand);
    }
    let one_line = "        env: [{name: A, value: \"1\"}, {name: B, value: \"2\"}]\n";
    let merged = run(&with(&[third]), &with(&[(env, one_line)]), Resolve::Report);
    assert!(merged.conflicts.is_empty() && merged.text.contains("{name: C, value: \"4\"}]"), "{}", merged.text);
}

#[test]
fn a_whole_section_goes_where_all_of_it_was_ours() {
    let env = "        env:\n        - name: A\n          value: \"1\"\n        - name: B\n          value: \"2\"\n";
    check_both(&[("replicas: 1", "replicas: 2")], &[(env, "")]);
    check_both(&[("replicas: 1", "replicas: 2")], &[("        - serve\n        - --quiet\n", "        - serve\n")]);
    check_both(&[("        args:\n        - serve\n        - --quiet\n", "")], &[("value: \"2\"", "value: \"9\"")]);
}

#[test]
fn the_same_change_on_both_sides_is_none() {
    let change = [("replicas: 1", "replicas: 4")];
    check(&change, &change, &change);
}

#[test]
fn other_documents_of_a_file_are_left_alone() {
    let hand = format!("---\na: 1\n---\n{LAST}---\nkind: Other # mine\n");
    let next = with(&[("nginx:1.28", "nginx:1.30")]);
    let merged = run(&next, &hand, Resolve::Report);
    assert_eq!(merged.text, format!("---\na: 1\n---\n{next}---\nkind: Other # mine\n"));
}

#[test]
fn what_both_changed_stays_by_hand_and_is_a_conflict_until_settled() {
    for (hand, next, path) in [
        (("replicas: 1", "replicas: 3"), ("replicas: 1", "replicas: 2"), "spec.replicas"),
        (("  replicas: 1\n", ""), ("replicas: 1", "replicas: 2"), "spec.replicas"),
        (("  replicas: 1\n", "  replicas: 5\n"), ("  replicas: 1\n", ""), "spec.replicas"),
        (
            ("value: \"2\"", "value: mine"),
            ("value: \"2\"", "value: new"),
            "spec.template.spec.containers[0].env[1].value",
        ),
        (("--quiet", "--loud"), ("- serve\n", "- run\n"), "spec.template.spec.containers[0].args"),
        (
            ("  replicas: 1\n", "  replicas: 1\n  paused: true\n"),
            ("  replicas: 1\n", "  replicas: 1\n  paused: false\n"),
            "spec.paused",
        ),
    ] {
        let image = ("nginx:1.28", "nginx:1.29");
        let (by_hand, generated) = (with(&[hand]), with(&[next, image]));
        let merged = run(&generated, &by_hand, Resolve::Report);
        let paths: Vec<&str> = merged.conflicts.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, [path]);
        assert_eq!(merged.text, with(&[hand, image]), "{path}");
        // The next run finds the same conflict and changes nothing.
        let again = merge("a.yaml", &merged.base, &generated, &merged.text, FileId(0), Resolve::Report);
        assert_eq!((again.conflicts.len(), &again.text, &again.base), (1, &merged.text, &merged.base), "{path}");
        let mine = merge("a.yaml", &merged.base, &generated, &merged.text, FileId(0), Resolve::Mine);
        assert_eq!((mine.conflicts.len(), &mine.text, &mine.base), (0, &merged.text, &generated));
        let theirs = merge("a.yaml", &merged.base, &generated, &merged.text, FileId(0), Resolve::Generated);
        assert!(theirs.conflicts.is_empty());
        let data = |text: &str| super::single(text).unwrap();
        assert_eq!(data(&theirs.text), data(&generated), "{path}\n{}", theirs.text);
    }
}

#[test]
fn a_text_that_is_no_yaml_or_shares_values_is_left_alone() {
    let next = with(&[("nginx:1.28", "nginx:1.29")]);
    for hand in [
        with(&[("spec:\n  replicas", "spec: [\n  replicas")]),
        with(&[("image: nginx:1.28", "image: &i nginx:1.28\n        title: *i")]),
        "- 1\n".to_owned(),
        String::new(),
    ] {
        let merged = run(&next, &hand, Resolve::Report);
        assert_eq!((merged.text.as_str(), merged.conflicts.len(), merged.base.as_str()), (hand.as_str(), 1, LAST));
    }
}

#[test]
fn long_texts_in_a_manifest_merge_by_line() {
    let text = |lines: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  conf: |\n{lines}  more: b\n")
    };
    let last = text("    one\n    two\n    three\n    four\n");
    let next = text("    one\n    two\n    three\n    FOUR\n");
    let hand = text("    ONE # mine\n    two\n    three\n    four\n");
    let merged = merge("a.yaml", &last, &next, &hand, FileId(0), Resolve::Report);
    assert_eq!(merged.text, text("    ONE # mine\n    two\n    three\n    FOUR\n"));
    assert!(merged.conflicts.is_empty());
}

#[test]
fn other_files_merge_by_line_and_json_stays_json() {
    let merged = merge("build.sh", "a\nb\nc\nd\n", "a\nb\nc\nD\n", "A\nb\nc\nd\n", FileId(0), Resolve::Report);
    assert_eq!((merged.text.as_str(), merged.conflicts.len()), ("A\nb\nc\nD\n", 0));
    let (last, next, hand) =
        ("{\n\"a\": 1,\n\n\n\"b\": 2\n}\n", "{\n\"a\": 1,\n\n\n\"b\": 2,\n\"c\": 3\n}\n", "{\n\"a\": 1\n}\n");
    let merged = merge("b.json", last, next, hand, FileId(0), Resolve::Report);
    assert_eq!((merged.text.as_str(), merged.conflicts.len()), (hand, 1));
}

#[test]
fn whatever_a_hand_makes_of_a_text_is_merged_or_left_alone() {
    let next = with(&[
        ("nginx:1.28", "nginx:1.29"),
        ("        - name: B\n", "        - name: AA\n          value: \"x\"\n        - name: B\n"),
        ("emptyDir: {}", "emptyDir:\n          sizeLimit: 1Gi"),
        ("        ports:\n        - name: tcp-80\n          containerPort: 80\n          protocol: TCP\n", ""),
    ]);
    let mut outcomes = [0, 0, 0];
    for seed in 0..500 {
        let hand = Mutator::new(seed).edit(LAST);
        assert_eq!(run(LAST, &hand, Resolve::Report).text, hand, "nothing changed but by hand");
        let merged = run(&next, &hand, Resolve::Report);
        let whole = merged.conflicts.iter().any(|change| change.path.is_empty());
        if whole {
            assert_eq!((&merged.text, merged.base.as_str()), (&hand, LAST), "{hand}");
        }
        outcomes[usize::from(whole) + usize::from(!merged.conflicts.is_empty())] += 1;
        // Merged once, there is nothing more to merge.
        let again = merge("manifests/a.yaml", &merged.base, &next, &merged.text, FileId(0), Resolve::Report);
        assert_eq!((again.text, again.conflicts.len()), (merged.text, merged.conflicts.len()), "{hand}");
        let settled = run(&next, &hand, Resolve::Generated);
        assert!(settled.conflicts.is_empty());
        if !whole {
            let found = super::single(&settled.text).is_some_and(|object| object.at(&["spec"]).is_some());
            assert!(found || super::read(&settled.text, FileId(0)).is_ok(), "{hand}");
        }
    }
    assert!(outcomes.iter().all(|count| *count > 5), "merged, in conflict, left alone: {outcomes:?}");
}

#[test]
fn templates_of_a_chart_merge_by_line() {
    let last = "name: {{ include \"a\" . }}web\n{{- if .x }}\nkind: A\n{{- end }}\nport: 1\nb: 2\nc: 3\n";
    let (next, hand) = (last.replace("c: 3", "c: 4"), last.replace("}}web", "}}site"));
    let path = "helm/shop/templates/service-web.yaml";
    let merged = merge(path, last, &next, &hand, FileId(0), Resolve::Report);
    assert!(merged.conflicts.is_empty(), "{merged:?}");
    assert_eq!(merged.text, next.replace("}}web", "}}site"));
}
