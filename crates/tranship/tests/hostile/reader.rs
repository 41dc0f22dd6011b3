//! A reader of block YAML that shares nothing with the product: mappings, sequences, scalars in quotes, plain ones and
//! literal blocks, with the plain scalars resolved as Kubernetes resolves them (YAML 1.1). What it does not know is a panic.

use serde_json::{Map, Value};

/// The documents of a stream.
pub fn read(text: &str) -> Vec<Value> {
    let mut documents: Vec<Vec<&str>> = vec![Vec::new()];
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if line == "---" {
            documents.push(Vec::new());
        } else {
            documents.last_mut().unwrap().push(line);
        }
    }
    let parsed = documents.into_iter().map(|lines| Lines { lines, at: 0 }).map(|mut lines| lines.node(0));
    parsed.filter(|document| !document.is_null()).collect()
}

struct Lines<'a> {
    lines: Vec<&'a str>,
    at: usize,
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

impl<'a> Lines<'a> {
    /// The next line that holds something, with its indentation.
    fn peek(&mut self) -> Option<(usize, &'a str)> {
        while let Some(line) = self.lines.get(self.at) {
            let body = line.trim_start_matches(' ');
            if !body.is_empty() && !body.starts_with('#') {
                return Some((indent(line), body));
            }
            self.at += 1;
        }
        None
    }

    /// What stands at an indentation of at least `least`.
    fn node(&mut self, least: usize) -> Value {
        match self.peek() {
            Some((deep, body)) if deep >= least => {
                if body == "-" || body.starts_with("- ") {
                    self.sequence(deep)
                } else {
                    self.mapping(deep)
                }
            }
            _ => Value::Null,
        }
    }

    fn sequence(&mut self, deep: usize) -> Value {
        let mut items = Vec::new();
        while let Some((here, body)) = self.peek() {
            if here != deep || !(body == "-" || body.starts_with("- ")) {
                break;
            }
            let rest = body[1..].trim_start_matches(' ');
            if rest.is_empty() {
                self.at += 1;
                items.push(self.node(deep + 1));
            } else if key(rest).is_some() || rest.starts_with("- ") {
                // The item begins on the dash's own line: the line without the dash is its first.
                let inner = deep + (body.len() - rest.len());
                let line: &'a str = Box::leak(format!("{}{rest}", " ".repeat(inner)).into_boxed_str());
                self.lines[self.at] = line;
                items.push(self.node(inner));
            } else {
                self.at += 1;
                items.push(self.scalar(rest, deep));
            }
        }
        Value::Array(items)
    }

    fn mapping(&mut self, deep: usize) -> Value {
        let mut map = Map::new();
        while let Some((here, body)) = self.peek() {
            if here != deep || body.starts_with("- ") {
                break;
            }
            let (name, rest) = key(body).unwrap_or_else(|| panic!("no key in `{body}`"));
            self.at += 1;
            let rest = rest.trim_start_matches(' ');
            let value = if rest.is_empty() {
                // A sequence may stand as deep as its key.
                let item = |body: &str| body == "-" || body.starts_with("- ");
                let dash = self.peek().is_some_and(|(here, body)| here == deep && item(body));
                self.node(if dash { deep } else { deep + 1 })
            } else {
                self.scalar(rest, deep)
            };
            assert!(map.insert(name.clone(), value).is_none(), "`{name}` twice");
        }
        Value::Object(map)
    }

    /// A scalar on the rest of a line, or a literal block below it.
    fn scalar(&mut self, text: &str, deep: usize) -> Value {
        match text.chars().next() {
            Some('"' | '\'') => {
                let (value, rest) = in_quotes(text);
                assert!(rest.is_empty(), "`{rest}` after quotes");
                Value::String(value)
            }
            Some('|') => Value::String(self.block(text, deep)),
            Some('[' | '{') => match text {
                "[]" => Value::Array(Vec::new()),
                "{}" => Value::Object(Map::new()),
                _ => panic!("a flow collection: {text}"),
            },
            Some('&' | '*' | '!' | '>' | '%' | '@' | '`' | '?') => panic!("not plain: {text}"),
            _ => {
                assert!(!text.contains(" #") && !text.ends_with(' '), "not plain: {text}");
                resolved(text)
            }
        }
    }

