//! What is kept for a service and what it may use at most, where the project does not say.
//!
//! What Compose or the user says stands as it is. Of the rest, a product has the size its makers name, everything else that
//! of its role. A limit alone would be taken by Kubernetes for what has to be kept as well, so that a small cluster could
//! not place pods which ran side by side under Compose: what is kept is decided too.

use tranship_model::catalog::product::Size;
use tranship_model::catalog::{self, ProductRole};
use tranship_model::{EnvValue, Mount, MountSource, Origin, Role, Service, Stack, Traced};
use tranship_source::Letters;

use crate::notes::Notes;
use crate::settings::{Preset, Settings};

/// The rule of what is decided here.
pub const NAME: &str = "resources";

const MI: u64 = 1 << 20;
const GI: u64 = 1 << 30;
/// Room for what a container writes beside its volumes, and for its logs.
const WRITTEN: u64 = GI;
/// What a store writes that has no volume, which lies in the container itself.
const UNMOUNTED: u64 = 10 * GI;
/// An empty folder without a size of its own.
const FOLDER: u64 = GI;
/// Disk that is kept for every container.
const KEPT: u64 = 64 * MI;
/// How much more CPU a service may use for a while than is kept for it.
const BURST: u64 = 5;

/// Runs the pass.
pub(super) fn run(stack: &mut Stack, settings: &Settings, notes: &mut Notes) {
    for service in stack.services.values_mut().filter(|service| notes.is_on_for(service)) {
        if settings.preset == Preset::Dev {
            small(service);
        } else {
            cpu(service, settings.cpu_limits);
            memory(service);
            disk(service);
        }
    }
}

/// For a developer's own cluster: as little as lets every pod find its place, and no limit that Compose did not have.
fn small(service: &mut Service) {
    let because = "a developer's cluster keeps little for each service, so that all of them find a place";
    let resources = &mut service.resources;
    for (reserved, limit, least) in [
        (&mut resources.cpu_reserved, &resources.cpu_limit, 10),
        (&mut resources.memory_reserved, &resources.memory_limit, 32 * MI),
    ] {
        if reserved.is_none() {
            let amount = limit.as_ref().map_or(least, |limit| limit.value.min(least));
            *reserved = Some(decided(amount, because, limit.as_ref()));
        }
    }
}

/// A size, and whose it is.
struct Known {
    size: Size,
    whose: String,
}

/// The size of a service: its product's, else its role's.
fn known(service: &Service) -> Known {
    let product = product(service);
    if let Some((product, size)) = product.and_then(|product| Some((product, product.size?))) {
        return Known { size, whose: format!("what {} needs", product.title) };
    }
    let of = |cpu, memory, memory_limit, whose: &str| Known {
        size: Size { cpu, memory, memory_limit },
        whose: whose.to_owned(),
    };
    match service.role.value {
        Role::Store => of(100, 1024, 1024, "what a database gets"),
        Role::Cache => of(100, 256, 512, "what a cache gets"),
        Role::Queue => of(200, 512, 1024, "what a message broker gets"),
        Role::Proxy => of(100, 128, 512, "what a web server gets"),
        Role::Observer => of(100, 256, 1024, "what a monitoring service gets"),
        Role::Admin => of(50, 128, 512, "what a console gets"),
        Role::App | Role::Helper if is_front(&service.name) => of(100, 128, 512, "what a frontend gets"),
        Role::App | Role::Helper => of(200, 256, 1024, "what a backend gets"),
    }
}

fn product(service: &Service) -> Option<&'static catalog::Product> {
    catalog::by_name(&service.product.as_ref()?.value)
}

/// Whether a service of the project's own code is called a frontend.
fn is_front(name: &str) -> bool {
    let words = ["frontend", "front", "ui", "webui", "client", "spa", "www"];
    name.to_ascii_lowercase().split(['-', '_', '.']).any(|word| words.contains(&word))
}

