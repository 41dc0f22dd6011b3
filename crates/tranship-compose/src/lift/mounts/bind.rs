//! Mounts of the machine's files: what their class makes of them.

use std::path::Path;

use tranship_model::{Blob, BlobContent, BlobMount, Mount, MountClass, MountSource, Origin, Traced, Volume};
use tranship_source::Kind;

use super::classify::{self, Bind};
use super::{About, Shared, evidence, host, plain_volume};
use crate::lift::context::{Lifting, SourceBlob, free_key, slug};
use crate::lift::files::{self, Fault};
use crate::lift::said;
use crate::typed::BindOptions;

/// Accounts for what only a mount of the machine's files has.
pub(super) fn options(cx: &mut Lifting<'_>, options: Option<&BindOptions>) {
    let Some(BindOptions { at: _, propagation, create_host_path, recursive, selinux, extensions }) = options else {
        return;
    };
    cx.decided(extensions, "`x-` keys of a bind mount are the project's own notes");
    match propagation.as_ref().map(|propagation| propagation.value.as_str()) {
        Some("rprivate" | "private") => {
            cx.decided(propagation, "private propagation is what every mount of a pod has");
        }
        _ => cx.dropped(
            propagation,
            "sharing later mounts with the machine needs a hostPath and a privileged pod",
            "set `mountPropagation` by hand where the pod mounts a hostPath",
        ),
    }
    cx.decided(create_host_path, "no path of the machine is mounted, so that none has to be made");
    cx.dropped(recursive, "files of the project are no mounts with others below them", "");
    cx.decided(
        selinux,
        "the label lets several containers use the machine's files; nodes label a pod's volumes themselves",
    );
}

/// A mount of a path of the machine.
pub(super) fn lift(
    cx: &mut Lifting<'_>,
    about: &About<'_>,
    shared: Shared,
    from: &str,
    options: Option<&BindOptions>,
) -> Mount {
    let source = tranship_source::path::join(cx.input.working_dir, Path::new(from));
    let stat = cx.world.stat(&source).ok();
    let project_path = cx.project_path(&source);
    let facts = Bind {
        source: &source,
        project_path: project_path.as_deref(),
        belongs: project_path.is_some() || written_relative(cx, &shared.origin),
        target: &shared.target,
        read_only: shared.read_only,
        stat: stat.as_ref(),
    };
    let is_file = stat.as_ref().is_some_and(|stat| stat.kind == Kind::File);
    // What is said of every mount alike is meant for folders.
    let is_meant = |_: &Traced<MountClass>| !is_file || said::is_particular(about.said, &shared.target);
    let said = said::class(about.said, &shared.target).filter(is_meant);
    let is_said = said.is_some();
    let class = said.unwrap_or_else(|| classify::bind(cx.world, about, &facts));
    let must_exist = options.and_then(|o| o.create_host_path.as_ref()).is_some_and(|create| !create.value);
    if stat.is_none() && must_exist && class.value == MountClass::Data {
        let shown = cx.shown(&source);
        let message = format!("there is nothing at `{shown}`, and the engine is told not to make it");
        cx.fail(
            "bind-source-absent",
            shared.origin.span(),
            message,
            format!("put `{shown}` in place and convert again"),
        );
    }
    match class.value {
        MountClass::Data => data(cx, about, shared, &source, is_file, class),
        MountClass::Config | MountClass::Secret => config(cx, shared, &source, class, is_said),
        MountClass::Scratch => shared.mount(
            MountSource::Scratch {
                size: None,
                mode: None,
                memory: false,
                fill: Traced::decided(false, "override", "a path of the machine has no files of the image"),
            },
            class,
        ),
        _ => {
            let path = source.to_string_lossy().into_owned();
            let source = host(cx, &path);
            shared.mount(source, class)
        }
    }
}

/// Whether the path was written relative to the project: `.`, `./…`, `../…`.
fn written_relative(cx: &Lifting<'_>, origin: &Origin) -> bool {
    origin.leaves().iter().any(|at| {
        let written = cx.input.sources.slice(at.span).trim_start_matches(['"', '\'', ' ', '-']);
        written.starts_with("./")
            || written.starts_with("../")
            || written.starts_with(".:")
            || written == "."
            || written == ".."
    })
}

