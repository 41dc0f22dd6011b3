//! What a variable's name says about its value.

/// What a variable's value is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It ends up in a page that a browser runs.
    Browser,
    /// The address users reach the application at: origins, redirects, advertised names.
    Public,
    /// The address its own process listens on.
    Own,
    /// The host of something it calls.
    Host,
    /// An address of something: a host is likely.
    Address,
    /// Nothing is said.
    Neutral,
    /// Words that only look like a host: versions, images, credentials.
    Opaque,
}

/// What frameworks put into the pages they build.
const BROWSER: &[&str] = &[
    "EXPO_PUBLIC_",
    "GATSBY_",
    "NEXT_PUBLIC_",
    "NG_APP_",
    "NUXT_PUBLIC_",
    "PUBLIC_",
    "REACT_APP_",
    "VITE_",
    "VUE_APP_",
];

const OPAQUE: &[&str] = &[
    "AUTH",
    "COLOR",
    "CREDENTIALS",
    "CRON",
    "DATABASE",
    "DATE",
    "DB",
    "DIR",
    "FILE",
    "FORMAT",
    "IMAGE",
    "LEVEL",
    "LOCALE",
    "LOGIN",
    "NAME",
    "PASS",
    "PASSWORD",
    "PATH",
    "PROJECT",
    "SCHEDULE",
    "SECRET",
    "SERVICES",
    "TAG",
    "TIME",
    "TOKEN",
    "TOPIC",
    "TOPICS",
    "TZ",
    "USER",
    "USERNAME",
    "VERSION",
    "VOLUME",
];

const PUBLIC: &[&str] = &[
    "ADVERTISED",
    "BROWSER",
    "CALLBACK",
    "CORS",
    "CSRF",
    "DDNS",
    "DOMAIN",
    "DOMAINS",
    "EXTERNAL",
    "FRONTEND",
    "HOMEPAGE",
    "ISSUER",
    "LOGOUT",
    "NEXTAUTH",
    "ORIGIN",
    "ORIGINS",
    "PUBLIC",
    "REDIRECT",
    "REFERER",
    "ROOT",
    "SITE",
    "TRUSTED",
    "WEBSITE",
];

/// Names that mean the application's own address when they stand for a URL.
const PUBLIC_NAMES: &[&str] = &[
    "APP_BASE_URL",
    "APP_URL",
    "AUTH_URL",
    "BASEURL",
    "BASE_URL",
    "HOST_URL",
    "KC_HOSTNAME",
    "KC_HOSTNAME_URL",
    "N8N_HOST",
    "SERVER_URL",
    "URL",
    "WEBAPP_URL",
    "WEBHOOK_URL",
    "WEB_URL",
];

const OWN: &[&str] = &["BIND", "LISTEN", "LISTENER", "LISTENERS", "LISTENING", "VIRTUAL"];

/// Variables that name the process's own host, whatever their last word says.
const OWN_NAMES: &[&str] = &[
    "ALLOWED_HOSTS",
    "APP_HOST",
    "ASPNETCORE_URLS",
    "FLASK_RUN_HOST",
    "HOST",
    "HOSTNAME",
    "HTTP_HOST",
    "LETSENCRYPT_HOST",
    "SERVER_ADDRESS",
    "SERVER_HOST",
    "UVICORN_HOST",
    "VIRTUAL_HOST",
    "WEB_HOST",
];

const HOST: &[&str] = &["HOST", "HOSTNAME", "HOSTS"];

const ADDRESS: &[&str] = &[
    "ADDR",
    "ADDRESS",
    "ADDRESSES",
    "ADDRS",
    "BACKEND",
    "BACKENDS",
    "BOOTSTRAP",
    "BROKER",
    "BROKERS",
    "CONNECT",
    "DSN",
    "ENDPOINT",
    "ENDPOINTS",
    "HOSTPORT",
    "MASTER",
    "NODE",
    "NODES",
    "PEERS",
    "SEEDS",
    "SERVER",
    "SERVERS",
    "TARGET",
    "TARGETS",
    "UPSTREAM",
    "UPSTREAMS",
    "URI",
    "URIS",
    "URL",
    "URLS",
    "WAITFOR",
];