fn decided<T>(value: u64, because: impl Into<String>, from: Option<&Traced<T>>) -> Traced<u64> {
    let from = from.map(|from| from.origin.leaves().to_vec()).unwrap_or_default();
    Traced::new(value, Origin::Decided { by: NAME, because: because.into(), from })
}

/// CPU in thousandths of a core, in steps that people would write.
fn rounded(milli: u64) -> u64 {
    milli.next_multiple_of(if milli < 100 { 5 } else { 50 }).max(10)
}

fn cpu(service: &mut Service, limits: bool) {
    let Known { size, whose } = known(service);
    let resources = &mut service.resources;
    match (&resources.cpu_reserved, &resources.cpu_limit) {
        (None, Some(limit)) => {
            let kept = rounded(limit.value.div_ceil(BURST)).min(limit.value);
            let because = "a fifth of the limit: Kubernetes would keep all of it otherwise, and Compose keeps nothing";
            resources.cpu_reserved = Some(decided(kept, because, Some(limit)));
        }
        (None, None) => {
            let because = format!("{whose}, as the project does not say");
            resources.cpu_reserved = Some(decided(u64::from(size.cpu), because, None::<&Traced<u64>>));
        }
        (Some(_), _) => {}
    }
    let Some(kept) = resources.cpu_reserved.as_ref().filter(|_| limits && resources.cpu_limit.is_none()) else {
        return;
    };
    let because = "five times what is kept for it, so that no service takes a node for itself";
    resources.cpu_limit = Some(decided(kept.value.saturating_mul(BURST), because, Some(kept)));
}

fn memory(service: &mut Service) {
    let Known { size, whose } = known(service);
    let shared = in_memory(service);
    let heap = heap(service);
    let needed = heap.as_ref().map_or(0, |heap| heap.value + heap.value / 4 + 256 * MI);
    let fixed = is_database(service);
    let resources = &mut service.resources;
    let (kept, most) = (u64::from(size.memory) * MI, u64::from(size.memory_limit) * MI);
    if resources.memory_limit.is_none() {
        let reserved = resources.memory_reserved.as_ref().map_or(0, |reserved| reserved.value.saturating_mul(2));
        let limit = most.max(needed).max(reserved) + shared;
        let mut because = match &heap {
            Some(_) if needed >= most.max(reserved) => "the heap it is told to take and a quarter more".to_owned(),
            _ if reserved > most => "twice what is kept for it".to_owned(),
            _ => format!("{whose}, as the project does not say"),
        };
        if shared > 0 {
            because.push_str(", and what its folders in memory hold, which count as its memory");
        }
        let from = heap.as_ref().map(|heap| &heap.origin).or(resources.memory_reserved.as_ref().map(|r| &r.origin));
        let from = from.map(|origin| Traced::new((), origin.clone()));
        resources.memory_limit = Some(decided(limit, because, from.as_ref()));
    }
    let Some(limit) = resources.memory_limit.as_ref().filter(|_| resources.memory_reserved.is_none()) else { return };
    let (amount, because) = if fixed {
        (limit.value, "all of its limit: a database that shares its memory is the first to be killed".to_owned())
    } else {
        let amount = (limit.value / 4).max(kept.min(limit.value / 2));
        let amount = if amount >= MI { amount / MI * MI } else { amount };
        (amount, format!("{whose}, and never more than half of its limit unless that is large"))
    };
    resources.memory_reserved = Some(decided(amount, because, Some(limit)));
}

/// Whether it keeps data in memory that it loses when it is killed for want of memory.
fn is_database(service: &Service) -> bool {
    let role = product(service).map(|product| product.role);
    role.map_or(service.role.value == Role::Store, |role| {
        matches!(
            role,
            ProductRole::Database | ProductRole::TimeSeries | ProductRole::Search | ProductRole::Coordination
        )
    })
}

