//! What a service keeps in its process or in files beside it, so that a second one of it would not be the same.
//!
//! Each kind has its marks: packages, words of the code, values of the environment. A mark that another package lifts
//! (a store for sessions) does not count.

use std::collections::BTreeSet;

use tranship_model::{EnvValue, Service};

use super::manifest::Package;
use super::source::Source;
use crate::graph::Evidence;
use crate::place::{Place, ends};

/// A kind of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A database in a file that one process writes.
    Sqlite,
    /// Sessions in memory or in files.
    Sessions,
    /// Work at set times, begun by the process itself.
    Schedule,
    /// Uploads in a folder.
    Uploads,
    /// A count of requests in memory.
    Limiter,
    /// Answers kept in memory.
    Cache,
    /// Connections whose listeners are known to one process.
    Sockets,
    /// Work that waits in memory.
    Jobs,
}

impl What {
    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Sessions => "sessions",
            Self::Schedule => "schedule",
            Self::Uploads => "uploads",
            Self::Limiter => "rate limit",
            Self::Cache => "cache",
            Self::Sockets => "open connections",
            Self::Jobs => "queued work",
        }
    }

    /// What follows for a second replica, a sentence.
    pub fn means(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "one process writes the file, on one node: no second replica, and a short stop at each update"
            }
            Self::Sessions => "a user is known to one replica only, and to none after an update",
            Self::Schedule => "every replica does the work, as often as there are replicas",
            Self::Uploads => "a file lies where it was uploaded: other replicas see it only in a volume that all share",
            Self::Limiter => "every replica counts by itself, so that the limit grows with their number",
            Self::Cache => "every replica keeps its own answers: they may differ until they expire",
            Self::Sockets => "a message reaches those who are connected to the same replica",
            Self::Jobs => "work that waits is lost when the pod ends, at each update and each move",
        }
    }

    /// What to do before there is a second one.
    pub fn instead(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "move to a database server (PostgreSQL) with migrations, or keep one replica and back the file up"
            }
            Self::Sessions => "keep sessions in Redis or the database, or in a signed cookie",
            Self::Schedule => "make it a CronJob, or take a lock before the work",
            Self::Uploads => "put uploads into an object store, or a volume that many nodes can write",
            Self::Limiter => "count in Redis, or let the proxy count",
            Self::Cache => "nothing, where answers may differ for a while; else Redis",
            Self::Sockets => "pass messages through Redis (an adapter) and keep a client at one replica",
            Self::Jobs => "a queue that outlives the process (Redis, RabbitMQ) with a worker of its own",
        }
    }

    /// Whether it forbids a second replica, or only makes it worse.
    pub fn is_hard(self) -> bool {
        matches!(self, Self::Sqlite | Self::Uploads | Self::Schedule | Self::Sessions)
    }
}

/// Something a service keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What.
    pub what: What,
    /// What shows it, at most a few.
    pub evidence: Vec<Evidence>,
}

/// Marks of one kind.
struct Marks {
    what: What,
    /// Packages that show it.
    packages: &'static [&'static str],
    /// Words of the code that show it.
    words: &'static [&'static str],
    /// Packages that lift it.
    lifted_by: &'static [&'static str],
}

