//! The analysis as a document for people.

use super::{Analysis, ServiceRow};
use crate::document::Document;
use crate::graph::Evidence;
use crate::overhead;
use crate::place::Place;

/// The whole document.
pub fn document(analysis: &Analysis) -> Document {
    let mut out = Document::new(format!("Analysis of {}", analysis.project));
    summary(&mut out, analysis);
    overview(&mut out, analysis);
    graph(&mut out, analysis);
    decisions(&mut out, analysis);
    storage(&mut out, analysis);
    state(&mut out, analysis);
    improvements(&mut out, analysis);
    benefits(&mut out, analysis);
    overhead::document::parts(&mut out, &analysis.overhead);
    corrections(&mut out, analysis);
    let super::Count { files, bytes, folders } = analysis.read;
    out.say(format!(
        "Read besides what docker compose reads: {files} files ({} KiB) in {folders} folders.",
        bytes.div_ceil(1024)
    ));
    out
}

fn at(place: Option<&Place>) -> String {
    place.map(ToString::to_string).unwrap_or_default()
}

fn shown(evidence: &[Evidence]) -> String {
    evidence.iter().map(Evidence::line).collect::<Vec<_>>().join("; ")
}

fn summary(out: &mut Document, analysis: &Analysis) {
    let built = analysis.services.iter().filter(|service| service.context.is_some()).count();
    let credentials = analysis.secrets.len();
    out.say(format!(
        "{} services, {built} of them built here; {} connections; {} volumes; {credentials} credentials. The effort to run \
         it goes from {} to {}; {} things could be better.",
        analysis.services.len(),
        analysis.graph.edges.len(),
        analysis.storage.len(),
        analysis.overhead.total.current_level.word(),
        analysis.overhead.total.target_level.word(),
        analysis.improvements.len()
    ));
}

fn overview(out: &mut Document, analysis: &Analysis) {
    out.section("Services");
    let row = |service: &ServiceRow| {
        let made = service.framework.as_ref().map(super::Framework::title).or_else(|| service.product.clone());
        let runtime = service.runtime.as_ref().map(super::Framework::title).unwrap_or_default();
        let source = match (&service.context, &service.image) {
            (Some(context), _) => format!("built from `{context}`"),
            (None, Some(image)) => format!("`{image}`"),
            (None, None) => String::new(),
        };
        let ports = service.ports.iter().map(|port| match &port.published {
            Some(published) => format!("{published}→{}", port.container),
            None => port.container.to_string(),
        });
        vec![
            format!("`{}`", service.name),
            service.role.clone(),
            made.unwrap_or_default(),
            runtime,
            source,
            ports.collect::<Vec<_>>().join(", "),
            at(service.place.as_ref()),
        ]
    };
    out.table(
        &["service", "role", "made with", "runtime", "image", "ports", "place"],
        analysis.services.iter().map(row).collect(),
    );
    for service in &analysis.services {
        details(out, service);
    }
}

fn details(out: &mut Document, service: &ServiceRow) {
    out.part(&format!("`{}`: {}", service.name, service.role));
    let mut items = vec![format!("role: {}, since {}", service.role, service.role_because)];
    let made = service
        .framework
        .iter()
        .map(|one| ("framework", one))
        .chain(service.runtime.iter().map(|one| ("runtime", one)));
    for (what, one) in made {
        let evidence: Vec<Evidence> = one.evidence.iter().take(3).cloned().collect();
        items.push(format!("{what}: {}, from {}", one.title(), shown(&evidence)));
    }
    if !service.also.is_empty() {
        let also: Vec<String> = service.also.iter().map(super::Framework::title).collect();
        items.push(format!("also found: {}", also.join(", ")));
    }
    if let Some(file) = service.dockerfile.as_ref().filter(|file| !file.is_empty()) {
        items.push(format!("Dockerfile: `{file}`"));
    }
    for volume in &service.volumes {
        let place = volume.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        items.push(format!("mounts {} at `{}`: {}{place}", volume.source, volume.target, volume.class));
    }
    items.push(match service.health.from {
        "none" => "health: nobody asks".to_owned(),
        "off" => "health: the check is switched off".to_owned(),
        from => {
            let place = service.health.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
            let who = match from {
                "project" => "the project asks",
                "image" => "the image asks",
                _ => "decided for the cluster:",
            };
            format!("health: {who} `{}`{place}", service.health.asks)
        }
    });
    for kind in &service.environment {
        items.push(format!(
            "environment, {}: {}",
            kind.kind,
            kind.names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ));
    }
    for (what, names) in [("needs", &service.needs), ("calls outside", &service.outside)] {
        if !names.is_empty() {
            items.push(format!(
                "{what}: {}",
                names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            ));
        }
    }
    out.list(items);
}

