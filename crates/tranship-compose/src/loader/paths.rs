//! Relative paths become absolute, seen from where their file lies.

use std::path::Path as FsPath;

use tranship_source::Diagnostic;
use tranship_source::yaml::{Map, Node, Value};

use super::file;
use super::path::Path;
use super::run::Run;

/// Resolves every path of a model from `base`, which may itself be relative to the file that includes this one.
pub(crate) fn resolve(run: &mut Run<'_>, model: &mut Node, base: &str) {
    let mut stage = Stage { run, base };
    let Some(model) = model.as_map_mut() else { return };
    if let Some(services) = model.get_mut("services").and_then(Node::as_map_mut) {
        let root = Path::ROOT;
        let path = root.key("services");
        for (name, service) in services.iter_mut() {
            if let Some(map) = service.as_map_mut() {
                stage.service(map, &path.key(&name.text));
            }
        }
    }
    for section in ["configs", "secrets"] {
        for resource in values(model.get_mut(section)) {
            stage.set(resource.as_map_mut().and_then(|r| r.get_mut("file")), Stage::local);
        }
    }
    for volume in values(model.get_mut("volumes")) {
        stage.bound_volume(volume);
    }
}

fn values<'n>(node: Option<&'n mut Node>) -> Box<dyn Iterator<Item = &'n mut Node> + 'n> {
    match node.map(|node| &mut node.value) {
        Some(Value::Mapping(map)) => Box::new(map.values_mut()),
        Some(Value::Sequence(items)) => Box::new(items.iter_mut()),
        _ => Box::new(std::iter::empty()),
    }
}

fn child<'n>(node: Option<&'n mut Node>, key: &str) -> Option<&'n mut Node> {
    node?.as_map_mut()?.get_mut(key)
}

struct Stage<'r, 'w, 'b> {
    run: &'r mut Run<'w>,
    base: &'b str,
}

impl Stage<'_, '_, '_> {
    fn set(&mut self, node: Option<&mut Node>, with: fn(&mut Self, &str) -> String) {
        if let Some(Value::String(text)) = node.map(|node| &mut node.value) {
            *text = with(self, text);
        }
    }

    fn service(&mut self, service: &mut Map, path: &Path<'_>) {
        if let Some(build) = service.get_mut("build").and_then(Node::as_map_mut) {
            self.set(build.get_mut("context"), Self::context);
            for context in values(build.get_mut("additional_contexts")) {
                self.set(Some(context), Self::context);
            }
            for key in values(build.get_mut("ssh")) {
                self.set(Some(key), Self::local);
            }
        }
        for entry in values(service.get_mut("env_file")) {
            self.set(child(Some(entry), "path"), Self::plain);
        }
        for entry in values(service.get_mut("label_file")) {
            self.set(Some(entry), Self::plain);
        }
        self.set(child(service.get_mut("extends"), "file"), Self::plain);
        for trigger in values(child(service.get_mut("develop"), "watch")) {
            self.set(child(Some(trigger), "path"), Self::unlinked);
        }
        for (index, volume) in values(service.get_mut("volumes")).enumerate() {
            self.mount(volume, &path.key("volumes").item(index));
        }
    }

    fn mount(&mut self, volume: &mut Node, path: &Path<'_>) {
        if volume.get("type").and_then(Node::as_str) != Some("bind") {
            return;
        }
        if volume.get("source").is_none() {
            let message = format!("`{path}` is a bind mount without a `source`");
            let help = "name the file or directory to mount with `source:`";
            self.run.report(Diagnostic::error("missing-key", message).at(volume.span).help(help));
        }
        self.set(child(Some(volume), "source"), Self::local);
    }

    /// A volume of the local driver that binds a directory.
    fn bound_volume(&mut self, volume: &mut Node) {
        if volume.get("driver").and_then(Node::as_str) == Some("local")
            && volume.at(&["driver_opts", "o"]).and_then(Node::as_str) == Some("bind")
        {
            self.set(child(child(Some(volume), "driver_opts"), "device"), Self::local);
        }
    }

    fn home(&mut self, path: &str) -> String {
        let Some(rest) = path.strip_prefix('~') else { return path.to_owned() };
        match self.run.world.home() {
            Some(home) => file::join(&home.display().to_string(), rest),
            None => path.to_owned(),
        }
    }

    fn plain(&mut self, path: &str) -> String {
        let path = self.home(path);
        if path.is_empty() { path } else { file::absolute(self.base, &path) }
    }

    /// A path on a machine that may run Windows.
    fn local(&mut self, path: &str) -> String {
        let path = self.home(path);
        if file::is_windows_absolute(&path) { path } else { file::absolute(self.base, &path) }
    }

    /// A directory, or what a builder fetches by itself.
    fn context(&mut self, path: &str) -> String {
        const REMOTE: [&str; 7] = ["https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:"];
        if path.contains("://") || REMOTE.iter().any(|prefix| path.starts_with(prefix)) {
            return path.to_owned();
        }
        self.plain(path)
    }

    /// The first symbolic link on the way replaced by what it leads to.
    fn unlinked(&mut self, path: &str) -> String {
        let path = self.plain(path);
        let mut at = if file::is_absolute(&path) { "/".to_owned() } else { String::new() };
        for step in path.split('/').filter(|step| !step.is_empty()) {
            at = file::join(&at, step);
            if let Some(target) = self.link(&at) {
                return path.replacen(&at, &target, 1);
            }
        }
        path
    }

    /// Where a symbolic link leads in the end.
    fn link(&self, path: &str) -> Option<String> {
        let mut path = path.to_owned();
        let mut followed = None;
        for _ in 0..40 {
            let Some(link) = self.run.world.stat(FsPath::new(&path)).ok().and_then(|stat| stat.link) else { break };
            path = file::absolute(&file::parent(&path), &link.display().to_string());
            path = file::clean(&path);
            followed = Some(path.clone());
        }
        followed
    }
}
