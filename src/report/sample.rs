//! Sample reports for the tests of all renderers: a small realistic one, and one with every verdict
//! and hostile text in every place.

use std::collections::BTreeMap;

use super::{
    ArtifactReport, CheckReport, ControlReport, PeriodReport, Provenance, Registered, Report,
    RequirementReport, Rollup,
};
use crate::model::{
    Category, Code, Excerpt, Finding, Label, LineColumn, PeriodState, Place, Severity, Span,
    Subject, Tally, Verdict,
};

/// Text that tries everything: colour, cursor, C1, bidi, zero width, workflow commands, markup,
/// a spreadsheet formula and wide characters.
pub(crate) const HOSTILE: &str = "=1+1 \u{1b}[31mred\u{1b}[0m \u{9b}2J \u{202e}gnp.exe\u{2066} \
     a\u{200b}b\n::error::owned\r\n##[set-env name=x]y <script>alert(1)</script> | ]]> & 東京 `x`";

/// Three findings of three kinds, as a first run may show them.
pub(crate) fn small() -> Report {
    let mut unmet =
        control("CHM-01", "Model modifications are approved before they ship", Verdict::Unmet);
    unmet.tally = Tally { periods: 12, due: 9, covered: 8, records: 214, selected: 118, ..tally() };
    unmet.requirements[0].periods = periods(&[
        ("2026-08", PeriodState::Covered, "2026-09-14"),
        ("2026-09", PeriodState::Missing, "2026-10-14"),
        ("2026-10", PeriodState::Pending, "2026-11-14"),
    ]);
    let mut met = control(
        "ACC-03",
        "Access of leavers is revoked within the agreed time",
        Verdict::MetWithExceptions,
    );
    met.tally = Tally { periods: 4, due: 3, covered: 3, records: 61, selected: 61, ..tally() };
    met.requirements[0].periods = periods(&[("2026-Q4", PeriodState::Pending, "2027-01-14")]);
    let mut excluded =
        control("DSA-02", "Customer output is reused only with consent", Verdict::NotApplicable);
    excluded.reason =
        Some("No customer output is reused; approved by p-003 on 2026-01-12".to_owned());
    let unsafe_met = control("MON-01", "Production models are monitored for drift", Verdict::Met);
    let mut report = empty("Acme AI");
    report.controls = vec![met, unmet, excluded, unsafe_met];
    report.items =
        vec![rollup("ACC-03", Verdict::MetWithExceptions), rollup("CHM-01", Verdict::Unmet)];
    report.criteria = vec![
        rollup("CC6.3", Verdict::MetWithExceptions),
        rollup("CC8.1", Verdict::Unmet),
        Rollup { controls: Vec::new(), ..rollup("A1.2", Verdict::NotEvaluable) },
    ];
    report.findings = small_findings();
    report.register = vec![registered("EXC-2026-002", "ACC-03", false)];
    report.files = 48;
    report.unused = vec!["evidence/chnages/changes-2026-09.jsonl".to_owned()];
    report
}

fn small_findings() -> Vec<Finding> {
    let record = r#"{"change_id":"CHG-0412","author":"p-014","approver":"p-014","approved_at":"2026-04-11T09:02:00Z"}"#;
    let rule = "    each: changes\n    require: this.approver != this.author\n    message: \"{change_id} was approved by its author\"\n";
    let mut approver = finding(Code::ConditionFailed, Severity::Error, "CHM-01");
    approver.requirement = None;
    approver.check = Some("independent-approver".to_owned());
    approver.message = "CHG-0412 was approved by its author, p-014".to_owned();
    approver.help = "Have the change reviewed by someone else now, and record an exception for CHG-0412 with its cause. Do not edit the record.".to_owned();
    approver.subject = Subject::Record { path: CHANGES.to_owned(), key: "CHG-0412".to_owned() };
    approver.evidence = vec![
        label(CHANGES, record, 31, "\"p-014\"", true, "approved by"),
        label(CHANGES, record, 31, "\"p-014\"", false, "written by"),
    ];
    approver.rule = Some(label(
        "builtin:controls/change/CHM-01.yaml",
        rule,
        22,
        "this.approver != this.author",
        false,
        "",
    ));

    let cadence = "    happened: deployed_at\n    cadence: { every: month, within: 14 days }\n";
    let mut missing = finding(Code::PeriodMissing, Severity::Error, "CHM-01");
    missing.message =
        "no evidence covers September 2026 (2026-09), which was due on 2026-10-14".to_owned();
    missing.help = "Export the changes of September to `evidence/changes/changes-2026-09.jsonl` with its manifest. If nobody exported them and the source no longer has them, record an exception.".to_owned();
    missing.subject = Subject::Period { label: "2026-09".to_owned(), group: None };
    missing.evidence = Vec::new();
    missing.rule = Some(label(
        "builtin:controls/change/CHM-01.yaml",
        cadence,
        15,
        "{ every: month, within: 14 days }",
        false,
        "every month, within 14 days of its end",
    ));

    let mut zone = finding(Code::ZonelessTime, Severity::Warning, "ACC-03");
    zone.requirement = Some("leavers".to_owned());
    zone.message = "61 times have no offset and are read in Europe/Berlin".to_owned();
    zone.help = "Export with offsets, such as `2026-03-31T14:05:00+02:00`.".to_owned();
    zone.evidence = vec![label(
        "evidence/access/leavers.csv",
        "person,left_at,revoked_at\np-031,2026-03-31 14:05,2026-03-31 16:40\n",
        1,
        "2026-03-31 14:05",
        false,
        "the first of them",
    )];
    zone.rule = None;

    let mut excepted = finding(Code::ConditionFailed, Severity::Error, "ACC-03");
    excepted.message = "p-044 kept access for 31 hours".to_owned();
    excepted.excepted_by = Some("EXC-2026-002".to_owned());
    vec![zone, excepted, approver, missing]
}

