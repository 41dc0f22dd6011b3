//! Apache httpd: one directive per line, `\` at its end joins the next.

use std::ops::Range;

use tranship_source::Checked;

use crate::address::{listening_port, unquoted, words};
use crate::{Read, Use};

/// Reads a configuration; directives that name no host are passed over.
pub(crate) fn read(text: &str) -> Checked<Read> {
    let mut out = Read::default();
    let mut base = 0;
    let mut said: Vec<Range<usize>> = Vec::new();
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        let goes_on = body.ends_with('\\');
        // A comment may go on in the next line too.
        said.extend(words(body.strip_suffix('\\').unwrap_or(body), base));
        base += line.len();
        if goes_on && base < text.len() {
            continue;
        }
        let words: Vec<_> = said.drain(..).map(|range| unquoted(text, range)).collect();
        if !words.first().and_then(|range| text.get(range.clone())).is_some_and(|word| word.starts_with('#')) {
            directive(&mut out, text, &words);
        }
    }
    Checked::clean(out)
}

fn directive(out: &mut Read, text: &str, words: &[Range<usize>]) {
    let word = |at: usize| words.get(at).and_then(|range| text.get(range.clone())).unwrap_or("");
    match word(0).to_ascii_lowercase().as_str() {
        "proxypass" | "proxypassmatch" | "proxypassreverse" | "balancermember" | "sethandler" | "<proxy"
        | "rewriterule" => {
            for range in words.iter().skip(1).filter(|range| is_url(text, range)) {
                out.call(text, trimmed(text, range), Use::Upstream, None);
            }
        }
        "listen" => {
            if let Some(port) = listening_port(word(1)) {
                out.listen(port);
            }
        }
        _ => {}
    }
}

/// Whether a word is an address that requests go to; `balancer://` is a group of the file's own.
fn is_url(text: &str, range: &Range<usize>) -> bool {
    let word = text.get(range.clone()).unwrap_or("");
    let schemes = ["http://", "https://", "ws://", "wss://", "h2c://", "h2://", "ajp://", "uwsgi://", "scgi://"];
    schemes.iter().any(|scheme| word.starts_with(scheme)) || word.contains("fcgi://")
}

/// Without what a pattern adds to a host: `http://app:8080$1`.
fn trimmed(text: &str, range: &Range<usize>) -> Range<usize> {
    let word = text.get(range.clone()).unwrap_or("");
    let end = word.find(['$', '%']).unwrap_or(word.len());
    range.start..range.start + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxied_hosts_and_listeners_are_found() {
        let text = "Listen 8080\n# ProxyPass / http://no/\nProxyPass \"/api\" \"http://api:3000/\" retry=0\n\
                    ProxyPass / balancer://pool\nBalancerMember http://app1:80\n\
                    SetHandler \"proxy:fcgi://php-fpm:9000\"\nRewriteRule ^(.*) ws://live:81$1 [P]\nServerName web\n";
        let read = read(text).value;
        let names: Vec<_> =
            read.names.iter().map(|n| format!("{}:{}", &text[n.range.clone()], n.port.unwrap_or(0))).collect();
        assert_eq!(names, ["api:3000", "app1:80", "php-fpm:9000", "live:81"]);
        assert_eq!(read.listens, [8080]);
    }

    #[test]
    fn a_directive_goes_on_behind_a_backslash() {
        let text = "BalancerMember \\\n  http://app:3000\nProxyPass \"/x\" \\\r\n  \"http://api:80/\"\n# ProxyPass / \\\n  http://no/\n\
                    ProxyPass / http://last:1 \\";
        let names: Vec<_> = read(text).value.names.iter().map(|n| text[n.range.clone()].to_owned()).collect();
        assert_eq!(names, ["app", "api", "last"]);
    }
}
