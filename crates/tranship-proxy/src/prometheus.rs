//! Prometheus: scrape targets, alert managers, remote storage, and the exporters that relabelling sends requests to.

use tranship_source::Checked;
use tranship_source::yaml::Node;

use crate::{Read, Use, tree};

/// Reads a configuration.
pub(crate) fn read(text: &str) -> Checked<Read> {
    let (documents, faults) = tree::documents(text, "Prometheus");
    let mut out = Read::default();
    for document in &documents {
        for job in items(document.get("scrape_configs")) {
            scrape(&mut out, text, job);
        }
        for manager in items(document.at(&["alerting", "alertmanagers"])) {
            targets(&mut out, text, manager, Use::Sink, Some(80));
        }
        for remote in items(document.get("remote_write")).chain(items(document.get("remote_read"))) {
            call(&mut out, text, remote.get("url"), Use::Sink, None);
        }
    }
    Checked::new(out, faults)
}

fn items(list: Option<&Node>) -> impl Iterator<Item = &Node> {
    list.and_then(Node::as_seq).unwrap_or(&[]).iter()
}

fn call(out: &mut Read, text: &str, node: Option<&Node>, r#use: Use, port: Option<u16>) {
    if let Some(range) = node.and_then(|node| tree::range(text, node)) {
        out.call(text, range, r#use, port);
    }
}

/// A job whose targets are handed to an exporter as parameters (`__param_target`) names addresses of its own kind.
fn scrape(out: &mut Read, text: &str, job: &Node) {
    let secure = job.get("scheme").and_then(Node::as_str) == Some("https");
    let implied = Some(if secure { 443 } else { 80 });
    let mut probes = false;
    for rule in items(job.get("relabel_configs")) {
        match rule.get("target_label").and_then(Node::as_str) {
            Some("__address__") => call(out, text, rule.get("replacement"), Use::Scrape, implied),
            Some("__param_target") => probes = true,
            _ => {}
        }
    }
    targets(out, text, job, Use::Scrape, if probes { None } else { implied });
}

fn targets(out: &mut Read, text: &str, owner: &Node, r#use: Use, implied: Option<u16>) {
    for group in items(owner.get("static_configs")) {
        for target in items(group.get("targets")) {
            call(out, text, Some(target), r#use, implied);
        }
    }
    for discovery in items(owner.get("dns_sd_configs")) {
        let port = discovery.get("port").and_then(Node::as_int).and_then(|port| u16::try_from(port).ok());
        for name in items(discovery.get("names")) {
            call(out, text, Some(name), r#use, port.or(implied));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_managers_and_remotes_are_found() {
        let text = "alerting:\n  alertmanagers:\n  - static_configs:\n    - targets: ['alertmanager:9093']\n\
                    scrape_configs:\n- job_name: a\n  static_configs:\n  - targets: [\"api:8000\", web, '$HOST:1']\n\
                    - job_name: probe\n  metrics_path: /probe\n  static_configs:\n  - targets: ['http://web:81/x']\n  relabel_configs:\n  \
                    - {source_labels: [__address__], target_label: __param_target}\n  - {target_label: __address__, replacement: blackbox:9115}\n\
                    remote_write:\n- url: http://mimir:9009/api\n";
        let read = read(text).value;
        let names: Vec<_> =
            read.names.iter().map(|n| format!("{}:{}", &text[n.range.clone()], n.port.unwrap_or(0))).collect();
        assert_eq!(names, ["api:8000", "web:80", "blackbox:9115", "web:81", "alertmanager:9093", "mimir:9009"]);
        assert_eq!(read_broken().diagnostics.len(), 1);
    }

    fn read_broken() -> Checked<Read> {
        read("scrape_configs: [\n")
    }
}
