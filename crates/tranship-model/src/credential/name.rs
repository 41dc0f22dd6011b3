//! Names that say that a value is a credential.

/// Words that make a name a credential's.
const SECRET_WORDS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PASS",
    "PWD",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "CREDENTIAL",
    "CREDENTIALS",
    "APIKEY",
    "SECRETKEY",
    "ACCESSKEY",
    "PRIVATEKEY",
    "AUTHKEY",
    "PASSWORDS",
    "PASSCODE",
    "REQUIREPASS",
    "MASTERAUTH",
    "SSHPASS",
];

/// Endings of a word that make a name a credential's, where words are not parted: `PGPASSWORD`, `ACCESSTOKEN`.
const SECRET_ENDINGS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "TOKEN",
    "SECRET",
    "APIKEY",
    "SECRETKEY",
    "ACCESSKEY",
    "PRIVATEKEY",
    "USERPASS",
    "ROOTPASS",
    "DBPASS",
    "ADMINPASS",
    "ACCOUNTKEY",
];

/// Words before a last word that make both a credential's.
const PAIRS: &[(&str, &[&str])] = &[
    ("PAT", &["GITHUB", "GH", "GITLAB", "GIT", "AZURE", "AZP", "ADO", "DEVOPS", "DOCKER", "DOCKERHUB", "BITBUCKET"]),
    ("AUTH", &["REDIS", "BASIC", "NEO4J", "HTPASSWD", "VALKEY"]),
    ("COOKIE", &["ERLANG"]),
    ("USERS", &["BASICAUTH", "DIGESTAUTH"]),
    ("HASH", &["PASSWORD", "PASS"]),
    // Those who sell by the key.
    (
        "KEY",
        &[
            "ANTHROPIC",
            "AIRTABLE",
            "ALGOLIA",
            "COHERE",
            "CLOUDFLARE",
            "DATADOG",
            "DD",
            "DEEPL",
            "DEEPSEEK",
            "ELEVENLABS",
            "GEMINI",
            "GROQ",
            "HUGGINGFACE",
            "MAILGUN",
            "MAILJET",
            "MISTRAL",
            "NEWRELIC",
            "OPENAI",
            "OPENROUTER",
            "PINECONE",
            "POSTMARK",
            "REPLICATE",
            "RESEND",
            "SENDGRID",
            "SERPAPI",
            "STRIPE",
            "TAVILY",
            "TMDB",
            "VOYAGE",
        ],
    ),
];

/// Words that make a following `KEY` a credential's.
const KEY_WORDS: &[&str] = &[
    "API",
    "ACCESS",
    "SECRET",
    "PRIVATE",
    "ENCRYPTION",
    "ENCRYPT",
    "SIGNING",
    "SIGN",
    "AUTH",
    "MASTER",
    "LICENSE",
    "APP",
    "SESSION",
    "JWT",
    "HMAC",
    "AES",
    "SSH",
    "DEPLOY",
    "COOKIE",
    "ACCOUNT",
    "STORAGE",
    "UNSEAL",
    "FERNET",
    "SALT",
    "HASH",
];

/// Last words that say the value is about a credential and not one.
const ABOUT_WORDS: &[&str] = &[
    "FILE",
    "FILES",
    "PATH",
    "DIR",
    "DIRECTORY",
    "URL",
    "URI",
    "ENDPOINT",
    "HOST",
    "PORT",
    "NAME",
    "USER",
    "USERNAME",
    "EMAIL",
    "EXPIRY",
    "EXPIRE",
    "EXPIRES",
    "EXPIRATION",
    "TTL",
    "ENABLED",
    "ENABLE",
    "DISABLED",
    "LENGTH",
    "SIZE",
    "MIN",
    "MAX",
    "TIMEOUT",
    "ALGORITHM",
    "ALG",
    "TYPE",
    "HEADER",
    "ISSUER",
    "AUDIENCE",
    "SECONDS",
    "MINUTES",
    "HOURS",
    "DAYS",
    "LIFETIME",
    "AGE",
    "POLICY",
    "REQUIRED",
    "ROUNDS",
    "COUNT",
    "LIMIT",
    "PREFIX",
    "SUFFIX",
    "FORMAT",
    "METHOD",
    "MODE",
    "PROVIDER",
    "VERSION",
    "RESET",
    "DURATION",
    "PERIOD",
    "DELAY",
    "LOCATION",
    "KEYTAB",
    "PRINCIPAL",
    "BACKEND",
    "STORE",
    "ENCODING",
    "MANAGER",
    "VALIDATION",
    "STRENGTH",
    "INTERVAL",
    "AUTH",
    "AUTHENTICATION",
    "LOGIN",
    "CLASS",
    "SERVICE",
    "VAR",
    "ENV",
    "COLUMN",
    "FIELD",
    "SCOPE",
    "SCOPES",
    "LEVEL",
    "REALM",
    "PATTERN",
    "REGEX",
    "ACTION",
    "STRATEGY",
];

