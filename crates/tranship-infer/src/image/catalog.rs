//! What the catalog knows of an image.

use tranship_model::catalog::{self, ImageRef, Kind, Product, Purpose};
use tranship_model::{ImageKnowledge, Origin, Port, Protocol, Traced, User};

const BY: &str = "image-catalog";

/// The catalog's facts of an image; `None` where it does not know the product.
pub(super) fn knowledge(image: &str) -> Option<ImageKnowledge> {
    let product = catalog::find(image)?;
    let tag = ImageRef::parse(image).tag;
    let shell = super::holds::shell_of_image(image);
    let mut out = ImageKnowledge { shell, ..ImageKnowledge::default() };
    if let Some(user) = product.user_for(tag) {
        let (uid, gid) = if user.starts_as_root { (0, Some(0)) } else { (user.uid, user.gid) };
        let because = format!("{} starts as user {uid}", product.title);
        let group = gid.map(|gid| gid.to_string());
        out.user = Some(Traced::decided(User { user: uid.to_string(), group }, BY, because.clone()));
        out.uid = Some(Traced::decided(uid, BY, because.clone()));
        out.gid = gid.map(|gid| Traced::decided(gid, BY, because));
    }
    if let Some(start) = product.start_for(tag) {
        let why = |what: &str| format!("the image of {} {what}", product.title);
        let argv = |argv: &Option<Vec<String>>, what: &str| {
            argv.as_ref().map(|argv| Traced::decided(argv.clone(), BY, why(what)))
        };
        out.entrypoint = argv(&start.entrypoint, "has this entrypoint");
        out.command = argv(&start.command, "has this command");
        out.workdir = start.workdir.as_ref().map(|dir| Traced::decided(dir.clone(), BY, why("starts here")));
        let set = |(name, text): &(String, String)| (name.clone(), Traced::decided(text.clone(), BY, why("sets it")));
        out.env = start.env.iter().map(set).collect();
        let signal = start.stop_signal.as_ref();
        out.stop_signal = signal.map(|signal| Traced::decided(signal.clone(), BY, why("is ended by it")));
    }
    let declared = product.data_for(tag).filter(|dir| dir.declared);
    out.volumes = declared.map(|dir| volume(product, &dir.path)).collect();
    if product.kind == Kind::Service {
        out.ports = product
            .ports_for(tag)
            .filter(|port| port.purpose != Purpose::Peer)
            .map(|found| port(product, found))
            .collect();
    }
    Some(out)
}

fn volume(product: &Product, path: &str) -> Traced<String> {
    let because = format!("the image of {} declares `{path}` as a volume", product.title);
    Traced::decided(path.to_owned(), "image-volume", because)
}

fn port(product: &Product, found: &catalog::Port) -> Port {
    let because = format!("{} listens on {} ({})", product.title, found.port, found.name);
    Port {
        origin: Origin::decided("image-port", because),
        container: found.port,
        protocol: Protocol::from(found.protocol),
        name: None,
        app_protocol: None,
        published: None,
    }
}
