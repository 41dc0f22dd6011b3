//! Keys and values of labels and annotations, on the object, its pod and its claim templates.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::names;
use super::super::report::Report;
use super::Subject;

/// Keys and values of all annotations of an object together may take 256 KiB.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;

/// Reports labels and annotations the server refuses.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let object = subject.object;
    let job = object.get(&["spec", "jobTemplate", "metadata"]);
    let pod = subject.pod.as_ref().filter(|pod| pod.kind != "Pod").and_then(|pod| pod.template.get("metadata"));
    for metadata in [object.get(&["metadata"]), job, pod].into_iter().flatten() {
        labels(metadata, "labels", report);
        annotations(metadata, report);
    }
}

/// Reports bad keys and values in a mapping of labels.
pub fn labels(parent: &Node, key: &str, report: &mut Report<'_>) {
    let Some(labels) = parent.get(key) else { return };
    for (name, value) in parent.entries(key) {
        if let Some(why) = names::qualified(&name.text) {
            let help = "write keys such as `app` or `example.com/app`";
            report.fault_key(labels, &name.text, "kube-label", format!("is no label key: {why}"), help);
        }
        if let Some(why) = value.as_str().and_then(names::label_value) {
            let help = "shorten the value, or make it an annotation";
            report.fault(value, "kube-label", format!("is no label value: it {why}"), help);
        }
    }
}

fn annotations(metadata: &Node, report: &mut Report<'_>) {
    let Some(annotations) = metadata.get("annotations") else { return };
    let mut size = 0;
    for (key, value) in metadata.entries("annotations") {
        size += key.text.len() + value.as_str().map_or(0, str::len);
        // The server does not mind upper case in the domain here.
        if let Some(why) = names::qualified(&key.text.to_lowercase()) {
            let help = "write keys such as `example.com/note`";
            report.fault_key(annotations, &key.text, "kube-annotation", format!("is no annotation key: {why}"), help);
        }
    }
    if size > ANNOTATIONS_LIMIT {
        let what = format!("annotations take {size} bytes, and at most {ANNOTATIONS_LIMIT} are allowed");
        report.fault(annotations, "kube-size", what, "put long text into a ConfigMap");
    }
}
