//! Behaviour of the proof on small projects.

use std::collections::BTreeMap;

use crate::fixture::{codes, lines, stack, stack_with};
use crate::{Proof, carried, complete, edges, prove, rewrite};

/// Diagnostics of a Compose text.
fn check(compose: &str, expect: &[&str]) -> Proof {
    let checked = prove(&stack(compose));
    assert_eq!(codes(&checked.diagnostics), expect, "{compose}\n{:#?}", lines(&checked.diagnostics));
    checked.value
}

/// Environment of `web` beside a PostgreSQL `db`, a cache and an `api` on 8000 that is published as 9000.
fn with_env(env: &str) -> String {
    format!(
        "services:\n  web:\n    build: web\n    ports: ['3000:3000']\n    environment:\n      {env}\n  api:\n    build: api\n    \
         ports: ['9000:8000']\n  db:\n    image: postgres:16\n    ports: ['5433:5432']\n  cache:\n    image: redis:7\n"
    )
}

#[test]
fn the_mistakes_of_a_todo_application_are_all_found() {
    let text = "name: todo-app\nservices:\n  frontend:\n    build: {context: ., args: {NEXT_PUBLIC_API_URL: 'http://backend-service:8000'}}\n    \
                ports: ['3000:3000']\n    environment:\n      \
                API_URL: http://backend-service-svc.todo-app.svc.cluster.local:3000\n      NEXT_PUBLIC_WS_URL: ws://backend-service:8000/ws\n      \
                INTERNAL_API_URL: http://backend-service:3000\n  \
                backend-service:\n    build: .\n    ports: ['8000:8000']\n    environment:\n      DATABASE_URL: postgresql://u:p@localhost:5432/todo_db\n      \
                CORS_ORIGINS: http://localhost:3000\n  postgres:\n    image: postgres:16\n";
    let checked = prove(&stack(text));
    let found = lines(&checked.diagnostics);
    let expect = [
        "error name-unresolved: `frontend` names `backend-service-svc.todo-app.svc.cluster.local:3000` in `API_URL`, and nothing in the project answers to `backend-service-svc.todo-app.svc.cluster.local` | write `backend-service:8000`; `backend-service` does not listen on 3000",
        "error browser-url: `frontend` names `backend-service:8000` in `NEXT_PUBLIC_WS_URL`, which a browser will call, and no browser can resolve the name `backend-service` | set it to the address that `backend-service` is reached at from outside, or to a path such as `/api`",
        "error port-closed: `frontend` calls `backend-service:3000` in `INTERNAL_API_URL`, and `backend-service` listens on 8000 | write `backend-service:8000`, or add `expose: [\"3000\"]` to `backend-service` if it listens there",
        "error browser-url: `frontend` names `backend-service:8000` in the build argument `NEXT_PUBLIC_API_URL`, which a browser will call, and no browser can resolve the name `backend-service` | set it to the address that `backend-service` is reached at from outside, or to a path such as `/api`",
        "error localhost-reference: `backend-service` names `localhost:5432` in `DATABASE_URL`, which is the container itself, and `backend-service` does not listen there | write `postgres:5432`",
        "note public-address: `backend-service` names `localhost:3000` in `CORS_ORIGINS`, an address for users that holds on the developer's machine alone | set it to the address the application is reached at from outside, once it has one",
        "note two-names: `backend-service` is called by 2 names: `backend-service-svc.todo-app.svc.cluster.local`, `backend-service` | call it `backend-service` everywhere",
    ];
    assert_eq!(found, expect);
    assert!(checked.diagnostics.iter().all(|d| d.primary.is_some()), "each has a place");
}

#[test]
fn what_resolves_says_nothing() {
    for env in [
        "DATABASE_URL: postgres://u:p@db:5432/app",
        "DATABASE_URL: postgres://u:p@db/app",
        "DSN: u:p@tcp(db:5432)/app",
        "CS: Host=db;Port=5432;Database=x",
        "DB_HOST: db\n      DB_PORT: '5432'",
        "API: http://api:8000/v1",
        "REDIS_URL: redis://CACHE:6379/0",
        "URL: https://example.org/x",
        "LOG_LEVEL: info:1",
        "TIME: '12:30'",
        "IMAGE: postgres:15",
        "MAIL_FROM: me@web.local",
        "WHERE: 'C:\\data:1'",
        "HOST: 0.0.0.0",
        "LISTEN: 127.0.0.1:3000",
        "SELF: http://localhost:3000/health",
        "HOSTNAME: web1",
        "NAME: db",
        "POSTGRES_HOST_AUTH_METHOD: trust",
        "S3_BUCKET: s3://bucket/path",
    ] {
        check(&with_env(env), &[]);
    }
}

