//! CronJobs: the schedule and the job in it.

use super::super::look::Look;
use super::super::report::Report;
use super::{Subject, ask, job};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Reports a CronJob the server refuses.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(spec) = subject.object.get(&["spec"]) else { return };
    for count in ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        ask::at_least(spec, count, 0, report);
    }
    if let Some(schedule) = spec.text("schedule")
        && !reads(schedule)
    {
        let help = "write five fields: minute, hour, day, month, day of the week, such as `0 3 * * *`";
        report.fault_at(spec, "schedule", "kube-cron", "is no schedule", help);
    }
    let zone_reads = |zone: &str| {
        let inner = zone.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'+' | b'-'));
        !zone.is_empty() && !zone.eq_ignore_ascii_case("local") && !zone.starts_with('/') && inner
    };
    if spec.text("timeZone").is_some_and(|zone| !zone_reads(zone)) {
        report.fault_at(spec, "timeZone", "kube-cron", "is no time zone", "write a name such as `Europe/Berlin`");
    }
    let Some(inner) = spec.at(&["jobTemplate", "spec"]) else { return };
    job::job(inner, report);
    if let Some(selector) = inner.field("selector").filter(|_| !inner.is_true("manualSelector")) {
        report.fault(selector, "kube-selector", "is not allowed in a CronJob", "leave it out; the server makes one");
    }
    if inner.is_true("manualSelector") {
        report.fault_at(inner, "manualSelector", "kube-selector", "is not allowed in a CronJob", "leave it out");
    }
}

/// Whether the server's cron reader takes a schedule: a `@` word, or five fields.
fn reads(schedule: &str) -> bool {
    if let Some(word) = schedule.strip_prefix('@') {
        let every = word.strip_prefix("every ").is_some_and(|time| time.starts_with(|c: char| c.is_ascii_digit()));
        return every || matches!(word, "yearly" | "annually" | "monthly" | "weekly" | "daily" | "midnight" | "hourly");
    }
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else { return false };
    field(minute, 0, 59, &[])
        && field(hour, 0, 23, &[])
        && field(day, 1, 31, &[])
        && field(month, 1, 12, &MONTHS)
        && field(weekday, 0, 6, &DAYS)
}

/// A field: parts joined by commas, each a range with an optional step.
fn field(text: &str, least: u32, most: u32, words: &[&str]) -> bool {
    let number = |text: &str| -> Option<u32> {
        let named = words.iter().position(|word| word.eq_ignore_ascii_case(text));
        let named = named.and_then(|place| u32::try_from(place).ok()).map(|place| place + least);
        named.or_else(|| text.parse().ok()).filter(|number| (least..=most).contains(number))
    };
    let range = |text: &str| match text.split_once('-') {
        _ if text == "*" || text == "?" => true,
        Some((from, to)) => matches!((number(from), number(to)), (Some(from), Some(to)) if from <= to),
        None => number(text).is_some(),
    };
    !text.is_empty()
        && text.split(',').all(|part| match part.split_once('/') {
            Some((from, step)) => range(from) && step.parse::<u32>().is_ok_and(|step| step > 0),
            None => range(part),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_read_as_the_server_reads_them() {
        for good in ["0 3 * * *", "*/5 * * * *", "0-30/5 1,2 ? JAN mon-fri", "@daily", "@every 1h", "5/15 * * * *"] {
            assert!(reads(good), "{good}");
        }
        for bad in [
            "",
            "* * * *",
            "60 * * * *",
            "* * 0 * *",
            "a * * * *",
            "*/0 * * * *",
            "@never",
            "5-1 * * * *",
            "0 0 3 * * *",
        ] {
            assert!(!reads(bad), "{bad}");
        }
    }
}
