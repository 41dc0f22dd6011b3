//! Jobs in labels and files, and the services they become.

use tranship_model::{MountSource, Overlap, Service, Workload};
use tranship_source::{Diagnostic, MemoryWorld};

use crate::lift::{Lifted, lift};
use crate::{LoadOptions, load};

fn lifted(compose: &str, files: &[(&str, &str)]) -> (Lifted, Vec<Diagnostic>) {
    let mut world = MemoryWorld::new().with("compose.yaml", compose);
    for (path, text) in files {
        world = world.with(std::path::Path::new(path), *text);
    }
    let loaded = load(&world, &LoadOptions::default());
    let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let checked = lift(&project, &loaded.sources, &world);
    (checked.value, checked.diagnostics)
}

fn times(service: &Service) -> String {
    let Some(schedule) = &service.schedule else { return "-".to_owned() };
    let schedule = &schedule.value;
    format!(
        "{} {} {:?} of {}",
        schedule.cron,
        schedule.time_zone,
        schedule.overlap,
        schedule.image_of.as_deref().unwrap_or("-")
    )
}

fn words(service: &Service) -> (Vec<&str>, Vec<&str>) {
    let process = &service.process;
    (
        process.entrypoint.iter().flat_map(|argv| argv.value.iter().map(String::as_str)).collect(),
        process.command.iter().flat_map(|argv| argv.value.iter().map(String::as_str)).collect(),
    )
}

const OFELIA: &str = "
services:
  cron:
    image: mcuadros/ofelia
    command: daemon --docker
    environment: {TZ: Europe/Berlin}
    volumes: ['/var/run/docker.sock:/var/run/docker.sock', './jobs.ini:/etc/ofelia/config.ini']
    depends_on: [db]
    labels:
      ofelia.enabled: 'true'
      ofelia.service: 'true'
      ofelia.slack-webhook: https://example.com
      ofelia.job-run.clean.schedule: '@every 6h'
      ofelia.job-run.clean.image: alpine:3
      ofelia.job-run.clean.command: rm -rf \"/tmp/a b\"
      ofelia.job-run.clean.volume: 'shop_files:/files:ro'
      ofelia.job-run.clean.environment: '[\"A=1\", \"B=2\"]'
      ofelia.job-local.tick.schedule: '*/10 * * * * *'
      ofelia.job-local.tick.command: date
  db:
    image: postgres:16
    container_name: the-db
    environment: {POSTGRES_DB: shop}
    volumes: ['files:/var/lib/postgresql/data']
    labels:
      ofelia.enabled: 'true'
      ofelia.job-exec.dump.schedule: 0 0 3 * * *
      ofelia.job-exec.dump.command: pg_dump -U postgres shop
      ofelia.job-exec.dump.user: postgres
      ofelia.job-exec.dump.no-overlap: 'true'
volumes: {files: {}}
name: shop
";

const INI: &str = "[job-exec \"vacuum\"]\nschedule = @daily\ncontainer = the-db\ncommand = vacuumdb -h db --all\n";

#[test]
fn every_kind_of_ofelias_jobs_is_a_service_that_runs_at_its_times() {
    let (lifted, faults) = lifted(OFELIA, &[("jobs.ini", INI)]);
    let get =
        |name: &str| lifted.stack.services.get(name).unwrap_or_else(|| panic!("{:?}", lifted.stack.services.keys()));
    let dump = get("db-dump");
    assert_eq!(times(dump), "0 3 * * * Europe/Berlin Skip of db");
    assert_eq!(words(dump), (vec!["pg_dump", "-U", "postgres", "shop"], vec![]));
    assert_eq!(dump.env.first().map(|var| var.name.as_str()), Some("POSTGRES_DB"));
    assert!(
        matches!(&dump.mounts[0].source, MountSource::Volume { volume, fill, .. } if volume == "files" && !fill.value)
    );
    assert_eq!(times(get("db-vacuum")), "@daily Europe/Berlin Allow of db");
    assert_eq!(get("db-vacuum").process.user.as_ref().map(|user| user.value.user.as_str()), Some("0"));
    let clean = get("cron-clean");
    assert_eq!(times(clean), "0 */6 * * * Europe/Berlin Allow of -");
    assert_eq!(words(clean), (vec![], vec!["rm", "-rf", "/tmp/a b"]));
    assert!(clean.mounts[0].read_only && clean.env.len() == 2);
    assert_eq!(times(get("cron-tick")), "* * * * * Europe/Berlin Allow of cron");
    assert_eq!(get("db").workload.value, Workload::Stateful);
    assert!(get("db").labels.is_empty());
    assert!(!lifted.stack.services.contains_key("cron"), "the scheduler itself has nothing left to do");
    let mut codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
    codes.retain(|code| code.starts_with("schedule"));
    assert_eq!(codes, ["schedule-coarser", "schedule-beside"]);
}

#[test]
fn swarm_cronjob_turns_the_service_into_one_that_runs_at_its_times() {
    let labels =
        "{swarm.cronjob.enable: 'true', swarm.cronjob.schedule: '* * * * *', swarm.cronjob.skip-running: 'SKIP'}";
    for (skip, overlap) in [("true", Overlap::Skip), ("false", Overlap::Replace)] {
        let text = format!(
            "services:\n  a:\n    image: busybox\n    command: date\n    deploy: {{replicas: 0, labels: {}}}\n",
            labels.replace("SKIP", skip)
        );
        let (lifted, faults) = lifted(&text, &[]);
        let service = &lifted.stack.services["a"];
        assert_eq!(faults, vec![]);
        assert_eq!(service.workload.value, Workload::Scheduled);
        assert_eq!(service.schedule.as_ref().map(|s| s.value.overlap), Some(overlap));
        assert!(service.labels.is_empty() && service.replicas.is_none());
    }
}
