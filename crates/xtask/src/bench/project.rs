//! Made-up projects: groups of five services as a team would write them, about twenty lines each.

use std::fmt::Write;

/// A configuration file that the web services mount.
pub const SITE_CONF: &str = "server {\n  listen 8080;\n  location / { proxy_pass http://api1:3000; }\n}\n";

/// A Compose file with so many services.
pub fn compose(services: usize) -> String {
    let mut text =
        "name: bench\nx-logging: &logging\n  driver: json-file\n  options: {max-size: 10m}\nservices:\n".to_owned();
    for number in 0..services {
        let group = number / 5;
        text.push_str(&match number % 5 {
            0 => web(number, group, services),
            1 => api(number, group, services),
            2 => database(number, group),
            3 => cache(number, group),
            _ => worker(number, group),
        });
    }
    text.push_str("networks:\n");
    for group in 0..services.div_ceil(5) {
        let _infallible = writeln!(text, "  net{group}: {{}}");
    }
    if services > 2 {
        text.push_str("volumes:\n");
        for number in (2..services).step_by(5) {
            let _infallible = writeln!(text, "  data{number}:\n    labels: {{team: \"{}\"}}", number / 5);
        }
    }
    text
}

fn web(number: usize, group: usize, services: usize) -> String {
    let depends =
        if number + 1 < services { format!("    depends_on:\n      - api{}\n", number + 1) } else { String::new() };
    format!(
        "  # the public door of group {group}
  web{number}:
    image: nginx:1.27-alpine
    restart: unless-stopped
    ports:
      - \"{}:8080\"
    volumes:
      - ./site.conf:/etc/nginx/conf.d/site.conf:ro
{depends}    environment:
      GREETING: \"hello ${{USER_NAME:-nobody}}\"
      TZ: Europe/Berlin
    healthcheck:
      test: [\"CMD\", \"wget\", \"-qO-\", \"http://localhost:8080/\"]
      interval: 30s
      timeout: 5s
    networks: [net{group}]
    logging: *logging
    labels:
      team: \"{group}\"
      tier: web
",
        20_000 + number
    )
}

fn api(number: usize, group: usize, services: usize) -> String {
    let database = number + 1;
    let depends = if database < services {
        format!("    depends_on:\n      db{database}:\n        condition: service_healthy\n")
    } else {
        String::new()
    };
    format!(
        "  api{number}:
    image: example/api:${{API_TAG:-1.4.2}}
    command: [\"serve\", \"--port\", \"3000\"]
    user: \"1000:1000\"
    expose: [\"3000\"]
    environment:
      - DATABASE_URL=postgres://app:secret@db{database}:5432/app
      - LOG_LEVEL=info
      - WORKERS=4
{depends}    networks:
      net{group}:
        aliases: [backend{group}]
    deploy:
      replicas: 2
      resources:
        limits: {{cpus: \"0.5\", memory: 256M}}
    read_only: true
    tmpfs: [/tmp]
    stop_grace_period: 30s
    logging: *logging
"
    )
}

fn database(number: usize, group: usize) -> String {
    format!(
        "  db{number}:
    image: postgres:16
    restart: always
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: secret
      POSTGRES_DB: app
      PGDATA: /var/lib/postgresql/data/pgdata
    volumes:
      - data{number}:/var/lib/postgresql/data
    healthcheck:
      test: [\"CMD-SHELL\", \"pg_isready -U app -d app\"]
      interval: 10s
      retries: 5
      start_period: 20s
    networks: [net{group}]
    shm_size: 128m
    logging: *logging
    labels: {{team: \"{group}\"}}
"
    )
}

fn cache(number: usize, group: usize) -> String {
    format!(
        "  cache{number}:
    image: redis:7-alpine
    command: redis-server --save '' --maxmemory 64mb
    restart: unless-stopped
    networks:
      - net{group}
    sysctls:
      net.core.somaxconn: 1024
    ulimits:
      nofile: {{soft: 20000, hard: 40000}}
    cap_drop: [ALL]
    security_opt: [\"no-new-privileges:true\"]
    mem_limit: 96m
    cpus: 0.25
    healthcheck:
      test: redis-cli ping | grep PONG
      interval: 5s
    logging: *logging
    labels: {{team: \"{group}\"}}
"
    )
}

fn worker(number: usize, group: usize) -> String {
    format!(
        "  worker{number}:
    build:
      context: ./worker
      args: {{GROUP: \"{group}\"}}
    image: example/worker:latest
    entrypoint: [\"/app/worker\"]
    working_dir: /app
    init: true
    restart: on-failure:3
    environment:
      QUEUE: queue{group}
      CONCURRENCY: \"8\"
      REDIS_URL: redis://cache{}:6379/0
    extra_hosts:
      - \"metrics.internal:10.0.0.5\"
    networks: [net{group}]
    stop_signal: SIGINT
    logging: *logging
",
        number - 1
    )
}

#[cfg(test)]
mod tests {
    use super::compose;

    #[test]
    fn a_project_has_its_services_and_about_twenty_lines_for_each() {
        for services in [5, 10, 200, 1000] {
            let text = compose(services);
            assert_eq!(text.matches("    logging: *logging\n").count(), services);
            assert!((15..=24).contains(&(text.lines().count() / services)), "{services}: {}", text.lines().count());
        }
        assert_eq!(compose(50), compose(50));
    }
}
