//! Which technologies a service is made with, and what shows each.
//!
//! What is started counts most, then what its packages and files say, then the images it is built from. A package alone
//! never outweighs the command: a worker that shares the web application's folder is a worker.

use tranship_model::Service;

use super::files::Reader;
use super::manifest::{Package, installed};
use super::recipe::Recipe;
use super::source::Source;
use crate::graph::Evidence;
use crate::place::Place;
use crate::tech::{self, Kind, Technology};

/// A technology a service is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Which.
    pub with: &'static Technology,
    /// The version as it is written; may be empty.
    pub version: String,
    /// What shows it, the strongest first.
    pub marks: Vec<Mark>,
}

/// What shows a technology.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// How much it counts.
    weight: u32,
    /// For people.
    pub evidence: Evidence,
}

impl Made {
    /// How much it counts beside others.
    fn weight(&self) -> u32 {
        self.with.weight + self.marks.iter().map(|mark| mark.weight).max().unwrap_or(0)
    }
}

/// What a service is made with: frameworks first, the heaviest first.
pub(super) fn made(
    reader: &mut Reader<'_>,
    service: &Service,
    recipe: Option<&Recipe>,
    folders: &[String],
    packages: &[Package],
    sources: &[Source],
    words: &[String],
) -> Vec<Made> {
    // An image that is fetched as it is tells itself what it is; its files are its makers' business.
    let has_code = service.build.is_some() || !folders.is_empty();
    let image = service.image.as_ref().filter(|_| service.build.is_none());
    let mut found: Vec<Made> = Vec::new();
    for with in tech::all() {
        let mut marks = Vec::new();
        let mut version = String::new();
        if let Some(image) = image.filter(|image| with.has_image(&image.value)) {
            marks.push(mark(30, "image", format!("the image `{}`", image.value), None));
        }
        if has_code || image.is_some_and(|image| tech::all().iter().any(|known| known.has_image(&image.value))) {
            let place =
                recipe.filter(|_| service.process.command.is_none()).and_then(|recipe| recipe.at(recipe.starts_at));
            let started = words.iter().take(12).find(|word| {
                with.words.iter().any(|known| *known == **word || word.rsplit('/').next() == Some(known.as_str()))
            });
            marks.extend(started.map(|word| mark(40, "command", format!("it starts `{word}`"), place)));
        }
        if let Some(recipe) = recipe {
            bases(with, recipe, &mut marks);
            let named = recipe.file.as_str();
            let tells = |text: &str| with.dockerfile.iter().any(|mark| text.contains(mark.as_str()));
            if tells(named) {
                marks.push(mark(9, "Dockerfile", format!("the place of `{named}`"), recipe.at(1)));
            }
            if let Some((text, line)) = recipe.lines.iter().find(|(text, _)| tells(text)) {
                let word = with.dockerfile.iter().find(|mark| text.contains(mark.as_str()));
                let text = format!("the Dockerfile names `{}`", word.map_or("", String::as_str));
                marks.push(mark(9, "Dockerfile", text, recipe.at(*line)));
            }
            for (command, line) in &recipe.runs {
                let all = installed(command);
                if let Some(key) = all.iter().find(|key| with.packages.contains(key)) {
                    marks.push(mark(10, "Dockerfile", format!("it installs `{}`", bare(key)), recipe.at(*line)));
                }
            }
        }
        for package in packages.iter().filter(|package| with.packages.contains(&package.key)) {
            if version.is_empty() {
                version = plain_version(&package.version);
            }
            let weight = if package.dev { 4 } else { 12 };
            let text = format!("`{}`{}", bare(&package.key), shown(&package.version));
            marks.push(mark(weight, "package", text, Some(package.place.clone())));
        }
        for folder in folders {
            let names = reader.list(folder);
            if let Some(name) = names.iter().find(|name| with.has_file(name)) {
                let place = Place::new(reader.name(folder, name), 1);
                marks.push(mark(8, "file", format!("the file `{name}`"), Some(place)));
            }
        }
        marks.extend(imports(with, sources));
        if !marks.is_empty() {
            marks.sort_by_key(|mark| std::cmp::Reverse(mark.weight));
            found.push(Made { with, version, marks });
        }
    }
    found.sort_by_key(|made| (made.with.kind == Kind::Runtime, std::cmp::Reverse(made.weight())));
    settle(found, recipe)
}

/// Marks of the images a Dockerfile starts from. The one that runs counts more than those that only build.
fn bases(with: &Technology, recipe: &Recipe, marks: &mut Vec<Mark>) {
    let last = recipe.bases.len().saturating_sub(1);
    for (number, (image, line)) in recipe.bases.iter().enumerate() {
        if with.has_image(image) {
            let weight = if number == last { 20 } else { 6 };
            let how = if number == last { "it runs on" } else { "it is built with" };
            marks.push(mark(weight, "Dockerfile", format!("{how} `{image}`"), recipe.at(*line)));
        }
    }
}

fn imports(with: &Technology, sources: &[Source]) -> Option<Mark> {
    if with.imports.is_empty() {
        return None;
    }
    for source in sources {
        let own = source.lines().take(60).find(|(_, line)| with.imports.iter().any(|mark| starts(line, mark)));
        if let Some((at, line)) = own {
            return Some(mark(9, "import", format!("`{line}`"), Some(Place::new(source.path.clone(), at))));
        }
    }
    None
}

/// Whether a line begins with a mark and the mark's last word ends there.
fn starts(line: &str, mark: &str) -> bool {
    line.strip_prefix(mark).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-'))
}

/// Leaves out what another one explains better: the runtimes of build tools, and frameworks without a runtime.
fn settle(found: Vec<Made>, recipe: Option<&Recipe>) -> Vec<Made> {
    let (frameworks, mut runtimes): (Vec<Made>, Vec<Made>) =
        found.into_iter().partition(|made| made.with.kind == Kind::Framework);
    runtimes.sort_by_key(|made| std::cmp::Reverse(made.weight()));
    // The image that runs, and what is started, say more of the language than a package some tool wants.
    let sure = |made: &Made| made.marks.iter().any(|mark| mark.weight >= 20);
    let language = runtimes.first().filter(|made| sure(made)).map(|made| made.with.runtime.as_str());
    let fits = |made: &Made| {
        language.is_none_or(|language| made.with.runtime == language) || sure(made)
            // Pages are built by one runtime and served by another, or by none.
            || recipe.is_some_and(|recipe| recipe.stages > 1) && matches!(made.with.serves, tech::Serves::Pages)
    };
    let mut out: Vec<Made> = frameworks.into_iter().filter(fits).collect();
    out.extend(runtimes);
    out
}

fn mark(weight: u32, what: &str, text: String, place: Option<Place>) -> Mark {
    Mark { weight, evidence: Evidence { what: what.to_owned(), text, place } }
}

fn bare(key: &str) -> &str {
    key.split_once(':').map_or(key, |(_, name)| name)
}

fn shown(version: &str) -> String {
    if version.is_empty() { String::new() } else { format!(" {version}") }
}

/// A version that is one, without the signs before it.
fn plain_version(version: &str) -> String {
    let plain = version.trim_start_matches(['=', '^', '~', '>', '<', 'v', ' ', '!']);
    let end = plain.find([',', ' ', '|']).unwrap_or(plain.len());
    let plain = plain.get(..end).unwrap_or(plain);
    if plain.starts_with(|c: char| c.is_ascii_digit()) { plain.to_owned() } else { String::new() }
}
