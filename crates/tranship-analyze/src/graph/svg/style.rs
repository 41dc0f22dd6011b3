//! Looks: colours for light and dark, dashes, and the heads of lines. Only what the graph uses is written.

use std::fmt::Write;

use super::super::{EdgeKind, Graph, Role};

/// Definitions and the style sheet.
pub(super) fn style(graph: &Graph) -> String {
    let mut out = String::from("<defs>\n");
    let kinds: Vec<EdgeKind> =
        EdgeKind::ALL.into_iter().filter(|kind| graph.edges.iter().any(|edge| edge.kind == *kind)).collect();
    for kind in &kinds {
        let class = kind.class();
        let head = match kind {
            EdgeKind::Mounts => "<rect x=\"3\" y=\"2\" width=\"6\" height=\"6\"/>",
            EdgeKind::Joins => "<path d=\"M1 5L5 2L9 5L5 8Z\"/>",
            _ => "<path d=\"M1 1L9 5L1 9Z\"/>",
        };
        _ = writeln!(
            out,
            "<marker id=\"{class}\" class=\"head {class}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" \
             markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">{head}</marker>"
        );
    }
    out.push_str("</defs>\n<style>\n");
    out.push_str(BASE);
    let roles: Vec<Role> =
        Role::ALL.into_iter().filter(|role| graph.nodes.iter().any(|node| node.role == *role)).collect();
    for kind in &kinds {
        let class = kind.class();
        _ = writeln!(out, ".edge.{class} .line{{{}}}", dash(*kind));
    }
    out.push_str(&colours(&roles, &kinds, false));
    _ = write!(out, "@media (prefers-color-scheme: dark) {{\n{DARK}{}}}\n", colours(&roles, &kinds, true));
    out.push_str("</style>\n");
    out
}

/// What holds in light, and what dark changes.
const BASE: &str = "\
text{font-family:ui-sans-serif,system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif;fill:#1f2328}
.ground{fill:#ffffff}
.title{font-size:18px;font-weight:600}
.label{font-size:14px;font-weight:600}
.small{font-size:11px;fill:#59636e}
.word{font-size:11px;fill:#59636e;stroke:#ffffff;stroke-width:3px;paint-order:stroke}
.box{fill:#ffffff;stroke:#d1d9e0;stroke-width:1.2}
.edge path{fill:none}
.edge .wide{stroke:transparent;stroke-width:9}
.edge:hover .line{stroke-width:3.4}
";
const DARK: &str = "\
text{fill:#f0f6fc}
.ground{fill:#0d1117}
.small{fill:#9198a1}
.word{fill:#9198a1;stroke:#0d1117}
.box{fill:#161b22;stroke:#3d444d}
";

fn colours(roles: &[Role], kinds: &[EdgeKind], dark: bool) -> String {
    let mut out = String::new();
    for role in roles {
        let colour = role_colour(*role, dark);
        _ = writeln!(out, ".{0} .bar{{fill:{colour}}}.{0} .box{{stroke:{colour}}}", role.class());
    }
    for kind in kinds {
        let (class, colour) = (kind.class(), line_colour(*kind, dark));
        _ = writeln!(out, ".edge.{class} .line{{stroke:{colour}}}.head.{class}{{fill:{colour}}}");
    }
    out
}

fn dash(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Enters => "stroke-width:2",
        EdgeKind::Routes => "stroke-width:2.2",
        EdgeKind::Calls => "stroke-width:1.4",
        EdgeKind::Waits => "stroke-width:1.3;stroke-dasharray:5 4",
        EdgeKind::Mounts => "stroke-width:1.5;stroke-dasharray:1.5 3.5;stroke-linecap:round",
        EdgeKind::Joins => "stroke-width:1.5;stroke-dasharray:8 3 2 3",
    }
}

/// Colours that stand out on their ground and differ for eyes that tell red and green apart badly: the legend and the
/// dashes say the same.
fn role_colour(role: Role, dark: bool) -> &'static str {
    let (light, on_dark) = match role {
        Role::Entry => ("#c2410c", "#fb923c"),
        Role::Proxy => ("#7c3aed", "#a78bfa"),
        Role::App => ("#2563eb", "#60a5fa"),
        Role::Task => ("#64748b", "#94a3b8"),
        Role::Queue => ("#b45309", "#fbbf24"),
        Role::Cache => ("#dc2626", "#f87171"),
        Role::Store => ("#15803d", "#4ade80"),
        Role::Observer => ("#0e7490", "#22d3ee"),
        Role::Admin => ("#be185d", "#f472b6"),
        Role::Volume => ("#4d7c0f", "#a3e635"),
        Role::Outside => ("#78716c", "#a8a29e"),
    };
    if dark { on_dark } else { light }
}

fn line_colour(kind: EdgeKind, dark: bool) -> &'static str {
    match kind {
        EdgeKind::Enters => role_colour(Role::Entry, dark),
        EdgeKind::Routes => role_colour(Role::Proxy, dark),
        EdgeKind::Calls if dark => "#7d8fa5",
        EdgeKind::Calls => "#5b7290",
        EdgeKind::Waits if dark => "#6e7681",
        EdgeKind::Waits => "#a0a8b1",
        EdgeKind::Mounts => role_colour(Role::Volume, dark),
        EdgeKind::Joins => role_colour(Role::Admin, dark),
    }
}