/// Bytes of folders in memory whose size is known; the kernel counts them as the container's.
fn in_memory(service: &Service) -> u64 {
    let folder = |mount: &Mount| match &mount.source {
        MountSource::Scratch { size: Some(size), memory: true, .. } => *size,
        _ => 0,
    };
    let folders: u64 = service.mounts.iter().map(folder).sum();
    folders + service.resources.shm_size.as_ref().map_or(0, |size| size.value)
}

fn disk(service: &mut Service) {
    let keeps = |mount: &Mount| matches!(mount.source, MountSource::Volume { .. });
    let stays = service.mounts.iter().any(keeps);
    let folder = |mount: &Mount| match &mount.source {
        MountSource::Scratch { size, memory: false, .. } => size.unwrap_or(FOLDER),
        _ => 0,
    };
    let folders: u64 = service.mounts.iter().map(folder).sum();
    let is_store = matches!(service.role.value, Role::Store | Role::Queue) && !stays;
    let resources = &mut service.resources;
    if resources.disk_limit.is_none() {
        let base = if is_store { UNMOUNTED } else { WRITTEN };
        let reserved = resources.disk_reserved.as_ref().map_or(0, |reserved| reserved.value);
        let because = if folders > 0 {
            "room for its logs, for what it writes beside its volumes, and for its empty folders"
        } else {
            "room for its logs and for what it writes beside its volumes"
        };
        resources.disk_limit = Some(decided(base.max(reserved) + folders, because, resources.disk_reserved.as_ref()));
    }
    if resources.disk_reserved.is_none() {
        let most = resources.disk_limit.as_ref().map_or(KEPT, |limit| limit.value);
        let because = "enough for its logs, so that a full node takes no pod that could not write them";
        resources.disk_reserved = Some(decided(KEPT.min(most), because, resources.disk_limit.as_ref()));
    }
}

/// The largest heap, cache or pool that its settings tell it to take.
fn heap(service: &Service) -> Option<Traced<u64>> {
    let words = [&service.process.entrypoint, &service.process.command].into_iter().flatten();
    let words = words.flat_map(|argv| argv.value.iter().map(move |word| (word.as_str(), &argv.origin)));
    let variables = service.env.iter().filter_map(|variable| match &variable.value.value {
        EnvValue::Plain(text) => Some((text.as_str(), &variable.value.origin)),
        EnvValue::Secret { .. } | EnvValue::Elsewhere { .. } | EnvValue::Unset => None,
    });
    let told = words.chain(variables).filter_map(|(text, origin)| Some((asked(text)?, origin)));
    told.max_by_key(|(bytes, _)| *bytes).map(|(bytes, origin)| Traced::new(bytes, origin.clone()))
}

/// Settings that make a process take memory, and the unit of a plain number in bytes.
const TAKES: &[(&str, Letters, u64)] = &[
    ("-Xmx", Letters::of("-Xmx"), 1),
    ("--max-old-space-size=", Letters::of("--max-old-space-size="), MI),
    ("--max_old_space_size=", Letters::of("--max_old_space_size="), MI),
    ("shared_buffers=", Letters::of("shared_buffers="), 8192),
    ("--maxmemory=", Letters::of("--maxmemory="), 1),
    ("--innodb-buffer-pool-size=", Letters::of("--innodb-buffer-pool-size="), 1),
    ("--innodb_buffer_pool_size=", Letters::of("--innodb_buffer_pool_size="), 1),
    ("--wiredTigerCacheSizeGB=", Letters::of("--wiredTigerCacheSizeGB="), GI),
];

/// The most memory that a text tells a process to take.
fn asked(text: &str) -> Option<u64> {
    let one = |(setting, _, unit): &(&str, Letters, u64)| {
        let found = text.match_indices(setting).filter_map(|(at, _)| amount(text.get(at + setting.len()..)?, *unit));
        found.max()
    };
    let letters = Letters::of(text);
    TAKES.iter().filter(|(_, marks, _)| letters.may_hold(*marks)).filter_map(one).max()
}

