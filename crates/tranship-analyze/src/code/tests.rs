//! What is found in small projects of each framework.

use tranship_source::MemoryWorld;
use tranship_testing::Fixture;

use super::{Code, Reader, What, look};
use crate::fixture::stack_in;

fn code(text: &str) -> Code {
    let world: MemoryWorld = Fixture::parse(text).in_memory();
    let stack = stack_in(&world);
    let mut reader = Reader::new(&world, std::path::Path::new("/project"));
    look(&mut reader, stack.services.values().next().unwrap())
}

/// What a project of one service is made with, and where the first mark stands.
fn made(text: &str) -> (String, String) {
    let code = code(text);
    let titles: Vec<&str> = code.made.iter().map(|made| made.with.title.as_str()).collect();
    let first = code.made.first().and_then(|made| made.marks.first()).map(|mark| mark.evidence.line());
    (titles.join(", "), first.unwrap_or_default())
}

const BUILT: &str = "-- compose.yaml\nservices: {web: {build: ./web}}\n";

#[test]
fn frameworks_are_found_by_what_shows_them() {
    for (files, expect, shows) in [
        (
            "-- web/Dockerfile\nFROM python:3.12-slim\nCOPY . .\nCMD [\"uvicorn\", \"main:app\"]\n-- web/requirements.txt\nfastapi==0.115.0\n-- web/main.py\nfrom fastapi import FastAPI\n",
            "FastAPI, Python",
            "`fastapi` ==0.115.0 (web/requirements.txt:1)",
        ),
        (
            "-- web/Dockerfile\nFROM python:3.12-slim\nRUN pip install flask gunicorn\nCMD gunicorn app:app\n-- web/app.py\nfrom flask import Flask\n",
            "Flask, Python",
            "it installs `flask` (web/Dockerfile:2)",
        ),
        (
            "-- web/Dockerfile\nFROM python:3.12\nCMD [\"python\", \"manage.py\", \"runserver\"]\n-- web/manage.py\nimport os\n-- web/requirements.txt\nDjango>=5\n",
            "Django, Python",
            "it starts `manage.py` (web/Dockerfile:2)",
        ),
        (
            "-- web/Dockerfile\nFROM node:22-alpine\nCMD [\"node\", \"server.js\"]\n-- web/package.json\n{\"dependencies\": {\"express\": \"^5.0.0\"}}\n",
            "Express, Node.js",
            "`express` ^5.0.0 (web/package.json:1)",
        ),
        (
            "-- web/Dockerfile\nFROM node:22-alpine\nCMD [\"npm\", \"start\"]\n-- web/package.json\n{\"dependencies\": {\"next\": \"15.1.0\", \"react\": \"19.0.0\"}}\n",
            "Next.js, React, Node.js",
            "`next` 15.1.0 (web/package.json:1)",
        ),
        (
            "-- web/Dockerfile\nFROM node:22 AS build\nCOPY . .\nRUN npm ci && npm run build\nFROM nginx:1.29-alpine\nCOPY --from=build /dist /usr/share/nginx/html\n-- web/package.json\n{\"dependencies\": {\"vue\": \"^3.5.0\"}, \"devDependencies\": {\"vite\": \"^6\"}}\n",
            "Vue, Vite, Node.js",
            "`vue` ^3.5.0 (web/package.json:1)",
        ),
        (
            "-- web/Dockerfile\nFROM node:22\nCMD [\"node\", \"build\"]\n-- web/package.json\n{\"devDependencies\": {\"@sveltejs/kit\": \"^2\", \"svelte\": \"^5\"}}\n",
            "SvelteKit, Svelte, Node.js",
            "`@sveltejs/kit` ^2 (web/package.json:1)",
        ),
        (
            "-- web/Dockerfile\nFROM golang:1.25 AS build\nRUN go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\nCMD [\"/app\"]\n-- web/go.mod\nmodule x\nrequire github.com/gin-gonic/gin v1.10.0\n",
            "Gin, Go",
            "`github.com/gin-gonic/gin` v1.10.0 (web/go.mod:2)",
        ),
        (
            "-- web/Dockerfile\nFROM golang:1.25 AS build\nFROM alpine:3\nCOPY --from=build /app /app\nCMD [\"/app\"]\n-- web/go.mod\nmodule x\n-- web/main.go\npackage main\nimport (\n\t\"net/http\"\n)\n",
            "net/http, Go",
            "`\"net/http\"` (web/main.go:3)",
        ),
        (
            "-- web/Dockerfile\nFROM maven:3.9 AS build\nRUN mvn package\nFROM eclipse-temurin:21-jre\nCMD [\"java\", \"-jar\", \"app.jar\"]\n-- web/pom.xml\n<parent>\n<artifactId>spring-boot-starter-parent</artifactId>\n</parent>\n",
            "Spring Boot, Java",
            "`spring-boot-starter-parent` (web/pom.xml:2)",
        ),
        (
            "-- web/Dockerfile\nFROM ruby:3.4\nCMD [\"bin/rails\", \"server\"]\n-- web/Gemfile\ngem 'rails', '~> 8.0'\n",
            "Ruby on Rails, Ruby",
            "it starts `bin/rails` (web/Dockerfile:2)",
        ),
        (
            "-- web/Dockerfile\nFROM php:8.4-fpm\nCOPY . .\n-- web/composer.json\n{\"require\": {\"laravel/framework\": \"^12\"}}\n-- web/artisan\n#!/usr/bin/env php\n",
            "Laravel, PHP",
            "`laravel/framework` ^12 (web/composer.json:1)",
        ),
        (
            "-- web/Dockerfile\nFROM mcr.example.com/dotnet/sdk:9.0 AS build\nFROM mcr.example.com/dotnet/aspnet:9.0\nENTRYPOINT [\"dotnet\", \"web.dll\"]\n-- web/web.csproj\n<Project Sdk=\"Microsoft.NET.Sdk.Web\">\n",
            "ASP.NET Core, .NET",
            "it runs on `mcr.example.com/dotnet/aspnet:9.0` (web/Dockerfile:2)",
        ),
        (
            "-- web/Dockerfile\nFROM rust:1.90 AS build\nRUN cargo build --release\nFROM debian:13-slim\nCOPY --from=build /app /app\nCMD [\"/app\"]\n-- web/Cargo.toml\n[package]\nname = \"x\"\n[dependencies]\naxum = \"0.8\"\n",
            "Axum, Rust",
            "`axum` 0.8 (web/Cargo.toml:4)",
        ),
        ("-- web/Dockerfile\nFROM debian:13\nCMD [\"/opt/thing\"]\n", "", ""),
    ] {
        assert_eq!(made(&format!("{BUILT}{files}")), (expect.to_owned(), shows.to_owned()), "{files}");
    }
}

