//! A Compose project full of hostile strings, and what each stands for.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::strings::Dice;

/// What a service's process has to see.
pub struct Service {
    pub name: String,
    pub entrypoint: Vec<String>,
    pub command: Vec<String>,
    /// The value of `H0`, `H1`, …
    pub env: Vec<String>,
    /// The command of its health check.
    pub health: Vec<String>,
    /// The value of `l0`, `l1`, …
    pub labels: Vec<String>,
    /// Path in the container and bytes.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Writes a project to a folder.
pub fn write(seed: u64, services: usize, folder: &Path) -> Vec<Service> {
    let mut dice = Dice::new(seed + 1);
    let mut text = String::from("services:\n");
    let mut configs = String::from("configs:\n");
    let all = (0..services).map(|at| service(at, &mut dice, folder, &mut text, &mut configs)).collect();
    fs::write(folder.join("compose.yaml"), text + &configs).unwrap();
    all
}

fn service(at: usize, dice: &mut Dice, folder: &Path, text: &mut String, configs: &mut String) -> Service {
    let name = format!("s{at}");
    let mut service = Service {
        name: name.clone(),
        // An entrypoint whose words are all empty is a cleared one.
        entrypoint: [vec!["/run".to_owned()], dice.strings(99)].concat(),
        command: dice.strings(250),
        env: dice.strings(1000),
        health: [vec!["/check".to_owned()], dice.strings(249)].concat(),
        labels: dice.strings(600),
        files: Vec::new(),
    };
    let _ = write!(text, "  {name}:\n    image: app:1\n");
    for (key, words) in [("entrypoint", &service.entrypoint), ("command", &service.command)] {
        let _ = writeln!(text, "    {key}:");
        for word in words {
            let _ = writeln!(text, "    - {}", quoted(word, dice));
        }
    }
    text.push_str("    environment:\n");
    for (at, value) in service.env.iter().enumerate() {
        let _ = writeln!(text, "      H{at}: {}", quoted(value, dice));
    }
    text.push_str("    healthcheck:\n      test:\n      - CMD\n");
    for word in &service.health {
        let _ = writeln!(text, "      - {}", quoted(word, dice));
    }
    text.push_str("    labels:\n");
    for (at, value) in service.labels.iter().enumerate() {
        let _ = writeln!(text, "      l{at}: {}", quoted(value, dice));
    }
    files(&mut service, dice, folder, text, configs);
    service
}

/// A folder of files that is bound, and texts that stand in the project itself.
fn files(service: &mut Service, dice: &mut Dice, folder: &Path, text: &mut String, configs: &mut String) {
    let name = service.name.clone();
    let dir = folder.join(format!("{name}.d"));
    fs::create_dir(&dir).unwrap();
    for at in 0..290 {
        let mut bytes = dice.string().into_bytes();
        if dice.below(10) == 0 {
            // No text at all.
            bytes.extend([0, 0xff, 0xc3, 0x28]);
        }
        fs::write(dir.join(format!("f{at}.conf")), &bytes).unwrap();
        service.files.push((format!("/etc/hostile/f{at}.conf"), bytes));
    }
    let _ = write!(text, "    volumes: ['./{name}.d:/etc/hostile:ro']\n    configs:\n");
    for at in 0..12 {
        let content = dice.string();
        let _ = writeln!(text, "    - {{source: {name}-{at}, target: /content/{at}}}");
        let _ = writeln!(configs, "  {name}-{at}:\n    content: {}", quoted(&format!("x{content}"), dice));
        service.files.push((format!("/content/{at}"), format!("x{content}").into_bytes()));
    }
}

/// The text in quotes as YAML has them, with every `$` doubled as Compose wants it.
fn quoted(text: &str, dice: &mut Dice) -> String {
    let text = text.replace('$', "$$");
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && dice.below(2) == 0 {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c => {
                let _ = match u32::from(c) {
                    code @ ..0x100 => write!(out, "\\x{code:02x}"),
                    code @ ..0x1_0000 => write!(out, "\\u{code:04x}"),
                    code => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out + "\""
}
