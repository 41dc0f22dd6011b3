//! Credentials of commands, back where they were before `lower::covered` put them into variables.

use tranship_model::{EnvValue, EnvVar};

use crate::lower::VARIABLE;
use crate::lower::covered::quote;

/// The variables that exist for a command alone, with their values.
fn ours(env: &[EnvVar]) -> impl Iterator<Item = (&str, &str)> {
    env.iter().filter_map(|var| match &var.value.value {
        EnvValue::Secret { value, because: _ } if is_ours(&var.name) => {
            Some((var.name.as_str(), value.expose().as_str()))
        }
        _ => None,
    })
}

fn is_ours(name: &str) -> bool {
    let number = name.strip_prefix(VARIABLE).map(|rest| rest.strip_prefix('_').unwrap_or(rest));
    number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

/// The environment without them.
pub(crate) fn without(env: Vec<EnvVar>) -> Vec<EnvVar> {
    let hidden = |var: &EnvVar| is_ours(&var.name) && matches!(var.value.value, EnvValue::Secret { .. });
    env.into_iter().filter(|var| !hidden(var)).collect()
}

/// A word of a probe or hook with their values in it.
pub(crate) fn revealed(word: String, env: &[EnvVar]) -> String {
    if !word.contains(VARIABLE) {
        return word;
    }
    ours(env).fold(word, |word, (name, value)| {
        if word == format!("eval \"${{{name}}}\"") {
            return value.to_owned();
        }
        let word = word.replace(&format!("'\"${{{name}}}\"'"), value);
        let word = word.replace(&format!("\"${{{name}}}\""), &quote(value));
        word.replace(&format!("${{{name}}}"), value)
    })
}
