//! The shape `tickmark-report/1`. Fields may be added to it; none is renamed, removed or given
//! another meaning without a new number.

mod from;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// A tickmark report.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(title = "tickmark report, version 1")]
pub struct ReportV1<'a> {
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
    organisation: &'a str,
    /// The audit window.
    window: Window<'a>,
    /// IANA time zone of the engagement.
    time_zone: &'a str,
    /// Trust categories in scope.
    categories: Vec<&'a str>,
    /// The day the verdicts speak of, `2026-10-20`.
    as_of: &'a str,
    /// Whether pending controls fail the gate.
    strict: bool,
    /// How many controls have each verdict.
    counts: Counts,
    /// Controls in the order of their ids.
    controls: Vec<Control<'a>>,
    /// Checklist items.
    items: Vec<Rollup<'a>>,
    /// Trust Services Criteria in scope; those that no control in scope supports have no controls.
    criteria: Vec<Rollup<'a>>,
    /// Findings in report order.
    findings: Vec<FindingV1<'a>>,
    /// Recorded exceptions and waivers of these controls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    register: Vec<Registered<'a>>,
    /// Findings that were counted but are not listed.
    omitted: Vec<Omitted<'a>>,
    /// What was seen beneath the root.
    files: Files<'a>,
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
struct Window<'a> {
    /// First day.
    start: &'a str,
    /// Last day, inclusive.
    end: &'a str,
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
struct Control<'a> {
    id: &'a str,
    title: &'a str,
    /// The rule file.
    path: &'a str,
    verdict: Verdict,
    /// Why, where the verdict needs words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    objective: &'a str,
    why: &'a str,
    good: &'a str,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    /// Checklist items it serves.
    items: &'a [String],
    /// Criteria it supports.
    criteria: &'a [String],
    tally: Tally,
    requirements: Vec<Requirement<'a>>,
    checks: Vec<Check<'a>>,
    /// What a person must still decide.
    judgement: &'a [String],
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
struct Requirement<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    alternative: Option<&'a str>,
    kind: &'a str,
    /// Glob patterns beneath the root.
    paths: &'a [String],
    /// In words.
    cadence: &'a str,
    tally: Tally,
    periods: Vec<Period<'a>>,
    /// The files used.
    artifacts: Vec<Artifact<'a>>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Period<'a> {
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    /// First day.
    from: &'a str,
    /// Last day, inclusive.
    to: &'a str,
    state: PeriodState,
    /// Last day on which the evidence is in time.
    due_on: &'a str,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum PeriodState {
    Covered,
    Missing,
    Pending,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Artifact<'a> {
    path: &'a str,
    /// SHA-256 in hex.
    sha256: &'a str,
    /// What its manifest says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<Provenance<'a>>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Provenance<'a> {
    /// The system it was taken from.
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
    /// As it is written.
    collected_at: &'a str,
    collected_by: &'a str,
    /// The days it covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    covers: Option<Window<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<u64>,
    /// Redacted fields, each with its method and reason.
    #[serde(skip_serializing_if = "no_text")]
    redactions: &'a [String],
    /// Why it is not handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<&'a str>,
}

/// An exception or a waiver of the register.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Registered<'a> {
    id: &'a str,
    kind: RegisteredKind,
    control: &'a str,
    /// The check, and the record, period or path.
    about: &'a str,
    /// Its cause, or why it was waived.
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<&'a str>,
    approver: &'a str,
    approved_on: &'a str,
    /// Last day.
    expires_on: &'a str,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum RegisteredKind {
    Exception,
    Waiver,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Check<'a> {
    id: &'a str,
    title: &'a str,
    checked: u64,
    deviations: u64,
    excepted: u64,
}

/// The worst verdict of several controls.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Rollup<'a> {
    id: &'a str,
    /// The text of the item; what the criterion is about.
    title: &'a str,
    /// Where other frameworks ask for the same, by framework.
    #[serde(skip_serializing_if = "no_crosswalk")]
    crosswalk: &'a BTreeMap<String, Vec<String>>,
    verdict: Verdict,
    controls: &'a [String],
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct FindingV1<'a> {
    /// The same in every run for the same code and subject, whatever the line.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    id: String,
    /// Stable code, such as `period-missing`.
    code: &'static str,
    severity: Severity,
    /// Whether it keeps its control from being met.
    blocks: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    control: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<&'a str>,
    message: &'a str,
    help: &'a str,
    subject: Subject<'a>,
    /// Places in the evidence, the primary one first.
    evidence: Vec<Place<'a>>,
    /// The place in the rule that demands it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<Place<'a>>,
    /// The exception or waiver that covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    excepted_by: Option<&'a str>,
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
enum Subject<'a> {
    Requirement,
    Artifact {
        path: &'a str,
    },
    Record {
        path: &'a str,
        key: &'a str,
    },
    Period {
        label: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<&'a str>,
    },
}

/// A place in a file. The text there is left out: it stands in the evidence.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Place<'a> {
    path: &'a str,
    /// First byte, in the decompressed text.
    start_byte: u64,
    /// One past the last byte.
    end_byte: u64,
    start: Position,
    end: Position,
    /// What is there; may be empty.
    text: &'a str,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
struct Position {
    /// From 1.
    line: u64,
    /// In characters, from 1.
    column: u64,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Omitted<'a> {
    control: &'a str,
    check: &'a str,
    count: u64,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Files<'a> {
    seen: u64,
    /// Files that no requirement reads.
    unused: &'a [String],
}

/// Whether nothing is listed.
fn no_text(list: &&[String]) -> bool {
    list.is_empty()
}

/// Whether no other framework is named.
fn no_crosswalk(crosswalk: &&BTreeMap<String, Vec<String>>) -> bool {
    crosswalk.is_empty()
}
