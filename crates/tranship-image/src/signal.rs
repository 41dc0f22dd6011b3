//! Names of signals.

/// Whether a text names a signal: a number that is not 0, or a name with or without `SIG`.
pub(crate) fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<i64>() {
        return number != 0;
    }
    let name = text.to_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    NAMES.contains(&name) || realtime(name)
}

/// `RTMIN`, `RTMIN+1` to `RTMIN+15`, `RTMAX-14` to `RTMAX-1`, `RTMAX`.
fn realtime(name: &str) -> bool {
    let step = |text: Option<&str>, last: u8| {
        text.is_some_and(|n| n.parse::<u8>().is_ok_and(|count| (1..=last).contains(&count) && count.to_string() == n))
    };
    name == "RTMIN" || name == "RTMAX" || step(name.strip_prefix("RTMIN+"), 15) || step(name.strip_prefix("RTMAX-"), 14)
}

const NAMES: [&str; 34] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
    "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
    "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
];