#[test]
fn what_does_not_resolve_is_said() {
    for (env, expect) in [
        ("DATABASE_URL: postgres://u:p@postgres:5432/app", "error name-unresolved"),
        ("DATABASE_URL: postgres://u:p@localhost/app", "error localhost-reference"),
        ("DB_HOST: localhost", "error localhost-reference"),
        ("DB_HOST: database", "error name-unresolved"),
        ("API_URL: http://api:9000", "error port-closed"),
        ("API_URL: http://api:8080", "error port-closed"),
        ("API_URL: http://api:3000", "error port-closed"),
        ("API_URL: http://api:9464", "warning port-closed"),
        ("DB_URL: postgres://db:15432/x", "error port-closed"),
        ("API_URL: http://api", "error port-closed"),
        ("API_URL: http://localhost:9000", "warning localhost-reference"),
        ("OLLAMA_URL: http://localhost:11434", "error localhost-reference"),
        ("CORS_ORIGIN: http://localhost:9000", "note public-address"),
        ("VITE_API_URL: http://localhost:9000", "warning browser-url"),
        ("VITE_API_URL: http://api:8000", "error browser-url"),
        ("API_URL: http://host.docker.internal:1234", "error host-machine"),
        ("STORE: d:5432 db:5433", "warning port-closed"),
        ("DB_URL: jdbc:postgresql://db:5433/x", "error port-closed"),
    ] {
        check(&with_env(env), &[expect]);
    }
}

#[test]
fn a_published_port_is_told_from_the_containers() {
    let found = prove(&stack(&with_env("DATABASE_URL: postgres://db:5433/x"))).diagnostics;
    let expect = "error port-closed: `web` calls `db:5433` in `DATABASE_URL`, and 5433 is the port published on the machine; `db` itself listens on 5432 | write `db:5432`";
    assert_eq!(lines(&found), [expect]);
}

#[test]
fn secrets_are_read_and_never_shown() {
    let found = prove(&stack(&with_env("DATABASE_URL: postgres://admin:hunter2@dbx:5432/x"))).diagnostics;
    assert_eq!(codes(&found), ["error name-unresolved"]);
    assert!(!format!("{found:?}").contains("hunter2"));
    // A user named as a service with a number for a password is no call of a closed port.
    check(&with_env("API_BASIC_SECRET: api:12345"), &[]);
    let odd = prove(&stack(&with_env("DATABASE_URL: postgres://u:12/34@dbx:5432/x"))).diagnostics;
    assert!(codes(&odd) == ["error name-unresolved"] && !format!("{odd:?}").contains("12/"), "{odd:?}");
}

#[test]
fn commands_and_health_checks_are_read() {
    let base = "  db:\n    image: postgres:16\n";
    let web =
        |rest: &str| format!("services:\n  web:\n    image: example/web\n    ports: ['80:8080']\n    {rest}\n{base}");
    check(&web("command: ['wait-for-it', 'db:5432', '--', 'run']"), &[]);
    check(&web("command: ['wait-for-it', 'dbx:5432', '--', 'run']"), &["error name-unresolved"]);
    check(&web("command: run --db=db:5433"), &["warning port-closed"]);
    check(&web("command: sh -c 'until pg_isready -h db -p 5432; do sleep 1; done'"), &[]);
    check(&web("healthcheck: {test: curl -f http://localhost:8080/}"), &[]);
    check(&web("healthcheck: {test: curl -f http://localhost:80/}"), &["warning port-closed"]);
    check(&web("healthcheck: {test: [CMD, curl, 'http://localhost:9600/']}"), &[]);
}

#[test]
fn mounted_configurations_are_read() {
    let compose = "services:\n  proxy:\n    image: nginx:1\n    ports: ['80:80']\n    volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']\n  \
                   api:\n    build: .\n    ports: ['8000']\n";
    let conf = "upstream back { server api:8000; server apis:8000; }\nupstream api { server api:8000; }\nserver { listen 80; location / { proxy_pass http://back; }\n\
                location /a { proxy_pass http://api:3000; }\n location /l { proxy_pass http://localhost:4000; } }\n";
    let found = prove(&stack_with(compose, &[("nginx.conf", conf)])).diagnostics;
    assert_eq!(
        codes(&found),
        ["error name-unresolved", "error port-closed", "error localhost-reference", "note two-names"]
    );
    assert!(lines(&found).iter().any(|line| line.contains("`nginx.conf` line 4")), "{:#?}", lines(&found));
}

