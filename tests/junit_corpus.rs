//! Test reports as real runners write them, some of them broken: each is judged by a control of
//! its own, and what failed, was never run or cannot be read meets none.

#![expect(clippy::unwrap_used, reason = "a test may panic and tell")]

mod repository;

use std::fs;
use std::path::{Path, PathBuf};

use repository::{Repository, corpus};
use tickmark::evidence::Inventory;
use tickmark::model::Verdict;

/// The reports that met their control when this list was made; `may_pass` must agree with each.
/// Whatever else there is in the corpus must not pass.
const GOOD: &[&str] = &[
    "junit_flaky_failure/marathon_junit_report.xml",
    "junit_flaky_failure/mixed_flaky_and_passed.xml",
    "marathon_tests/com.mikepenz.DummyTest#test_02_dummy.xml",
    "maven_surefire_flaky/surefire-report.xml",
    "perl/result.xml",
    "tests/utils/target/surefire-reports/TEST-action.surefire.report.calc.AllOkTest.xml",
];

/// Files that are not read at all: ill-formed, hostile, or no test report.
const UNREAD: &[&str] = &[
    "corrupt-junit/e2e-tests/corrupt/target/sf-reports/TEST-test.CorruptTest.xml",
    "junit-web-test/expected.xml",
    "junit-web-test/expectedRetries.xml",
    "tests/email/pom.xml",
    "tests/pom.xml",
    "tests/utils/pom.xml",
];

/// What a plain look at the XML says, without the reader under test: whether a report may pass.
fn may_pass(text: &str) -> bool {
    let Ok(document) = roxmltree::Document::parse(text.trim_start_matches('\u{feff}')) else {
        return false;
    };
    let named = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
    let root = document.root_element().tag_name().name();
    let nothing_wrong = named("failure") == 0 && named("error") == 0;
    matches!(root, "testsuites" | "testsuite") && named("testcase") > 0 && nothing_wrong
}

fn reports(root: &Path) -> Vec<(String, PathBuf)> {
    let inventory = Inventory::walk(root);
    let entries = inventory.entries().iter().filter(|entry| entry.path.ends_with(".xml"));
    entries.map(|entry| (entry.path.clone(), root.join(&entry.path))).collect()
}

#[test]
fn only_a_report_whose_tests_all_ran_well_meets_its_control() {
    let Some(root) = corpus("junit/mikepenz/test_results") else { return };
    let reports = reports(&root);
    let mut repository = Repository::new();
    for (number, (_, file)) in reports.iter().enumerate() {
        let path = format!("evidence/{number:03}.xml");
        let id = format!("RUN-{number:03}");
        repository = repository.with(&path, fs::read(file).unwrap());
        repository = repository.with_control(&id, "test-report", &path);
    }
    let report = repository.judged(&repository.catalog(), &|_| true);
    let mut met = Vec::new();
    let mut unread = Vec::new();
    for ((name, file), control) in reports.iter().zip(&report.controls) {
        let own = report.findings.iter();
        let own: Vec<_> =
            own.filter(|finding| finding.control.as_ref() == Some(&control.id)).collect();
        let passes = control.verdict == Verdict::Met;
        assert!(passes || own.iter().any(|finding| finding.blocks()), "{name}: no finding");
        let may = may_pass(&String::from_utf8_lossy(&fs::read(file).unwrap()));
        assert!(may || !passes, "{name} passes");
        if passes {
            met.push(name.as_str());
        } else if control.tally.parsed == 0 {
            unread.push(name.as_str());
        }
        if may && !passes {
            let told: Vec<_> = own.iter().map(|finding| finding.message.as_str()).collect();
            eprintln!("{name} is refused for more than its outcomes: {told:?}");
        }
    }
    eprintln!("{} of {} reports met, {} unread", met.len(), reports.len(), unread.len());
    assert_eq!(met, GOOD);
    assert_eq!(unread, UNREAD);
    assert!(!report.passes());
}
