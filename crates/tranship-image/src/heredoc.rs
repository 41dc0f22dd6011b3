//! Here-documents: which words of a line ask for one.

use crate::lexer::{words_as_written, words_unset};
use crate::words;

/// The text of a here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that ends it.
    pub name: String,
    /// Its lines, each with its end, as written.
    pub content: String,
    /// Whether variables in it are put in: the word was not quoted.
    pub expand: bool,
    /// Whether tabs at the start of its lines are cut: the word was `<<-`.
    pub cut_tabs: bool,
}

impl Heredoc {
    /// Its text as it reaches a file: without the tabs that `<<-` cuts.
    pub fn text(&self) -> String {
        if !self.cut_tabs {
            return self.content.clone();
        }
        self.content.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
    }
}

/// A word that asks for a here-document: its name, whether tabs are cut, whether variables are put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) cut_tabs: bool,
    pub(crate) expand: bool,
}

/// What a logical line asks for: words such as `<<EOF` and `3<<-"EOF"` of `RUN`, `COPY` and `ADD`.
pub(crate) fn asked(line: &str, escape: char) -> Result<Vec<Asked>, String> {
    if !line.contains("<<") || !can_have(line, escape, true) {
        return Ok(Vec::new());
    }
    // A line that cannot be split, as for an odd quote in a shell command, asks for nothing.
    let words = words_as_written(line).unwrap_or_default();
    words.iter().filter_map(|word| of_word(word).transpose()).collect()
}

/// Whether the instruction takes here-documents: not as a JSON list.
fn can_have(line: &str, escape: char, nested: bool) -> bool {
    let (name, rest) = words::first(line.trim());
    let (_, rest) = words::flags(rest, escape);
    match name.to_lowercase().as_str() {
        "run" | "copy" | "add" => crate::instruction::json(rest.trim()).is_none(),
        "onbuild" if nested => can_have(rest, escape, false),
        _ => false,
    }
}

/// What one word asks for.
pub(crate) fn of_word(word: &str) -> Result<Option<Asked>, String> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let Some(rest) = rest.strip_prefix("<<") else { return Ok(None) };
    let (cut_tabs, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    let rest = rest.trim_start_matches(|c: char| c == '\n' || words::is_gap(c));
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let quotes = |word: &str| word.matches(['\'', '"']).count();
    let (plain, raw) = (words_unset(rest, false)?, words_unset(rest, true)?);
    let [name] = plain.as_slice() else { return Ok(None) };
    let Some(raw) = raw.first() else { return Ok(None) };
    Ok(Some(Asked { name: name.clone(), cut_tabs, expand: quotes(name) == quotes(raw) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_ask() {
        for (line, expect) in [
            ("RUN cat <<EOF", vec![("EOF", false, true)]),
            ("RUN 3<<-'X' <<\"Y Z\" c", vec![("X", true, false), ("Y Z", false, false)]),
            // An arithmetic shift with spaces is taken for one: BuildKit does so too.
            ("RUN echo $((1 << 2))", vec![("2))", false, true)]),
            ("RUN echo $((1<<2<<3))", vec![]),
            ("RUN << EOF", vec![("EOF", false, true)]),
            ("RUN [\"a\", \"<<EOF\"]", vec![]),
            ("ENV A=<<EOF", vec![]),
            ("ONBUILD COPY <<a /b", vec![("a", false, true)]),
            ("RUN echo <<<word", vec![]),
            ("RUN echo 'open <<EOF", vec![]),
        ] {
            let got = asked(line, '\\').unwrap();
            let got: Vec<_> = got.iter().map(|a| (a.name.as_str(), a.cut_tabs, a.expand)).collect();
            assert_eq!(got, expect, "{line}");
        }
    }
}