/// Every verdict, every severity and every subject, with hostile text throughout.
pub(crate) fn hostile() -> Report {
    let mut report = empty(HOSTILE);
    for (number, verdict) in Verdict::ALL.into_iter().enumerate() {
        let mut control = control(&format!("CTL-{number:02}"), HOSTILE, verdict);
        control.reason = Some(HOSTILE.to_owned());
        control.requirements[0].periods = periods(&[
            ("2026-10", PeriodState::Pending, "2026-11-14"),
            (HOSTILE, PeriodState::Pending, HOSTILE),
        ]);
        control.requirements[0].periods[0].group = Some(HOSTILE.to_owned());
        control.checks[0].title = HOSTILE.to_owned();
        control.judgement = vec![HOSTILE.to_owned()];
        report.controls.push(control);
    }
    report.items = report.controls.iter().map(|it| rollup(&it.id, it.verdict)).collect();
    report.criteria = vec![rollup(HOSTILE, Verdict::Unmet)];
    report.findings = hostile_findings();
    let about = || HOSTILE.to_owned();
    report.register = vec![Registered {
        about: about(),
        reason: about(),
        response: Some(about()),
        approver: about(),
        ..registered(HOSTILE, "CTL-05", true)
    }];
    let withheld = &mut report.controls[1].requirements[0].artifacts[0];
    withheld.provenance = Some(Provenance {
        source: about(),
        query: Some(about()),
        collected_at: about(),
        collected_by: about(),
        redactions: vec![about()],
        withheld: Some(about()),
        ..Provenance::default()
    });
    report.omitted = vec![("CTL-06".to_owned(), HOSTILE.to_owned(), 950)];
    report.files = 3;
    report.unused = vec![HOSTILE.to_owned(), "b".to_owned()];
    report
}

fn hostile_findings() -> Vec<Finding> {
    let hostile = |severity, control: Option<&str>, subject, labels| Finding {
        control: control.map(str::to_owned),
        check: Some(HOSTILE.to_owned()),
        message: HOSTILE.to_owned(),
        help: HOSTILE.to_owned(),
        evidence: labels,
        subject,
        rule: Some(label(HOSTILE, HOSTILE, 7, "red", false, HOSTILE)),
        ..finding(Code::SchemaMismatch, severity, "")
    };
    let path = HOSTILE.to_owned();
    let key = HOSTILE.to_owned();
    let long = format!("{}needle{}", "{\"k\":\"v\",".repeat(11_000), "x".repeat(1_000));
    let mut past = label("evidence/past.json", "{}", 1, "{}", false, "past the end");
    past.excerpt = past.excerpt.map(|excerpt| Excerpt { mark: (40, 90), ..excerpt });
    let mut empty_mark = label("evidence/empty.json", "{\"a\": 東京}\n", 9, "東", false, "a value");
    empty_mark.excerpt = empty_mark.excerpt.map(|it| Excerpt { mark: (6, 6), ..it });
    let bare = Label::new(Place::file(HOSTILE), HOSTILE);
    let mut excepted = hostile(Severity::Error, Some("CTL-04"), Subject::Requirement, vec![]);
    excepted.excepted_by = Some(HOSTILE.to_owned());
    vec![
        hostile(Severity::Error, None, Subject::Artifact { path: path.clone() }, vec![bare]),
        excepted,
        hostile(
            Severity::Error,
            Some("CTL-06"),
            Subject::Record { path, key },
            vec![
                label(
                    "evidence/long.json",
                    &long,
                    1,
                    "needle",
                    false,
                    &"very long label ".repeat(80),
                ),
                past,
                empty_mark,
            ],
        ),
        hostile(
            Severity::Warning,
            Some("CTL-06"),
            Subject::Period { label: HOSTILE.to_owned(), group: Some(HOSTILE.to_owned()) },
            vec![],
        ),
        hostile(Severity::Note, Some("CTL-01"), Subject::Requirement, vec![]),
    ]
}

const CHANGES: &str = "evidence/changes/changes-2026-04.jsonl";

