use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::reading::tests::{assert_places, assert_sound, cases, corpus};
use super::super::{Arena, Fault, FaultKind};
use super::read_junit;

const REPORT: &str = "\u{feff}<?xml version=\"1.0\"?>\n<testsuites name='All' tests=\"5\" failures='many' time=\"1.5\">\n<testsuite name=\"S&#228;\" tests=\"4\" errors=\"1\" hostname=\"h\" timestamp=\"2026-01-01T00:00:00\">\n<properties><property name=\"a\" value=\"1\"/><property name=\"a\" value=\"1\"/><property name=\"b\">two</property></properties>\n<testcase classname=\"c\" name=\"passes\" time=\"0.1\" file=\"f.rs\" line=\"7\"/>\n<testcase classname=\"c\" name=\"fails\"><failure message=\"a &lt; b\" line='9'/></testcase>\n<testsuite name=\"inner\"><error message=\"set-up\"/>\n<testcase name=\"errs\"><error><![CDATA[why > not]]></error></testcase>\n<testcase name=\"skips\" status=\"disabled\"/>\n</testsuite></testsuite>\n<testcase name=\"flaky\"><flakyFailure/></testcase>\n</testsuites>\n";

fn read(text: &str) -> (Arena, Vec<Fault>) {
    let mut arena = Arena::new();
    let faults = read_junit(text, &mut arena);
    assert_places(&faults, text);
    assert_sound(&arena, text, false);
    (arena, faults)
}

fn value(text: &str) -> Value {
    let (arena, faults) = read(text);
    assert_eq!(faults, [], "{text}");
    arena.root(text).expect("a root").to_value()
}

#[test]
fn a_report_is_read_flat() {
    assert_eq!(
        value(REPORT),
        json!({
            "name": "All", "tests": 5, "failures": "many", "time": 1.5,
            "suites": [
                {
                    "name": "S\u{e4}", "tests": 4, "errors": 1, "hostname": "h",
                    "timestamp": "2026-01-01T00:00:00", "properties": {"a": "1", "b": "two"},
                },
                {"name": "inner", "own_failures": 1},
            ],
            "testcases": [
                {
                    "suite": "S\u{e4}", "classname": "c", "name": "passes", "status": "passed",
                    "time": 0.1, "file": "f.rs", "line": 7,
                },
                {
                    "suite": "S\u{e4}", "classname": "c", "name": "fails", "status": "failed",
                    "message": "a < b", "line": 9,
                },
                {"suite": "inner", "name": "errs", "status": "error", "message": "why > not"},
                {"suite": "inner", "name": "skips", "status": "skipped"},
                {"name": "flaky", "status": "passed", "flaky": true},
            ],
            "counted": {"tests": 5, "passed": 2, "failed": 1, "errors": 1, "skipped": 1},
        })
    );
}

#[test]
fn places_are_attribute_values_or_start_tags() {
    let (arena, _) = read(REPORT);
    let root = arena.root(REPORT).expect("a root");
    for (pointer, source) in [
        ("/tests", "5"),
        ("/suites/0/name", "S&#228;"),
        ("/suites/0/properties/b", "two"),
        ("/suites/1", "<testsuite name=\"inner\">"),
        ("/testcases/0/name", "passes"),
        ("/testcases/1", "<testcase classname=\"c\" name=\"fails\">"),
        ("/testcases/1/status", "<failure message=\"a &lt; b\" line='9'/>"),
        ("/testcases/2/message", "<![CDATA[why > not]]>"),
        ("/testcases/3/status", "disabled"),
    ] {
        let node = root.pointer(pointer).expect(pointer);
        assert_eq!(node.span().slice(REPORT), source, "{pointer}");
    }
}

