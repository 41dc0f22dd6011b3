//! The environment: what is plain, what is a credential, what is passed on and not set.

use tranship_model::catalog::Product;
use tranship_model::{EnvValue, EnvVar, Origin, Traced, credential};
use tranship_source::Secret;

use crate::typed::{Nullable, Pair, Pairs};

/// The variables in order.
pub(super) fn lift(environment: &Pairs<Nullable>, product: Option<&Product>) -> Vec<EnvVar> {
    environment.iter().map(|pair| variable(pair, product)).collect()
}

fn variable(pair: &Pair<Nullable>, product: Option<&Product>) -> EnvVar {
    let Pair { key, key_span: _, value: Nullable { at, text } } = pair;
    let value = match text {
        None => EnvValue::Unset,
        Some(text) => match credential::reason(key, text, product) {
            Some(because) => EnvValue::Secret { value: Secret::new(text.clone()), because },
            None => EnvValue::Plain(text.clone()),
        },
    };
    EnvVar { name: key.clone(), value: Traced::new(value, Origin::From(vec![at.clone()])) }
}

/// Entries as traced texts; nothing written counts as an empty text.
pub(super) fn texts(pairs: &Pairs<Nullable>) -> Vec<(String, Traced<String>)> {
    let text = |pair: &Pair<Nullable>| {
        let Nullable { at, text } = &pair.value;
        (pair.key.clone(), Traced::new(text.clone().unwrap_or_default(), Origin::From(vec![at.clone()])))
    };
    pairs.iter().map(text).collect()
}
