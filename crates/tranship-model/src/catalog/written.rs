//! Paths that a configuration names and a program may write to, from the text alone.

/// Folders in which programs keep what they write.
const FOLDERS: [&str; 6] = ["/var/log/", "/var/lib/", "/var/cache/", "/var/spool/", "/var/run/", "/run/"];

/// First words of lines whose second word is a path that is written.
const WORDS: [&str; 6] = ["access_log", "error_log", "pid", "lock_file", "pidfile", "logfile"];

/// Every path below a folder that programs write to, and those behind words that name files to write. Comments do not
/// count.
///
/// ```
/// # use tranship_model::catalog::written::paths;
/// assert_eq!(paths("pid /tmp/x.pid;\n# pid /y\nroot /srv;\nlog = '/var/log/app/a.log'"), ["/tmp/x.pid", "/var/log/app/a.log"]);
/// ```
pub fn paths(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';']) && !line.starts_with("//")) {
        let mut words = line.split(is_end).filter(|word| !word.is_empty());
        let first = words.next().unwrap_or_default();
        if (WORDS.contains(&first) || first.ends_with("_path"))
            && let Some(path) = words.next().filter(|word| word.starts_with('/'))
        {
            push(&mut out, path);
        }
        for word in line.split(is_end).filter(|word| word.contains('/')) {
            let at = FOLDERS.iter().filter_map(|folder| word.find(folder)).min();
            if let Some(path) = at.and_then(|at| word.get(at..)) {
                push(&mut out, path);
            }
        }
    }
    out
}

fn push<'a>(out: &mut Vec<&'a str>, path: &'a str) {
    if !out.contains(&path) {
        out.push(path);
    }
}

fn is_end(c: char) -> bool {
    c.is_whitespace() || "'\";,=<>()[]{}|&".contains(c)
}