fn graph(out: &mut Document, analysis: &Analysis) {
    out.section("Who calls whom");
    out.blocks.push(crate::document::Block::Picture(Box::new(analysis.graph.clone())));
    let name = |at: usize| analysis.graph.nodes.get(at).map_or("", |node| node.label.as_str());
    let rows = analysis.graph.edges.iter().map(|edge| {
        vec![
            format!("`{}`", name(edge.from)),
            edge.kind.word().to_owned(),
            format!("`{}`{}{}", name(edge.to), if edge.label.is_empty() { "" } else { " " }, edge.label),
            shown(&edge.evidence),
        ]
    });
    out.table(&["from", "how", "to", "evidence"], rows.collect());
}

fn decisions(out: &mut Document, analysis: &Analysis) {
    out.section("What becomes of each service");
    let rows = analysis.services.iter().filter_map(|service| {
        let becomes = service.kubernetes.as_ref()?;
        let replicas = match becomes.replicas_because.as_str() {
            "" => becomes.replicas.clone(),
            because => format!("{}: {because}", becomes.replicas),
        };
        let objects: Vec<String> = becomes.objects.iter().map(|label| format!("`{label}`")).collect();
        Some(vec![
            format!("`{}`", service.name),
            format!("`{}`", becomes.workload),
            becomes.because.clone(),
            replicas,
            objects.join(", "),
        ])
    });
    out.table(&["service", "becomes", "because", "replicas", "with"], rows.collect());
    out.say(
        "Every other choice and its reason: `tranship explain SERVICE`, or the report that `tranship convert` writes.",
    );
}

fn storage(out: &mut Document, analysis: &Analysis) {
    out.section("Storage and secrets");
    let rows = analysis.storage.iter().map(|row| {
        let uses: Vec<String> = row
            .uses
            .iter()
            .map(|one| format!("`{}` at `{}`{}", one.service, one.target, if one.read_only { " (reads)" } else { "" }))
            .collect();
        vec![
            format!("`{}`", row.name),
            row.kind.to_owned(),
            row.class.to_owned(),
            uses.join(", "),
            if row.claim.is_empty() { String::new() } else { format!("`{}` {}", row.claim, row.size) },
            row.leaves_by.clone(),
            at(row.place.as_ref()),
        ]
    });
    out.table(&["volume", "kind", "for", "mounted by", "claim", "data leaves by", "place"], rows.collect());
    if analysis.storage.is_empty() {
        out.say("Nothing is kept in volumes.");
    }
    let rows = analysis.secrets.iter().map(|row| {
        vec![
            format!("`{}`", row.name),
            row.form.to_owned(),
            row.services.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
            row.because.clone(),
            at(row.place.as_ref()),
        ]
    });
    out.table(&["credential", "form", "given to", "known by", "place"], rows.collect());
    if analysis.secrets.is_empty() {
        out.say("No credentials were found.");
    }
}

fn state(out: &mut Document, analysis: &Analysis) {
    out.section("State kept in processes");
    let rows: Vec<Vec<String>> = analysis
        .services
        .iter()
        .flat_map(|service| service.held.iter().map(move |held| (service, held)))
        .map(|(service, held)| {
            vec![
                format!("`{}`", service.name),
                held.what.to_owned(),
                shown(&held.evidence),
                held.means.to_owned(),
                held.instead.to_owned(),
            ]
        })
        .collect();
    if rows.is_empty() {
        out.say("None was found.");
    }
    out.table(&["service", "what", "evidence", "what follows", "what to do"], rows);
}

fn improvements(out: &mut Document, analysis: &Analysis) {
    out.section("What could be better");
    if analysis.improvements.is_empty() {
        out.say("Nothing that is known here.");
    }
    let rows = analysis
        .improvements
        .iter()
        .map(|one| vec![one.title.clone(), one.why.clone(), one.todo.clone(), shown(&one.evidence)]);
    out.table(&["what", "why", "how", "where"], rows.collect());
}

fn benefits(out: &mut Document, analysis: &Analysis) {
    out.section("What the move brings");
    let rows = analysis.benefits.iter().map(|one| {
        let evidence: Vec<Evidence> = one.evidence.iter().take(4).cloned().collect();
        let more = one.evidence.len().saturating_sub(evidence.len());
        let more = if more > 0 { format!("; {more} more") } else { String::new() };
        vec![one.title.to_owned(), one.text.clone(), shown(&evidence) + &more]
    });
    out.table(&["what", "for this project", "shown by"], rows.collect());
}

fn corrections(out: &mut Document, analysis: &Analysis) {
    out.section("What is often said, and what holds");
    let rows = analysis.corrections.iter().map(|one| vec![one.said.to_owned(), one.holds.clone()]);
    out.table(&["often said", "what holds here"], rows.collect());
}
