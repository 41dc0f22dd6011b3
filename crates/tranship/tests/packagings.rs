//! `tranship convert --as`: every form holds the same application, and a word nobody knows writes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tranship_testing::Fixture;

const SHOP: &str = "-- compose.yaml
name: shop
services:
  web:
    build: ./web
    image: shop/web:v3
    environment:
      API: http://db:5432/
    volumes: ['./site.conf:/etc/site.conf:ro']
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: hunter2-and-more
-- site.conf
upstream db { server db:5432; }
# {{ not ours }}
-- compose.staging.yaml
services:
  web:
    image: shop/web:v4
    environment:
      API: http://db:5432/staging
      MORE: '{{ x }}'
  db:
    environment:
      POSTGRES_PASSWORD: another-and-longer
-- web/Dockerfile
FROM busybox
";

fn run(directory: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tranship"))
        .args(args)
        .current_dir(directory)
        .env_clear()
        .env("HOME", directory)
        .output()
        .unwrap()
}

fn shop(args: &[&str], code: i32) -> (tempfile::TempDir, String) {
    let folder = Fixture::parse(SHOP).on_disk().unwrap();
    let Output { status, stdout: _, stderr } = run(folder.path(), args);
    let talk = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(code), "{args:?}\n{talk}");
    (folder, talk)
}

fn read(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join("k8s").join(path)).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

#[test]
fn a_word_nobody_knows_is_refused_with_the_words_there_are() {
    let (folder, talk) = shop(&["convert", "--as", "manifests,tarball"], 2);
    assert!(talk.contains("tarball") && talk.contains("kustomize"), "{talk}");
    assert!(!folder.path().join("k8s").exists());
    let (_, talk) = shop(&["convert", "--as", "kustomize", "--stdout"], 2);
    assert!(talk.contains("--stdout") && talk.contains("--as"), "{talk}");
}

#[test]
fn a_kustomize_base_keeps_files_as_files_and_no_secret() {
    let (folder, _) = shop(&["convert", "--as", "kustomize"], 0);
    let folder = folder.path();
    let base = read(folder, "kustomize/base/kustomization.yaml");
    assert!(base.contains("namespace: shop") && base.contains("disableNameSuffixHash: true"), "{base}");
    assert!(base.contains("site.conf=files/site-conf/site.conf"), "{base}");
    let file = read(folder, "kustomize/base/files/site-conf/site.conf");
    assert_eq!(file, "upstream db { server db:5432; }\n# {{ not ours }}\n");
    assert!(!read(folder, "kustomize/base/deployment-web.yaml").contains("namespace:"));
    let overlay = read(folder, "kustomize/overlays/prod/kustomization.yaml");
    assert!(
        overlay.contains("newName: shop/web\n  newTag: v3\n") && overlay.contains("components/secrets"),
        "{overlay}"
    );
    assert!(read(folder, "secrets/secret-db-env.yaml").contains("hunter2"));
    assert!(!folder.join("k8s/manifests").exists());
    assert!(read(folder, "report.md").contains("kubectl apply -k kustomize/overlays/prod"));
    assert!(read(folder, "report.json").contains("kustomize/base/deployment-web.yaml"));
}

