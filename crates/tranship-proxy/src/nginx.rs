//! nginx: words, blocks and semicolons. Lua blocks are skipped as a whole.

use std::collections::BTreeMap;
use std::ops::Range;

use tranship_source::{Checked, Diagnostic};

use crate::address::{address, is_host, listening_port};
use crate::{Read, Use};

/// Reads a file, or a part of one as in `conf.d`.
pub(crate) fn read(text: &str) -> Checked<Read> {
    let mut reader = Reader { text, at: 0, read: Read::default(), sets: BTreeMap::new(), passes: Vec::new(), open: 0 };
    let mut blocks: Vec<String> = Vec::new();
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut strays = 0_usize;
    while let Some(token) = reader.token() {
        match token {
            Token::Word(range) => words.push(range),
            Token::End => {
                reader.directive(&words, blocks.last().map(String::as_str));
                words.clear();
            }
            Token::Open => {
                let name = words.first().map_or("", |range| reader.slice(range)).to_owned();
                if name == "upstream" {
                    let group = words.get(1).map(|range| reader.slice(range).to_owned());
                    reader.read.groups.extend(group);
                }
                if name.ends_with("_by_lua_block") {
                    reader.skip_block();
                } else if matches!(name.as_str(), "map" | "split_clients" | "geo") {
                    let variable = words.last().map_or("", |range| reader.slice(range));
                    blocks.push(format!("{MAP}{}", variable.trim_start_matches('$')));
                } else {
                    blocks.push(name);
                }
                words.clear();
            }
            Token::Close => {
                if blocks.pop().is_none() {
                    strays += 1;
                }
                words.clear();
            }
        }
    }
    let balanced = blocks.is_empty() && strays == 0 && words.is_empty();
    let read = reader.finish();
    let fault = Diagnostic::warning("proxy-syntax", "the nginx configuration ends inside a block or a directive");
    Checked::new(read, if balanced { Vec::new() } else { vec![fault] })
}

/// Marks a block whose entries are values of the variable that follows.
const MAP: &str = "map ";

enum Token {
    Word(Range<usize>),
    End,
    Open,
    Close,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    read: Read,
    /// Where each variable's value stands.
    sets: BTreeMap<String, Vec<Range<usize>>>,
    /// Arguments of passes that hold a variable.
    passes: Vec<Range<usize>>,
    open: usize,
}

