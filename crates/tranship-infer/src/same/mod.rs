//! Whether the kubelet would start the same processes as docker compose.
//!
//! Both sides were computed by the dialects, without the lift and the lowering; this compares them value by value. A
//! difference is either explained, by a line of the ledger or by what the platforms are known to do otherwise, or it is
//! a finding. What the kubelet gives to every container is named in [`tranship_kube::launch::added`] and not here.
//! Values are never part of a difference: any of them may be a secret. Start reading at [`compare`].

mod files;
mod mounts;
pub(crate) mod reasons;
mod rewritten;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

use tranship_kube::launch::Started;
use tranship_kube::launch::added::is_added;
use tranship_kube::names::label;
use tranship_model::launch::{Difference, Launch, Piece, Same, Variable};
use tranship_model::ledger::child_path;
use tranship_model::{ImageKnowledge, Ledger};
use tranship_source::World;

use reasons::Reasons;
use rewritten::Rewritten;

/// What is compared, and what may explain a difference.
pub struct Sides<'a> {
    /// What docker compose would start, by service.
    pub compose: &'a [(&'a str, Launch<'a>)],
    /// What the kubelet would start.
    pub kubernetes: &'a [Started<'a>],
    /// The container of a service.
    pub container: &'a dyn Fn(&str) -> Option<&'a str>,
    /// What is known of a service's image.
    pub image: &'a dyn Fn(&str) -> Option<&'a ImageKnowledge>,
    /// What became of each value.
    pub ledger: &'a Ledger,
    /// Names that were put in place of others.
    pub renamed: &'a BTreeMap<String, String>,
    /// The files that are bound into containers.
    pub world: &'a dyn World,
}

/// Compares the processes of every service.
pub fn compare<'a>(sides: &Sides<'a>) -> Same {
    let containers: BTreeMap<&str, &Started<'a>> = sides.kubernetes.iter().map(|s| (s.container, s)).collect();
    let mut out = Comparing {
        sides,
        reasons: Reasons::new(sides.ledger),
        renamed: Rewritten::new(sides.renamed),
        disk: files::Disk::new(sides.world),
        storage: mounts::Storage::default(),
        service: "",
        same: Same::default(),
    };
    for (service, launch) in sides.compose {
        out.service = service;
        match (sides.container)(service).and_then(|name| containers.get(name)) {
            Some(started) => out.one(launch, &started.launch),
            None => out.absent(),
        }
    }
    out.same
}

/// Why a pod has a variable that the project does not.
const COVERED: &str = "a credential of a command stands in a Secret, and a variable brings it to where it is used";

/// A comparison on its way.
struct Comparing<'s, 'a> {
    sides: &'s Sides<'a>,
    reasons: Reasons<'a>,
    renamed: Rewritten<'a>,
    disk: files::Disk<'a>,
    storage: mounts::Storage,
    service: &'s str,
    same: Same,
}

