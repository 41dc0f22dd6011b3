//! Answers for people, in 80 columns.

use std::fmt::Write;

use super::{
    Because, Choice, FieldFacts, FieldReasons, ObjectFacts, OutcomeFacts, ServiceFacts, Source, Spot, Subject,
    ValueFacts, VariableFacts,
};

const WIDTH: usize = 80;
const COVERED: &str = "(a credential, not shown)";

/// A part of the project and what became of it: in full for one value, else one after the other in short.
pub fn subject(subject: &Subject) -> String {
    let Subject { version: _, path, service, outcomes, values } = subject;
    let mut out = String::new();
    if let Some(service) = service {
        self::service(&mut out, service);
    } else if let Some(one) = single(path, values).filter(|_| outcomes.is_empty()) {
        value(&mut out, &one);
        return out;
    } else {
        _ = writeln!(out, "{path}\n");
    }
    for outcome in outcomes.iter().filter(|_| service.is_none()) {
        short_outcome(&mut out, outcome, 2);
    }
    list(&mut out, path, values);
    advice(&mut out, service.as_ref(), values);
    out
}

/// The value that all of some values are parts or items of.
fn single(path: &str, values: &[ValueFacts]) -> Option<ValueFacts> {
    if let [one] = values {
        return Some(one.clone());
    }
    let rows = rows("", values);
    let ([row], Some(first)) = (rows.as_slice(), values.first()) else { return None };
    if row.short != path {
        return None;
    }
    let mut one = first.clone();
    one.path.clear();
    one.path.push_str(path);
    one.value = Some(row.text.clone());
    one.outcomes = row.outcomes.iter().map(|&outcome| outcome.clone()).collect();
    one.decisions = row.decisions.iter().map(|&choice| choice.clone()).collect();
    for value in values.get(1..).unwrap_or_default() {
        one.fields.extend(value.fields.iter().filter(|field| !first.fields.contains(field)).cloned());
        // Items of one line are meant together.
        let last = value.place.as_ref();
        if let (Some(spot), Some(last)) = (&mut one.place, last)
            && (last.line, &last.file) == (spot.line, &spot.file)
        {
            spot.length = spot.length.max((last.column + last.length).saturating_sub(spot.column));
        }
    }
    one.fields.dedup();
    // A list says nothing that its items do not.
    let some = one.fields.iter().any(|field| field.value.is_some());
    one.fields.retain(|field| field.value.is_some() || !some);
    Some(one)
}

/// How to know more of a service's values, or how to have a few values otherwise.
fn advice(out: &mut String, service: Option<&ServiceFacts>, values: &[ValueFacts]) {
    if let Some(ServiceFacts { name, .. }) = service {
        let text = format!("`tranship explain {name}.FIELD` tells more of one, and how to have it otherwise.");
        out.push('\n');
        wrap(out, &text, 0, 2);
        return;
    }
    let mut ways: Vec<&str> = values.iter().filter_map(|value| value.otherwise.as_deref()).collect();
    ways.dedup();
    // Of many values each has a way of its own, which whoever asks for it is told.
    if ways.is_empty() || ways.len() > 3 {
        return;
    }
    out.push('\n');
    for way in ways {
        wrap(out, &format!("To have it otherwise: {way}"), 0, 2);
    }
}

/// Why fields of an object are there: in full for one, else one after the other in short.
pub fn because(because: &Because) -> String {
    let Because { version: _, object: ObjectFacts { object, file }, path, fields } = because;
    let mut out = String::new();
    if let [one] = fields.as_slice() {
        let shown = one.value.as_deref().unwrap_or(COVERED);
        head(&mut out, &format!("{object} {}: {shown}", one.path));
        _ = writeln!(out, "  in {file}\n");
        reasons(&mut out, one);
    } else {
        head(&mut out, format!("{object} {path}").trim_end());
        _ = writeln!(out, "  in {file}\n");
        for (short, group) in lists(fields, path) {
            short_reasons(&mut out, short, group);
        }
    }
    out
}

fn service(out: &mut String, service: &ServiceFacts) {
    let ServiceFacts { name, place, product, role, objects, decisions } = service;
    let place = place.as_ref().map(|spot| format!(" ({})", file_line(spot))).unwrap_or_default();
    let product = product.as_ref().map(|product| format!(", runs {product}")).unwrap_or_default();
    _ = writeln!(out, "{name}{place}: {role}{product}\n");
    let widest = objects.iter().map(|object| object.object.chars().count()).max().unwrap_or(0);
    for ObjectFacts { object, file } in objects {
        _ = writeln!(out, "  {object:<widest$}  {file}");
    }
    if !objects.is_empty() {
        out.push('\n');
    }
    if !decisions.is_empty() {
        out.push_str("Decided, since no value says it:\n");
        for Choice { what, rule, because } in decisions {
            wrap(out, &format!("{what}: {because} [{rule}]"), 2, 4);
        }
        out.push('\n');
    }
    out.push_str("Values:\n");
}