#[test]
fn doubt_is_no_pass() {
    for (case, status) in [
        ("<testcase/>", "passed"),
        ("<testcase status='run' result='completed'/>", "passed"),
        ("<testcase status='PASS'/>", "passed"),
        ("<testcase status='notrun'/>", "skipped"),
        ("<testcase status='run' result='skipped'/>", "skipped"),
        ("<testcase><skipped/></testcase>", "skipped"),
        ("<testcase><disabled/></testcase>", "skipped"),
        ("<testcase><skipped/><error/></testcase>", "error"),
        ("<testcase><error/><failure/></testcase>", "failed"),
        ("<testcase status='passed'><failure/></testcase>", "failed"),
        ("<testcase status='disabled'><failure/></testcase>", "failed"),
        ("<testcase status='failed'/>", "failed"),
        ("<testcase status='passed' result='error'/>", "error"),
        ("<testcase status='failed'><skipped/></testcase>", "failed"),
        ("<testcase status='exploded'/>", "exploded"),
        ("<testcase status='exploded'><skipped/></testcase>", "skipped"),
        ("<testcase><flakyError/></testcase>", "passed"),
        ("<testcase><failure/><rerunFailure/></testcase>", "failed"),
        ("<testcase><rerunFailure/></testcase>", "failed"),
        ("<testcase><wrapped><failure/></wrapped></testcase>", "failed"),
        ("<testcase><system-out>failure</system-out></testcase>", "passed"),
    ] {
        let text = format!("<testsuite>{case}</testsuite>");
        assert_eq!(value(&text)["testcases"][0]["status"], status, "{case}");
    }
}

#[test]
fn failures_outside_a_case_are_seen() {
    let report =
        value("<testsuites><error/><testsuite><failure/><error/></testsuite></testsuites>");
    assert_eq!(report["own_failures"], 1);
    assert_eq!(report["suites"][0]["own_failures"], 2);
    assert_eq!(report["counted"]["tests"], 0);
}

#[test]
fn what_is_not_junit_is_refused() {
    let deep = format!("{}{}", "<testsuite>".repeat(500), "</testsuite>".repeat(500));
    for (text, kind) in [
        ("", FaultKind::Empty),
        ("\u{feff} \n", FaultKind::Empty),
        ("no xml", FaultKind::Syntax),
        ("<testsuite>", FaultKind::Syntax),
        ("<testsuite><testcase></testsuite>", FaultKind::Syntax),
        ("<testsuite/><testsuite/>", FaultKind::Syntax),
        ("<testsuite/>trailing", FaultKind::Syntax),
        ("<testsuite name='a' name='b'/>", FaultKind::Syntax),
        ("<testsuite name='a<b'/>", FaultKind::Syntax),
        ("<html/>", FaultKind::Syntax),
        ("<!-- only a comment -->", FaultKind::Syntax),
        ("<!DOCTYPE testsuite [<!ENTITY a 'b'>]><testsuite/>", FaultKind::Unsupported),
        ("<testsuite name='&undefined;'/>", FaultKind::Unsupported),
        (&deep, FaultKind::Limit),
        (
            "<testsuite><properties><property name='a' value='1'/><property name='a' value='2'/></properties></testsuite>",
            FaultKind::DuplicateKey,
        ),
    ] {
        let (arena, faults) = read(text);
        assert!(arena.is_empty());
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        assert_eq!(faults[0].kind, kind, "{text}: {faults:?}");
    }
    let (_, faults) = read("<testsuite>\n \u{e9}&undefined;</testsuite>");
    assert_eq!(faults[0].span.start, 15, "{faults:?}");
}

