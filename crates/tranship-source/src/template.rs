//! `$VAR`, `${VAR:-default}` and their kin, as docker compose puts variables into text.
//!
//! [`substitute`] replaces, [`variables`] only lists. Both follow compose-go's `template` package, odd corners included:
//! an expression must end on the line it begins, the search for its end counts every brace of the line but skips the
//! character after an opening one, and a `$` that begins nothing stays as it is.

/// How deep defaults may nest. Deeper text is nobody's configuration and would only exhaust the stack.
const MAX_DEPTH: usize = 100;

/// One variable that a substitution looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used<T> {
    /// Its name.
    pub name: String,
    /// What the lookup said about where the value comes from; `None` where it knew no such variable.
    pub from: Option<T>,
    /// Byte offset of the expression's `$` in the outermost text it lies in.
    pub offset: usize,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a variable in a substitution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its value was put in.
    Value,
    /// Its default (`:-`, `-`) or alternative (`:+`, `+`) was put in.
    Expression,
    /// Nothing was put in, as the form asks for (`${VAR+a}` without a value, an empty value is [`Outcome::Value`]).
    Nothing,
    /// It is not set and has no default: it became empty, and docker compose warns.
    Blank,
    /// It is required and has no value.
    Missing,
}

/// A text with its variables put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substituted<T> {
    /// The result.
    pub text: String,
    /// Every variable that was looked up, in the order of the text.
    pub variables: Vec<Used<T>>,
}

/// Why a text cannot be substituted. Only the first fault of a text is given, as in docker compose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// What is wrong, for people.
    pub message: String,
    /// Byte offset of the faulty expression's `$` in the outermost text it lies in.
    pub offset: usize,
    /// What kind of fault it is.
    pub kind: TemplateErrorKind,
}

/// The kinds of faults of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateErrorKind {
    /// `${` that does not begin a well-formed expression.
    Invalid,
    /// `${VAR:?reason}` or `${VAR?reason}` without a value.
    Required {
        /// The variable that is missing.
        variable: String,
        /// The reason given in the text, substituted; may be empty.
        reason: String,
    },
    /// Defaults nest deeper than any real file's.
    TooDeep,
}

/// The value of a variable and where it comes from, or `None` where it is not set.
pub type Lookup<'a, T> = dyn FnMut(&str) -> Option<(String, T)> + 'a;

/// The text with every variable replaced.
///
/// ```
/// use tranship_source::template::substitute;
/// let mut lookup = |name: &str| (name == "TAG").then(|| ("16".to_owned(), ()));
/// let done = substitute("postgres:${TAG}${FLAVOUR:+-$FLAVOUR} $$5", &mut lookup);
/// assert_eq!(done.map(|d| d.text), Ok("postgres:16 $5".to_owned()));
/// ```
pub fn substitute<T>(text: &str, lookup: &mut Lookup<'_, T>) -> Result<Substituted<T>, TemplateError> {
    let mut run = Run { lookup, variables: Vec::new() };
    let text = run.substitute(text, 0, 0)?;
    Ok(Substituted { text, variables: run.variables })
}

/// One variable as a text declares it, without looking anything up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// The default as written (`:-`, `-`), unsubstituted; empty where there is none.
    pub default: String,
    /// The alternative as written (`:+`, `+`), unsubstituted; empty where there is none.
    pub alternative: String,
    /// Whether the form demands a value (`:?`, `?`).
    pub required: bool,
}

/// Every variable a text names, defaults and alternatives searched too. Malformed expressions are passed over.
pub fn variables(text: &str) -> Vec<Declared> {
    let mut found = Vec::new();
    declared(text, 0, &mut found);
    found
}

impl Declared {
    /// Takes what another occurrence of the same variable adds: it is required if either is, and the first default wins.
    pub fn combine(&mut self, other: Self) {
        let Self { name: _, default, alternative, required } = other;
        self.required |= required;
        if self.default.is_empty() {
            self.default = default;
        }
        if self.alternative.is_empty() {
            self.alternative = alternative;
        }
    }
}

fn declared(text: &str, depth: usize, found: &mut Vec<Declared>) {
    if depth > MAX_DEPTH {
        return;
    }
    let mut scan = Scan::new(text);
    while let Some(piece) = scan.next() {
        let Piece::Braced { name, operator, rest, .. } = piece else {
            if let Piece::Named { name, .. } = piece {
                found.push(Declared { name: name.to_owned(), ..Declared::default() });
            }
            continue;
        };
        let mut one = Declared { name: name.to_owned(), ..Declared::default() };
        match operator {
            Some(Operator::Default { .. }) => rest.clone_into(&mut one.default),
            Some(Operator::Alternative { .. }) => rest.clone_into(&mut one.alternative),
            Some(Operator::Required { .. }) => one.required = true,
            None => {}
        }
        let searched = !matches!(operator, Some(Operator::Required { .. }) | None);
        found.push(one);
        if searched {
            declared(rest, depth + 1, found);
        }
    }
}

