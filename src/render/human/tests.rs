//! Tests of the whole human report over the shared samples.

use super::*;
use crate::{
    model::{Code, Verdict},
    render::hidden,
    report::sample,
};

fn text(report: &Report, style: &Style) -> String {
    let mut out = Vec::new();
    render(report, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn ascii() -> Style {
    Style { unicode: false, ..Style::default() }
}

#[test]
fn a_small_report() {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("human_small", text(&sample::small(), &ascii()));
    });
}

#[test]
fn a_hostile_report() {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("human_hostile", text(&sample::hostile(), &ascii()));
    });
}

#[test]
fn hostile_text_neither_escapes_nor_overflows_at_any_width() {
    for width in [0, 60, 80, 100, 140, 1_000] {
        for unicode in [false, true] {
            let style = Style { width, unicode, ..Style::default() };
            for line in text(&sample::hostile(), &style).lines() {
                assert!(!line.chars().any(hidden), "{line}");
                assert!(columns(line) <= 2 * style.columns(), "{line}");
                assert!(!line.trim_start().starts_with("::"), "{line}");
            }
        }
    }
}

#[test]
fn colour_is_written_only_where_it_is_wanted() {
    let color = Style { color: true, ..Style::default() };
    assert!(text(&sample::small(), &color).contains('\u{1b}'));
    assert!(!text(&sample::hostile(), &Style::default()).contains('\u{1b}'));
}

#[test]
fn every_control_stands_with_its_verdict() {
    let report = sample::hostile();
    let out = text(&report, &ascii());
    for control in &report.controls {
        let table = out.split_once("Controls, worst first").unwrap().1;
        let row = table.lines().find(|line| line.contains(&control.id) && line.starts_with("  "));
        assert!(row.is_some_and(|row| row.contains(control.verdict.as_str())), "{}", control.id);
    }
}

#[test]
fn the_notice_stands_once() {
    let out = text(&sample::small(), &Style { width: 200, ..ascii() });
    assert_eq!(out.matches("not an audit opinion").count(), 1);
}

#[test]
fn findings_beyond_the_limit_are_counted() {
    let out = text(&sample::small(), &Style { findings: 1, ..ascii() });
    assert!(out.contains("1 more finding not printed here (CHM-01 1)"), "{out}");
    assert!(out.contains("1 more finding not printed here (ACC-03 1)"), "{out}");
    assert_eq!(out.matches("tickmark::").count(), 1);
}

#[test]
fn the_gate_says_why_it_fails() {
    let mut report = sample::small();
    assert_eq!(summary::gate(&report), "Gate fails: 1 of 4 controls is unmet.");
    report.controls[1].verdict = Verdict::Pending;
    assert_eq!(summary::gate(&report), "Gate fails: 2 findings are to fix.");
    report.findings.clear();
    assert_eq!(summary::gate(&report), "Gate passes: none of 4 controls is unmet.");
    report.strict = true;
    assert_eq!(
        summary::gate(&report),
        "Gate fails: 1 of 4 controls is pending, which --strict refuses."
    );
    report.controls.clear();
    assert!(summary::gate(&report).starts_with("Gate fails: no control was evaluated."));
}

#[test]
fn a_narrow_table_keeps_its_titles_readable() {
    let out = text(&sample::small(), &Style { width: 80, ..ascii() });
    assert!(out.contains("\n      Model modifications are approved before they ship\n"), "{out}");
    assert!(out.lines().all(|line| columns(line) <= 80), "{out}");
}

#[test]
fn a_fault_of_several_controls_comes_first() {
    let mut report = sample::small();
    assert!(!text(&report, &ascii()).contains("Fix first"), "each holds back one control");
    let first = report.findings.iter().find(|finding| finding.blocks()).unwrap();
    let (message, place) = (first.message.clone(), first.evidence[0].place.clone());
    let again = |control: &str, message: &str| Finding {
        control: Some(control.to_owned()),
        message: message.to_owned(),
        ..first.clone()
    };
    let more = [again("ACC-01", &message), again("ACC-02", "the same in other words")];
    report.findings.extend(more);
    let out = text(&report, &Style { width: 400, ..ascii() });
    let told = format!("3 controls  {}:{}:{}: ", place.path, place.start.line, place.start.column);
    let (head, rest) = out.split_once("Fix first").unwrap();
    assert!(!head.contains("Controls, worst first") && rest.contains(&told), "{told}\n{out}");
    assert_eq!(
        rest.matches("the same in other words").count(),
        1,
        "only where it is drawn:\n{out}"
    );
}

#[test]
fn what_is_wrong_in_every_row_of_a_file_is_one_fault() {
    let mut report = sample::small();
    let first = report.findings.iter().find(|finding| finding.blocks()).unwrap().clone();
    let row = |line: u64, control: &str| {
        let mut row = Finding { code: Code::SchemaMismatch, ..first.clone() };
        row.control = Some(control.to_owned());
        "`person_id` is missing".clone_into(&mut row.message);
        row.evidence[0].place.start.line = line;
        row
    };
    let rows = (2..30).flat_map(|line| [row(line, "ACC-01"), row(line, "ACC-02")]);
    report.findings.extend(rows);
    let out = text(&report, &Style { width: 400, ..ascii() });
    let head = out.split_once("Controls, worst first").unwrap().0;
    assert_eq!(head.matches("`person_id` is missing").count(), 1, "{head}");
    assert!(head.contains("2 controls  ") && head.contains("(and at 27 more places of this file)"));
}

#[test]
fn a_control_fails_for_what_is_to_be_fixed_first() {
    let mut report = sample::small();
    let blocking = report.findings.iter().filter(|finding| finding.blocks());
    let own = blocking.map(|finding| finding.control.clone()).collect::<Vec<_>>();
    let failing = report
        .controls
        .iter()
        .find(|control| control.verdict.fails(false) && own.contains(&Some(control.id.clone())));
    let id = failing.unwrap().id.clone();
    let first = report.findings.iter().find(|finding| finding.blocks()).unwrap().clone();
    for control in [id.as_str(), "ACC-01", "ACC-02"] {
        let mut shared = Finding { control: Some(control.to_owned()), ..first.clone() };
        "the digest differs".clone_into(&mut shared.message);
        shared.evidence[0].place.start.line = 9_999;
        report.findings.push(shared);
    }
    let out = text(&report, &Style { width: 400, ..ascii() });
    let table = out.split_once("Controls, worst first").unwrap().1;
    let row = table.split_once(&format!("{id}  ")).unwrap().1;
    let why = row.lines().find(|line| line.trim_start().starts_with("why: ")).unwrap();
    assert!(why.contains("why: the digest differs (and "), "{why}\n{table}");
}