/// The class of a variable's value. The last word weighs most: `DB_HOST` is a host, `HOST_DB` is not.
pub(crate) fn class(name: &str) -> Class {
    let upper = name.to_ascii_uppercase().replace(['.', '-'], "_");
    let words: Vec<&str> = upper.split('_').filter(|word| !word.is_empty()).collect();
    let last = words.last().copied().unwrap_or("");
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    if BROWSER.iter().any(|prefix| upper.starts_with(prefix)) && !upper.contains("PROXY") && !upper.contains("SERVER_")
    {
        return Class::Browser;
    }
    if OWN_NAMES.contains(&upper.as_str()) {
        return Class::Own;
    }
    if PUBLIC_NAMES.contains(&upper.as_str()) || has(PUBLIC) {
        return Class::Public;
    }
    match () {
        () if has(OWN) => Class::Own,
        // A host name that is not of a store is as often the process's own.
        () if last == "HOSTNAME" && !is_backing(name) => Class::Own,
        () if HOST.contains(&last) => Class::Host,
        () if ADDRESS.contains(&last) || last.ends_with("URL") || last.ends_with("URI") => Class::Address,
        () if has(OPAQUE) => Class::Opaque,
        () if has(ADDRESS) => Class::Address,
        () => Class::Neutral,
    }
}

/// Words by which a variable's name says that its host keeps data or passes messages on: no browser ever calls it.
const BACKING: &[&str] = &[
    "AMQP",
    "BROKER",
    "CACHE",
    "CASSANDRA",
    "CLICKHOUSE",
    "DATABASE",
    "DATASOURCE",
    "DB",
    "ELASTIC",
    "ELASTICSEARCH",
    "ETCD",
    "KAFKA",
    "MAIL",
    "MARIADB",
    "MEMCACHED",
    "MONGO",
    "MONGODB",
    "MQTT",
    "MYSQL",
    "NATS",
    "NEO4J",
    "OPENSEARCH",
    "PG",
    "POSTGRES",
    "POSTGRESQL",
    "QUEUE",
    "RABBIT",
    "RABBITMQ",
    "REDIS",
    "SMTP",
    "SQL",
    "VALKEY",
    "ZOOKEEPER",
];

/// Whether a variable's name speaks of a store, a cache or a queue.
pub(crate) fn is_backing(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    upper.split(['_', '.', '-']).any(|word| BACKING.contains(&word) || word.starts_with("PG") && word.len() > 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_a_value_is() {
        for (name, expect) in [
            ("NEXT_PUBLIC_API_URL", Class::Browser),
            ("VITE_API", Class::Browser),
            ("VITE_PROXY_TARGET", Class::Address),
            ("CORS_ORIGINS", Class::Public),
            ("KAFKA_ADVERTISED_LISTENERS", Class::Public),
            ("GF_SERVER_ROOT_URL", Class::Public),
            ("HOST", Class::Own),
            ("BIND_ADDR", Class::Own),
            ("DB_HOST", Class::Host),
            ("DB_HOSTNAME", Class::Host),
            ("CLUSTER_HOSTNAME", Class::Own),
            ("DDNS_HOST", Class::Public),
            ("spring.redis.host", Class::Host),
            ("DATABASE_URL", Class::Address),
            ("KAFKA_BOOTSTRAP_SERVERS", Class::Address),
            ("POSTGRES_DB", Class::Opaque),
            ("APP_VERSION", Class::Opaque),
            ("LOG", Class::Neutral),
        ] {
            assert_eq!(class(name), expect, "{name}");
        }
        assert!(is_backing("DB_HOST") && is_backing("PGHOST") && !is_backing("API_HOST"));
    }
}
