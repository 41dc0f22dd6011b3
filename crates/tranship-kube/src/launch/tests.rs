//! What the kubelet would start, case by case.

use tranship_model::launch::{Launch, Piece, SHARED_MEMORY, Variable, What};
use tranship_model::{ImageKnowledge, Origin, Traced};
use tranship_source::FileId;

use super::launches;
use crate::object::ObjectSet;
use crate::read::read;

fn objects(text: &str) -> ObjectSet {
    let read = read(FileId(0), text);
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    ObjectSet { objects: read.value }
}

const REST: &str = "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: files}\ndata: {a.conf: hello, b: two}\n\
                    binaryData: {c: AAE=}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: hidden}\n\
                    data: {K: b2xk, L: bA==}\nstringData: {K: new}\n";

fn with<T>(pod: &str, container: &str, image: Option<&ImageKnowledge>, look: impl Fn(&Launch<'_>) -> T) -> T {
    let text = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  template:\n    spec:\n{pod}      containers:\n      \
         - name: web\n        image: x\n{container}{REST}"
    );
    let set = objects(&text);
    look(&launches(&set, &|_| image).first().unwrap().launch)
}

fn words(words: &[&str]) -> Traced<Vec<String>> {
    Traced::new(words.iter().map(|word| (*word).to_owned()).collect(), Origin::decided("test", "test"))
}

#[test]
fn a_command_forgets_the_arguments_of_the_image_and_arguments_keep_its_command() {
    let image = ImageKnowledge {
        entrypoint: Some(words(&["/entry"])),
        command: Some(words(&["serve"])),
        ..ImageKnowledge::default()
    };
    for (container, known, unknown) in [
        ("", "[/entry] [serve]", "ENTRYPOINT CMD"),
        ("        args: [a]\n", "[/entry] [a]", "ENTRYPOINT [a]"),
        ("        command: [c]\n", "[c]", "[c]"),
        ("        command: [c]\n        args: [a]\n", "[c] [a]", "[c] [a]"),
        (
            "        env: [{name: A, value: x$$y}]\n        args: ['$(A)', '$$(A)', '$(B)']\n",
            "[/entry] [x$y] [$(A)] [$(B)]",
            "",
        ),
    ] {
        let argv = |image: Option<&ImageKnowledge>| {
            let word = |piece: &Piece<'_>| match piece {
                Piece::Word(word) => format!("[{word}]"),
                Piece::ImageEntrypoint => "ENTRYPOINT".to_owned(),
                Piece::ImageCommand => "CMD".to_owned(),
            };
            with("", container, image, |launch| launch.argv.iter().map(word).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(argv(Some(&image)), known, "{container}");
        if !unknown.is_empty() {
            assert_eq!(argv(None), unknown, "{container}");
        }
    }
}

#[test]
fn variables_come_in_order_and_see_those_before_them() {
    let container = "        envFrom: [{configMapRef: {name: files}}, {secretRef: {name: hidden}, prefix: P_}]\n        env:\n        \
                     - {name: A, value: '$(b)-$(Z)-$$(b)'}\n        - {name: Z, value: '$(A)'}\n        \
                     - {name: K, valueFrom: {secretKeyRef: {name: hidden, key: K}}}\n        \
                     - {name: M, valueFrom: {secretKeyRef: {name: hidden, key: M}}}\n        \
                     - {name: O, valueFrom: {secretKeyRef: {name: hidden, key: M, optional: true}}}\n        \
                     - {name: E, valueFrom: {secretKeyRef: {name: other, key: M}}}\n";
    let env = with("", container, None, |launch| {
        let value = |value: &Variable<'_>| match value {
            Variable::Value(value) => value.to_string(),
            other => format!("{other:?}"),
        };
        launch.env.iter().map(|(name, of)| format!("{name}={}", value(of))).collect::<Vec<_>>()
    });
    let expect = ["A=two-$(Z)-$(b)", "E=Somewhere", "K=new", "M=Unset", "P_K=new", "P_L=l", "Z=two-$(Z)-$(b)"];
    assert_eq!(
        env.iter().filter(|line| !line.starts_with(['a', 'b', 'c'])).collect::<Vec<_>>(),
        expect.iter().collect::<Vec<_>>()
    );
}

#[test]
fn volumes_come_apart_into_what_stands_at_each_path() {
    let pod = "      securityContext: {fsGroup: 7, supplementalGroups: [5]}\n      volumes:\n      \
               - {name: f, configMap: {name: files, items: [{key: a.conf, path: sub/a.conf, mode: 256}, {key: c, path: c}]}}\n      \
               - {name: all, configMap: {name: files, defaultMode: 420}}\n      \
               - {name: p, persistentVolumeClaim: {claimName: data}}\n      - {name: m, emptyDir: {medium: Memory, sizeLimit: 1Mi}}\n";
    let container = "        volumeMounts:\n        - {name: f, mountPath: /etc/a, subPath: sub/a.conf}\n        \
                     - {name: f, mountPath: /etc/d/, subPath: sub}\n        - {name: f, mountPath: /no, subPath: none}\n        \
                     - {name: all, mountPath: /all}\n        - {name: p, mountPath: /data, subPath: data}\n        \
                     - {name: m, mountPath: /dev/shm}\n";
    let (seen, shm, groups) = with(pod, container, None, |launch| {
        let word = |what: &What<'_>| match what {
            What::File(file) => format!("{:?} {:o} {:?}", file.bytes, file.mode.unwrap(), file.group),
            What::Folder(files) => files.iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>().join(","),
            What::Storage { id, folder, each: _ } => format!("{id}/{folder}"),
            other => format!("{other:?}"),
        };
        let lines = launch.mounts.iter().map(|seen| format!("{} {} {}", seen.target, seen.read_only, word(&seen.what)));
        let groups: Vec<String> = launch.groups.iter().map(ToString::to_string).collect();
        (lines.collect::<Vec<_>>(), launch.shared_memory, groups)
    });
    assert_eq!(
        seen,
        [
            "/all true a.conf,b,c",
            "/data false data/data",
            "/dev/shm false Memory { size: Some(1048576), mode: None }",
            "/etc/a true [104, 101, 108, 108, 111] 440 Some(7)",
            "/etc/d true a.conf",
            "/no true Missing",
        ]
    );
    assert_eq!((shm, groups), (1 << 20, vec!["5".to_owned(), "7".to_owned()]));
    assert_eq!(with("", "", None, |launch| launch.shared_memory), SHARED_MEMORY);
}