impl<'a> Comparing<'_, 'a> {
    fn one(&mut self, here: &Launch<'a>, there: &Launch<'a>) {
        let Launch {
            argv,
            env,
            working_dir,
            user,
            group,
            groups,
            mounts,
            shared_memory,
            hostname,
            stop_signal,
            grace,
            tty,
            stdin,
            read_only_root,
        } = here;
        self.same.services += 1;
        self.argv(argv, &there.argv);
        self.env(env, &there.env);
        self.text("working directory", "working_dir", working_dir.as_deref(), there.working_dir.as_deref());
        self.who(user.as_deref(), there.user.as_deref(), group.as_deref(), there.group.as_deref());
        self.groups(groups, &there.groups);
        self.mounts(here, mounts, there);
        self.check("shared memory", "shm_size", *shared_memory == there.shared_memory);
        self.hostname(hostname.as_deref(), there.hostname.as_deref());
        self.text("stop signal", "stop_signal", stop_signal.as_deref(), there.stop_signal.as_deref());
        // Docker waits ten seconds unless told otherwise, the kubelet thirty: more patience harms nobody.
        if let Some(grace) = grace {
            let whole = grace.as_secs() + u64::from(grace.subsec_nanos() > 0);
            self.check("time to end", "stop_grace_period", there.grace.is_some_and(|time| time.as_secs() == whole));
        }
        self.check("terminal", "tty", *tty == there.tty);
        self.check("standard input", "stdin_open", *stdin == there.stdin);
        self.check("root file system", "read_only", *read_only_root == there.read_only_root);
    }

    /// A service without a container.
    fn absent(&mut self) {
        self.same.services += 1;
        let path = child_path("services", self.service);
        let because = self.reasons.given_up(&path);
        self.differs("container".to_owned(), path, "is not started in the cluster", because);
    }

    fn argv(&mut self, here: &[Piece<'_>], there: &[Piece<'_>]) {
        self.same.values += here.len();
        if here == there {
            return;
        }
        let alike = |(a, b): (&Piece<'_>, &Piece<'_>)| match (a, b) {
            (Piece::Word(a), Piece::Word(b)) => a == b || self.renamed.leads(a, b),
            (a, b) => a == b,
        };
        if here.len() == there.len() && here.iter().zip(there).all(alike) {
            return self.renamed_value("argv".to_owned(), "command");
        }
        let because = ["command", "entrypoint"].iter().find_map(|key| self.reasons.given_up(&self.path(key)));
        let key = if self.reasons.is_known(&self.path("command")) { "command" } else { "entrypoint" };
        let path = self.path(key);
        self.differs("argv".to_owned(), path, "are not the same words in both", because);
    }

    /// Walks both lists, which are sorted.
    fn env(&mut self, here: &[(Cow<'_, str>, Variable<'_>)], there: &[(Cow<'_, str>, Variable<'_>)]) {
        self.same.values += here.len();
        let (mut left, mut right) = (here.iter().peekable(), there.iter().peekable());
        loop {
            match (left.peek(), right.peek()) {
                (Some((a, _)), Some((b, _))) if a == b => {
                    if let (Some((name, a)), Some((_, b))) = (left.next(), right.next()) {
                        self.variable(name, Some(a), Some(b));
                    }
                }
                (Some((a, _)), Some((b, _))) if a > b => self.added(right.next()),
                (Some(_), _) => {
                    if let Some((name, a)) = left.next() {
                        self.variable(name, Some(a), None);
                    }
                }
                (None, Some(_)) => self.added(right.next()),
                (None, None) => return,
            }
        }
    }

    fn added(&mut self, variable: Option<&(Cow<'_, str>, Variable<'_>)>) {
        if let Some((name, value)) = variable
            && !is_added(name)
        {
            self.variable(name, None, Some(value));
        }
    }

    fn variable(&mut self, name: &str, here: Option<&Variable<'_>>, there: Option<&Variable<'_>>) {
        let how = match (here, there) {
            (Some(a), Some(b)) if a == b => return,
            (Some(Variable::Unset) | None, None) => return,
            (Some(Variable::Value(a)), Some(Variable::Value(b))) if self.renamed.leads(a, b) => {
                return self.renamed_value(format!("variable {name}"), &child_path("environment", name));
            }
            (Some(Variable::Unset), Some(_)) => "is taken from the image by Compose and has the image's value in a pod",
            (Some(_), None | Some(Variable::Unset)) => "is not set in the pod",
            (None, Some(_)) => "is set in the pod alone",
            (Some(_), Some(Variable::Somewhere)) => "has a value in the pod that is not at hand",
            (Some(_), Some(_)) => "has another value in the pod",
        };
        let path = child_path(&self.path("environment"), name);
        if here.is_none() && name.starts_with(tranship_kube::lower::VARIABLE) {
            return self.differs(format!("variable {name}"), path, how, Some(COVERED.to_owned()));
        }
        let models = matches!(here, Some(Variable::Somewhere)).then(|| self.path("models"));
        let because = self.reasons.given_up(&path).or_else(|| self.reasons.given_up(&models?));
        self.differs(format!("variable {name}"), path, how, because);
    }

    fn who(&mut self, user: Option<&str>, other: Option<&str>, group: Option<&str>, other_group: Option<&str>) {
        self.same.values += 2;
        let number =
            |name: Option<&str>| name.map(|name| if name == "root" { "0".to_owned() } else { name.to_owned() });
        // Root's own group is root in every image.
        let group_of = |user: Option<&str>, group: Option<&str>| {
            let user = number(user);
            number(group).or_else(|| user.filter(|user| user == "0"))
        };
        let same_user = number(user) == number(other);
        if same_user && group_of(user, group) == group_of(other, other_group) {
            return;
        }
        let path = self.path("user");
        // A name that became a number has a line that says where the number was found.
        let named =
            user.is_some_and(|user| user.parse::<u32>().is_err()) || group.is_some_and(|g| g.parse::<u32>().is_err());
        let because = self.reasons.given_up(&path).or_else(|| self.reasons.translated(&path).filter(|_| named));
        let how = if same_user { "has another group in the pod" } else { "is another in the pod" };
        self.differs("user".to_owned(), path, how, because);
    }

    /// A pod has one list of groups for all its containers, and the group that owns its volumes is among them.
    fn groups(&mut self, here: &[Cow<'_, str>], there: &[Cow<'_, str>]) {
        self.same.values += here.len();
        for (index, group) in here.iter().enumerate() {
            if there.contains(group) {
                continue;
            }
            let path = format!("{}[{index}]", self.path("group_add"));
            let because = self.reasons.given_up(&path);
            self.differs(format!("group {group}"), path, "is not one of the process's groups in the pod", because);
        }
        for group in there.iter().filter(|group| !here.contains(group)) {
            let why = "a pod's groups are those of all its containers and the one that owns its volumes";
            let path = self.path("group_add");
            self.differs(format!("group {group}"), path, "is one of its groups in the pod alone", Some(why.to_owned()));
        }
    }

    /// Both platforms make a name up where none is written.
    fn hostname(&mut self, here: Option<&str>, there: Option<&str>) {
        let Some(name) = here else { return };
        self.same.values += 1;
        if here == there {
            return;
        }
        let nearest: String = label(name).chars().take(63).collect();
        let is_nearest = name != nearest && there == Some(nearest.trim_end_matches('-'));
        let path = self.path("hostname");
        let because = if is_nearest { self.reasons.translated(&path) } else { self.reasons.given_up(&path) };
        self.differs("host name".to_owned(), path, "is another in the pod", because);
    }

    fn text(&mut self, what: &str, key: &str, here: Option<&str>, there: Option<&str>) {
        self.same.values += 1;
        if here == there {
            return;
        }
        let path = self.path(key);
        let because = self.reasons.given_up(&path);
        self.differs(what.to_owned(), path, "is another in the pod", because);
    }

    fn check(&mut self, what: &str, key: &str, same: bool) {
        self.same.values += 1;
        if !same {
            let path = self.path(key);
            let because = self.reasons.given_up(&path);
            self.differs(what.to_owned(), path, "is another in the pod", because);
        }
    }

    /// The path of a key of the service.
    fn path(&self, key: &str) -> String {
        let mut path = child_path("services", self.service);
        path.push('.');
        path.push_str(key);
        path
    }

    fn renamed_value(&mut self, what: String, key: &str) {
        let why = "a name that Kubernetes cannot carry was replaced by the one that leads to the same service";
        let path = self.path(key);
        self.differs(what, path, "calls a service by its new name", Some(why.to_owned()));
    }

    fn differs(&mut self, what: String, path: String, how: &'static str, because: Option<String>) {
        let service = self.service.to_owned();
        self.same.differences.push(Difference { service, what, path, how: Cow::Borrowed(how), because });
    }
}
