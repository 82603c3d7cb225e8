//! Whatever bytes an artifact has, a run ends with a finding and never with a pass: damaged files
//! of every format, files that are no files, and files made to exhaust the reader.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod repository;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use repository::{Repository, example, judged};
use sha2::{Digest, Sha256};
use tickmark::catalog::Catalog;
use tickmark::evidence::{Directory, Inventory};
use tickmark::model::{Code, Finding, Verdict};
use tickmark::report::Report;

/// An artifact of the example for each format: its kind, where the example has it, where it lies here.
const ARTIFACTS: &[(&str, &str, &str)] = &[
    ("change-record", "changes/changes-2026-01.jsonl", "changes.jsonl"),
    ("change-record", "changes/changes-2026-01.jsonl", "changes.jsonl.gz"),
    ("access-listing", "access/listing-data-warehouse-crm-accounts-2026-Q1.csv", "listing.csv"),
    ("access-listing", "access/listing-data-warehouse-crm-accounts-2026-Q1.csv", "listing.csv.zst"),
    ("dataset-record", "data/datasets/product-usage-2026-11.yaml", "dataset.yaml"),
    (
        "evaluation-report",
        "evaluations/EV-2026-03-10-churn-risk-3.5.0-performance.json",
        "evaluation.json",
    ),
    (
        "evaluation-report",
        "evaluations/EV-2026-03-10-churn-risk-3.5.0-performance.json",
        "evaluation.json.gz",
    ),
    ("test-report", "tests/churn-risk-4.1.0/bias.xml", "tests.xml"),
    ("review-record", "logs/review-2026-04.md", "review.md"),
    ("policy-document", "policies/break-glass.pdf", "policy.pdf"),
    ("setting", "", "setting.toml"),
];

/// A kind that is read from TOML, which no kind of the pack is.
const SETTING: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "test:kind/setting",
  "title": "Setting",
  "x-tickmark": { "unit": "document", "formats": ["toml"] },
  "type": "object",
  "additionalProperties": false,
  "required": ["name", "value"],
  "properties": {
    "name": { "description": "Name.", "type": "string", "examples": ["x"] },
    "value": { "description": "Value.", "type": "integer", "examples": [1] }
  }
}"#;

fn id(at: usize) -> String {
    format!("ANY-{at:02}")
}

fn bytes_of(source: &str, name: &str) -> Vec<u8> {
    if source.is_empty() {
        return b"# retention\nname = \"retention\"\nvalue = 90\n".to_vec();
    }
    let bytes = fs::read(example().join("evidence").join(source)).unwrap();
    match name.rsplit('.').next().unwrap() {
        "gz" => {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&bytes).unwrap();
            encoder.finish().unwrap()
        }
        "zst" => {
            let level = ruzstd::encoding::CompressionLevel::Fastest;
            ruzstd::encoding::compress_to_vec(bytes.as_slice(), level)
        }
        _ => bytes,
    }
}

fn manifest(source: &str, bytes: &[u8]) -> String {
    let mut text =
        "source: a test\ncollected_at: 2026-06-01T12:00:00Z\ncollected_by: p-001\nsha256: \""
            .to_owned();
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text.push_str("\"\n");
    // A binary says what it is in its manifest.
    let own = example().join("evidence").join(format!("{source}.evidence.yaml"));
    if let Some((_, attributes)) =
        fs::read_to_string(own).ok().as_deref().and_then(|own| own.split_once("attributes:"))
    {
        text = format!("{text}attributes:{attributes}");
    }
    text
}

static WHOLE: LazyLock<(Repository, Catalog)> = LazyLock::new(|| {
    let mut repository = Repository::new().with("schemas/setting.schema.json", SETTING);
    for (at, (kind, source, name)) in ARTIFACTS.iter().enumerate() {
        let path = format!("evidence/{name}");
        let bytes = bytes_of(source, name);
        let manifest = manifest(source, &bytes);
        repository = repository
            .with_control(&id(at), kind, &path)
            .with(&format!("{path}.evidence.yaml"), manifest)
            .with(&path, bytes);
    }
    let catalog = repository.catalog();
    (repository, catalog)
});

fn run(repository: &Repository, id: &str) -> Report {
    repository.judged(&WHOLE.1, &|control| control.id == id)
}

fn blocking(report: &Report) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.blocks()).collect()
}

#[test]
fn untouched_artifacts_pass() {
    let (repository, _) = &*WHOLE;
    for (at, (_, _, name)) in ARTIFACTS.iter().enumerate() {
        let report = run(repository, &id(at));
        let told: Vec<_> = blocking(&report).iter().map(|finding| &finding.message).collect();
        assert!(report.passes(), "{name}: {told:?}");
    }
}

/// One edit of a file: `put` in place of the `cut` bytes at `at`, a share of its length.
fn edited(bytes: &[u8], at: f64, cut: usize, put: &[u8]) -> Vec<u8> {
    let start = (bytes.len() as f64 * at) as usize;
    let end = (start + cut).min(bytes.len());
    [&bytes[..start], put, &bytes[end..]].concat()
}

