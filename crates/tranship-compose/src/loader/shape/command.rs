//! A command given as one text, split into words as docker compose splits it.

/// The words; `None` where quotes are not closed or the text holds what only a shell can run.
pub(crate) fn words(line: &str) -> Option<Vec<String>> {
    let mut splitter = Splitter::default();
    for c in line.chars() {
        match splitter.take(c) {
            Step::Go => {}
            Step::Stop => break,
            Step::Invalid => return None,
        }
    }
    splitter.flush();
    splitter.is_closed().then_some(splitter.words)
}

enum Step {
    Go,
    Stop,
    Invalid,
}

/// How much of a word there is. Quotes make one even where they hold nothing.
#[derive(Clone, Copy, PartialEq)]
enum Word {
    None,
    Plain,
    Quoted,
}

struct Splitter {
    words: Vec<String>,
    word: String,
    state: Word,
    escaped: bool,
    double: bool,
    single: bool,
    back: bool,
    dollar: bool,
}

impl Default for Splitter {
    fn default() -> Self {
        Self {
            words: Vec::new(),
            word: String::new(),
            state: Word::None,
            escaped: false,
            double: false,
            single: false,
            back: false,
            dollar: false,
        }
    }
}

impl Splitter {
    fn is_closed(&self) -> bool {
        !(self.escaped || self.double || self.single || self.back || self.dollar)
    }

    fn flush(&mut self) {
        if self.state == Word::Quoted || (self.state == Word::Plain && !self.word.is_empty()) {
            self.words.push(std::mem::take(&mut self.word));
        }
        self.word.clear();
        self.state = Word::None;
    }

    fn push(&mut self, c: char) {
        self.state = Word::Plain;
        self.word.push(c);
    }

    fn take(&mut self, c: char) -> Step {
        if self.escaped {
            self.escape(c);
            return Step::Go;
        }
        match c {
            '\\' if self.single => self.word.push('\\'),
            '\\' => self.escaped = true,
            ' ' | '\t' | '\r' | '\n' if self.is_closed() => self.flush(),
            ' ' | '\t' | '\r' | '\n' => self.word.push(c),
            '`' => {
                if !self.single && !self.double && !self.dollar {
                    self.back = !self.back;
                }
                self.push(c);
            }
            ')' if !(self.single || self.double || self.back) => {
                if !self.dollar {
                    return Step::Invalid;
                }
                self.dollar = false;
                self.push(c);
            }
            '(' if !(self.single || self.double || self.back) => {
                let opens = !self.dollar && self.word.ends_with('$') && !self.word.ends_with("\\$");
                if !opens {
                    return Step::Invalid;
                }
                self.dollar = true;
                self.word.push(c);
            }
            '"' if !(self.single || self.dollar || self.back) => {
                self.state = if self.double { Word::Quoted } else { self.state };
                self.double = !self.double;
            }
            '\'' if !(self.double || self.dollar || self.back) => {
                self.state = if self.single { Word::Quoted } else { self.state };
                self.single = !self.single;
            }
            ';' | '&' | '|' | '<' | '>' if self.is_closed() => {
                if c == '>' && !self.word.is_empty() && self.word.chars().all(|c| c.is_ascii_digit()) {
                    self.state = Word::None;
                }
                return Step::Stop;
            }
            _ => self.push(c),
        }
        Step::Go
    }

    fn escape(&mut self, c: char) {
        self.escaped = false;
        if self.back || self.dollar {
            self.word.push('\\');
            self.push(c);
            return;
        }
        self.push(match c {
            't' => '\t',
            'n' => '\n',
            other => other,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_splits_into_words() {
        for (line, expect) in [
            ("a  b", vec!["a", "b"]),
            ("a 'b c' \"d\"", vec!["a", "b c", "d"]),
            ("''", vec![""]),
            ("a\\ b", vec!["a b"]),
            ("a > b", vec!["a"]),
            ("sh -c \"echo $(date)\"", vec!["sh", "-c", "echo $(date)"]),
            ("echo $(date +%s)", vec!["echo", "$(date +%s)"]),
            ("", vec![]),
        ] {
            assert_eq!(words(line).unwrap(), expect, "{line}");
        }
        for line in ["'", "\"a", "a (b)", "a )", "\\"] {
            assert!(words(line).is_none(), "{line}");
        }
    }
}
