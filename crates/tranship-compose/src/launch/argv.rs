//! The argv of the entrypoint and the command, as the engine puts them together.

use tranship_model::launch::Piece;
use tranship_model::{ImageKnowledge, Traced};
use tranship_source::yaml::Node;

/// A written entrypoint, even an empty one, forgets the image's; only one with words forgets the image's command as well.
/// An entrypoint of one empty word is none. A command without words is as good as unwritten.
pub(super) fn argv<'a>(
    entrypoint: Option<&'a [Node]>,
    command: Option<&'a [Node]>,
    image: Option<&'a ImageKnowledge>,
) -> Vec<Piece<'a>> {
    let entrypoint = entrypoint.map(words);
    let command = command.map(words).unwrap_or_default();
    let own_entrypoint = entrypoint.as_ref().is_some_and(|words| !words.is_empty());
    let of_image = |known: Option<&'a Traced<Vec<String>>>, unknown: Piece<'a>| match known {
        Some(words) => words.value.iter().map(|word| Piece::Word(word.as_str().into())).collect(),
        None => vec![unknown],
    };
    let mut out = match entrypoint {
        Some(words) if words == [Piece::Word("".into())] => Vec::new(),
        Some(words) => words,
        None => of_image(image.and_then(|image| image.entrypoint.as_ref()), Piece::ImageEntrypoint),
    };
    if command.is_empty() && !own_entrypoint {
        out.extend(of_image(image.and_then(|image| image.command.as_ref()), Piece::ImageCommand));
    }
    out.extend(command);
    out
}

fn words(items: &[Node]) -> Vec<Piece<'_>> {
    items.iter().filter_map(Node::as_text).map(Piece::Word).collect()
}