/// A line of a list of values, with what became of all that stands in it.
#[derive(Debug)]
struct Row<'v> {
    short: &'v str,
    text: String,
    place: Option<&'v Spot>,
    outcomes: Vec<&'v OutcomeFacts>,
    decisions: Vec<&'v Choice>,
}

/// Values one after the other; what became of several of them is told once.
fn list(out: &mut String, path: &str, values: &[ValueFacts]) {
    let rows = rows(path, values);
    let mut rest = rows.as_slice();
    while let Some(first) = rest.first() {
        let same = |row: &&Row<'_>| row.outcomes == first.outcomes && row.decisions == first.decisions;
        let (group, later) = rest.split_at(rest.iter().take_while(same).count());
        rest = later;
        for Row { short, text, place, .. } in group {
            let place = place.map(file_line).unwrap_or_default();
            let left = if text == "null" { format!("  {short}") } else { format!("  {short}: {text}") };
            let gap = WIDTH.saturating_sub(left.chars().count() + place.chars().count());
            if gap >= 2 || place.is_empty() {
                _ = writeln!(out, "{}", format!("{left}{}{place}", " ".repeat(gap)).trim_end());
            } else {
                wrap(out, &left, 2, 4);
                _ = writeln!(out, "{place:>WIDTH$}");
            }
        }
        for outcome in &first.outcomes {
            short_outcome(out, outcome, 4);
        }
        for Choice { what, because, .. } in &first.decisions {
            wrap(out, &format!("{what}: {because}"), 4, 6);
        }
    }
}

/// Values as rows: the items of a list of words in one, and so the parts of a short text such as `8080:80`.
fn rows<'v>(path: &str, values: &'v [ValueFacts]) -> Vec<Row<'v>> {
    let shown = |value: &ValueFacts| value.value.clone().unwrap_or_else(|| COVERED.to_owned());
    let mut out = Vec::new();
    let mut rest = values;
    while let Some(first) = rest.first() {
        let part = |value: &&ValueFacts| {
            first.place.is_some() && value.place == first.place && item_of(&value.path) == item_of(&first.path)
        };
        let parts = if item_of(&first.path).is_some() { rest.iter().take_while(part).count() } else { 1 };
        let told = |value: &ValueFacts| (value.outcomes.clone(), value.decisions.clone());
        let head = list_of(&first.path);
        let items = rest
            .iter()
            .take_while(|value| head.is_some() && list_of(&value.path) == head && told(value) == told(first));
        let items = items.count();
        let (group, short, text) = if parts > 1 {
            let group = rest.get(..parts).unwrap_or_default();
            let text = first.place.as_ref().map(written).unwrap_or_default();
            (group, item_of(&first.path).unwrap_or(&first.path), text)
        } else if items > 0 {
            let group = rest.get(..items).unwrap_or_default();
            let text = format!("[{}]", group.iter().map(shown).collect::<Vec<_>>().join(", "));
            (group, head.unwrap_or(&first.path), text)
        } else {
            (rest.get(..1).unwrap_or_default(), first.path.as_str(), shown(first))
        };
        rest = rest.get(group.len().max(1)..).unwrap_or_default();
        let mut row =
            Row { short: below(short, path), text, place: first.place.as_ref(), outcomes: vec![], decisions: vec![] };
        // What is written nowhere, as the empty options of a short text, has nothing to tell.
        for value in group.iter().filter(|value| group.len() == 1 || value.value.as_deref() != Some("{}")) {
            // What is said of the whole is told above.
            let own = |outcome: &&OutcomeFacts| outcome.of.as_deref() != Some(path);
            row.outcomes.extend(
                value.outcomes.iter().filter(own).filter(|outcome| !row.outcomes.contains(outcome)).collect::<Vec<_>>(),
            );
            row.decisions
                .extend(value.decisions.iter().filter(|choice| !row.decisions.contains(choice)).collect::<Vec<_>>());
        }
        let told = |choice: &&Choice| !row.outcomes.iter().any(|outcome| outcome.why.as_ref() == Some(&choice.because));
        row.decisions.retain(told);
        out.push(row);
    }
    out
}