/// A file of the corpus, and what it counts: tests, passed, failed, errors, skipped. `None` when it
/// is ill-formed.
type Expected = (&'static str, Option<[u64; 5]>);

const CORPUS: [Expected; 22] = [
    ("mocha/mocha.xml", Some([1, 1, 0, 0, 0])),
    ("junit_flaky_failure/mixed_flaky_and_passed.xml", Some([3, 3, 0, 0, 0])),
    ("junit_flaky_failure/marathon_junit_report.xml", Some([1, 1, 0, 0, 0])),
    ("perl/result.xml", Some([1, 1, 0, 0, 0])),
    ("junit-server-test/report.xml", Some([4, 2, 1, 0, 1])),
    ("catch2/report.xml", Some([1, 0, 1, 0, 0])),
    ("nested/junit.xml", Some([5, 2, 3, 0, 0])),
    ("nested/multi-level.xml", Some([3, 3, 0, 0, 0])),
    ("multiple_failures/test_multiple_failures.xml", Some([4, 1, 2, 0, 1])),
    ("multiple_failures/test_multiple_errors.xml", Some([3, 1, 1, 1, 0])),
    ("issues/testFailedDisabled.xml", Some([1, 0, 1, 0, 0])),
    ("issues/testDisabled.xml", Some([22, 6, 4, 2, 10])),
    ("cunit/testEmpty.xml", Some([0, 0, 0, 0, 0])),
    ("cunit/testFailure.xml", Some([4, 3, 1, 0, 0])),
    ("xunit/report.xml", Some([4, 3, 1, 0, 0])),
    ("multiple/test_12.xml", Some([3, 2, 0, 0, 1])),
    ("maven_surefire_flaky/surefire-report.xml", Some([1, 1, 0, 0, 0])),
    ("marathon_tests/com.mikepenz.DummyTest3#test_01.xml", Some([1, 0, 1, 0, 0])),
    ("flaky_retries/flaky_with_classname_file.xml", Some([5, 3, 1, 1, 0])),
    ("nextest/basic.xml", Some([3, 2, 1, 0, 0])),
    ("junit-web-test/expected.xml", None),
    ("corrupt-junit/e2e-tests/corrupt/target/sf-reports/TEST-test.CorruptTest.xml", None),
];

#[test]
fn real_reports_count_as_checked_by_eye() {
    let Some(files) = corpus("junit/mikepenz/test_results") else {
        return;
    };
    let mut checked = 0;
    for (path, text) in &files {
        let (arena, faults) = read(text);
        assert_eq!(arena.is_empty(), !faults.is_empty(), "{path:?}");
        let Some((file, expected)) = CORPUS.iter().find(|(file, _)| path.ends_with(file)) else {
            continue;
        };
        checked += 1;
        let counted = arena.root(text).and_then(|root| root.get("counted"));
        let counted = counted.map(|counted| {
            ["tests", "passed", "failed", "errors", "skipped"]
                .map(|name| counted.to_value()[name].as_u64().unwrap_or_default())
        });
        assert_eq!(counted, *expected, "{file}: {faults:?}");
    }
    assert_eq!(checked, CORPUS.len());
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn hostile_text_never_panics(text in "(?s)(<|>|/|=|\"|'|&|;|!|\\?|<testcase|<testsuite>|</testsuite>| name=\"|<failure/>|\\]\\]>|<!\\[CDATA\\[|\u{e9}|\u{0}|.){0,40}") {
        read(&text);
        read(&format!("<testsuite>{text}</testsuite>"));
    }

    #[test]
    fn mutated_documents_never_panic(at in 0..REPORT.len(), cut in 0..9_usize, put in "[<>/='\"& a]{0,3}") {
        let boundary = |mut at: usize| {
            while !REPORT.is_char_boundary(at) { at -= 1; }
            at
        };
        let (start, end) = (boundary(at), boundary((at + cut).min(REPORT.len())));
        read(&format!("{}{put}{}", &REPORT[..start], &REPORT[end.max(start)..]));
    }

    #[test]
    fn a_report_that_is_cut_short_is_never_read(at in 0..REPORT.len() - 2) {
        let mut at = at;
        while !REPORT.is_char_boundary(at) { at -= 1; }
        let (_, faults) = read(&REPORT[..at]);
        prop_assert!(!faults.is_empty());
    }
}