/// What stands between a variable's name and the rest of its expression. `empty`: an empty value counts as none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Default { empty: bool },
    Alternative { empty: bool },
    Required { empty: bool },
}

impl Operator {
    fn read(text: &str) -> Option<(Self, usize)> {
        let (empty, symbol) = match text.as_bytes() {
            [b':', symbol, ..] => (true, symbol),
            [symbol, ..] => (false, symbol),
            [] => return None,
        };
        let operator = match symbol {
            b'-' => Self::Default { empty },
            b'+' => Self::Alternative { empty },
            b'?' => Self::Required { empty },
            _ => return None,
        };
        Some((operator, 1 + usize::from(empty)))
    }
}

/// What a `$` begins.
enum Piece<'t> {
    Text(&'t str),
    Named { name: &'t str, at: usize },
    Braced { name: &'t str, operator: Option<Operator>, rest: &'t str, at: usize, rest_at: usize },
    Invalid { at: usize },
}

/// Cuts a text at its expressions.
struct Scan<'t> {
    text: &'t str,
    at: usize,
    /// One past the line's last `}` and the line's end, as far as they were looked for: keeps a long line linear.
    line: Option<(Option<usize>, usize)>,
}

impl<'t> Scan<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: None }
    }

    fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or("")
    }

    fn next(&mut self) -> Option<Piece<'t>> {
        let start = self.at;
        let rest = self.slice(start, self.text.len());
        if rest.is_empty() {
            return None;
        }
        let Some(dollar) = rest.find('$').map(|i| start + i) else {
            self.at = self.text.len();
            return Some(Piece::Text(rest));
        };
        if dollar > start {
            self.at = dollar;
            return Some(Piece::Text(self.slice(start, dollar)));
        }
        let after = self.slice(dollar + 1, self.text.len());
        if after.starts_with('$') {
            self.at = dollar + 2;
            return Some(Piece::Text("$"));
        }
        if after.starts_with('{') {
            return Some(self.braced(dollar));
        }
        let length = name_length(after);
        self.at = dollar + 1 + length;
        if length == 0 {
            return Some(Piece::Text("$"));
        }
        Some(Piece::Named { name: self.slice(dollar + 1, self.at), at: dollar })
    }

    /// An expression whose `${` stands at `dollar`.
    fn braced(&mut self, dollar: usize) -> Piece<'t> {
        let name_at = dollar + 2;
        let length = name_length(self.slice(name_at, self.text.len()));
        let name_end = name_at + length;
        let name = self.slice(name_at, name_end);
        let tail = self.slice(name_end, self.text.len());
        if length > 0 && tail.starts_with('}') {
            self.at = name_end + 1;
            return Piece::Braced { name, operator: None, rest: "", at: dollar, rest_at: name_end };
        }
        let operator = if length > 0 { Operator::read(tail) } else { None };
        let end = operator.and_then(|_| self.last_brace(name_end));
        let (Some((operator, width)), Some(last)) = (operator, end) else {
            self.at = name_at;
            return Piece::Invalid { at: dollar };
        };
        let rest_at = name_end + width;
        let close = closing_brace(self.slice(dollar, last)).map_or(last - 1, |i| dollar + i);
        self.at = close + 1;
        Piece::Braced { name, operator: Some(operator), rest: self.slice(rest_at, close), at: dollar, rest_at }
    }

    /// One past the last `}` between `from` and the end of its line.
    fn last_brace(&mut self, from: usize) -> Option<usize> {
        let (last, _) = match self.line {
            Some((last, end)) if from <= end => (last, end),
            _ => {
                let line = self.slice(from, self.text.len());
                let end = line.find('\n').map_or(self.text.len(), |i| from + i);
                let last = self.slice(from, end).rfind('}').map(|i| from + i + 1);
                self.line = Some((last, end));
                (last, end)
            }
        };
        last.filter(|last| *last > from)
    }
}

/// Length of the variable name a text begins with. Case folding admits U+017F and U+212A, as Go's `(?i)[a-z]` does.
fn name_length(text: &str) -> usize {
    let letter = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '\u{17f}' | '\u{212a}');
    if !text.starts_with(letter) {
        return 0;
    }
    text.find(|c: char| !(letter(c) || c.is_ascii_digit())).unwrap_or(text.len())
}

/// The brace that closes the first one. Whatever follows an opening brace is skipped, even a closing one.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 0usize;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'}' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return Some(at);
                }
            }
            b'{' => {
                open += 1;
                bytes.next();
            }
            _ => {}
        }
    }
    None
}