impl<'a> Reader<'a> {
    fn slice(&self, range: &Range<usize>) -> &'a str {
        self.text.get(range.clone()).unwrap_or("")
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            let rest = self.rest();
            let c = rest.chars().next()?;
            match c {
                '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
                ';' => return Some(self.single(Token::End)),
                '{' => return Some(self.single(Token::Open)),
                '}' => return Some(self.single(Token::Close)),
                '"' | '\'' => return Some(self.quoted(c)),
                c if c.is_whitespace() => self.at += c.len_utf8(),
                _ => return Some(self.word()),
            }
        }
    }

    fn single(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }

    fn quoted(&mut self, quote: char) -> Token {
        let start = self.at + 1;
        let mut escaped = false;
        let body = self.text.get(start..).unwrap_or("");
        let end = body.find(|c: char| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let end = start + end.unwrap_or(body.len());
        self.at = (end + 1).min(self.text.len());
        Token::Word(start..end)
    }

    /// A bare word; `${name}` belongs to it.
    fn word(&mut self) -> Token {
        let start = self.at;
        let rest = self.rest();
        let mut variable = false;
        let mut before = ' ';
        let end = rest.find(|c: char| {
            if c == '{' && before == '$' {
                variable = true;
            }
            let ends = !variable && (c.is_whitespace() || ";{".contains(c));
            if c == '}' {
                if !variable {
                    return true;
                }
                variable = false;
            }
            before = c;
            ends
        });
        self.at = start + end.unwrap_or(rest.len());
        Token::Word(start..self.at)
    }

    /// Skips to the brace that closes the block that was just opened.
    fn skip_block(&mut self) {
        self.open = 1;
        let rest = self.rest();
        let end = rest.find(|c: char| {
            match c {
                '{' => self.open += 1,
                '}' => self.open -= 1,
                _ => {}
            }
            self.open == 0
        });
        self.at += end.map_or(rest.len(), |end| end + 1);
    }

    fn directive(&mut self, words: &[Range<usize>], block: Option<&str>) {
        let (Some(name), Some(first)) = (words.first(), words.get(1)) else { return };
        let argument = self.slice(first);
        if let Some(variable) = block.and_then(|block| block.strip_prefix(MAP)) {
            if !matches!(self.slice(name), "include" | "volatile" | "proxy" | "ranges") {
                self.sets.entry(variable.to_owned()).or_default().push(first.clone());
            }
            return;
        }
        match self.slice(name) {
            "proxy_pass" | "grpc_pass" | "fastcgi_pass" | "uwsgi_pass" | "scgi_pass" | "memcached_pass" => {
                if argument.contains('$') {
                    self.passes.push(first.clone());
                } else {
                    self.pass(first.clone());
                }
            }
            "server" if block == Some("upstream") => self.read.call(self.text, first.clone(), Use::Upstream, Some(80)),
            "set" => {
                if let Some(value) = words.get(2) {
                    self.sets.entry(argument.trim_start_matches('$').to_owned()).or_default().push(value.clone());
                }
            }
            "listen" => self.listen(argument),
            "resolver" => {
                let servers = words.iter().skip(1).filter(|range| !self.slice(range).contains('='));
                for server in servers.cloned().collect::<Vec<_>>() {
                    self.read.call(self.text, server, Use::Resolver, Some(53));
                }
            }
            _ => {}
        }
    }

    /// A host that requests are passed to, or a group: nginx asks for a port of a host where no scheme implies one.
    fn pass(&mut self, argument: Range<usize>) {
        let Some(found) = address(self.text, argument.clone()) else { return };
        if found.port.is_none() && found.scheme.is_none() {
            return;
        }
        let before = self.read.names.len();
        self.read.call(self.text, argument, Use::Upstream, None);
        for named in self.read.names.iter_mut().skip(before) {
            named.group = found.port.is_none();
        }
    }

    fn listen(&mut self, argument: &str) {
        if let Some(port) = listening_port(argument) {
            self.read.listen(port);
        } else if !argument.starts_with("unix:") {
            self.read.listen(80);
        }
    }

    /// Gives passes with a variable the value it is set to: `set $api http://api:80; proxy_pass $api;`.
    fn finish(mut self) -> Read {
        for pass in std::mem::take(&mut self.passes) {
            let argument = self.slice(&pass);
            let (before, rest) = argument.split_once('$').unwrap_or((argument, ""));
            let rest = rest.trim_start_matches('{');
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if !before.is_empty() && !before.ends_with("://") {
                continue;
            }
            let after = after.trim_start_matches('}');
            let port = after.strip_prefix(':').map(|digits| digits.split(['/', '?', '$']).next().unwrap_or(digits));
            let port = port.and_then(|digits| digits.parse().ok());
            let scheme = before.trim_end_matches("://");
            let implied = port.or_else(|| crate::address::scheme_port(scheme));
            for value in self.sets.get(name).cloned().unwrap_or_default() {
                let text = self.slice(&value);
                let host = text.split("://").last().unwrap_or(text).split([':', '/']).next().unwrap_or("");
                if is_host(host) {
                    self.read.call(self.text, value, Use::Upstream, implied);
                }
            }
        }
        self.read.names.sort_by_key(|named| named.range.start);
        self.read.names.dedup();
        self.read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let read = read(text).value;
        let show = |n: &crate::Named| {
            assert_eq!(&text[n.range.clone()], n.host);
            format!("{}:{}", n.host, n.port.map_or_else(|| "-".to_owned(), |port| port.to_string()))
        };
        read.names.iter().map(show).collect()
    }

    #[test]
    fn upstreams_passes_and_listeners_are_found() {
        let text = "http { upstream back { server api1:3000 weight=3; server \"api2:3000\"; server unix:/x; }\n\
                    server { listen 8080 default_server; listen [::]:8443 ssl; # proxy_pass http://no:1;\n\
                    location / { proxy_pass http://back; } location ~ \\.php$ { fastcgi_pass php:9000; fastcgi_pass elsewhere; } } }";
        assert_eq!(names(text), ["api1:3000", "api2:3000", "back:80", "php:9000"]);
        let read = read(text).value;
        assert_eq!(read.groups, ["back"]);
        let group: Vec<_> = read.names.iter().filter(|named| named.group).map(|named| named.host.as_str()).collect();
        assert_eq!(group, ["back"]);
        assert_eq!(read.listens, [8080, 8443]);
    }

    #[test]
    fn variables_lead_to_what_maps_give_them() {
        let text = "map $host $up { hostnames; default api:80; *.x web:81; include names.map; }\n\
                    split_clients \"$remote_addr\" $half { 50% one:1; * two:2; } map $x $unused { default none:1; }\n\
                    server { location / { proxy_pass http://$up; } location /h { proxy_pass http://$half/x; } }";
        assert_eq!(names(text), ["api:80", "web:81", "one:1", "two:2"]);
    }

    #[test]
    fn variables_lead_to_what_they_are_set_to() {
        let text = "resolver 127.0.0.11 valid=30s;\nset $up api;\nset $url http://web:81;\nlocation / { proxy_pass http://$up:8000/x; }\n\
                    location /b { proxy_pass $url$request_uri; } location /c { proxy_pass http://${HOST}:1; }";
        assert_eq!(names(text), ["127.0.0.11:53", "api:8000", "web:81"]);
    }

    #[test]
    fn lua_and_unfinished_texts_do_no_harm() {
        assert_eq!(names("content_by_lua_block { if x { y } }\nproxy_pass http://a:1;"), ["a:1"]);
        let open = read("server { proxy_pass http://a:1; location / {");
        assert_eq!((open.value.names.len(), open.diagnostics.len()), (1, 1));
        assert_eq!(read("server { x \"").diagnostics.len(), 1);
    }
}
