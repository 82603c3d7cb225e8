//! The shape `tickmark-report/1`. Fields may be added to it; none is renamed, removed or given
//! another meaning without a new number.

mod from;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

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
    /// Trust categories in scope.
    categories: Vec<String>,
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
    /// Trust Services Criteria in scope; those that no control in scope supports have no controls.
    criteria: Vec<Rollup>,
    /// Findings in report order.
    findings: Vec<FindingV1>,
    /// Recorded exceptions and waivers of these controls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    register: Vec<Registered>,
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
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
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
    /// First day.
    from: String,
    /// Last day, inclusive.
    to: String,
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
    /// What its manifest says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<Provenance>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Provenance {
    /// The system it was taken from.
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    /// As it is written.
    collected_at: String,
    collected_by: String,
    /// The days it covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    covers: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<u64>,
    /// Redacted fields, each with its method and reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    redactions: Vec<String>,
    /// Why it is not handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<String>,
}

/// An exception or a waiver of the register.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Registered {
    id: String,
    kind: RegisteredKind,
    control: String,
    /// The check, and the record, period or path.
    about: String,
    /// Its cause, or why it was waived.
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<String>,
    approver: String,
    approved_on: String,
    /// Last day.
    expires_on: String,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum RegisteredKind {
    Exception,
    Waiver,
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
    /// The text of the item; what the criterion is about.
    title: String,
    /// Where other frameworks ask for the same, by framework.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    crosswalk: BTreeMap<String, Vec<String>>,
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