#[test]
fn a_chart_has_values_for_what_people_change_and_no_secret() {
    let (folder, talk) = shop(&["convert", "--as", "helm"], 0);
    let folder = folder.path();
    let chart = |path: &str| read(folder, &format!("helm/shop/{path}"));
    let values = chart("values.yaml");
    assert!(
        values.contains("web:\n  # The image\n  image:\n") && values.contains("    repository: shop/web\n"),
        "{values}"
    );
    assert!(values.contains("    API: http://{{ include \"shop.prefix\" . }}db:5432/\n"), "{values}");
    let web = chart("templates/deployment-web.yaml");
    assert!(web.contains("value: {{ tpl .Values.web.env.API . | quote }}"), "{web}");
    assert!(web.contains("name: {{ include \"shop.prefix\" . }}web\n"), "{web}");
    // What calls a service follows the release; what looks like a template of ours and is not stays.
    let file = chart("files/site-conf/site.conf");
    let expect = "upstream {{ include \"shop.prefix\" . }}db";
    assert!(file.contains("server {{ include \"shop.prefix\" . }}db:5432;") || file.contains(expect), "{file}");
    assert!(file.contains("# {{ \"{{\" }} not ours }}\n"), "{file}");
    assert!(chart("templates/configmap.yaml").contains("tpl (.Files.Get \"files/site-conf/site.conf\") . | quote"));
    assert!(read(folder, "secrets/values.yaml").contains("POSTGRES_PASSWORD: hunter2-and-more"));
    assert!(
        !values.contains("hunter2")
            && values.contains("POSTGRES_PASSWORD: \"\"")
            && values.contains("existingSecret: \"\"")
    );
    assert!(!folder.join("k8s/secrets/secret-db-env.yaml").exists(), "Helm makes the Secret itself");
    let schema: serde_json::Value = serde_json::from_str(&chart("values.schema.json")).unwrap();
    assert_eq!(schema.pointer("/properties/web/additionalProperties"), Some(&false.into()));
    for path in
        ["Chart.yaml", "values-dev.yaml", "values-prod.yaml", "README.md", "templates/NOTES.txt", "templates/hpa.yaml"]
    {
        assert!(!chart(path).is_empty());
    }
    assert!(read(folder, "report.md").contains("helm upgrade --install shop helm/shop -n shop"), "{talk}");
}

#[test]
fn a_name_helm_refuses_is_refused_and_nothing_is_written() {
    for name in ["My-Chart", "a_b", "", "-a"] {
        let (folder, talk) = shop(&["convert", "--as", "helm", &format!("--chart={name}")], 2);
        assert!(talk.contains("--chart") && talk.contains("letter"), "{talk}");
        assert!(!folder.path().join("k8s").exists());
    }
    let (folder, _) = shop(&["convert", "--as", "helm", "--chart", "store"], 0);
    assert!(read(folder.path(), "helm/store/Chart.yaml").contains("name: store\n"));
}

#[test]
fn an_environment_is_what_its_own_files_change() {
    let (folder, _) = shop(&["convert", "--as", "helm,kustomize", "--env", "staging"], 0);
    let folder = folder.path();
    let values = read(folder, "helm/shop/values-staging.yaml");
    assert!(values.contains("web:\n  image:\n    tag: v4\n"), "{values}");
    assert!(values.contains("API: http://{{ include \"shop.prefix\" . }}db:5432/staging\n"), "{values}");
    assert!(values.contains("  extraEnv:\n  - name: MORE\n    value: \"{{ x }}\"\n"), "{values}");
    assert!(!values.contains("another-and-longer") && !values.contains("\ndb:"), "{values}");
    assert!(read(folder, "secrets/values-staging.yaml").contains("another-and-longer"));
    let overlay = read(folder, "kustomize/overlays/staging/kustomization.yaml");
    assert!(
        overlay.contains("- ../../components/secrets-staging\n") && overlay.contains("patches/deployment-web.yaml"),
        "{overlay}"
    );
    let patch = read(folder, "kustomize/overlays/staging/patches/deployment-web.yaml");
    assert!(patch.contains("  path: /spec/template/spec/containers/0/image\n  value: shop/web:v4\n"), "{patch}");
    assert!(read(folder, "secrets/staging/secret-db-env.yaml").contains("another-and-longer"));
    assert!(read(folder, "kustomize/base/deployment-web.yaml").contains("shop/web:v3"));
}

#[test]
fn an_environment_without_files_or_with_wrong_ones_writes_nothing() {
    for (args, words) in [
        (&["--as", "helm", "--env", "qa"][..], "compose.qa.yaml"),
        (&["--as", "helm", "--env", "qa=absent.yaml"], "absent.yaml"),
        (&["--as", "helm", "--env", "Q/A"], "small letters"),
        (&["--env", "staging"], "--as helm"),
        (&["--as", "helm", "--env", "staging", "--env", "staging"], "twice"),
        (&["--as", "helm", "--env", "staging", "--secrets", "existing"], "--secrets"),
    ] {
        let args: Vec<&str> = ["convert"].iter().chain(args).copied().collect();
        let (folder, talk) = shop(&args, 2);
        assert!(talk.contains(words), "{talk}");
        assert!(!folder.path().join("k8s").exists(), "{args:?}");
    }
}
