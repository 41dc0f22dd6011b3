//! Users and groups that a Dockerfile's commands make, read from plain `useradd`, `adduser`, `groupadd` and `addgroup`.
//!
//! Only what is said in so many words counts: an id that the command leaves to the system is not guessed.

/// Users and groups by name, with the ids they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Users: name, user id, and group id or the group's name.
    pub users: Vec<(String, u32, Option<String>)>,
    /// Groups: name and id.
    pub groups: Vec<(String, u32)>,
}

impl Accounts {
    /// The user id of a name, and its group's id where that is known.
    pub fn user(&self, name: &str) -> Option<(u32, Option<u32>)> {
        let (_, uid, group) = self.users.iter().rev().find(|(known, ..)| known == name)?;
        Some((*uid, group.as_deref().and_then(|group| self.group(group))))
    }

    /// The id of a group, by name or as a number.
    pub fn group(&self, name: &str) -> Option<u32> {
        let named = self.groups.iter().rev().find(|(known, _)| known == name).map(|(_, gid)| *gid);
        named.or_else(|| name.parse().ok())
    }

    /// Reads the commands of a shell line.
    pub(crate) fn read(&mut self, line: &str) {
        let line = line.replace([';', '\n'], " ; ");
        let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        for command in words.split(|word| ["&&", "||", ";", "|", "then", "else"].contains(word)) {
            let words: Vec<&str> = command.iter().map(|word| word.trim_matches(['"', '\''])).collect();
            let start = words.iter().position(|word| COMMANDS.contains(&word.rsplit('/').next().unwrap_or_default()));
            let Some((name, rest)) = start.and_then(|start| words.get(start..)?.split_first()) else { continue };
            self.command(name.rsplit('/').next().unwrap_or_default(), rest);
        }
    }

    fn command(&mut self, name: &str, words: &[&str]) {
        let takes_group = name.starts_with("group") || name == "addgroup";
        let parsed = Parsed::of(name, words, takes_group);
        let Some(subject) = parsed.subject else { return };
        match (takes_group, parsed.id) {
            (true, Some(gid)) => self.groups.push((subject.to_owned(), gid)),
            (false, Some(uid)) => {
                // Without a word on the group, one of the user's own name and id is made, by most systems' default.
                self.users.push((subject.to_owned(), uid, parsed.group.map(str::to_owned)));
            }
            _ => {}
        }
    }
}

const COMMANDS: [&str; 4] = ["useradd", "adduser", "groupadd", "addgroup"];

/// What a command line says.
struct Parsed<'a> {
    id: Option<u32>,
    group: Option<&'a str>,
    subject: Option<&'a str>,
}

impl<'a> Parsed<'a> {
    fn of(name: &str, words: &[&'a str], takes_group: bool) -> Self {
        // `-g` is the group for `useradd` and a comment for `adduser`, whose `-G` is the group.
        let group_sign = if name == "adduser" { 'G' } else { 'g' };
        let mut out = Self { id: None, group: None, subject: None };
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            let (flag, joined) = word.split_once('=').map_or((*word, None), |(flag, value)| (flag, Some(value)));
            if !flag.starts_with('-') {
                // `adduser user group` joins a group; the subject comes first there, and last or alone elsewhere.
                out.subject = out.subject.or(Some(word));
                continue;
            }
            let long = flag.strip_prefix("--");
            let short = if long.is_none() { flag.chars().last() } else { None };
            let is_id = match (long, short) {
                (Some(long), _) => long == if takes_group { "gid" } else { "uid" },
                (None, short) => short == Some(if takes_group { 'g' } else { 'u' }),
            };
            let is_group =
                !takes_group && (["gid", "ingroup"].contains(&long.unwrap_or_default()) || short == Some(group_sign));
            let takes_value = is_id
                || is_group
                || long.is_some_and(|long| VALUED.contains(&long))
                || short.is_some_and(|c| "dhscekKpCZbfRgG".contains(c));
            if !takes_value {
                continue;
            }
            // `-s` of adduser and `-h` alone take values; a flag before them may stand in the same word.
            let value = joined.or_else(|| {
                at += 1;
                words.get(at - 1).copied()
            });
            if is_id {
                out.id = value.and_then(|value| value.parse().ok());
            } else if is_group && out.group.is_none() {
                out.group = value;
            }
        }
        out
    }
}

const VALUED: [&str; 9] =
    ["home", "home-dir", "shell", "comment", "gecos", "groups", "password", "base-dir", "expiredate"];

#[cfg(test)]
mod tests {
    use super::Accounts;

    #[test]
    fn users_of_the_usual_commands_have_their_ids() {
        for (line, name, expect) in [
            ("groupadd -g 1001 app && useradd -u 1002 -g app -m app", "app", Some((1002, Some(1001)))),
            ("addgroup -g 101 -S app && adduser -S -u 100 -G app app", "app", Some((100, Some(101)))),
            ("addgroup --system --gid 1001 nodejs; adduser --system --uid 1001 nextjs", "nextjs", Some((1001, None))),
            ("apt-get update && useradd --uid=10001 --gid 0 --shell /bin/sh svc", "svc", Some((10001, Some(0)))),
            ("adduser --disabled-password --gecos \"\" --home /x --uid 5678 u && chown u /x", "u", Some((5678, None))),
            ("/usr/sbin/useradd -ms /bin/bash -u 1000 dev", "dev", Some((1000, None))),
            ("useradd app", "app", None),
            ("useradd -u $UID app", "app", None),
            ("echo useradd", "useradd", None),
        ] {
            let mut accounts = Accounts::default();
            accounts.read(line);
            assert_eq!(accounts.user(name), expect, "{line}");
        }
    }
}
