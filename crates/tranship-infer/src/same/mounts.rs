//! What both processes find mounted.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use tranship_kube::lower::EACH_ITS_OWN;
use tranship_model::launch::{File, Launch, Seen, What};
use tranship_model::ledger::child_path;

use super::Comparing;

/// Which storage of the cluster stands for which of the project. One for one, or data would be mixed up or torn apart.
#[derive(Default)]
pub(super) struct Storage {
    there: BTreeMap<String, String>,
    here: BTreeMap<String, String>,
}

impl Storage {
    /// Whether the two stand for each other wherever they are met.
    fn is_one(&mut self, here: &str, there: &str) -> bool {
        let known = self.there.entry(here.to_owned()).or_insert_with(|| there.to_owned()) == there;
        let back = self.here.entry(there.to_owned()).or_insert_with(|| here.to_owned()) == here;
        known && back
    }
}

const FROM_MACHINE: &str =
    "a folder of the machine becomes storage of the cluster; what is in it has to be brought over";
const READ_ONLY: &str = "files of ConfigMaps and Secrets cannot be written";
const OF_IMAGE: &str = "an image that a pod mounts can never be written";
const IN_LAYER: &str = "the image's files stand there without a mount; what is written ends with the container";
const GROUP_READS: &str = "the group that owns the pod's volumes may read every file of them";
const OWN_MODE: &str =
    "docker compose leaves a bound file its mode and ignores the one that is written; a pod keeps to it";
const MEMORY_MODE: &str = "an emptyDir has mode 0777 and takes no other";

