//! The same repository gives the same bytes: whatever the number of threads, the order in which
//! files are listed, the time zone of the machine and the folder the program is started in.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod repository;

use std::path::Path;
use std::process::Command;

use repository::{AS_OF, Repository, example, judged};
use tickmark::evidence::{Inventory, Memory};
use tickmark::render::json;
use tickmark::report::Report;

fn bytes(report: &Report) -> Vec<u8> {
    let mut out = Vec::new();
    json::render(report, &mut out).unwrap();
    out
}

#[test]
fn threads_and_the_order_of_files_do_not_matter() {
    let example = Repository::example();
    let catalog = example.catalog();
    let store = Memory::new(example.0.clone());
    let mut entries = example.entries();
    let mut run = |threads: usize| {
        // Another order each time: a stride that shares no factor with the number of entries.
        let many = entries.len();
        let stride = (many / 3..).find(|stride| gcd(*stride, many) == 1).unwrap();
        entries = (0..many).map(|at| entries[at * stride % many].clone()).collect();
        let inventory = Inventory::new(entries.clone());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| bytes(&judged(&catalog, &inventory, &store, &|_| true)))
    };
    let first = run(1);
    assert!(first.len() > 10_000, "{} bytes", first.len());
    for threads in [2, 1, 2] {
        assert!(first == run(threads), "another report with {threads} threads");
    }
}

#[test]
fn the_blocks_of_a_long_log_are_put_together_in_order() {
    let mut example = Repository::example();
    let catalog = example.catalog();
    let log = example.0.get_mut("evidence/changes/changes-2026-03.jsonl").unwrap();
    let month = [log.as_slice(), b"{\"not\": closed\n"].concat();
    *log = month.repeat((3 << 20) / month.len());
    let inventory = Inventory::new(example.entries());
    let store = Memory::new(example.0.clone());
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| bytes(&judged(&catalog, &inventory, &store, &|one| one.id == "CHI-01")))
    };
    let first = run(1);
    assert!(first.len() > 10_000, "{} bytes", first.len());
    for threads in [2, 5] {
        assert!(first == run(threads), "another report with {threads} threads");
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[test]
fn the_machine_does_not_matter() {
    let run = |zone: &str, folder: &Path, root: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
        command.args(["verify", "--as-of", AS_OF, "--format", "json"]).arg(root);
        let output = command.env("TZ", zone).current_dir(folder).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{told}");
        output.stdout
    };
    let root = example();
    let elsewhere = tempfile::tempdir().unwrap();
    let first = run("Asia/Tokyo", &root, Path::new("."));
    assert!(first.starts_with(b"{"));
    assert!(first == run("America/New_York", elsewhere.path(), &root));
    assert!(first == run("Asia/Tokyo", root.parent().unwrap(), Path::new("acme-ai")));
}