fn put() -> impl Strategy<Value = Vec<u8>> {
    let hostile: Vec<&[u8]> = vec![
        b"\0",
        b"\xff\xfe",
        b"\xc3",
        b"\"",
        b"{",
        b"]",
        b"\n",
        b"\r",
        b"&a *a",
        b"<!DOCTYPE x [",
        b"1e999",
        b"\xe2\x80\xae",
        b"---\n",
        b"\x1f\x8b\x08",
        b"\\ud800",
        b"[[",
        b",,,",
    ];
    prop_oneof![
        proptest::sample::select(hostile).prop_map(<[u8]>::to_vec),
        proptest::collection::vec(any::<u8>(), 0..12),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_artifact_never_passes(
        which in 0..ARTIFACTS.len(), at in 0.0..1.0_f64, cut in prop_oneof![0..9_usize, Just(usize::MAX / 2)], put in put(),
    ) {
        let path = format!("evidence/{}", ARTIFACTS[which].2);
        let (repository, _) = &*WHOLE;
        let whole = &repository.0[&path];
        let changed = edited(whole, at, cut, &put);
        let same = changed == *whole;
        let report = run(&repository.clone().with(&path, changed), &id(which));
        prop_assert_eq!(report.passes(), same);
    }

    #[test]
    fn a_changed_manifest_never_panics(
        which in 0..ARTIFACTS.len(), at in 0.0..1.0_f64, cut in 0..9_usize, put in put(),
    ) {
        let path = format!("evidence/{}.evidence.yaml", ARTIFACTS[which].2);
        let (repository, _) = &*WHOLE;
        let changed = edited(&repository.0[&path], at, cut, &put);
        let report = run(&repository.clone().with(&path, changed), &id(which));
        prop_assert!(report.passes() || !blocking(&report).is_empty());
    }
}

/// Judges `bytes` in place of the artifact `name`, without its manifest; the codes of what blocks.
fn alone(name: &str, bytes: Vec<u8>) -> Vec<Code> {
    let at = ARTIFACTS.iter().position(|(_, _, own)| *own == name).unwrap();
    let path = format!("evidence/{name}");
    let mut repository = WHOLE.0.clone().with(&path, bytes);
    repository.0.remove(&format!("{path}.evidence.yaml"));
    let started = Instant::now();
    let report = run(&repository, &id(at));
    assert!(!report.passes(), "{name}");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    blocking(&report).iter().map(|finding| finding.code).collect()
}

#[test]
fn documents_that_nest_deeply_are_told() {
    let deep = [vec![b'['; 10_000], vec![b']'; 10_000]].concat();
    assert!(alone("evaluation.json", deep.clone()).contains(&Code::ReaderLimit));
    assert!(alone("dataset.yaml", deep.clone()).contains(&Code::ReaderLimit));
    let value = [b"name = ".as_slice(), &deep].concat();
    assert!(!alone("setting.toml", value).is_empty());
    let line = [&deep, b"\n".as_slice()].concat();
    assert!(alone("changes.jsonl", line).contains(&Code::ReaderLimit));
}

#[test]
fn a_line_of_thirty_megabytes_is_read() {
    let elements = "\"0123456789\",".repeat(30_000_000 / 13);
    let long = format!("{{\"x\":[{}0]}}", elements);
    assert!(alone("evaluation.json", long.clone().into_bytes()).contains(&Code::SchemaMismatch));
    assert!(!alone("changes.jsonl", long.into_bytes()).is_empty());
}

#[test]
fn a_file_without_bytes_is_empty_whatever_its_format() {
    for (_, _, name) in
        ARTIFACTS.iter().filter(|(_, _, name)| !name.ends_with("gz") && !name.ends_with("zst"))
    {
        let codes = alone(name, Vec::new());
        let expected = [Code::ArtifactEmpty, Code::NoRecords];
        assert!(codes.iter().any(|code| expected.contains(code)), "{name}: {codes:?}");
    }
}

/// Writes the repository to a folder, lets `change` spoil it, and judges the CSV control there.
fn on_disk(change: impl FnOnce(&Path)) -> Report {
    let (repository, catalog) = &*WHOLE;
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in &repository.0 {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    change(folder.path());
    let inventory = Inventory::walk(folder.path());
    let store = Directory::new(folder.path());
    judged(catalog, &inventory, &store, &|control| control.id == id(2))
}

#[test]
fn the_repository_on_disk_passes() {
    assert!(on_disk(|_| {}).passes());
}

#[cfg(unix)]
#[test]
fn a_fifo_is_told_and_never_opened() {
    let report = on_disk(|root| {
        let path = root.join("evidence/listing.csv");
        fs::remove_file(&path).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    });
    assert!(!report.passes());
    assert!(blocking(&report).iter().any(|finding| finding.code == Code::NotARegularFile));
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_is_told_and_not_followed() {
    let report = on_disk(|root| {
        std::os::unix::fs::symlink("..", root.join("evidence/loop")).unwrap();
    });
    assert!(!report.passes());
    assert!(blocking(&report).iter().any(|finding| finding.code == Code::LinkRefused));
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let mut readable = false;
    let report = on_disk(|root| {
        let path = root.join("evidence/listing.csv");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        readable = fs::File::open(path).is_ok();
    });
    if readable {
        eprintln!("skipped: this user may read everything");
        return;
    }
    assert_eq!(report.controls[0].verdict, Verdict::NotEvaluable);
    assert!(blocking(&report).iter().any(|finding| finding.code == Code::PathUnreadable));
}
