//! What the variants are made from: small texts that together use most of the formats.

/// Compose files, YAML corner cases and env files.
pub const SEEDS: &[&str] = &[COMPOSE, MERGES, RESOURCES, OVERRIDES, YAML, ENV];

/// Those among them that are projects as they stand.
pub const PROJECTS: &[&str] = &[COMPOSE, MERGES, RESOURCES, OVERRIDES];

const COMPOSE: &str = "\
name: shop
services:
  web:
    image: nginx:1.27
    ports: [\"8080:80\", {target: 443, published: \"8443-8445\", protocol: tcp}]
    depends_on: {api: {condition: service_healthy, required: false}}
    volumes:
      - ./site.conf:/etc/nginx/conf.d/default.conf:ro
      - type: tmpfs
        target: /tmp
        tmpfs: {size: 10m}
    healthcheck: {test: [CMD, curl, -f, http://localhost], interval: 1m30s, retries: 3}
  api:
    build: {context: ., args: [A=1, B]}
    command: sh -c \"exec serve --port ${PORT:-3000} $$HOME\"
    environment: {URL: \"postgres://u:${PW:?set it}@db/x\", EMPTY:, N: 1.50}
    env_file: [{path: .env, required: false}]
    deploy: {replicas: 2, resources: {limits: {cpus: '0.5', memory: 128M}}}
    networks: {back: {aliases: [backend], ipv4_address: 10.0.0.2}}
  db:
    image: postgres:16
    volumes: [data:/var/lib/postgresql/data]
networks: {back: {ipam: {config: [{subnet: 10.0.0.0/24}]}}, default:}
volumes: {data:}
";

const MERGES: &str = "\
x-base: &base
  restart: unless-stopped
  labels: &labels {a: \"1\", b: two}
services:
  one:
    <<: *base
    image: a
    labels: {<<: *labels, c: null}
  two:
    <<: [*base, {init: true}]
    extends: {service: one}
    entrypoint: [\"/bin/sh\", '-c', \"echo 'it''s'\"]
    profiles: [debug]
    user: 1000:1000
    ulimits: {nofile: {soft: 1024, hard: 2048}, nproc: 65535}
";

const RESOURCES: &str = "\
services:
  a:
    image: b
    configs: [app, {source: app, target: /etc/app, mode: 0440}]
    secrets: [{source: key, uid: '103', mode: 0o400}]
    gpus: all
    extra_hosts: [\"h=::1\", 'x:10.0.0.1']
    sysctls: {net.core.somaxconn: 1024}
    post_start: [{command: ./init.sh, user: root}]
configs: {app: {content: \"a=${A-b}\\n\"}, other: {file: ./x}}
secrets: {key: {environment: KEY}, ext: {external: true, name: real}}
include: [other.yaml, {path: [a.yaml, b.yaml], env_file: x.env, project_directory: sub}]
";

const OVERRIDES: &str = "\
services:
  web:
    image: a
    ports: !override [\"1:1\"]
    environment: !reset null
    command: !!str 12
    develop: {watch: [{path: ., action: sync, target: /app, ignore: [node_modules/]}]}
    logging: {driver: json-file, options: {max-size: 10m}}
    blkio_config: {weight: 300, device_read_bps: [{path: /dev/sda, rate: '12mb'}]}
";

const YAML: &str = "\
%YAML 1.2
---
block: |2-
    kept
   folded: >+
plain: a #b
? complex key
: [a, 'b', \"c\\x41\\u263a\\n\"]
nums: [0o17, 0x1F, 1_000, .inf, -.NaN, 1e3, 2001-12-14t21:59:43.10-05:00, yes, ~]
anchors: &a {b: &c [1, *c2]}
...
---
second: *a
";

const ENV: &str = "\
# comment
A=1
export B = \"two ${A} \\n\" # tail
C='single $A'
D: yaml style
E=${F:-${A}}
MULTI=\"line
two\"
";
