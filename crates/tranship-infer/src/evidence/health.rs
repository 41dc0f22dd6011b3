//! Health checks: they run in the container, so that `localhost` is the container itself.

use tranship_model::{Health, Service, Test};

use super::{command, word_origin};
use crate::reference::{Evidence, Place, Reference};

pub(super) fn gather(service: &Service, out: &mut Vec<Reference>) {
    let Health::Check(check) = &service.health else { return };
    let Some(test) = &check.test else { return };
    match &test.value {
        Test::Shell(line) => one(service, "", line, 0, &test.origin, out),
        Test::Exec(words) => {
            for (at, word) in words.iter().enumerate() {
                let before = at.checked_sub(1).and_then(|at| words.get(at)).map_or("", String::as_str);
                one(service, before, word, at, &word_origin(&test.origin, words.len(), at), out);
            }
        }
    }
}

fn one(
    service: &Service,
    before: &str,
    text: &str,
    word: usize,
    origin: &tranship_model::Origin,
    out: &mut Vec<Reference>,
) {
    command::line(service, before, text, Evidence::Health, origin, |range| Place::Health { word, range }, out);
}