fn empty(organisation: &str) -> Report {
    Report {
        organisation: organisation.to_owned(),
        window: ("2026-01-01".to_owned(), "2026-12-31".to_owned()),
        time_zone: "Europe/Berlin".to_owned(),
        categories: vec![Category::Security, Category::Availability],
        as_of: "2026-10-20".to_owned(),
        strict: false,
        controls: Vec::new(),
        items: Vec::new(),
        criteria: Vec::new(),
        findings: Vec::new(),
        register: Vec::new(),
        omitted: Vec::new(),
        files: 0,
        unused: Vec::new(),
    }
}

fn tally() -> Tally {
    Tally {
        matched: 9,
        current: 9,
        parsed: 9,
        records: 18,
        selected: 18,
        periods: 0,
        due: 0,
        covered: 0,
    }
}

fn control(id: &str, title: &str, verdict: Verdict) -> ControlReport {
    ControlReport {
        id: id.to_owned(),
        title: title.to_owned(),
        path: format!("builtin:controls/{id}.yaml"),
        objective: "Nothing ships without approval.".to_owned(),
        why: "Unapproved changes reach customers.".to_owned(),
        good: "One record a change.".to_owned(),
        owner: Some("p-004".to_owned()),
        items: vec![id.to_owned()],
        criteria: vec!["CC8.1".to_owned()],
        verdict,
        reason: None,
        tally: tally(),
        requirements: vec![RequirementReport {
            name: "changes".to_owned(),
            alternative: None,
            kind: "change-record".to_owned(),
            paths: vec!["evidence/changes/*.jsonl".to_owned()],
            cadence: "every month, within 14 days".to_owned(),
            tally: tally(),
            periods: Vec::new(),
            artifacts: vec![artifact()],
        }],
        checks: vec![CheckReport {
            id: "independent-approver".to_owned(),
            title: "the approver is not the author".to_owned(),
            checked: 118,
            deviations: 1,
            excepted: 0,
        }],
        judgement: vec!["Whether the approvers understand the models.".to_owned()],
    }
}

fn artifact() -> ArtifactReport {
    ArtifactReport {
        path: CHANGES.to_owned(),
        sha256: "9b1c".repeat(16),
        provenance: Some(Provenance {
            source: "github.example/acme/models".to_owned(),
            query: Some("deployments in the period".to_owned()),
            collected_at: "2026-05-02T09:14:00+02:00".to_owned(),
            collected_by: "p-011".to_owned(),
            covers: Some(("2026-04-01".to_owned(), "2026-04-30".to_owned())),
            records: Some(18),
            ..Provenance::default()
        }),
    }
}

fn registered(id: &str, control: &str, is_waiver: bool) -> Registered {
    Registered {
        id: id.to_owned(),
        is_waiver,
        control: control.to_owned(),
        about: "condition-failed, record p-044".to_owned(),
        reason: "The ticket was routed to the wrong team".to_owned(),
        response: (!is_waiver)
            .then(|| "Extent: one of 61. Response: the route was mended.".to_owned()),
        approver: "p-003".to_owned(),
        approved_on: "2026-09-12".to_owned(),
        expires_on: "2026-12-31".to_owned(),
    }
}

fn periods(rows: &[(&str, PeriodState, &str)]) -> Vec<PeriodReport> {
    let period = |&(label, state, due_on): &(&str, _, &str)| PeriodReport {
        label: label.to_owned(),
        group: None,
        from: format!("{}-01", label.get(..7).unwrap_or("2026-10")),
        to: format!("{}-28", label.get(..7).unwrap_or("2026-10")),
        state,
        due_on: due_on.to_owned(),
    };
    rows.iter().map(period).collect()
}

fn rollup(id: &str, verdict: Verdict) -> Rollup {
    Rollup {
        id: id.to_owned(),
        title: format!("About {id}"),
        crosswalk: BTreeMap::new(),
        verdict,
        controls: vec!["CHM-01".to_owned()],
    }
}

fn finding(code: Code, severity: Severity, control: &str) -> Finding {
    Finding {
        code,
        severity,
        control: Some(control.to_owned()),
        requirement: Some("changes".to_owned()),
        check: None,
        message: "something is wrong".to_owned(),
        help: "Correct it.".to_owned(),
        subject: Subject::Requirement,
        evidence: vec![Label::new(Place::file("evidence/access/leavers.csv"), "")],
        rule: None,
        excepted_by: None,
    }
}

/// The label of `needle` in `text`, an excerpt that begins at `line`; `last` takes its last occurrence.
fn label(path: &str, text: &str, line: u64, needle: &str, last: bool, words: &str) -> Label {
    let at = if last { text.rfind(needle) } else { text.find(needle) }.unwrap_or_default();
    let span = Span::new(at as u64, (at + needle.len()) as u64);
    let first = LineColumn { line, column: 1 };
    let mut label = Label::new(Place::in_part(path, text, span, 1_000, first), words);
    label.excerpt = Some(Excerpt {
        text: text.to_owned(),
        first_line: line,
        first_column: 1,
        mark: (at, at + needle.len()),
    });
    label
}