struct Run<'a, 'b, T> {
    lookup: &'a mut Lookup<'b, T>,
    variables: Vec<Used<T>>,
}

impl<T> Run<'_, '_, T> {
    /// `base` is where `text` begins in the outermost text.
    fn substitute(&mut self, text: &str, base: usize, depth: usize) -> Result<String, TemplateError> {
        let mut out = String::with_capacity(text.len());
        let mut scan = Scan::new(text);
        while let Some(piece) = scan.next() {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Named { name, at } | Piece::Braced { name, operator: None, at, .. } => {
                    out.push_str(&self.plain(name, base + at));
                }
                Piece::Braced { name, operator: Some(operator), rest, at, rest_at } => {
                    if depth >= MAX_DEPTH {
                        let message = format!("variable expressions nest more than {MAX_DEPTH} deep");
                        return Err(TemplateError { message, offset: base + at, kind: TemplateErrorKind::TooDeep });
                    }
                    let inner = Inner { text: rest, base: base + rest_at, depth: depth + 1 };
                    out.push_str(&self.expression(name, operator, &inner, base + at)?);
                }
                Piece::Invalid { at } => {
                    let message = "`${` does not begin a valid variable expression".to_owned();
                    return Err(TemplateError { message, offset: base + at, kind: TemplateErrorKind::Invalid });
                }
            }
        }
        Ok(out)
    }

    fn plain(&mut self, name: &str, offset: usize) -> String {
        let (value, from) = (self.lookup)(name).map_or((None, None), |(value, from)| (Some(value), Some(from)));
        let outcome = if value.is_some() { Outcome::Value } else { Outcome::Blank };
        self.variables.push(Used { name: name.to_owned(), from, offset, outcome });
        value.unwrap_or_default()
    }

    fn expression(
        &mut self,
        name: &str,
        operator: Operator,
        inner: &Inner<'_>,
        offset: usize,
    ) -> Result<String, TemplateError> {
        let (value, from) = (self.lookup)(name).map_or((None, None), |(value, from)| (Some(value), Some(from)));
        let given = |empty: bool| value.as_ref().is_some_and(|v| !(empty && v.is_empty()));
        let outcome = match operator {
            Operator::Default { empty } if given(empty) => Outcome::Value,
            Operator::Alternative { empty } if given(empty) => Outcome::Expression,
            Operator::Required { empty } if given(empty) => Outcome::Value,
            Operator::Default { .. } => Outcome::Expression,
            Operator::Alternative { .. } => Outcome::Nothing,
            Operator::Required { .. } => Outcome::Missing,
        };
        self.variables.push(Used { name: name.to_owned(), from, offset, outcome });
        match outcome {
            Outcome::Value | Outcome::Nothing | Outcome::Blank => Ok(value.unwrap_or_default()),
            Outcome::Expression => self.substitute(inner.text, inner.base, inner.depth),
            Outcome::Missing => {
                let reason = self.substitute(inner.text, inner.base, inner.depth)?;
                let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
                let message = format!("required variable `{name}` has no value{why}");
                let kind = TemplateErrorKind::Required { variable: name.to_owned(), reason };
                Err(TemplateError { message, offset, kind })
            }
        }
    }
}