/// The item of a list that a value is a part of: `ports[0]` of `ports[0].target`.
fn item_of(path: &str) -> Option<&str> {
    let head = path.rsplit_once('.').map(|(head, _)| head)?;
    head.ends_with(']').then_some(head)
}

/// The list that a value is an item of: `command` of `command[0]`.
fn list_of(path: &str) -> Option<&str> {
    path.strip_suffix(']').filter(|head| !head.ends_with('"'))?.rsplit_once('[').map(|(head, _)| head)
}

/// The text a place means.
fn written(spot: &Spot) -> String {
    spot.text.chars().skip(spot.column.saturating_sub(1)).take(spot.length).collect()
}

/// Items of one list together, everything else for itself.
fn lists<'v>(fields: &'v [FieldReasons], path: &str) -> Vec<(&'v str, &'v [FieldReasons])> {
    let mut out = Vec::new();
    let mut rest = fields;
    while let Some(first) = rest.first() {
        let list = list_of(&first.path);
        let count = rest.iter().take_while(|field| list.is_some() && list_of(&field.path) == list).count().max(1);
        let (group, later) = rest.split_at(count);
        out.push((below(list.unwrap_or(&first.path), path), group));
        rest = later;
    }
    out
}

fn short_outcome(out: &mut String, outcome: &OutcomeFacts, indent: usize) {
    let OutcomeFacts { outcome, to, why, todo, of: _ } = outcome;
    let deeper = indent + 2;
    match (to, why) {
        (Some(to), None) => wrap(out, &format!("→ {to}"), indent, deeper),
        (Some(to), Some(why)) => {
            wrap(out, &format!("→ {to}"), indent, deeper);
            wrap(out, why, deeper, deeper);
        }
        (None, Some(why)) => wrap(out, &format!("{outcome}: {why}"), indent, deeper),
        (None, None) => wrap(out, outcome, indent, deeper),
    }
    if let Some(todo) = todo {
        wrap(out, &format!("to do: {todo}"), deeper, deeper + 2);
    }
}

fn value(out: &mut String, value: &ValueFacts) {
    let ValueFacts { path, value, place, variables, replaced, outcomes, fields, decisions, otherwise } = value;
    let shown = value.as_deref().unwrap_or(COVERED);
    head(out, &format!("{path}: {shown}"));
    out.push('\n');
    match place {
        Some(spot) => snippet(out, spot, 2),
        None => out.push_str("  written nowhere: Compose adds it\n"),
    }
    trail(out, variables, 2);
    for spot in replaced.iter().rev() {
        _ = writeln!(out, "  it replaces what stands in {}:", file_line(spot));
        _ = writeln!(out, "      {}", spot.text.trim());
    }
    out.push('\n');
    for OutcomeFacts { outcome, to, why, todo, of } in outcomes {
        let section = of.as_ref().map(|of| format!(", with everything in `{of}`")).unwrap_or_default();
        match (to, why) {
            (Some(to), None) => wrap(out, &format!("{outcome}{section}: {to}"), 0, 2),
            (Some(to), Some(why)) => wrap(out, &format!("{outcome}{section}: {to}; {why}"), 0, 2),
            (None, Some(why)) => wrap(out, &format!("{outcome}{section}: {why}"), 0, 2),
            (None, None) => wrap(out, outcome, 0, 2),
        }
        if let Some(todo) = todo {
            wrap(out, &format!("to do: {todo}"), 2, 4);
        }
    }
    for Choice { what, rule, because } in decisions {
        wrap(out, &format!("decided: {what}, because {because} [{rule}]"), 0, 2);
    }
    if !fields.is_empty() {
        out.push_str("\nIt stands in\n");
        self::fields(out, fields);
    }
    if let Some(otherwise) = otherwise {
        out.push('\n');
        wrap(out, &format!("To have it otherwise: {otherwise}"), 0, 2);
    }
}

fn fields(out: &mut String, fields: &[FieldFacts]) {
    let mut last = "";
    for FieldFacts { object, file, path, value } in fields {
        if last != object {
            _ = writeln!(out, "  {object}  ({file})");
            last = object;
        }
        let shown = value.as_ref().map(|value| format!(": {value}")).unwrap_or_default();
        let path = if path.is_empty() { "the whole object" } else { path };
        wrap(out, &format!("{path}{shown}"), 4, 6);
    }
}