const MARKS: &[Marks] = &[
    Marks {
        what: What::Sqlite,
        packages: &[
            "npm:better-sqlite3",
            "npm:sqlite3",
            "pip:aiosqlite",
            "go:github.com/mattn/go-sqlite3",
            "go:modernc.org/sqlite",
            "gem:sqlite3",
            "cargo:rusqlite",
            "nuget:Microsoft.EntityFrameworkCore.Sqlite",
            "npm:sqlite",
            "go:gorm.io/driver/sqlite",
        ],
        words: &[
            "sqlite3.connect(",
            "sqlite:///",
            "django.db.backends.sqlite3",
            "new Database(",
            "sql.Open(\"sqlite",
            "UseSqlite(",
        ],
        lifted_by: &[
            "pip:psycopg2",
            "pip:psycopg2-binary",
            "pip:psycopg",
            "pip:asyncpg",
            "npm:pg",
            "npm:mysql2",
            "gem:pg",
            "go:github.com/jackc/pgx/v5",
            "go:github.com/lib/pq",
            "npm:postgres",
            "pip:mysqlclient",
        ],
    },
    Marks {
        what: What::Sessions,
        packages: &["npm:express-session", "npm:session-file-store", "npm:memorystore"],
        words: &[
            "new MemoryStore(",
            "SESSION_TYPE\"] = \"filesystem\"",
            "SESSION_TYPE'] = 'filesystem'",
            "SESSION_TYPE = \"filesystem\"",
            "sessions.NewFilesystemStore(",
            "django.contrib.sessions.backends.file",
        ],
        lifted_by: &[
            "npm:connect-redis",
            "npm:connect-pg-simple",
            "npm:connect-mongo",
            "npm:express-mysql-session",
            "npm:connect-session-sequelize",
        ],
    },
    Marks {
        what: What::Schedule,
        packages: &[
            "npm:node-cron",
            "npm:node-schedule",
            "npm:cron",
            "npm:@nestjs/schedule",
            "pip:apscheduler",
            "pip:schedule",
            "go:github.com/robfig/cron/v3",
            "gem:rufus-scheduler",
            "cargo:tokio-cron-scheduler",
        ],
        words: &[
            "BackgroundScheduler(",
            "AsyncIOScheduler(",
            "cron.schedule(",
            "schedule.every(",
            "@Scheduled(",
            "repeat_every(",
        ],
        lifted_by: &[],
    },
    Marks {
        what: What::Uploads,
        packages: &["npm:multer", "npm:formidable", "npm:express-fileupload"],
        words: &[
            "UPLOAD_FOLDER",
            "UPLOAD_DIR",
            "MEDIA_ROOT",
            "multer.diskStorage(",
            "multer({ dest",
            "secure_filename(",
            "os.Create(filepath.Join(upload",
            "c.SaveUploadedFile(",
        ],
        lifted_by: &[
            "npm:multer-s3",
            "pip:django-storages",
            "npm:@aws-sdk/client-s3",
            "pip:boto3",
            "pip:minio",
            "npm:minio",
            "go:github.com/minio/minio-go/v7",
        ],
    },
    Marks {
        what: What::Limiter,
        packages: &[
            "npm:express-rate-limit",
            "pip:slowapi",
            "pip:flask-limiter",
            "npm:rate-limiter-flexible",
            "npm:@fastify/rate-limit",
            "npm:koa-ratelimit",
        ],
        words: &["storage_uri=\"memory://\"", "new RateLimiterMemory(", "rate.NewLimiter("],
        lifted_by: &["npm:rate-limit-redis"],
    },
    Marks {
        what: What::Cache,
        packages: &[
            "npm:node-cache",
            "npm:lru-cache",
            "pip:cachetools",
            "npm:memory-cache",
            "go:github.com/patrickmn/go-cache",
        ],
        words: &["LocMemCache", "TTLCache(", "SimpleCache(", "new NodeCache(", "AddMemoryCache("],
        lifted_by: &[],
    },
    Marks {
        what: What::Sockets,
        packages: &["npm:socket.io", "npm:ws", "pip:python-socketio", "pip:flask-socketio", "gem:actioncable"],
        words: &[
            "new WebSocketServer(",
            "new WebSocket.Server(",
            "InMemoryChannelLayer",
            "active_connections",
            "ConnectionManager(",
        ],
        lifted_by: &["npm:@socket.io/redis-adapter", "npm:socket.io-redis", "pip:channels-redis"],
    },
    Marks {
        what: What::Jobs,
        packages: &[],
        words: &["asyncio.Queue(", "BackgroundTasks", "queue.Queue(", "new PQueue("],
        lifted_by: &[],
    },
];

/// So many pieces of evidence are told of one kind.
const MOST: usize = 3;

/// What a service keeps, in the order of the kinds.
pub(super) fn held(service: &Service, packages: &[Package], sources: &[Source]) -> Vec<Held> {
    let has = |names: &[&str]| packages.iter().find(|package| !package.dev && names.contains(&package.key.as_str()));
    let mut out = Vec::new();
    for marks in MARKS {
        let mut evidence: Vec<Evidence> = Vec::new();
        evidence.extend(environment(service, marks.what));
        let lifted = has(marks.lifted_by).is_some();
        if !lifted {
            let package = has(marks.packages);
            evidence.extend(package.map(|package| Evidence {
                what: "package".to_owned(),
                text: format!("`{}`", package.key.split_once(':').map_or("", |(_, name)| name)),
                place: Some(package.place.clone()),
            }));
            evidence.extend(words(marks, sources));
            evidence.extend(dictionary(marks.what, sources));
        }
        let mut seen = BTreeSet::new();
        evidence.retain(|one| seen.insert((one.place.clone(), one.text.clone())));
        evidence.truncate(MOST);
        if !evidence.is_empty() {
            out.push(Held { what: marks.what, evidence });
        }
    }
    out
}

