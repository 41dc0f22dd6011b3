//! What counts as a credential, case by case.

use super::*;

#[test]
fn credentials_are_told_from_what_is_about_them() {
    for (name, value, expect) in [
        ("POSTGRES_PASSWORD", "x", true),
        ("DB_PASS", "x", true),
        ("dbPassword", "x", true),
        ("JWT_SECRET", "x", true),
        ("SECRET_KEY_BASE", "x", true),
        ("API_KEY", "x", true),
        ("OPENAI_API_KEY", "x", true),
        ("AWS_ACCESS_KEY_ID", "x", true),
        ("APP_KEY", "base64:x", true),
        ("ADMIN_PASSWORD1", "x", true),
        ("MINIO_SECRET_KEY", "x", true),
        ("PASSWORD", "", false),
        ("POSTGRES_PASSWORD_FILE", "/run/secrets/x", false),
        ("DB_PASSWORD", "/run/secrets/x", false),
        ("TOKEN_EXPIRY", "30m", false),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "30", false),
        ("PASSWORD_LENGTH", "12", false),
        ("MAX_TOKENS", "4096", false),
        ("TOKEN_URL", "http://auth/token", false),
        ("TOKEN_URL", "http://u:p@auth/token", true),
        ("ALLOW_EMPTY_PASSWORD", "yes", false),
        ("MYSQL_RANDOM_ROOT_PASSWORD", "1", false),
        ("POSTGRES_PASSWORD", "1", true),
        ("secret.key.rotation", "5m", false),
        ("PUBLIC_KEY", "x", false),
        ("NEXT_PUBLIC_API_KEY", "x", false),
        ("PWD", "/app", false),
        ("CACHE_KEY_PREFIX", "x", false),
        ("COMPASS", "x", false),
        ("DATABASE_URL", "postgres://u:p@db/x", true),
        ("DATABASE_URL", "postgres://u@db/x", false),
        ("DATABASE_URL", "postgres://db:5432/x", false),
        ("DSN", "root:pw@tcp(db:3306)/x", true),
        ("CONNECTION", "Server=db;User=sa;Password=x;", true),
        ("CONNECTION", "Server=db;Password=;", false),
        ("SOMETHING", "-----BEGIN RSA PRIVATE KEY-----\nx", true),
        ("BOT", "ghp_0123456789abcdef", true),
        // Words that are not parted.
        ("PGPASSWORD", "x", true),
        ("DBPASSWORD", "x", true),
        ("ACCESSTOKEN", "x", true),
        ("CLIENTSECRET", "x", true),
        ("MYSQL_PWD", "x", true),
        ("OLDPWD", "/app", false),
        ("BYPASS", "localhost", false),
        ("COMPASSION", "x", false),
        // Keys, by who sells them and by how they look.
        ("OPENAI_KEY", "x", true),
        ("STRIPE_KEY", "x", true),
        ("MAPS_KEY", "Zm9vYmFyMTIzNDU2Nzg5MA", true),
        ("KEY", "Zm9vYmFyMTIzNDU2Nzg5MA", true),
        ("KEY", "name", false),
        ("CACHE_KEY", "Zm9vYmFyMTIzNDU2Nzg5MA", false),
        ("SORT_KEY", "created", false),
        ("SSL_KEY", "/etc/ssl/server.key", false),
        ("ROUTING_KEY", "orders.created.v1.all.1234", false),
        // Pairs.
        ("GITHUB_PAT", "x", true),
        ("URL_PAT", "/api/*", false),
        ("REDIS_AUTH", "x", true),
        ("BASIC_AUTH", "user:x", true),
        ("REQUIRE_AUTH", "ldap", false),
        ("ENABLE_AUTH", "ldap", false),
        ("REGISTRY_AUTH_HTPASSWD_REALM", "Registry Realm", false),
        ("RABBITMQ_ERLANG_COOKIE", "x", true),
        ("SESSION_COOKIE", "sid", false),
        ("DB_PASSWORD_USE", "x", true),
        ("USE_SECRET_STORAGE", "vault", false),
        ("ENCRYPTION_KEY_VERSION", "v1", false),
        ("TOKEN_TTL", "1h30m", false),
        ("PASSWORD_HASH", "x", true),
        // Texts that hold one.
        ("DB1", "postgres://u:a/b@db/x", true),
        ("DB1", "postgres://u:a?b@db/x", true),
        ("DB1", "postgres://u:a#b@db/x", true),
        ("DB1", "postgres://db:5432/x?by=a@b", false),
        ("PACKAGE", "https://web:80/@scope/name", false),
        ("SENTRY_DSN", "https://0123456789abcdef0123@sentry.example/1", true),
        ("GIT_URL", "https://git@example.org/x", false),
        ("DATABASE_URL", "postgres://u:${PASSWORD}@db/x", false),
        ("CONN", "Host=db;Password='x y'", true),
        ("CONN", "Host=db;Encrypt=no;Pwd=x", true),
        ("JAVA_OPTS", "-Ddb.password=x -Xmx1g", true),
        ("JAVA_OPTS", "-Djava.security.auth.login.config=/etc/jaas -Xmx1g", false),
        ("APPLICATION_JSON", "{\"a\":{\"password\":\"x\"}}", true),
        ("APPLICATION_JSON", "{\"a\":{\"passwordLength\":\"12\"}}", false),
        ("HEADERS", "Authorization: Bearer abc", true),
        ("HEADERS", "Authorization: $http_authorization", false),
        ("ARGS", "--requirepass x --port 6379", true),
        ("ARGS", "--token-ttl 5m --port 6379", false),
        ("KUBERNETES_LABELS", "app=web,tier=front", false),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=web,env=prod", false),
        ("CORS", "http://localhost:3000,http://localhost:8080", false),
        ("SKIPPED", "sk-learn-like-names-go-here", false),
    ] {
        assert_eq!(reason(name, value, None).is_some(), expect, "{name}={value}");
    }
}

