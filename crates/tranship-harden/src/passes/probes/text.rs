//! The commands of the catalog's probes with the variables of a container in them.

use tranship_model::Ask;

/// A piece of a word: text, or a variable with what stands for it where it is not set.
enum Piece<'a> {
    Text(&'a str),
    Variable { name: &'a str, default: &'a str },
}

/// A probe's command with its variables filled in. A value that is a credential is read by a shell in the container, as the
/// kubelet fills nothing in; `None` where it has no shell.
pub(super) fn command(
    argv: &[String],
    value: &dyn Fn(&str) -> Option<String>,
    secret: &dyn Fn(&str) -> bool,
    has_shell: bool,
) -> Option<Ask> {
    let words: Vec<Vec<Piece<'_>>> = argv.iter().map(|word| pieces(word)).collect();
    let hidden = words.iter().flatten().any(|piece| matches!(piece, Piece::Variable { name, .. } if secret(name)));
    if hidden {
        let line: Vec<String> = words.iter().map(|word| in_shell(word)).collect();
        return has_shell.then(|| Ask::Exec(vec!["/bin/sh".to_owned(), "-c".to_owned(), line.join(" ")]));
    }
    let plain = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Variable { name, default } => {
            value(name).filter(|text| !text.is_empty()).unwrap_or_else(|| (*default).to_owned())
        }
    };
    Some(Ask::Exec(words.iter().map(|word| word.iter().map(plain).collect()).collect()))
}

fn pieces(word: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = word;
    while let Some((head, tail)) = rest.split_once("$(") {
        let Some((inner, after)) = tail.split_once(')') else { break };
        let (name, default) = inner.split_once(":-").unwrap_or((inner, ""));
        // Anything else in the brackets is the shell's own.
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            break;
        }
        out.push(Piece::Text(head));
        out.push(Piece::Variable { name, default });
        rest = after;
    }
    out.push(Piece::Text(rest));
    out
}

/// A word for a shell that fills the variables in.
fn in_shell(word: &[Piece<'_>]) -> String {
    let has_variable = word.iter().any(|piece| matches!(piece, Piece::Variable { .. }));
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !has_variable {
        let text: String = word.iter().map(|piece| if let Piece::Text(text) = piece { text } else { "" }).collect();
        let quoted = text.is_empty() || !text.chars().all(plain);
        return if quoted { format!("'{}'", text.replace('\'', r"'\''")) } else { text };
    }
    let one = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => {
            text.chars().flat_map(|c| ["\\\"$`".contains(c).then_some('\\'), Some(c)]).flatten().collect()
        }
        Piece::Variable { name, default } => format!("${{{name}:-{default}}}"),
    };
    format!("\"{}\"", word.iter().map(one).collect::<String>())
}
