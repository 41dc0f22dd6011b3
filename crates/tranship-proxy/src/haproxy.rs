//! HAProxy: one statement per line, sections without end marks.

use std::ops::Range;

use tranship_source::Checked;

use crate::address::{listening_port, unquoted, words};
use crate::{Read, Use};

/// Reads a configuration. There is no syntax to break beyond single lines: what is not known is passed over.
pub(crate) fn read(text: &str) -> Checked<Read> {
    let mut out = Read::default();
    let mut base = 0;
    let mut section = String::new();
    for line in text.split_inclusive('\n') {
        let body = line.split('#').next().unwrap_or(line);
        let words: Vec<Range<usize>> = words(body, base).into_iter().map(|range| unquoted(text, range)).collect();
        let word = |at: usize| words.get(at).and_then(|range| text.get(range.clone())).unwrap_or("");
        if !body.starts_with([' ', '\t']) && is_section(word(0)) {
            word(0).clone_into(&mut section);
            // `listen name :80` and `frontend name :80` are an old form of `bind`.
            if matches!(word(0), "listen" | "frontend") {
                bind(&mut out, word(2));
            }
        } else {
            statement(&mut out, text, &section, &words);
        }
        base += line.len();
    }
    Checked::clean(out)
}

fn is_section(word: &str) -> bool {
    let known = ["global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "mailers", "userlist"];
    known.contains(&word) || matches!(word, "cache" | "program" | "ring" | "fcgi-app" | "http-errors")
}

fn statement(out: &mut Read, text: &str, section: &str, words: &[Range<usize>]) {
    let word = |at: usize| words.get(at).and_then(|range| text.get(range.clone())).unwrap_or("");
    let mut call = |at: usize, r#use: Use| {
        if let Some(range) = words.get(at) {
            let range = plain(text, range);
            out.call(text, range, r#use, None);
        }
    };
    match word(0) {
        "server" | "peer" | "mailer" => call(2, Use::Upstream),
        "server-template" => call(3, Use::Upstream),
        "nameserver" if section == "resolvers" => call(2, Use::Resolver),
        "log" if !matches!(word(1), "global" | "stdout" | "stderr" | "ring" | "fd") => call(1, Use::Sink),
        "bind" => word(1).split(',').for_each(|address| bind(out, address)),
        _ => {}
    }
}

/// An address without the prefix that says its family: `ipv4@`, `tcp@`.
fn plain(text: &str, range: &Range<usize>) -> Range<usize> {
    let skipped =
        text.get(range.clone()).and_then(|word| word.split_once('@')).map_or(0, |(family, _)| family.len() + 1);
    range.start + skipped..range.end
}

fn bind(out: &mut Read, address: &str) {
    if let Some(port) = listening_port(address).filter(|_| address.contains(':')) {
        out.listen(port);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_names_of_ports_are_read() {
        let text = "backend b\n  server \"a\" \"api:80\" check\n  server c 'web:http' check\n";
        let names: Vec<_> = read(text).value.names.iter().map(|n| (text[n.range.clone()].to_owned(), n.port)).collect();
        assert_eq!(names, [("api".to_owned(), Some(80)), ("web".to_owned(), Some(80))]);
    }

    #[test]
    fn servers_listeners_logs_and_resolvers_are_found() {
        let text = "global\n  log stdout local0\n  log logs:514 local0\nresolvers docker\n  nameserver dns1 127.0.0.11:53\n\
                    listen db\n  bind *:3306\n  server one mysql1:3306 check\n  server two ipv4@mysql2:3306 # x\n\
                    backend b\n  server-template app 1-3 web:80 check\n  server s unix@/run/x\n  server v ${HOST}:80\n\
                    frontend f\n  bind :80,:443 ssl\n";
        let read = read(text).value;
        let names: Vec<_> = read.names.iter().map(|n| (&text[n.range.clone()], n.port, n.r#use)).collect();
        let expect = [
            ("logs", Some(514), Use::Sink),
            ("127.0.0.11", Some(53), Use::Resolver),
            ("mysql1", Some(3306), Use::Upstream),
            ("mysql2", Some(3306), Use::Upstream),
            ("web", Some(80), Use::Upstream),
        ];
        assert_eq!(names, expect);
        assert_eq!(read.listens, [3306, 80, 443]);
    }
}
