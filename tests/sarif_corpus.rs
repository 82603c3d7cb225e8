//! Logs of scanners as their tools published them: they are read as they are, and a run that does not
//! say that it looked at everything meets no control.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod repository;

use std::fs;

use repository::{Repository, corpus};
use tickmark::model::{Code, Verdict};

#[test]
fn published_logs_are_read_and_show_no_more_than_they_say() {
    let Some(root) = corpus("schemastore/test/sarif") else { return };
    for (name, rule, places) in [
        // Tools that met errors of their own, and a log without a word on whether its run ended.
        ("BinSkim.AllRules", "nothing-was-left-out", 1),
        ("minimal", "runs-finished", 1),
    ] {
        let text = fs::read(root.join(format!("{name}.sarif.json"))).unwrap();
        let repository = Repository::new().with("evidence/scan.json", text).with_control(
            "SCAN-01",
            "sarif-log",
            "evidence/scan.json",
        );
        let report = repository.judged(&repository.catalog(), &|_| true);
        assert_eq!(report.controls[0].verdict, Verdict::Unmet, "{name}");
        assert_eq!(report.controls[0].tally.parsed, 1, "{name}");
        let broken = |code| report.findings.iter().filter(move |one| one.code == code);
        assert_eq!(broken(Code::SchemaMismatch).count(), 0, "{name} is no SARIF to us");
        let of_rule = broken(Code::KindRuleBroken).filter(|one| one.check.as_deref() == Some(rule));
        assert_eq!(of_rule.count(), places, "{name}: {:#?}", report.findings);
    }
}