/// The text behind an operator, and where it lies.
struct Inner<'t> {
    text: &'t str,
    base: usize,
    depth: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Result<Substituted<()>, TemplateError> {
        let mut lookup = |name: &str| {
            let value = match name {
                "FOO" => "first",
                "BAR" => "",
                "json" => r#"{"a":1}"#,
                "_x9" => "under",
                _ => return None,
            };
            Some((value.to_owned(), ()))
        };
        substitute(text, &mut lookup)
    }

    /// The right-hand sides were printed by compose-go's own `template.Substitute` with the same four variables.
    #[test]
    fn text_becomes_what_docker_compose_makes_of_it() {
        for (input, expect) in [
            ("", ""),
            ("no variable", "no variable"),
            ("ok $FOO", "ok first"),
            ("ok ${FOO}", "ok first"),
            ("$FOO$FOO", "firstfirst"),
            ("$FOO-x", "first-x"),
            ("$_x9.", "under."),
            ("$MISSING.", "."),
            ("${MISSING}", ""),
            ("$$", "$"),
            ("$$FOO", "$FOO"),
            ("$${FOO}", "${FOO}"),
            ("$$$FOO", "$first"),
            ("$$$$", "$$"),
            ("a $", "a $"),
            ("$5 $. $-", "$5 $. $-"),
            ("${FOO:-d}", "first"),
            ("${BAR:-d}", "d"),
            ("${BAR-d}", ""),
            ("${NONE-d}", "d"),
            ("${NONE:-}", ""),
            ("${NONE:-a:-b-c}", "a:-b-c"),
            ("${NONE-:-x}", ":-x"),
            ("${FOO:+alt}", "alt"),
            ("${BAR:+alt}", ""),
            ("${BAR+alt}", "alt"),
            ("${NONE+alt}", ""),
            ("${FOO+}", ""),
            ("${FOO:?why}", "first"),
            ("${BAR?why}", ""),
            ("${NONE:-${FOO}}", "first"),
            ("${NONE:-${NEITHER:-${FOO}}}", "first"),
            ("${NONE:-$FOO}", "first"),
            ("${NONE:-$$FOO}", "$FOO"),
            ("${FOO:+${NONE:-x}}", "x"),
            ("${NONE:-a}${NONE:-b}", "ab"),
            ("${NONE:-a} mid ${FOO:+b} ${FOO} end", "a mid b first end"),
            ("${FOO} ${NONE:-x} }", "first x }"),
            ("${NONE:-{\"k\":1}}", "{\"k\":1}"),
            ("${NONE:-x}\n${NONE:-y}", "x\ny"),
            ("${NONE:-/path with/space}", "/path with/space"),
            ("${NONE:-äöü}", "äöü"),
            ("$json", r#"{"a":1}"#),
            ("{FOO} }{", "{FOO} }{"),
            ("$FOO}", "first}"),
        ] {
            assert_eq!(run(input).map(|s| s.text), Ok(expect.to_owned()), "{input}");
        }
    }

    #[test]
    fn malformed_expressions_are_refused_where_they_stand() {
        for (input, offset) in [
            ("${", 0),
            ("a ${}", 2),
            ("${ FOO}", 0),
            ("${FOO }", 0),
            ("${FOO:}", 0),
            ("${FOO!}", 0),
            ("${0FOO}", 0),
            ("$FOO ${FOO", 5),
            ("${FOO:-a", 0),
            ("${NONE:-a\n}", 0),
            ("${NONE:-${}}", 8),
            ("${äh}", 0),
            ("${NONE:-{}} ${NONE:-z}", 12),
        ] {
            let error = run(input).unwrap_err();
            assert_eq!((error.offset, error.kind), (offset, TemplateErrorKind::Invalid), "{input}");
        }
    }

    #[test]
    fn a_missing_required_variable_names_itself_and_the_reason() {
        for (input, variable, reason) in [
            ("${NONE:?}", "NONE", ""),
            ("${NONE?set me}", "NONE", "set me"),
            ("x ${BAR:?set $FOO}", "BAR", "set first"),
            ("${NONE:-${OTHER?o}}", "OTHER", "o"),
        ] {
            let kind = TemplateErrorKind::Required { variable: variable.into(), reason: reason.into() };
            assert_eq!(run(input).map_err(|e| e.kind), Err(kind), "{input}");
        }
    }

    #[test]
    fn every_variable_is_listed_with_its_outcome_and_place() {
        let done = run("$FOO ${NONE} ${NONE:-é${BAR}}${NONE+x}").unwrap();
        let seen: Vec<_> = done.variables.iter().map(|u| (u.name.as_str(), u.offset, u.outcome)).collect();
        let expect = [
            ("FOO", 0, Outcome::Value),
            ("NONE", 5, Outcome::Blank),
            ("NONE", 13, Outcome::Expression),
            ("BAR", 23, Outcome::Value),
            ("NONE", 30, Outcome::Nothing),
        ];
        assert_eq!(seen, expect);
    }

    #[test]
    fn long_and_deep_texts_end_in_bounded_time() {
        let wide = "${NONE:-x}".repeat(100_000);
        assert_eq!(run(&wide).unwrap().text.len(), 100_000);
        let deep = format!("{}{}", "${NONE:-".repeat(50_000), "}".repeat(50_000));
        assert_eq!(run(&deep).unwrap_err().kind, TemplateErrorKind::TooDeep);
        assert_eq!(run(&"${".repeat(100_000)).unwrap_err().kind, TemplateErrorKind::Invalid);
    }

    #[test]
    fn declarations_are_listed_without_looking_anything_up() {
        let one = |name: &str, default: &str, alternative: &str, required| Declared {
            name: name.into(),
            default: default.into(),
            alternative: alternative.into(),
            required,
        };
        let found = variables("$A ${B:-x$C} ${D:?no} ${E+y} $$F ${ ${G-}");
        let expect = [
            one("A", "", "", false),
            one("B", "x$C", "", false),
            one("C", "", "", false),
            one("D", "", "", true),
            one("E", "", "y", false),
            one("G", "", "", false),
        ];
        assert_eq!(found, expect);
    }
}
