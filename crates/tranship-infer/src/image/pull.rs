//! When nodes fetch an image, where nobody says so, and from where they need credentials.

use std::collections::BTreeMap;

use tranship_model::catalog::{ImageRef, registries};
use tranship_model::said::On;
use tranship_model::{Origin, PullPolicy, Service, Stack, Traced};
use tranship_source::{Checked, Diagnostic, Span};

/// Says when images are fetched where the cluster's own rule would differ from Compose's.
///
/// Kubernetes asks the registry at every start for an image whose tag is `latest`, and a pod of an image that was loaded
/// into its node then never starts. Compose fetches what is missing.
///
/// Notes: `private-registry`, once for each registry that is hardly open to all and for which no secret is named.
pub fn pull_policies(stack: &mut Stack) -> Checked<()> {
    for service in stack.services.values_mut() {
        decide(service);
    }
    Checked::new((), private(stack))
}

fn decide(service: &mut Service) {
    let Some(image) = &service.image else { return };
    let ImageRef { tag, digest, .. } = ImageRef::parse(&image.value);
    let moves = digest.is_none() && tag.is_none_or(|tag| tag == "latest");
    let (because, from) = match &service.pull {
        None => (
            "the tag is `latest`, for which nodes would ask the registry at every start; Compose fetches what is missing",
            Vec::new(),
        ),
        Some(pull) if pull.value == PullPolicy::Build => (
            "the image is built before it is run: nodes fetch it when they do not have it",
            pull.origin.leaves().to_vec(),
        ),
        Some(_) => return,
    };
    let is_built = service.pull.is_some();
    if moves || is_built {
        let origin = Origin::Decided { by: "pull-missing", because: because.to_owned(), from };
        service.pull = Some(Traced::new(PullPolicy::IfNotPresent, origin));
    }
}

/// Registries that are hardly open to all, each with the first image that lies there.
fn private(stack: &Stack) -> Vec<Diagnostic> {
    let says = |said: &Option<Box<tranship_model::Said>>| {
        let fields = said.iter().flat_map(|said| &said.fields);
        fields
            .into_iter()
            .any(|field| field.on == On::Pod && field.path.last().is_some_and(|key| key == "imagePullSecrets"))
    };
    if says(&stack.said) {
        return Vec::new();
    }
    let mut hosts: BTreeMap<&str, (&str, Span)> = BTreeMap::new();
    for service in stack.services.values().filter(|service| !says(&service.said)) {
        let Some(image) = &service.image else { continue };
        if let Some(host) = registries::private_host(&image.value) {
            hosts.entry(host).or_insert((&service.name, image.span()));
        }
    }
    let note = |(host, (service, span)): (&str, (&str, Span))| {
        let message = format!("nodes fetch the image of `{service}` from `{host}`, which may ask for credentials");
        let help = "if it does, make a Secret of the type `kubernetes.io/dockerconfigjson` and name it with `--image-pull-secret`";
        Diagnostic::note("private-registry", message).at(span).help(help)
    };
    hosts.into_iter().map(note).collect()
}

#[cfg(test)]
mod tests {
    use tranship_model::PullPolicy;
    use tranship_source::MemoryWorld;

    use super::pull_policies;

    #[test]
    fn nodes_fetch_what_is_missing_unless_the_project_says_otherwise() {
        for (keys, expect) in [
            ("image: nginx", Some(PullPolicy::IfNotPresent)),
            ("image: 'nginx:latest'", Some(PullPolicy::IfNotPresent)),
            ("image: 'nginx:1.29'", None),
            ("image: 'nginx@sha256:0123456789012345678901234567890123456789012345678901234567890123'", None),
            ("image: nginx, pull_policy: always", Some(PullPolicy::Always)),
            ("image: nginx, pull_policy: never", Some(PullPolicy::Never)),
            ("image: 'nginx:1', pull_policy: missing", Some(PullPolicy::IfNotPresent)),
            ("image: 'nginx:1', pull_policy: if_not_present", Some(PullPolicy::IfNotPresent)),
            ("image: 'nginx:1', pull_policy: daily", Some(PullPolicy::Always)),
            ("image: 'nginx:1', pull_policy: weekly", Some(PullPolicy::Always)),
            ("image: 'nginx:1', pull_policy: every_12h", Some(PullPolicy::Always)),
            ("image: 'mine:1', build: ., pull_policy: build", Some(PullPolicy::IfNotPresent)),
            ("image: mine, build: .", Some(PullPolicy::IfNotPresent)),
            ("image: nginx, x-tranship: {imagePullPolicy: Always}", Some(PullPolicy::Always)),
        ] {
            let world = MemoryWorld::new().with("compose.yaml", format!("services: {{a: {{{keys}}}}}").as_str());
            let loaded = tranship_compose::load(&world, &tranship_compose::LoadOptions::default());
            let project = loaded.project.unwrap_or_else(|| panic!("{keys}: {:?}", loaded.diagnostics));
            let mut stack = tranship_compose::lift::lift(&project, &loaded.sources, &world).value.stack;
            let notes = pull_policies(&mut stack).diagnostics;
            assert_eq!(stack.services["a"].pull.as_ref().map(|pull| pull.value), expect, "{keys}");
            assert!(notes.is_empty(), "{keys}");
        }
    }

    #[test]
    fn a_registry_that_may_ask_for_credentials_is_named_once() {
        let check = |text: &str| {
            let world = MemoryWorld::new().with("compose.yaml", text);
            let loaded = tranship_compose::load(&world, &tranship_compose::LoadOptions::default());
            let project = loaded.project.unwrap();
            let mut stack = tranship_compose::lift::lift(&project, &loaded.sources, &world).value.stack;
            pull_policies(&mut stack).diagnostics.into_iter().map(|note| note.code).collect::<Vec<_>>()
        };
        assert_eq!(check("services: {a: {image: 'r.example/a:1'}, b: {image: 'r.example/b:1'}}"), ["private-registry"]);
        assert!(check("services: {a: {image: 'r.example/a:1', x-tranship: {imagePullSecrets: [c]}}}").is_empty());
        assert!(check("services: {a: {image: 'r.example/a:1'}}\nx-tranship: {imagePullSecrets: [c]}").is_empty());
    }
}
