//! What is known of the image that a service runs: what its container would do if the project said nothing.

use std::collections::BTreeMap;

use crate::health::Health;
use crate::network::Port;
use crate::origin::Traced;
use crate::process::User;

/// Facts of an image, each with where it was read. What is `None` or empty is not known, unless `whole` says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageKnowledge {
    /// Whether every fact of the image is known, so that what is absent here is absent in the image.
    pub whole: bool,
    /// Who it runs as, as written.
    pub user: Option<Traced<User>>,
    /// The user id it starts with, when known as a number.
    pub uid: Option<Traced<u32>>,
    /// The group id it starts with, when known as a number.
    pub gid: Option<Traced<u32>>,
    /// The directory it starts in.
    pub workdir: Option<Traced<String>>,
    /// Its entrypoint as argv; `Some` and empty where it is known to have none.
    pub entrypoint: Option<Traced<Vec<String>>>,
    /// Its command as argv; `Some` and empty where it is known to have none.
    pub command: Option<Traced<Vec<String>>>,
    /// Its variables in order.
    pub env: Vec<(String, Traced<String>)>,
    /// Ports it declares.
    pub ports: Vec<Port>,
    /// Paths for which the engine makes a volume where nothing is mounted.
    pub volumes: Vec<Traced<String>>,
    /// The image whose process it runs unchanged, with files of its own beside, where it is built from one.
    pub process_of: Option<Traced<String>>,
    /// Whether programs in it have rights of their own, which they gain when they are started.
    pub file_rights: bool,
    /// Whether it has a shell at `/bin/sh`; `None` where that is not known.
    pub shell: Option<bool>,
    /// The signal that ends it.
    pub stop_signal: Option<Traced<String>>,
    /// Its health check.
    pub health: Health,
    /// The numbers of users that the service names, as far as the image's are known.
    pub user_ids: BTreeMap<String, u32>,
    /// The numbers of groups that the service names, as far as the image's are known.
    pub group_ids: BTreeMap<String, u32>,
}

impl ImageKnowledge {
    /// The number of a user, who is one already or whose name is known.
    pub fn user_id(image: Option<&Self>, user: &str) -> Option<u32> {
        number(user, image.map(|image| &image.user_ids))
    }

    /// The number of a group, which is one already or whose name is known.
    pub fn group_id(image: Option<&Self>, group: &str) -> Option<u32> {
        number(group, image.map(|image| &image.group_ids))
    }
}

fn number(text: &str, known: Option<&BTreeMap<String, u32>>) -> Option<u32> {
    text.parse().ok().or_else(|| known?.get(text).copied())
}

impl Default for ImageKnowledge {
    fn default() -> Self {
        Self {
            whole: false,
            user: None,
            uid: None,
            gid: None,
            workdir: None,
            entrypoint: None,
            command: None,
            env: Vec::new(),
            ports: Vec::new(),
            volumes: Vec::new(),
            process_of: None,
            file_rights: false,
            shell: None,
            stop_signal: None,
            health: Health::Unsaid,
            user_ids: BTreeMap::new(),
            group_ids: BTreeMap::new(),
        }
    }
}
