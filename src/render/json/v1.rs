//! The shape `tickmark-report/1`. Fields may be added to it; none is renamed, removed or given
//! another meaning without a new number.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    model::{self, Finding, Label, LineColumn},
    render::{READINESS_NOTICE, fingerprint},
    report::{self, Report},
};

/// A tickmark report.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(title = "tickmark report, version 1")]
pub struct ReportV1 {
    /// The name of this shape, `tickmark-report/1`.
    #[schemars(extend("const" = "tickmark-report/1"))]
    schema: &'static str,
    /// What wrote the report.
    tool: Tool,
    /// The answer of the gate.
    verdict: Gate,
    /// What the report does and does not say.
    readiness_notice: &'static str,
    /// Whose evidence.
    organisation: String,
    /// The audit window.
    window: Window,
    /// IANA time zone of the engagement.
    time_zone: String,
    /// The day the verdicts speak of, `2026-10-20`.
    as_of: String,
    /// Whether pending controls fail the gate.
    strict: bool,
    /// How many controls have each verdict.
    counts: Counts,
    /// Controls in the order of their ids.
    controls: Vec<Control>,
    /// Checklist items.
    items: Vec<Rollup>,
    /// Trust Services Criteria.
    criteria: Vec<Rollup>,
    /// Findings in report order.
    findings: Vec<FindingV1>,
    /// Findings that were counted but are not listed.
    omitted: Vec<Omitted>,
    /// What was seen beneath the root.
    files: Files,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Tool {
    /// Always `tickmark`.
    name: &'static str,
    /// Version of the program.
    version: &'static str,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Gate {
    Pass,
    Fail,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Window {
    /// First day.
    start: String,
    /// Last day, inclusive.
    end: String,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    NotApplicable,
    Met,
    NotOperated,
    Pending,
    MetWithExceptions,
    Waived,
    Unmet,
    NotEvaluable,
}

impl From<model::Verdict> for Verdict {
    fn from(verdict: model::Verdict) -> Self {
        match verdict {
            model::Verdict::NotApplicable => Self::NotApplicable,
            model::Verdict::Met => Self::Met,
            model::Verdict::NotOperated => Self::NotOperated,
            model::Verdict::Pending => Self::Pending,
            model::Verdict::MetWithExceptions => Self::MetWithExceptions,
            model::Verdict::Waived => Self::Waived,
            model::Verdict::Unmet => Self::Unmet,
            model::Verdict::NotEvaluable => Self::NotEvaluable,
        }
    }
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct Counts {
    unmet: usize,
    not_evaluable: usize,
    pending: usize,
    waived: usize,
    met_with_exceptions: usize,
    met: usize,
    not_operated: usize,
    not_applicable: usize,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Control {
    id: String,
    title: String,
    /// The rule file.
    path: String,
    verdict: Verdict,
    /// Why, where the verdict needs words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    objective: String,
    why: String,
    good: String,
    /// Checklist items it serves.
    items: Vec<String>,
    /// Criteria it supports.
    criteria: Vec<String>,
    tally: Tally,
    requirements: Vec<Requirement>,
    checks: Vec<Check>,
    /// What a person must still decide.
    judgement: Vec<String>,
}

/// The counts behind a verdict.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Tally {
    /// Files the patterns match.
    matched: u64,
    /// Of these, files that exist at the as-of date.
    current: u64,
    /// Of these, files read without a fault.
    parsed: u64,
    /// Records read.
    records: u64,
    /// Records selected, inside the window.
    selected: u64,
    /// Periods expected over the window.
    periods: u64,
    /// Of these, due at the as-of date.
    due: u64,
    /// Of the due ones, covered by evidence.
    covered: u64,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Requirement {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alternative: Option<String>,
    kind: String,
    /// Glob patterns beneath the root.
    paths: Vec<String>,
    /// In words.
    cadence: String,
    tally: Tally,
    periods: Vec<Period>,
    /// The files used.
    artifacts: Vec<Artifact>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Period {
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    state: PeriodState,
    /// Last day on which the evidence is in time.
    due_on: String,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum PeriodState {
    Covered,
    Missing,
    Pending,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Artifact {
    path: String,
    /// SHA-256 in hex.
    sha256: String,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Check {
    id: String,
    title: String,
    checked: u64,
    deviations: u64,
    excepted: u64,
}

/// The worst verdict of several controls.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Rollup {
    id: String,
    verdict: Verdict,
    controls: Vec<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct FindingV1 {
    /// The same in every run for the same code and subject, whatever the line.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    id: String,
    /// Stable code, such as `period-missing`.
    code: &'static str,
    severity: Severity,
    /// Whether it keeps its control from being met.
    blocks: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<String>,
    message: String,
    help: String,
    subject: Subject,
    /// Places in the evidence, the primary one first.
    evidence: Vec<Place>,
    /// The place in the rule that demands it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<Place>,
    /// The exception or waiver that covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    excepted_by: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Severity {
    Error,
    Warning,
    Note,
}

/// What a finding is about.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Subject {
    Requirement,
    Artifact {
        path: String,
    },
    Record {
        path: String,
        key: String,
    },
    Period {
        label: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    },
}

/// A place in a file. The text there is left out: it stands in the evidence.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Place {
    path: String,
    /// First byte, in the decompressed text.
    start_byte: u64,
    /// One past the last byte.
    end_byte: u64,
    start: Position,
    end: Position,
    /// What is there; may be empty.
    text: String,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
struct Position {
    /// From 1.
    line: u64,
    /// In characters, from 1.
    column: u64,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Omitted {
    control: String,
    check: String,
    count: u64,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Files {
    seen: u64,
    /// Files that no requirement reads.
    unused: Vec<String>,
}

impl From<&Report> for ReportV1 {
    fn from(report: &Report) -> Self {
        let omitted = |(control, check, count): &(String, String, u64)| Omitted {
            control: control.clone(),
            check: check.clone(),
            count: *count,
        };
        Self {
            schema: "tickmark-report/1",
            tool: Tool { name: "tickmark", version: env!("CARGO_PKG_VERSION") },
            verdict: if report.passes() { Gate::Pass } else { Gate::Fail },
            readiness_notice: READINESS_NOTICE,
            organisation: report.organisation.clone(),
            window: Window { start: report.window.0.clone(), end: report.window.1.clone() },
            time_zone: report.time_zone.clone(),
            as_of: report.as_of.clone(),
            strict: report.strict,
            counts: counts(report),
            controls: report.controls.iter().map(Control::from).collect(),
            items: report.items.iter().map(Rollup::from).collect(),
            criteria: report.criteria.iter().map(Rollup::from).collect(),
            findings: report.findings.iter().map(FindingV1::from).collect(),
            omitted: report.omitted.iter().map(omitted).collect(),
            files: Files { seen: report.files, unused: report.unused.clone() },
        }
    }
}

fn counts(report: &Report) -> Counts {
    Counts {
        unmet: report.count(model::Verdict::Unmet),
        not_evaluable: report.count(model::Verdict::NotEvaluable),
        pending: report.count(model::Verdict::Pending),
        waived: report.count(model::Verdict::Waived),
        met_with_exceptions: report.count(model::Verdict::MetWithExceptions),
        met: report.count(model::Verdict::Met),
        not_operated: report.count(model::Verdict::NotOperated),
        not_applicable: report.count(model::Verdict::NotApplicable),
    }
}

impl From<&report::ControlReport> for Control {
    fn from(control: &report::ControlReport) -> Self {
        Self {
            id: control.id.clone(),
            title: control.title.clone(),
            path: control.path.clone(),
            verdict: control.verdict.into(),
            reason: control.reason.clone(),
            objective: control.objective.clone(),
            why: control.why.clone(),
            good: control.good.clone(),
            items: control.items.clone(),
            criteria: control.criteria.clone(),
            tally: control.tally.into(),
            requirements: control.requirements.iter().map(Requirement::from).collect(),
            checks: control.checks.iter().map(Check::from).collect(),
            judgement: control.judgement.clone(),
        }
    }
}

impl From<model::Tally> for Tally {
    fn from(tally: model::Tally) -> Self {
        let model::Tally { matched, current, parsed, records, selected, periods, due, covered } =
            tally;
        Self { matched, current, parsed, records, selected, periods, due, covered }
    }
}

impl From<&report::RequirementReport> for Requirement {
    fn from(requirement: &report::RequirementReport) -> Self {
        let artifact = |(path, sha256): &(String, String)| Artifact {
            path: path.clone(),
            sha256: sha256.clone(),
        };
        Self {
            name: requirement.name.clone(),
            alternative: requirement.alternative.clone(),
            kind: requirement.kind.clone(),
            paths: requirement.paths.clone(),
            cadence: requirement.cadence.clone(),
            tally: requirement.tally.into(),
            periods: requirement.periods.iter().map(Period::from).collect(),
            artifacts: requirement.artifacts.iter().map(artifact).collect(),
        }
    }
}

impl From<&report::PeriodReport> for Period {
    fn from(period: &report::PeriodReport) -> Self {
        Self {
            label: period.label.clone(),
            group: period.group.clone(),
            state: match period.state {
                model::PeriodState::Covered => PeriodState::Covered,
                model::PeriodState::Missing => PeriodState::Missing,
                model::PeriodState::Pending => PeriodState::Pending,
            },
            due_on: period.due_on.clone(),
        }
    }
}

impl From<&report::CheckReport> for Check {
    fn from(check: &report::CheckReport) -> Self {
        let report::CheckReport { id, title, checked, deviations, excepted } = check;
        Self {
            id: id.clone(),
            title: title.clone(),
            checked: *checked,
            deviations: *deviations,
            excepted: *excepted,
        }
    }
}

impl From<&report::Rollup> for Rollup {
    fn from(rollup: &report::Rollup) -> Self {
        let report::Rollup { id, verdict, controls } = rollup;
        Self { id: id.clone(), verdict: (*verdict).into(), controls: controls.clone() }
    }
}

impl From<&Finding> for FindingV1 {
    fn from(finding: &Finding) -> Self {
        Self {
            id: fingerprint(finding),
            code: finding.code.as_str(),
            severity: match finding.severity {
                model::Severity::Error => Severity::Error,
                model::Severity::Warning => Severity::Warning,
                model::Severity::Note => Severity::Note,
            },
            blocks: finding.blocks(),
            control: finding.control.clone(),
            requirement: finding.requirement.clone(),
            check: finding.check.clone(),
            message: finding.message.clone(),
            help: finding.help.clone(),
            subject: Subject::from(&finding.subject),
            evidence: finding.evidence.iter().map(Place::from).collect(),
            rule: finding.rule.as_ref().map(Place::from),
            excepted_by: finding.excepted_by.clone(),
        }
    }
}

impl From<&model::Subject> for Subject {
    fn from(subject: &model::Subject) -> Self {
        match subject.clone() {
            model::Subject::Requirement => Self::Requirement,
            model::Subject::Artifact { path } => Self::Artifact { path },
            model::Subject::Record { path, key } => Self::Record { path, key },
            model::Subject::Period { label, group } => Self::Period { label, group },
        }
    }
}

impl From<&Label> for Place {
    fn from(label: &Label) -> Self {
        Self {
            path: label.place.path.clone(),
            start_byte: label.place.span.start,
            end_byte: label.place.span.end,
            start: label.place.start.into(),
            end: label.place.end.into(),
            text: label.text.clone(),
        }
    }
}

impl From<LineColumn> for Position {
    fn from(LineColumn { line, column }: LineColumn) -> Self {
        Self { line, column }
    }
}