    fn block(&mut self, header: &str, deep: usize) -> String {
        let told: Option<usize> = header.chars().find_map(|c| c.to_digit(10)).map(|digit| deep + digit as usize);
        let mut lines = Vec::new();
        let mut margin = told;
        while let Some(line) = self.lines.get(self.at) {
            if !line.trim_matches(' ').is_empty() {
                let own = *margin.get_or_insert(indent(line));
                if indent(line) < own || own <= deep {
                    break;
                }
            }
            lines.push(line.get(margin.unwrap_or(line.len())..).unwrap_or_default());
            self.at += 1;
        }
        // What becomes of empty lines at the end is said by the header.
        let body = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        let text = lines[..body].join("\n");
        match header.chars().find(|c| matches!(c, '+' | '-')) {
            Some('-') => text,
            Some(_) => format!("{text}\n{}", "\n".repeat(lines.len() - body)),
            None => text + "\n",
        }
    }
}

/// The key of a line and what follows its colon.
fn key(line: &str) -> Option<(String, &str)> {
    let (name, rest) = if line.starts_with(['"', '\'']) {
        in_quotes(line)
    } else {
        let end = line.find(": ").or_else(|| line.strip_suffix(':').map(str::len))?;
        (line[..end].to_owned(), &line[end..])
    };
    let rest = rest.strip_prefix(':')?;
    (rest.is_empty() || rest.starts_with(' ')).then_some((name, rest))
}

/// A text in quotes at the head, and what follows it.
fn in_quotes(text: &str) -> (String, &str) {
    let mut chars = text.char_indices().peekable();
    let (_, quote) = chars.next().unwrap();
    let mut out = String::new();
    while let Some((at, c)) = chars.next() {
        if c == quote && quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'') {
            chars.next();
            out.push('\'');
        } else if c == quote {
            return (out, &text[at + 1..]);
        } else if c == '\\' && quote == '"' {
            let (_, kind) = chars.next().unwrap();
            let digits = match kind {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                'n' => {
                    out.push('\n');
                    continue;
                }
                't' => {
                    out.push('\t');
                    continue;
                }
                'r' => {
                    out.push('\r');
                    continue;
                }
                '"' | '\\' => {
                    out.push(kind);
                    continue;
                }
                other => panic!("an escape `{other}`"),
            };
            let code: String = (0..digits).map(|_| chars.next().unwrap().1).collect();
            out.push(char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap());
        } else {
            out.push(c);
        }
    }
    panic!("no end of quotes: {text}")
}

/// A plain scalar as YAML 1.1 reads it. Anything that only looks like a number is a panic: it has no place in the output.
fn resolved(text: &str) -> Value {
    match text {
        "true" => return true.into(),
        "false" => return false.into(),
        "null" => return Value::Null,
        _ => {}
    }
    let words =
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<", ".inf", "-.inf", "+.inf", ".nan"];
    assert!(!words.contains(&text.to_ascii_lowercase().as_str()), "a word that readers disagree about: {text}");
    if let Ok(number) = text.parse::<i64>()
        && number.to_string() == text
    {
        return number.into();
    }
    assert!(!is_number(text), "some reader takes this for a number or a date: {text}");
    Value::String(text.to_owned())
}

/// Whether YAML 1.1 or 1.2 has a number, a time or a date of this form.
fn is_number(text: &str) -> bool {
    if text.starts_with('_') {
        return false;
    }
    let plain: String = text.strip_prefix(['+', '-']).unwrap_or(text).chars().filter(|c| *c != '_').collect();
    let all = |text: &str, fits: fn(&char) -> bool| !text.is_empty() && text.chars().all(|c| fits(&c));
    let digits = |text: &str| all(text, char::is_ascii_digit);
    let based = |prefix: &str, fits: fn(&char) -> bool| plain.strip_prefix(prefix).is_some_and(|rest| all(rest, fits));
    let (mantissa, exponent) = plain.split_once(['e', 'E']).map_or((&*plain, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let float = (digits(whole) || (whole.is_empty() && digits(fraction)))
        && (fraction.is_empty() || digits(fraction))
        && exponent.is_none_or(|power| digits(power.strip_prefix(['+', '-']).unwrap_or(power)));
    let sixty = plain.contains(':') && plain.split(':').all(|part| digits(part.split('.').next().unwrap_or_default()));
    let mut date = text.splitn(3, '-');
    let date = [4..=4, 1..=2]
        .into_iter()
        .all(|long| date.next().is_some_and(|part| digits(part) && long.contains(&part.len())))
        && date.next().is_some_and(|rest| {
            all(rest, |c| "0123456789:.TtZz+- \t".contains(*c)) && rest.starts_with(|c: char| c.is_ascii_digit())
        });
    based("0x", char::is_ascii_hexdigit)
        || based("0b", |c| matches!(c, '0' | '1'))
        || based("0o", |c| matches!(c, '0'..='7'))
        || float
        || sixty
        || date
}