fn words<'a>(marks: &'a Marks, sources: &'a [Source]) -> impl Iterator<Item = Evidence> + 'a {
    let lines = sources.iter().flat_map(|source| source.lines().map(move |(at, line)| (source, at, line)));
    let found = lines.filter(|(_, _, line)| marks.words.iter().any(|word| line.contains(word)));
    // Where something is imported is not where it is used.
    let used = found.filter(|(_, _, line)| !line.starts_with("from ") && !line.starts_with("import "));
    used.take(MOST).map(|(source, at, line)| evidence(&source.path, at, line))
}

/// A limiter of the project's own: a file called after it that counts in a dictionary.
fn dictionary(what: What, sources: &[Source]) -> Option<Evidence> {
    const MARKS: [&str; 7] = ["defaultdict(", ": dict[", "= {}", "= dict(", "new Map(", "make(map[", "= new Map"];
    if what != What::Limiter {
        return None;
    }
    let own = sources.iter().filter(|source| {
        let name = source.path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        name.contains("limit") || name.contains("throttl")
    });
    own.flat_map(|source| source.lines().map(move |(at, line)| (source, at, line)))
        .find(|(_, _, line)| MARKS.iter().any(|mark| line.contains(mark)))
        .map(|(source, at, line)| evidence(&source.path, at, line))
}

fn evidence(path: &str, at: usize, line: &str) -> Evidence {
    const LONGEST: usize = 80;
    let mut short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    let text = format!("`{}`", quiet(&short).replace('`', "'"));
    Evidence { what: "code".to_owned(), text, place: Some(Place::new(path, at)) }
}

/// A line of code without what stands in its strings, which may be what nobody should read here.
fn quiet(line: &str) -> String {
    let mut out = String::new();
    let mut inside: Option<char> = None;
    for c in line.chars() {
        match inside {
            Some(quote) if c == quote => {
                inside = None;
                out.push(c);
            }
            Some(_) => {
                if !out.ends_with('…') {
                    out.push('…');
                }
            }
            None => {
                if matches!(c, '"' | '\'' | '`') {
                    inside = Some(c);
                }
                out.push(c);
            }
        }
    }
    out
}

/// Values of the environment that say it. Places are told where the services are.
fn environment(service: &Service, what: What) -> Option<Evidence> {
    let says = |name: &str, value: &str| {
        let (name, value) = (name.to_ascii_uppercase(), value.to_ascii_lowercase());
        match what {
            What::Sqlite => {
                value.starts_with("sqlite:")
                    || value.starts_with("file:") && value.contains(".db")
                    || ends(&value, &[".db", ".sqlite", ".sqlite3"]) && value.contains('/')
                    || name.contains("DB_TYPE") && value.contains("sqlite")
                    || name.ends_with("DB_CONNECTION") && value == "sqlite"
            }
            What::Sessions => name == "SESSION_DRIVER" && value == "file",
            What::Cache => {
                matches!(name.as_str(), "CACHE_DRIVER" | "CACHE_STORE") && matches!(value.as_str(), "file" | "array")
            }
            What::Jobs => name == "QUEUE_CONNECTION" && value == "sync",
            What::Uploads => {
                value.starts_with('/') && ["UPLOAD", "MEDIA_ROOT"].iter().any(|word| name.contains(word))
                    || name == "FILESYSTEM_DISK" && matches!(value.as_str(), "local" | "public")
            }
            What::Schedule | What::Limiter | What::Sockets => false,
        }
    };
    let found = service.env.iter().find(|variable| match &variable.value.value {
        EnvValue::Plain(value) => says(&variable.name, value),
        EnvValue::Secret { value, because: _ } => says(&variable.name, value.expose()),
        EnvValue::Elsewhere { .. } | EnvValue::Unset => false,
    })?;
    // What follows a question mark may be a key.
    let plain = |value: &String| value.split('?').next().map(str::to_owned).filter(|value| !value.contains('@'));
    let text = match &found.value.value {
        EnvValue::Plain(value) => {
            plain(value).map_or(format!("`{}`", found.name), |value| format!("`{}={value}`", found.name))
        }
        _ => format!("`{}`", found.name),
    };
    Some(Evidence { what: "environment".to_owned(), text, place: None })
}