impl<'a> Comparing<'_, 'a> {
    /// Walks both lists, which are sorted by path.
    pub(super) fn mounts(&mut self, here: &Launch<'a>, mounts: &[Seen<'a>], there: &Launch<'a>) {
        self.same.values += mounts.len();
        let (mut left, mut right) = (mounts.iter().peekable(), there.mounts.iter().peekable());
        loop {
            match (left.peek(), right.peek()) {
                (Some(a), Some(b)) if a.target == b.target => {
                    if let (Some(a), Some(b)) = (left.next(), right.next()) {
                        self.mount(a, b, there);
                    }
                }
                (Some(a), Some(b)) if a.target > b.target => self.only_there(right.next()),
                (Some(_), _) => self.only_here(here, left.next()),
                (None, Some(_)) => self.only_there(right.next()),
                (None, None) => return,
            }
        }
    }

    fn mount_path(&self, seen: &Seen<'_>) -> String {
        let (key, index) = seen.at;
        format!("{}[{index}]", self.path(key))
    }

    fn only_here(&mut self, here: &Launch<'_>, seen: Option<&Seen<'_>>) {
        let Some(seen) = seen else { return };
        let because = match seen.what {
            What::OfImage if !here.read_only_root => Some(IN_LAYER.to_owned()),
            What::OfImage => None,
            // One entry may stand for several mounts of which some are left out.
            _ if seen.at.0 == "volumes_from" => self.reasons.dropped(&self.mount_path(seen)),
            _ => {
                let path = self.mount_path(seen);
                // The claim of a volume may stand where its mount does not. A folder in memory may lose options alone.
                let dropped = || self.reasons.dropped(&path).filter(|_| !matches!(seen.what, What::Memory { .. }));
                self.reasons.given_up(&path).or_else(dropped)
            }
        };
        let path = if seen.what == What::OfImage { self.path("image") } else { self.mount_path(seen) };
        self.differs(format!("mount {}", seen.target), path, "is not there in the pod", because);
    }

    /// The size of shared memory is compared by itself.
    fn only_there(&mut self, seen: Option<&Seen<'_>>) {
        if let Some(seen) = seen.filter(|seen| seen.target != "/dev/shm") {
            let path = child_path(&self.path("volumes"), &seen.target);
            self.differs(format!("mount {}", seen.target), path, "is there in the pod alone", None);
        }
    }

    fn mount(&mut self, here: &Seen<'a>, there: &Seen<'a>, launch: &Launch<'_>) {
        let files = matches!(there.what, What::File(_) | What::Folder(_) | What::Elsewhere);
        if here.read_only != there.read_only {
            let of_image = matches!(there.what, What::Image(_));
            let because = match there.read_only {
                true if files => Some(READ_ONLY.to_owned()),
                true if of_image => Some(OF_IMAGE.to_owned()),
                _ => None,
            };
            let how = if there.read_only { "cannot be written in the pod" } else { "can be written in the pod" };
            self.mount_differs(here, how, because);
        }
        match (&here.what, &there.what) {
            (
                What::Storage { id, folder, each },
                What::Storage { id: other, folder: other_folder, each: other_each },
            ) => {
                self.storage(here, (id, folder), (other, other_folder));
                self.replicas(here, *each, *other_each);
            }
            (What::Machine(path), What::Storage { id, folder, each }) => {
                self.replicas(here, false, *each);
                self.mount_differs(here, "is storage of the cluster", Some(FROM_MACHINE.to_owned()));
                let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
                // A file by itself is one of the folder that the storage is.
                let of = if folder.ends_with(&*name) { name } else { Cow::Borrowed("") };
                self.storage(here, (&path.to_string_lossy(), &of), (id, folder));
            }
            (What::Machine(path), What::File(_) | What::Folder(_)) => self.bound(here, path, &there.what, launch),
            (What::Machine(path), What::Machine(other)) if path == other => {}
            (What::Machine(_) | What::Storage { .. }, What::Empty) => {
                let path = self.mount_path(here);
                let because = self.reasons.emptied(&path).or_else(|| self.reasons.given_up(&path));
                self.mount_differs(here, "is an empty folder in the pod", because);
            }
            (What::File(a), What::File(b)) => self.file(here, "", (&a.bytes, a.mode), b, launch),
            (What::Memory { size, mode }, What::Memory { size: other, mode: _ }) => {
                if size != other {
                    self.mount_differs(here, "has another size in the pod", None);
                }
                if mode.is_some_and(|mode| mode & 0o777 != 0o777) {
                    self.mount_differs(here, "has another mode in the pod", Some(MEMORY_MODE.to_owned()));
                }
            }
            (What::Image(image), What::Image(other)) if image == other => {}
            (What::Elsewhere, What::Elsewhere) | (What::OfImage, What::Storage { .. } | What::Empty) => {}
            (What::Machine(_), What::Elsewhere) => self.mount_differs(here, "is not among the objects", None),
            _ => {
                let because = self.reasons.given_up(&self.mount_path(here));
                self.mount_differs(here, "is of another kind in the pod", because);
            }
        }
    }

    fn storage(&mut self, seen: &Seen<'_>, here: (&str, &str), there: (&str, &str)) {
        if !self.storage.is_one(here.0, there.0) {
            self.mount_differs(seen, "is not the same storage for all who mount it", None);
        }
        let folder = here.1.trim_matches('/');
        let ends = folder.is_empty() || there.1 == folder || there.1.ends_with(&format!("/{folder}"));
        if !ends {
            self.mount_differs(seen, "is another folder of the storage", None);
        }
    }

    /// Replicas that share storage must not each find another, unless they were told apart on purpose.
    fn replicas(&mut self, seen: &Seen<'_>, here: bool, there: bool) {
        if there && !here {
            let because = self.reasons.translated_as(&self.mount_path(seen), EACH_ITS_OWN);
            self.mount_differs(seen, "is storage of each replica's own in the pod", because);
        }
    }

    /// Files of the machine beside those of a ConfigMap or Secret.
    fn bound(&mut self, seen: &Seen<'_>, path: &Path, there: &What<'_>, launch: &Launch<'_>) {
        let Some(files) = self.disk.files(path) else {
            return self.mount_differs(seen, "has files in the pod and none here", None);
        };
        match there {
            What::File(file) => match files.as_slice() {
                [one] if one.path.is_empty() => self.file(seen, "", (&one.bytes, Some(one.mode)), file, launch),
                _ => self.mount_differs(seen, "is a folder here and a file in the pod", None),
            },
            What::Folder(others) => {
                let same = files.len() == others.len() && files.iter().zip(others).all(|(a, (b, _))| a.path == *b);
                if !same {
                    return self.mount_differs(seen, "does not hold the same files", None);
                }
                for (one, (_, other)) in files.iter().zip(others) {
                    self.file(seen, &one.path, (&one.bytes, Some(one.mode)), other, launch);
                }
            }
            _ => {}
        }
    }

    fn file(&mut self, seen: &Seen<'_>, name: &str, here: (&[u8], Option<u32>), there: &File<'_>, launch: &Launch<'_>) {
        let slash = if name.is_empty() { "" } else { "/" };
        let what = || format!("file {}{slash}{name}", seen.target);
        let path = self.mount_path(seen);
        let (bytes, mode) = here;
        self.same.values += 1;
        if bytes != &*there.bytes {
            let renamed = self.renamed.leads_in(bytes, &there.bytes);
            let why = renamed.then(|| "names that Kubernetes cannot carry are replaced in it".to_owned());
            self.differs(what(), path.clone(), "does not hold the same bytes", why);
        }
        if let (Some(mode), Some(other)) = (mode, there.mode)
            && mode != other
        {
            let handed = matches!((seen.at.0, &seen.what), ("configs" | "secrets", What::Machine(_)));
            let because = match () {
                () if other == mode | 0o440 => Some(GROUP_READS.to_owned()),
                () if handed => Some(OWN_MODE.to_owned()),
                () => None,
            };
            self.differs(what(), path.clone(), "has another mode in the pod", because);
        }
        if !is_readable(there, launch, (self.sides.image)(self.service)) {
            self.differs(what(), path, "cannot be read by the process's user in the pod", None);
        }
    }

    fn mount_differs(&mut self, seen: &Seen<'_>, how: &'static str, because: Option<String>) {
        let path = self.mount_path(seen);
        self.differs(format!("mount {}", seen.target), path, how, because);
    }
}

/// Whether the process may read a file of the pod. A user that is not known as a number may.
fn is_readable(file: &File<'_>, launch: &Launch<'_>, image: Option<&tranship_model::ImageKnowledge>) -> bool {
    let Some(mode) = file.mode.filter(|mode| mode & 0o004 == 0) else { return true };
    let known = image.and_then(|image| image.uid.as_ref()).map(|uid| uid.value);
    let user = match launch.user.as_deref() {
        Some(user) => user.parse().ok().or(known),
        None => known,
    };
    let Some(user) = user.filter(|user| *user != 0) else { return true };
    let in_group = |gid: u32| {
        let is = |group: &str| group.parse() == Ok(gid);
        launch.group.as_deref().is_some_and(is) || launch.groups.iter().any(|group| is(group))
    };
    (mode & 0o400 != 0 && file.owner == Some(user)) || (mode & 0o040 != 0 && file.group.is_some_and(in_group))
}
