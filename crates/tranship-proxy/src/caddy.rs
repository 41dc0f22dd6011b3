//! Caddyfiles: words on lines, blocks in braces. Placeholders stand for values that are not known here.

use std::ops::Range;

use tranship_source::{Checked, Diagnostic};

use crate::address::{address, listening_port};
use crate::{Read, Use};

/// Reads a Caddyfile.
pub(crate) fn read(text: &str) -> Checked<Read> {
    let mut out = Read::default();
    let mut blocks: Vec<String> = Vec::new();
    let mut balanced = true;
    let lines = lines(text);
    let mut open_site = false;
    for words in &lines {
        let opens = words.last().is_some_and(|word| text.get(word.clone()) == Some("{"));
        let body = if opens { words.get(..words.len() - 1).unwrap_or(&[]) } else { words.as_slice() };
        let first = body.first().and_then(|word| text.get(word.clone())).unwrap_or("");
        if first == "}" {
            balanced &= blocks.pop().is_some();
            continue;
        }
        let placeholder = first.starts_with('{') && first.ends_with('}') || first == "import";
        let alone = !opens && !open_site && !placeholder;
        if blocks.is_empty() && !open_site && (opens || alone) && !first.is_empty() && !first.starts_with('(') {
            // An address without a block has the rest of the file for its own.
            open_site = alone;
            for word in body {
                listen(&mut out, text, word);
            }
        } else {
            directive(&mut out, text, body, blocks.last().map(String::as_str));
        }
        if opens {
            blocks.push(first.to_owned());
        }
    }
    let fault = Diagnostic::warning("proxy-syntax", "the Caddyfile ends inside a block, or closes one too many");
    Checked::new(out, if balanced && blocks.is_empty() { Vec::new() } else { vec![fault] })
}

fn directive(out: &mut Read, text: &str, words: &[Range<usize>], block: Option<&str>) {
    let word = |at: usize| words.get(at).and_then(|range| text.get(range.clone())).unwrap_or("");
    let upstreams = |out: &mut Read, from: usize| {
        for (at, range) in words.iter().enumerate().skip(from) {
            let matcher = word(at).starts_with(['@', '/', '*']);
            if !matcher {
                out.call(text, range.clone(), Use::Upstream, Some(80));
            }
        }
    };
    match (block, word(0)) {
        (_, "reverse_proxy" | "php_fastcgi" | "forward_auth") | (Some("reverse_proxy" | "php_fastcgi"), "to") => {
            upstreams(out, 1);
        }
        (_, "output") if word(1) == "net" => {
            if let Some(range) = words.get(2) {
                out.call(text, range.clone(), Use::Sink, None);
            }
        }
        (_, "http_port" | "https_port") => {
            if let Ok(port) = word(1).parse() {
                out.listen(port);
            }
        }
        _ => {}
    }
}

/// The port of a site's address: written, or by its scheme; a host alone means HTTPS and the redirect to it.
fn listen(out: &mut Read, text: &str, word: &Range<usize>) {
    let end = word.end - usize::from(text.get(word.clone()).is_some_and(|w| w.ends_with(',')));
    let Some(site) = text.get(word.start..end) else { return };
    if let Some(port) = site.strip_prefix(':').and_then(listening_port) {
        return out.listen(port);
    }
    match address(text, word.start..end) {
        Some(found) => match (found.port, found.scheme.as_deref()) {
            (Some(port), _) => out.listen(port),
            (None, Some("http")) => out.listen(80),
            (None, _) => [80, 443].into_iter().for_each(|port| out.listen(port)),
        },
        None => [80, 443].into_iter().for_each(|port| out.listen(port)),
    }
}

/// The words of each line. A quoted or backticked word may hold spaces and line ends; `\` at the end joins lines.
fn lines(text: &str) -> Vec<Vec<Range<usize>>> {
    let mut out = vec![Vec::new()];
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' => out.push(Vec::new()),
            '\\' if chars.peek().is_some_and(|(_, next)| *next == '\n') => {
                chars.next();
            }
            c if c.is_whitespace() => {}
            '#' => while chars.next_if(|(_, c)| *c != '\n').is_some() {},
            '"' | '`' => {
                let start = at + 1;
                let mut end = text.len();
                let mut escaped = false;
                for (at, inner) in chars.by_ref() {
                    if inner == c && !escaped {
                        end = at;
                        break;
                    }
                    escaped = c == '"' && inner == '\\' && !escaped;
                }
                push(&mut out, start..end.max(start));
            }
            _ => {
                let mut end = at + c.len_utf8();
                while let Some((at, c)) = chars.next_if(|(_, c)| !c.is_whitespace()) {
                    end = at + c.len_utf8();
                }
                push(&mut out, at..end);
            }
        }
    }
    out.retain(|line| !line.is_empty());
    out
}

fn push(lines: &mut [Vec<Range<usize>>], word: Range<usize>) {
    if let Some(line) = lines.last_mut() {
        line.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let names = read(text).value.names;
        names.iter().map(|n| format!("{}:{}", &text[n.range.clone()], n.port.unwrap_or(0))).collect()
    }

    #[test]
    fn upstreams_of_all_forms_are_found() {
        let text = "{\n\tadmin off\n}\n:80, example.org:8080 {\n\t# reverse_proxy no:1\n\treverse_proxy @api api:8002 api2:8002\n\
                    \thandle_path /m/* {\n\t\treverse_proxy minio:9000\n\t}\n\treverse_proxy {\n\t\tto https://a:1 b\n\t}\n\
                    \tphp_fastcgi php-fpm:9000\n\treverse_proxy http://{$UP}\n\tlog {\n\t\toutput net sink:6001\n\t}\n}\n";
        assert_eq!(names(text), ["api:8002", "api2:8002", "minio:9000", "a:1", "b:80", "php-fpm:9000", "sink:6001"]);
        let read = read(text);
        assert_eq!(read.value.listens, [80, 8080]);
        assert!(read.diagnostics.is_empty());
    }

    #[test]
    fn a_file_without_braces_and_an_open_one() {
        assert_eq!(names("localhost\nreverse_proxy app:3000\n"), ["app:3000"]);
        let text = "{\n\tadmin off\n}\n:9999 \nreverse_proxy {\n\tto https://api01:8085 https://api02:8085\n}";
        assert_eq!(names(text), ["api01:8085", "api02:8085"]);
        assert_eq!(read(text).value.listens, [9999]);
        assert_eq!(read("x {\n reverse_proxy a:1\n").diagnostics.len(), 1);
    }
}