/// Words anywhere in a name that say the value is no credential.
const OPEN_WORDS: &[&str] = &[
    "PUBLIC",
    "ALLOW",
    "ENABLE",
    "DISABLE",
    "REQUIRE",
    "MAX",
    "MIN",
    "TOKENS",
    "RANDOM",
    "EMPTY",
    "ONETIME",
    "SKIP",
    "TOKENIZER",
];

/// First words of a name that say the value is no credential.
const OPEN_FIRST: &[&str] = &["USE"];

/// Words before a last `KEY` that say it is a name or a number, however it looks.
const OPEN_KEYS: &[&str] = &[
    "CACHE",
    "PRIMARY",
    "FOREIGN",
    "SORT",
    "PARTITION",
    "ROUTING",
    "SITE",
    "OBJECT",
    "INDEX",
    "MAP",
    "KV",
    "TRANSLATION",
    "CONFIG",
    "GROUP",
    "LOCK",
    "HOST",
    "WRITE",
    "READ",
    "LANGUAGE",
    "PROJECT",
    "SITEKEY",
    "FEATURE",
    "SHORTCUT",
];

/// Why a name says that the value is a credential; `None` when it does not.
pub(super) fn by_name(name: &str, value: &str) -> Option<String> {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (last, before) = words.split_last()?;
    let is_path = value.starts_with("/run/secrets/") || value.starts_with("file:") || is_duration(value);
    let is_open = words.iter().any(|word| OPEN_WORDS.contains(word))
        || words.first().is_some_and(|first| OPEN_FIRST.contains(first))
        || matches!(name, "PWD" | "OLDPWD");
    if is_path || is_open {
        return None;
    }
    let pair = PAIRS
        .iter()
        .find(|(word, vendors)| word == last && before.last().is_some_and(|previous| vendors.contains(previous)));
    let hit = match pair {
        Some(_) => words.get(words.len() - 2..).unwrap_or_default().join("_"),
        None if ABOUT_WORDS.contains(last) => return None,
        None => plain(&words).or_else(|| before_key(&words)).or_else(|| looks_made(last, before, value))?,
    };
    Some(format!("the name holds `{hit}`, which names a credential"))
}

/// A word that is one of a credential by itself.
fn plain(words: &[&str]) -> Option<String> {
    let last = words.last()?.trim_end_matches(|c: char| c.is_ascii_digit());
    let ends = |word: &&&str| SECRET_ENDINGS.iter().any(|ending| word.ends_with(ending));
    let known = |word: &&&str| SECRET_WORDS.contains(*word);
    let hit = words.iter().find(known).or_else(|| words.iter().find(ends)).copied();
    hit.or_else(|| Some(last).filter(|last| known(&last) || ends(&last))).map(str::to_owned)
}

/// `KEY` after a word that makes it one of a lock.
fn before_key(words: &[&str]) -> Option<String> {
    let pair =
        |pair: &&[&str]| pair.get(1) == Some(&"KEY") && pair.first().is_some_and(|word| KEY_WORDS.contains(word));
    words.windows(2).find(pair).map(|pair| pair.join("_"))
}

/// A last `KEY` whose value looks made by a machine.
fn looks_made(last: &str, before: &[&str], value: &str) -> Option<String> {
    let is_named = before.last().is_some_and(|previous| OPEN_KEYS.contains(previous));
    (last == "KEY" && !is_named && is_random(value)).then(|| "KEY".to_owned())
}

/// Whether a text looks made by a machine: long, without words, letters and digits mixed.
fn is_random(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let others = value.len() - digits - letters;
    value.len() >= 20 && digits >= 3 && letters >= 3 && others <= 2 && !value.contains(char::is_whitespace)
}

/// Whether a text is a length of time, such as `30m` or `1h30m`.
fn is_duration(value: &str) -> bool {
    let mut rest = value.trim();
    while let Some(at) = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|at| *at > 0) {
        let tail = rest.get(at..).unwrap_or_default();
        let end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        if !matches!(tail.get(..end), Some("ns" | "us" | "µs" | "ms" | "s" | "m" | "h" | "d" | "w")) {
            return false;
        }
        rest = tail.get(end..).unwrap_or_default();
        if rest.is_empty() {
            return true;
        }
    }
    false
}

/// The words of a name, in capitals: split at what is no letter or digit, and where small letters meet capitals.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        let starts = !c.is_ascii_alphanumeric() || (small && c.is_ascii_uppercase());
        if starts {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_uppercase());
        }
        small = c.is_ascii_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}
