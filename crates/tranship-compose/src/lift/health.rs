//! Health checks: command forms, switching off, timings of zero.

use std::time::Duration;

use tranship_model::{Check, Health, Origin, Test, Traced};

use super::context::Lifting;
use crate::typed::{Argv, Healthcheck};

/// What a `healthcheck` section asks for.
pub(super) fn lift(cx: &mut Lifting<'_>, healthcheck: Option<&Healthcheck>) -> Health {
    let Some(section) = healthcheck else { return Health::Unsaid };
    let Healthcheck { at, disable, interval, retries, test, timeout, start_period, start_interval, extensions } =
        section;
    cx.decided(extensions, "`x-` keys of a health check are the project's own notes");
    let off = disable.as_ref().is_some_and(|disable| disable.value);
    let none = test.as_ref().is_some_and(|test| test.value.first().is_some_and(|word| word == "NONE"));
    if off || none {
        let why = "the check is switched off, so that its command and timings say nothing";
        if off {
            cx.decided(test, why);
        }
        if none {
            cx.decided(disable, why);
        }
        cx.decided(interval, why);
        cx.decided(retries, why);
        cx.decided(timeout, why);
        cx.decided(start_period, why);
        cx.decided(start_interval, why);
        let from = if off { Lifting::origin(&[disable]) } else { Lifting::origin(&[test]) };
        return Health::Disabled(from);
    }
    cx.decided(disable, "`disable: false` leaves the check on");
    let timing = |cx: &mut Lifting<'_>, value: &Option<Traced<Duration>>, key: &str, default: &str| {
        let value = value.clone()?;
        if value.value.is_zero() {
            cx.decided(&value, &format!("`{key}` of zero is the default of {default}"));
            return None;
        }
        Some(value)
    };
    let retries = retries.as_ref().and_then(|retries| match u64::try_from(retries.value) {
        Ok(number) if number > 0 => Some(retries.with(number)),
        _ => {
            cx.decided(retries, "`retries` of zero is the default of 3");
            None
        }
    });
    let check = Check {
        origin: Origin::From(vec![at.clone()]),
        test: test.as_ref().and_then(|argv| command(cx, argv)),
        interval: timing(cx, interval, "interval", "30 seconds"),
        timeout: timing(cx, timeout, "timeout", "30 seconds"),
        retries,
        start_period: start_period.clone(),
        start_interval: timing(cx, start_interval, "start_interval", "5 seconds"),
    };
    Health::Check(Box::new(check))
}

/// The command of a check, told apart by its first word.
fn command(cx: &mut Lifting<'_>, argv: &Argv) -> Option<Traced<Test>> {
    let test = match argv.value.split_first() {
        Some((first, rest)) if first == "CMD" => Test::Exec(rest.to_vec()),
        Some((first, rest)) if first == "CMD-SHELL" => Test::Shell(rest.join(" ")),
        Some(_) => Test::Exec(argv.value.clone()),
        None => Test::Exec(Vec::new()),
    };
    if matches!(&test, Test::Exec(words) if words.is_empty()) || matches!(&test, Test::Shell(line) if line.is_empty()) {
        cx.decided(argv, "an empty `test` keeps the image's own check");
        return None;
    }
    Some(argv.with(test))
}