/// A number with a unit at the start of a text: `512m`, `2g`, `1GB`.
fn amount(text: &str, plain: u64) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text.get(..end)?.parse().ok()?;
    let unit = match text.get(end..)?.chars().next().map(|c| c.to_ascii_lowercase()) {
        Some('k') => 1 << 10,
        Some('m') => MI,
        Some('g') => GI,
        _ => plain,
    };
    number.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::stack;

    fn sized(compose: &str, settings: &Settings) -> [Option<u64>; 4] {
        let mut stack = stack(&format!("name: t\nservices:\n  a: {compose}\n"));
        run(&mut stack, settings, &mut Notes::of(NAME));
        let resources = &stack.services["a"].resources;
        let amount = |value: &Option<Traced<u64>>| value.as_ref().map(|value| value.value);
        [
            amount(&resources.cpu_reserved),
            amount(&resources.cpu_limit),
            amount(&resources.memory_reserved).map(|bytes| bytes / MI),
            amount(&resources.memory_limit).map(|bytes| bytes / MI),
        ]
    }

    #[test]
    fn what_the_project_leaves_open_is_sized_by_product_and_role() {
        for (compose, expect) in [
            ("{image: acme/api:1}", [200, 1000, 256, 1024]),
            ("{image: nginx:1.29}", [100, 500, 128, 512]),
            ("{image: 'postgres:16'}", [100, 500, 1024, 1024]),
            ("{image: 'redis:7'}", [100, 500, 256, 512]),
            // What Compose says stands; a limit alone is never all kept, but for a database's memory.
            ("{image: acme/api:1, cpus: 0.5, mem_limit: 256m}", [100, 500, 128, 256]),
            ("{image: 'postgres:16', cpus: 1, mem_limit: 512m}", [200, 1000, 512, 512]),
            ("{image: acme/api:1, mem_reservation: 1g}", [200, 1000, 1024, 2048]),
            ("{image: acme/api:1, mem_limit: 8g}", [200, 1000, 2048, 8192]),
            ("{image: acme/api:1, mem_limit: 64m}", [200, 1000, 32, 64]),
            // What a process is told to take fits in.
            ("{image: acme/api:1, environment: {JAVA_OPTS: -Xms1g -Xmx2g}}", [200, 1000, 704, 2816]),
            ("{image: acme/api:1, command: [node, --max-old-space-size=4096, x.js]}", [200, 1000, 1344, 5376]),
            // Folders in memory are memory.
            ("{image: acme/api:1, shm_size: 1g, tmpfs: ['/run:size=64m']}", [200, 1000, 528, 2112]),
        ] {
            assert_eq!(sized(compose, &Settings::default()), expect.map(Some), "{compose}");
        }
    }

    #[test]
    fn cpu_limits_can_be_left_out_and_dev_has_none_at_all() {
        let off = Settings { cpu_limits: false, ..Settings::default() };
        assert_eq!(sized("{image: acme/api:1}", &off), [Some(200), None, Some(256), Some(1024)]);
        assert_eq!(sized("{image: acme/api:1, cpus: 2}", &off)[1], Some(2000), "what Compose says stands");
        let dev = Settings { preset: Preset::Dev, ..Settings::default() };
        assert_eq!(sized("{image: acme/api:1}", &dev), [Some(10), None, Some(32), None]);
        assert_eq!(
            sized("{image: acme/api:1, cpus: 2, mem_limit: 16m}", &dev),
            [Some(10), Some(2000), Some(16), Some(16)]
        );
    }

    #[test]
    fn empty_folders_have_room_on_the_disk() {
        let mut stack = stack(
            "name: t\nservices:\n  a: {image: 'acme/api:1', tmpfs: /run}\n  b: {image: 'acme/store:1', x-tranship: {role: store}}\n",
        );
        run(&mut stack, &Settings::default(), &mut Notes::of(NAME));
        let limit = |name: &str| stack.services[name].resources.disk_limit.as_ref().unwrap().value / GI;
        assert_eq!((limit("a"), limit("b")), (1, 10), "a tmpfs lies in memory; a store without a volume writes more");
    }
}
