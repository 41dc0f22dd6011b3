//! Keys and sizes of ConfigMaps and Secrets.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::names;
use super::super::report::Report;
use super::Subject;

/// What all values of one object may take together.
const LIMIT: usize = 1024 * 1024;

/// Reports bad keys, keys in two places, and too much data.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let tree = &subject.object.tree;
    let secret = subject.object.kind() == "Secret";
    let encoded = if secret { "data" } else { "binaryData" };
    let plain = if secret { "stringData" } else { "data" };
    let mut size = 0;
    for field in [plain, encoded] {
        let Some(data) = tree.field(field) else { continue };
        for (key, value) in tree.entries(field) {
            if let Some(why) = names::config_key(&key.text) {
                let help = "rename the key; a volume's `items` can give the file any path";
                report.fault_key(data, &key.text, "kube-config-key", format!("is no key: it {why}"), help);
            }
            // In a Secret the plain text replaces what is encoded under the same key.
            let replaced = secret && field == encoded && tree.field(plain).is_some_and(|p| p.get(&key.text).is_some());
            if !replaced {
                size += length(value, field == encoded);
            }
            if !secret && field == plain && tree.field(encoded).is_some_and(|other| other.get(&key.text).is_some()) {
                let what = "is in `binaryData` too";
                report.fault_key(data, &key.text, "kube-config-key", what, "keep one of them");
            }
        }
    }
    if size > LIMIT {
        let what = format!("data takes {size} bytes, and at most {LIMIT} are allowed");
        let help = "put large files into the image or a volume";
        report.fault(&subject.object.tree, "kube-size", what, help);
    }
}

/// Bytes of a value, those it decodes to for base64.
fn length(value: &Node, encoded: bool) -> usize {
    let text = value.as_str().unwrap_or("");
    if !encoded {
        return text.len();
    }
    let digits = text.bytes().filter(|b| !matches!(b, b'=' | b'\n' | b'\r')).count();
    digits * 3 / 4
}