fn reasons(out: &mut String, field: &FieldReasons) {
    let FieldReasons { path: _, value: _, from, why, rule, otherwise } = field;
    for source in from {
        let Source { path, value, place, variables } = source;
        let shown = value.as_ref().map(|value| format!(": {value}")).unwrap_or_default();
        wrap(out, &format!("from {path}{shown}"), 0, 2);
        match place {
            Some(spot) => snippet(out, spot, 2),
            None => out.push_str("  written nowhere: Compose adds it\n"),
        }
        trail(out, variables, 2);
    }
    if !from.is_empty() && !why.is_empty() {
        out.push('\n');
    }
    for why in why {
        wrap(out, why, 0, 2);
    }
    if let Some(Choice { what: _, rule, because }) = rule {
        wrap(out, &format!("no value of the project says so: {because} [{rule}]"), 0, 2);
    }
    if let Some(otherwise) = otherwise {
        let lead = if from.is_empty() { "To have it otherwise" } else { "To have it otherwise than the project says" };
        out.push('\n');
        wrap(out, &format!("{lead}: {otherwise}"), 0, 2);
    }
}

/// A field, or the items of a list, with what they come from.
fn short_reasons(out: &mut String, short: &str, group: &[FieldReasons]) {
    let shown = |field: &FieldReasons| field.value.clone().unwrap_or_else(|| COVERED.to_owned());
    let text = match group {
        [one] if !one.path.ends_with(']') || one.path.ends_with("\"]") => shown(one),
        items => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
    };
    wrap(out, &format!("{short}: {text}"), 2, 4);
    let mut told: Vec<String> = Vec::new();
    for source in group.iter().flat_map(|field| &field.from) {
        let Source { path, place, .. } = source;
        let of_list = group.len() > 1;
        let list =
            path.rsplit_once('[').filter(|_| of_list && path.ends_with(']')).map_or(path.as_str(), |(head, _)| head);
        let place = place.as_ref().map(|spot| format!(" ({})", file_line(spot))).unwrap_or_default();
        let line = format!("← {list}{place}");
        if !told.contains(&line) {
            wrap(out, &line, 4, 6);
            told.push(line);
        }
    }
    for why in group.iter().flat_map(|field| &field.why) {
        if !told.contains(why) {
            wrap(out, why, 6, 6);
            told.push(why.clone());
        }
    }
    if let Some(Choice { what: _, rule, because }) = group.first().and_then(|field| field.rule.as_ref()) {
        wrap(out, &format!("{because} [{rule}]"), 4, 6);
    }
}

fn trail(out: &mut String, variables: &[VariableFacts], indent: usize) {
    for VariableFacts { name, from } in variables {
        wrap(out, &format!("variable {name} from {from}"), indent, indent + 2);
    }
}

/// The place, the line, and marks under what is meant.
fn snippet(out: &mut String, spot: &Spot, indent: usize) {
    let Spot { file, line, column, length, text } = spot;
    let pad = " ".repeat(indent);
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    _ = writeln!(out, "{pad}{margin}--> {file}:{line}:{column}");
    let shown: String = text.replace('\t', " ");
    let blanks = shown.chars().count() - shown.trim_start().chars().count();
    let cut = blanks.min(column.saturating_sub(1)).saturating_sub(2);
    let body: String = shown.chars().skip(cut).collect();
    let room = WIDTH.saturating_sub(indent + number.len() + 3);
    _ = writeln!(out, "{pad}{number} | {}", clipped(&body, room));
    let before = column.saturating_sub(1).saturating_sub(cut);
    let marks = (*length).min(room.saturating_sub(before)).max(1);
    if before < room {
        _ = writeln!(out, "{pad}{margin} | {}{}", " ".repeat(before), "^".repeat(marks));
    }
}

fn clipped(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

fn file_line(spot: &Spot) -> String {
    format!("{}:{}", spot.file, spot.line)
}

/// A path without the section it lies in.
fn below<'p>(path: &'p str, section: &str) -> &'p str {
    let rest = path.strip_prefix(section).unwrap_or(path);
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    if rest.is_empty() { path } else { rest }
}

/// A line as it is, unless it is too long for one.
fn head(out: &mut String, text: &str) {
    if text.chars().count() <= WIDTH { _ = writeln!(out, "{text}") } else { wrap(out, text, 0, 2) }
}

/// A sentence in lines, the first at one indentation and the others at another. Long words stay whole.
fn wrap(out: &mut String, text: &str, first: usize, rest: usize) {
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column == 0 {
            out.extend(std::iter::repeat_n(' ', first));
            column = first;
        } else if column + 1 + length > WIDTH {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', rest));
            column = rest;
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
}