#[test]
fn the_catalog_knows_credentials_whose_names_do_not_tell() {
    let product = crate::catalog::by_name("redis").unwrap();
    let why = reason("REDISCLI_AUTH", "x", Some(product)).unwrap();
    assert!(why.contains("Redis"), "{why}");
}

/// The credentials a command shows, each with its word's number.
fn shown(words: &[&str]) -> Vec<String> {
    in_words(words).into_iter().map(|(home, found)| format!("{home}:{}", &words[home][found.range])).collect()
}

#[test]
fn a_command_shows_its_credentials_by_their_places() {
    for (words, expect) in [
        (
            &["serve", "--password", "a20", "--api-key=a21", "redis://:a22@db:6379"][..],
            &["2:a20", "3:a21", "4:a22"][..],
        ),
        (&["redis-server", "--requirepass", "a b"], &["2:a b"]),
        (&["redis-server", "--requirepass", "ab", "--port", "1"], &["2:ab"]),
        (&["redis-server", "--requirepass", "$$X"], &[]),
        (&["sh", "-c", "mysqladmin ping -pa23 --password=a24 && exec x"], &["2:a23", "2:a24"]),
        (&["sh", "-c", "mysqladmin ping -h db -P 3306 --protocol tcp"], &[]),
        (&["sh", "-c", "redis-cli -a 'x1' ping | grep PONG"], &["2:x1"]),
        (&["sh", "-c", "curl -u admin:x2 http://a/ || exit 1"], &["2:x2"]),
        (&["sh", "-c", "if redis-cli -a x3 ping; then PGPASSWORD=x4 psql -U a; fi"], &["2:x3", "2:x4"]),
        (&["tar", "-a", "x"], &[]),
        (&["geth", "--authrpc.jwtsecret", "/var/lib/geth/jwtsecret"], &[]),
        (&["geth", "--jwt-secret=/var/lib/geth/jwtsecret"], &[]),
        (&["sh", "-c", "mysqladmin ping -h mysql -p\"\" || exit 1"], &[]),
        (&["boost", "-relay", "https://0xac6e77dfe25ecd6110b8e780608cce0dab71fdd5ebea22a1@relay.example"], &[]),
        (&["app", "--password=a,b;c&d=e"], &["1:a,b;c&d=e"]),
        (&["app", "--token", "--verbose"], &[]),
        (&["app", "--secret-name", "pull"], &[]),
        (&["mysqld", "--default-authentication-plugin=mysql_native_password"], &[]),
        (&["app", "--cookie", "a=b"], &[]),
        (&["app", "-p", "80:80"], &[]),
    ] {
        assert_eq!(shown(words), expect, "{words:?}");
    }
}

#[test]
fn a_text_shows_where_its_credentials_stand() {
    for (text, expect) in [
        ("password: a31\n", &["a31"][..]),
        ("DATABASE_URL: \"postgres://u:a1@dbx:5432/app\"", &["a1"]),
        ("environment: {DB_PASSWORD: a2, PORT: 1}", &["a2"]),
        ("- DB_PASSWORD=a3 b", &["a3"]),
        ("  DB_PASSWORD: a b # http://nowhere:1", &["a b"]),
        ("u:a4@tcp(db:3306)/x", &["a4"]),
        ("username=u,password=a5,vers=3.0", &["a5"]),
        ("http://a?token=a6&b=c", &["a6"]),
        ("<users><password>a9</password><password></password><port>1</port></users>", &["a9"]),
        ("command: [\"redis-server\", \"--requirepass\", \"a10\", \"--port\", \"1\"]", &["a10"]),
        ("secretName: pull\nimage: x", &[]),
        (
            "-----BEGIN PRIVATE KEY-----\nAB\n-----END PRIVATE KEY-----\nrest",
            &["-----BEGIN PRIVATE KEY-----\nAB\n-----END PRIVATE KEY-----"],
        ),
        ("postgres://u:a7@a/x,postgres://u:a8@b/x", &["a7", "a8"]),
    ] {
        let found: Vec<&str> = in_text(text).into_iter().map(|found| &text[found.range]).collect();
        assert_eq!(found, expect, "{text}");
    }
}