/// A directory that holds data becomes a volume of the stack, one for all services that mount it.
fn data(
    cx: &mut Lifting<'_>,
    about: &About<'_>,
    shared: Shared,
    source: &Path,
    is_file: bool,
    class: Traced<MountClass>,
) -> Mount {
    let inside = cx.project_path(source);
    let key = match cx.host_volumes.get(source) {
        Some(key) => key.clone(),
        None => {
            let named = match inside.as_deref() {
                Some(".") | None if slug(&source.to_string_lossy()).is_empty() => about.service.to_owned(),
                Some(".") => format!("{}-project", about.service),
                Some(inside) => slug(inside),
                None => slug(&source.to_string_lossy()),
            };
            let key = free_key(&cx.volumes, &named);
            let host_path = Some(inside.unwrap_or_else(|| source.to_string_lossy().into_owned()));
            cx.volumes.insert(key.clone(), Volume { host_path, ..plain_volume(shared.origin.clone()) });
            cx.host_volumes.insert(source.to_path_buf(), key.clone());
            key
        }
    };
    let subpath = is_file.then(|| source.file_name().map(|name| name.to_string_lossy().into_owned())).flatten();
    if is_file {
        let message = format!("`{}` mounts a single file that it keeps state in", about.service);
        let help =
            "mount the directory it lies in: a volume can hold a directory, and a single file only once it exists";
        cx.warn("data-file-mount", shared.origin.span(), message, help);
    }
    let because = "the engine copies nothing of the image into a directory of the machine";
    let fill = Traced::decided(false, "bind", because);
    shared.mount(MountSource::Volume { volume: key, subpath, fill }, class)
}

/// Files the process reads become files of the stack, one blob for all services that mount them; what is too large for one
/// stays a path of the machine.
///
/// Whether they are a secret is told from the files, unless the user said it.
fn config(cx: &mut Lifting<'_>, shared: Shared, source: &Path, class: Traced<MountClass>, is_said: bool) -> Mount {
    let said = is_said.then_some(class.value == MountClass::Secret);
    let fits = |known: &&SourceBlob| said.is_none_or(|is_secret| known.secret.is_some() == is_secret);
    let known = cx.blobs.get(source).filter(fits).cloned().or_else(|| read(cx, &shared, source, said));
    let Some(SourceBlob { key, file, secret }) = known else {
        let source = host(cx, &source.to_string_lossy());
        return shared.mount(source, class);
    };
    let mount = BlobMount { blob: key, file, mode: None, uid: None, gid: None };
    match secret {
        Some(_) if is_said => shared.mount(MountSource::Secret(mount), class),
        Some(because) => {
            let class = Traced::new(MountClass::Secret, Origin::decided("secret-file", because));
            shared.mount(MountSource::Secret(mount), class)
        }
        None => shared.mount(MountSource::Config(mount), class),
    }
}

/// Makes the blob for a source; `None` where it holds too much. What is wrong with it is reported.
fn read(cx: &mut Lifting<'_>, shared: &Shared, source: &Path, said: Option<bool>) -> Option<SourceBlob> {
    let shown = cx.shown(source);
    let span = shared.origin.span();
    let (content, file, secret) = match files::read(cx.world, source) {
        Ok(read) => {
            let secret = read.files.iter().find_map(|file| evidence::secret(&file.path, file.bytes.expose()));
            let single = read.files.first().filter(|_| !read.is_directory).map(|file| file.path.clone());
            (BlobContent::Files(read.files), single, secret)
        }
        Err(Fault::TooLarge) => {
            let why = files::reason(&Fault::TooLarge, &shown);
            let help = format!("put `{shown}` into the image, or into a volume that is filled once");
            cx.fail("config-too-large", span, why, help);
            return None;
        }
        Err(fault) => {
            let content = files::absent(cx, &fault, span, &shown, &format!("the mount at `{}`", shared.target));
            (content, source.file_name().map(|name| name.to_string_lossy().into_owned()), None)
        }
    };
    let secret = match said {
        Some(is_secret) => is_secret.then(|| "you said so".to_owned()),
        None => secret,
    };
    let name = cx.project_path(source).unwrap_or_else(|| source.to_string_lossy().into_owned());
    let wanted = Some(slug(&name)).filter(|slug| !slug.is_empty()).unwrap_or_else(|| "files".to_owned());
    let blobs = if secret.is_some() { &mut cx.secrets } else { &mut cx.configs };
    let key = free_key(blobs, &wanted);
    blobs.insert(
        key.clone(),
        Blob { origin: shared.origin.clone(), name: None, content, labels: Vec::new(), said: None },
    );
    let known = SourceBlob { key, file, secret };
    cx.blobs.insert(source.to_path_buf(), known.clone());
    Some(known)
}