#[test]
fn ports_that_evidence_shows_are_added() {
    let text = "services:\n  web:\n    image: example/web\n    environment: {METRICS: 'http://api:9102/metrics'}\n  \
                api:\n    image: example/api\n    ports: ['8000']\n    command: serve --metrics-port 9102\n";
    let mut stack = stack(text);
    let checked = prove(&stack);
    assert_eq!(codes(&checked.diagnostics), [""; 0]);
    complete(&mut stack, &checked.value);
    let ports: Vec<u16> = stack.services["api"].ports.iter().map(|port| port.container).collect();
    assert_eq!(ports, [8000, 9102]);
}

#[test]
fn names_kubernetes_cannot_carry_are_rewritten_where_they_are_hosts() {
    let compose = "services:\n  web:\n    image: nginx:1\n    depends_on: [my_db]\n    environment:\n      \
                   DATABASE_URL: postgres://my_db:s3cret@my_db:5432/my_db\n      HOSTS: my_db:5432,primary.db:5432\n      POSTGRES_DB: my_db\n      \
                   THING: my_db\n    command: ['--db=my_db:5432', 'my_db']\n    healthcheck: {test: 'pg_isready -h my_db'}\n    \
                   volumes: ['./default.conf:/etc/nginx/conf.d/default.conf']\n  my_db:\n    image: postgres:16\n    \
                   networks: {default: {aliases: [primary.db]}}\n";
    let mut stack =
        stack_with(compose, &[("default.conf", "server { location / { proxy_pass http://my_db:5432; } } # my_db\n")]);
    let names = carried(&stack);
    let expect = [("my_db", "my-db"), ("primary.db", "my-db")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(names, BTreeMap::from(expect));
    let done = rewrite(&mut stack, &names);
    assert_eq!(codes(&done.diagnostics), ["warning name-ambiguous"; 2], "{:?}", lines(&done.diagnostics));
    assert_eq!(done.value.len(), 6, "{:#?}", done.value);
    let web = &stack.services["web"];
    let env: Vec<_> = web.env.iter().map(|v| format!("{:?}", v.value.value)).collect();
    let shown = format!("{env:?} {:?} {:?}", web.process.command, web.health);
    assert!(shown.contains("my-db:5432,my-db:5432"), "{shown}");
    assert!(shown.contains("--db=my-db:5432") && shown.contains("pg_isready -h my-db"), "{shown}");
    let secret = web.env.iter().find_map(|v| match &v.value.value {
        tranship_model::EnvValue::Secret { value, .. } => Some(value.expose().as_str()),
        _ => None,
    });
    assert_eq!(secret, Some("postgres://my_db:s3cret@my-db:5432/my_db"), "only the host changes");
    let tranship_model::BlobContent::Files(files) = &stack.configs.values().next().unwrap().content else { panic!() };
    assert_eq!(
        files[0].bytes.expose().as_slice(),
        b"server { location / { proxy_pass http://my-db:5432; } } # my_db\n"
    );
    assert!(rewrite(&mut stack, &names).value.is_empty(), "a second time finds nothing");
    assert_eq!(done.value[0].because(), "Kubernetes cannot carry the name `my_db`: `DATABASE_URL` now calls `my-db`");
}

#[test]
fn names_without_a_port_are_rewritten_beside_others_and_in_json() {
    for (env, expect, found) in [
        ("D_HOSTS: 'my_db,my_db:5432'", "my-db,my-db:5432", &[][..]),
        ("CONFIG_JSON: '{\"host\":\"my_db\",\"port\":5432}'", "{\"host\":\"my-db\",\"port\":5432}", &[]),
        ("DB_ENDPOINT: my_db/path", "my-db/path", &[]),
        ("DB_ADDR: 'my_db:'", "my-db:", &[]),
        ("SETTINGS: '{\"a\":\"my_db\"}'", "{\"a\":\"my_db\"}", &["warning name-ambiguous"]),
        ("PLACES: 'at my_db'", "at my_db", &["warning name-ambiguous"]),
        ("CONNECTION: 'Host=my_db;Database=my_db'", "Host=my-db;Database=my_db", &[]),
        ("DB_NAME: my_db", "my_db", &[]),
    ] {
        let compose = format!(
            "services:\n  web:\n    image: w\n    environment:\n      {env}\n  my_db:\n    image: postgres:16\n"
        );
        let mut stack = stack(&compose);
        let names = carried(&stack);
        let done = rewrite(&mut stack, &names);
        assert_eq!(codes(&done.diagnostics), found, "{env}");
        let tranship_model::EnvValue::Plain(text) = &stack.services["web"].env[0].value.value else { panic!("{env}") };
        assert_eq!(text, expect, "{env}");
    }
}

#[test]
fn a_config_that_became_a_secret_is_rewritten_like_any_other() {
    let compose = "services:\n  web:\n    image: example/web\n    configs: [conf]\n  my_db:\n    image: postgres:16\n\
                   configs: {conf: {file: ./conf.txt}}\n";
    let mut stack = stack_with(compose, &[("conf.txt", "password=hunter2\nurl=postgres://my_db:5432/x\n")]);
    let names = carried(&stack);
    let done = rewrite(&mut stack, &names);
    assert_eq!((codes(&done.diagnostics).len(), done.value.len()), (0, 1), "{:?}", lines(&done.diagnostics));
    let tranship_model::BlobContent::Files(files) = &stack.secrets["conf"].content else { panic!() };
    assert_eq!(files[0].bytes.expose().as_slice(), b"password=hunter2\nurl=postgres://my-db:5432/x\n");
}

#[test]
fn edges_say_who_calls_whom() {
    let text =
        format!("{}    depends_on: [db]\n", with_env("A: redis://cache:6379\n      DATABASE_URL: postgres://db/x"));
    let found: Vec<_> = edges(&stack(&text)).iter().map(|e| format!("{} {} {:?}", e.from, e.to, e.port)).collect();
    assert_eq!(found, ["web cache Some(6379)", "web db Some(5432)", "cache db None"]);
}

#[test]
fn services_that_share_a_network_are_local_to_each_other() {
    let text = "services:\n  app:\n    image: example/app\n    network_mode: service:vpn\n    environment: {DB_URL: 'redis://localhost:6379'}\n  \
                vpn:\n    image: example/vpn\n    ports: ['80:8080']\n  r:\n    image: redis:7\n    network_mode: service:vpn\n  \
                x:\n    image: example/x\n    environment: {A_URL: 'http://vpn:6379'}\n";
    check(text, &[]);
}

#[test]
fn what_cannot_be_rewritten_is_said() {
    let compose = "services:\n  web:\n    image: example/web\n    build: {context: ., args: {VITE_API: 'http://my_db:5432'}}\n    \
                   secrets: [conf]\n  my_db:\n    image: postgres:16\nsecrets: {conf: {file: ./conf.txt}}\n";
    let mut stack = stack_with(compose, &[("conf.txt", "url=postgres://my_db:5432/x\n")]);
    let before = stack.clone();
    let names = carried(&stack);
    let done = rewrite(&mut stack, &names);
    assert_eq!(codes(&done.diagnostics), ["error name-not-rewritten"; 2], "{:?}", lines(&done.diagnostics));
    assert!(done.value.is_empty());
    assert_eq!(stack, before, "what is refused stays as it is");
}

#[test]
fn a_port_that_is_only_called_is_opened_as_well_and_still_said() {
    let mut stack = stack(&with_env("API_URL: http://api:8080"));
    let checked = prove(&stack);
    assert_eq!(codes(&checked.diagnostics), ["error port-closed"]);
    complete(&mut stack, &checked.value);
    assert!(stack.services["api"].ports.iter().any(|port| port.container == 8080));
}

#[test]
fn a_line_that_several_services_read_is_one_finding() {
    let text = "x-env: &env\n  DB_HOST: database\nservices:\n  web:\n    image: w\n    environment: *env\n  job:\n    image: j\n    \
                environment: *env\n";
    let checked = prove(&stack(text));
    assert_eq!(
        lines(&checked.diagnostics).iter().map(|line| line.split(" | ").next().unwrap_or("")).collect::<Vec<_>>(),
        [
            "error name-unresolved: `web` names `database` in `DB_HOST`, and nothing in the project answers to `database`; another service reads the same line"
        ]
    );
}

#[test]
fn a_host_name_of_a_service_that_profiles_leave_out_is_known() {
    check(
        "services:\n  web:\n    image: w\n    environment: {TEI_HOST: tei}\n  tei-cpu:\n    image: t\n    profiles: [cpu]\n    hostname: tei\n",
        &["warning profile-off"],
    );
}

#[test]
fn several_names_that_nobody_has_are_not_meant_for_one_service() {
    let env = |names: &str| {
        format!("services:\n  web:\n    image: w\n    environment:\n{names}  rmq0:\n    image: r\n    expose: ['80']\n")
    };
    let known = "      A_HOST: rmq0\n      B_HOST: rmq0-dist\n";
    check(&env(known), &["error name-unresolved", "note two-names"]);
    check(&env(&format!("{known}      C_HOST: rmq0-qq\n")), &["error name-unresolved", "error name-unresolved"]);
}

#[test]
fn words_names_of_the_process_and_public_names_are_no_hosts() {
    for env in ["PROXY_HOST: None", "CLUSTER_HOSTNAME: node1", "DDNS_HOST: node"] {
        check(&with_env(env), &[]);
    }
    let text = "services:\n  lab:\n    image: example/lab\n    hostname: lab.example\n    environment: {CONFIG: \"external_url 'http://lab.example'\"}\n";
    let mut own = stack(text);
    let names = carried(&own);
    assert!(rewrite(&mut own, &names).value.is_empty());
}

#[test]
fn names_on_a_network_of_others_are_said_with_the_way_out() {
    let text = "services:\n  web:\n    image: example/web\n    networks: [shared]\n    environment: {DB_HOST: mysql}\nnetworks: {shared: {external: true}}\n";
    let found = lines(&prove(&stack(text)).diagnostics);
    assert!(found.iter().any(|line| line.contains("ExternalName")), "{found:?}");
}

#[test]
fn dockers_name_server_and_fixed_addresses_are_said() {
    let compose = "services:\n  proxy:\n    image: nginx:1\n    environment: {DB_URL: 'redis://172.20.0.5:6379'}\n    \
                   volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']\n  api:\n    build: .\n    ports: ['8000']\n";
    let conf = "server { resolver 127.0.0.11; set $up api; location / { proxy_pass http://$up:8000; } }\n";
    let found = prove(&stack_with(compose, &[("nginx.conf", conf)])).diagnostics;
    assert_eq!(codes(&found), ["warning fixed-address", "error docker-resolver"], "{:#?}", lines(&found));
}

#[test]
fn names_in_mounted_texts_are_rewritten_after_keys_and_warned_of_elsewhere() {
    let compose = "services:\n  web:\n    image: example/web\n    volumes: ['./app.yml:/etc/app.yml:ro']\n  my_db:\n    image: postgres:16\n";
    let text = "# my_db\ndatabase:\n  host: my_db\n  name: my_db\n  url: postgres://my_db:5432/my_db\n";
    let mut stack = stack_with(compose, &[("app.yml", text)]);
    let names = carried(&stack);
    let done = rewrite(&mut stack, &names);
    assert_eq!(codes(&done.diagnostics), ["warning name-ambiguous"], "{:?}", lines(&done.diagnostics));
    let tranship_model::BlobContent::Files(files) = &stack.configs.values().next().unwrap().content else { panic!() };
    let expect = "# my_db\ndatabase:\n  host: my-db\n  name: my_db\n  url: postgres://my-db:5432/my_db\n";
    assert_eq!(std::str::from_utf8(files[0].bytes.expose()), Ok(expect));
}

/// Run by hand: `cargo test -p tranship-infer --release size -- --ignored --nocapture`.
#[test]
#[ignore = "prints times, which depend on the machine"]
#[expect(clippy::disallowed_methods, reason = "measures time")]
fn size() {
    for count in [200, 1000, 5000] {
        let one = |at: usize| {
            let next = (at + 1) % count;
            format!(
                "  s{at}:\n    image: example/s{at}\n    ports: ['8000']\n    depends_on: [t]\n    environment: {{A_URL: 'http://s{next}:8000', \
                 DATABASE_URL: 'postgres://t:5432/x', B_URL: 'http://x{at}:1'}}\n"
            )
        };
        let text: String = (0..count).map(one).collect();
        let stack = stack(&format!("services:\n  t:\n    image: postgres:16\n{text}"));
        let start = std::time::Instant::now();
        let checked = prove(&stack);
        let proven = start.elapsed();
        let edges = crate::edges_of(&stack, &checked.value).len();
        let after = start.elapsed().saturating_sub(proven);
        println!(
            "{count} services: proof {proven:?}, {} findings, {edges} edges in {after:?}",
            checked.diagnostics.len()
        );
    }
}