#[test]
fn a_worker_of_the_same_folder_is_a_worker() {
    let text = "-- compose.yaml\nservices: {worker: {build: ., command: celery -A app worker}}\n\
                -- Dockerfile\nFROM python:3.12\nCOPY . .\nCMD gunicorn app\n-- requirements.txt\ndjango\ncelery\n";
    assert_eq!(made(text).0, "Celery, Django, Python");
}

#[test]
fn a_folder_of_many_apps_is_read_where_the_dockerfile_copies_from() {
    let text = "-- compose.yaml\nservices: {web: {build: {context: ., dockerfile: apps/web/Dockerfile}}}\n\
                -- apps/web/Dockerfile\nFROM node:22\nCOPY apps/web/package.json ./\nCMD [\"npm\", \"start\"]\n\
                -- apps/web/package.json\n{\"dependencies\": {\"next\": \"15\"}}\n\
                -- apps/api/package.json\n{\"dependencies\": {\"express\": \"5\"}}\n-- package.json\n{}\n";
    assert_eq!(made(text).0, "Next.js, Node.js");
}

#[test]
fn sources_that_are_mounted_count_and_images_tell_themselves() {
    let text = "-- compose.yaml\nservices: {web: {image: 'node:22', command: npm run dev, volumes: ['./src:/app']}}\n\
                -- src/package.json\n{\"dependencies\": {\"fastify\": \"5\"}}\n";
    assert_eq!(made(text).0, "Fastify, Node.js");
    assert_eq!(made("-- compose.yaml\nservices: {db: {image: 'postgres:17'}}\n").0, "");
    assert_eq!(
        made("-- compose.yaml\nservices: {web: {image: 'drupal:11'}}\n"),
        ("Drupal".to_owned(), "the image `drupal:11`".to_owned())
    );
}

#[test]
fn dependencies_and_build_output_are_never_read() {
    let text = "-- compose.yaml\nservices: {web: {build: .}}\n-- Dockerfile\nFROM node:22\nCOPY . .\n\
                -- node_modules/express/package.json\n{\"dependencies\": {\"express\": \"5\"}}\n\
                -- dist/main.js\nconst x = new MemoryStore()\n-- .git/config\nx\n";
    let world = Fixture::parse(text).in_memory();
    let stack = stack_in(&world);
    let mut reader = Reader::new(&world, std::path::Path::new("/project"));
    let code = look(&mut reader, &stack.services["web"]);
    assert_eq!(code.made.len(), 1, "{code:?}");
    assert_eq!(reader.counted().0, 1, "the Dockerfile alone");
}

#[test]
fn state_in_the_process_is_found_with_its_line() {
    let held = |files: &str| -> Vec<(What, String)> {
        let code = code(&format!("{BUILT}-- web/Dockerfile\nFROM python:3.12\nCOPY . .\n{files}"));
        code.held.into_iter().map(|held| (held.what, held.evidence[0].line())).collect()
    };
    for (files, what, line) in [
        (
            "-- web/requirements.txt\nx\n-- web/app.py\nimport sqlite3\ndb = sqlite3.connect('a.db')\n",
            What::Sqlite,
            "`db = sqlite3.connect('…')` (web/app.py:2)",
        ),
        ("-- web/requirements.txt\napscheduler\n", What::Schedule, "`apscheduler` (web/requirements.txt:1)"),
        (
            "-- web/requirements.txt\nx\n-- web/limiter.py\nhits = defaultdict(list)\n",
            What::Limiter,
            "`hits = defaultdict(list)` (web/limiter.py:1)",
        ),
        (
            "-- web/requirements.txt\nx\n-- web/a.py\nUPLOAD_FOLDER = '/srv'\n",
            What::Uploads,
            "`UPLOAD_FOLDER = '…'` (web/a.py:1)",
        ),
        (
            "-- web/package.json\n{\"dependencies\": {\"express-session\": \"1\"}}\n",
            What::Sessions,
            "`express-session` (web/package.json:1)",
        ),
    ] {
        assert_eq!(held(files), [(what, line.to_owned())], "{files}");
    }
    assert_eq!(
        held("-- web/package.json\n{\"dependencies\": {\"express-session\": \"1\", \"connect-redis\": \"8\"}}\n"),
        []
    );
    assert_eq!(held("-- web/requirements.txt\nx\n-- web/a.py\n# sqlite3.connect( is not used\n"), []);
}
