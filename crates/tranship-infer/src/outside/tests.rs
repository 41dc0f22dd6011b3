//! What calls a replaced service calls the server.

use tranship_model::{EnvValue, Ledger, Stack};

use super::{parse, replace};
use crate::fixture::stack;

fn replaced(env: &str, url: &str) -> (Stack, Vec<String>) {
    let text = format!(
        "services:\n  web: {{image: x, environment: {env}, depends_on: [db]}}\n  db:\n    image: postgres:16\n    environment: {{POSTGRES_USER: shop, POSTGRES_PASSWORD: old, POSTGRES_DB: shop}}\n    volumes: ['data:/var/lib/postgresql/data']\nvolumes: {{data: {{}}}}\n"
    );
    let mut stack = stack(&text);
    let faults = replace(&mut stack, &mut Ledger::new(), "db", &parse(url).unwrap()).diagnostics;
    (stack, faults.into_iter().map(|fault| fault.code.to_owned()).collect())
}

fn values(env: &str, url: &str) -> Vec<String> {
    let (stack, _) = replaced(env, url);
    let line = |value: &EnvValue| match value {
        EnvValue::Plain(text) => text.clone(),
        EnvValue::Secret { value, because: _ } => format!("{} (secret)", value.expose()),
        other => format!("{other:?}"),
    };
    stack.services["web"]
        .env
        .iter()
        .map(|variable| format!("{}={}", variable.name, line(&variable.value.value)))
        .collect()
}

const NEON: &str = "postgresql://u:p%40@ep-1.neon.test/main?sslmode=require";

#[test]
fn addresses_are_rewritten_as_a_whole() {
    for (before, expect) in [
        ("postgres://shop:old@db:5432/shop", "postgres://u:p%40@ep-1.neon.test:5432/main?sslmode=require (secret)"),
        ("postgres://shop:old@db/shop?a=b", "postgres://u:p%40@ep-1.neon.test/main?a=b&sslmode=require (secret)"),
        (
            "postgresql+asyncpg://shop:old@db:5432/shop",
            "postgresql+asyncpg://u:p%40@ep-1.neon.test:5432/main?sslmode=require (secret)",
        ),
        ("http://other:80/", "http://other:80/"),
    ] {
        assert_eq!(values(&format!("{{DATABASE_URL: '{before}'}}"), NEON), [format!("DATABASE_URL={expect}")]);
    }
    let moved = values("{DATABASE_URL: 'postgres://shop:old@db:5432/shop'}", "postgres://db.example.com:6543");
    assert_eq!(moved, ["DATABASE_URL=postgres://shop:old@db.example.com:6543/shop (secret)"]);
}

#[test]
fn variables_of_host_port_user_password_and_database_go_together() {
    let env = "{DB_HOST: db, DB_PORT: '5432', DB_USER: shop, DB_PASSWORD: old, DB_NAME: shop, OTHER_PORT: '5432'}";
    let expect = [
        "DB_HOST=ep-1.neon.test",
        "DB_PORT=5432",
        "DB_USER=u",
        "DB_PASSWORD=p@ (secret)",
        "DB_NAME=main",
        "OTHER_PORT=5432",
    ];
    let mut found = values(env, NEON);
    found.sort();
    let mut expect: Vec<String> = expect.iter().map(|line| (*line).to_owned()).collect();
    expect.sort();
    assert_eq!(found, expect);
}

#[test]
fn the_service_is_gone_and_its_name_leads_to_the_server() {
    let (stack, _) = replaced("{DB_HOST: db}", NEON);
    assert!(!stack.services.contains_key("db") && stack.services["web"].depends_on.is_empty());
    let outside = &stack.outside["db"];
    assert_eq!((outside.host.as_str(), outside.port), ("ep-1.neon.test", Some(5432)));
    let mut stack = stack;
    let faults = replace(&mut stack, &mut Ledger::new(), "bd", &parse(NEON).unwrap()).diagnostics;
    assert_eq!(faults[0].code, "option-external");
}
