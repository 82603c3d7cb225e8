//! Rule files, engagement and exceptions as they are written: shapes only, nothing resolved.
//!
//! Forms that may be a word or a mapping are kept as [`Value`] and read by `resolve`, because
//! untagged enums lose both places and messages.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// One control: `controls/<group>/<id>.yaml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawControl {
    /// Stable id of the control, such as `CHM-01`.
    #[schemars(regex(pattern = r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$"))]
    pub id: String,
    /// The control stated as true, in one line.
    #[schemars(length(min = 1))]
    pub title: String,
    /// The checklist items it claims; each item is claimed by one control.
    #[serde(default)]
    pub items: Vec<String>,
    /// Checklist items that another control claims and that this one adds to.
    #[serde(default)]
    pub adds_to: Vec<String>,
    /// The Trust Services Criteria it supports, by id.
    #[serde(default)]
    pub criteria: Vec<String>,
    /// What the control achieves, in one sentence.
    #[schemars(length(min = 1))]
    pub objective: String,
    /// What goes wrong without it.
    #[serde(default)]
    pub why: String,
    /// What good evidence looks like.
    #[serde(default)]
    pub good: String,
    /// Parameters of the control; the engagement may override each.
    #[serde(default)]
    pub params: BTreeMap<String, RawParam>,
    /// The evidence it requires: requirements by name.
    #[schemars(length(min = 1))]
    pub evidence: BTreeMap<String, RawRequirement>,
    /// The checks on that evidence, by id.
    #[serde(default)]
    pub checks: BTreeMap<String, RawCheck>,
    /// What a person must still decide.
    #[serde(default)]
    pub judgement: Vec<RawJudgement>,
}

/// A parameter with its default.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawParam {
    /// Default value: a number, a boolean, a string or a list of strings.
    pub value: Value,
    /// What it means and where the organisation's own value stands.
    #[serde(default)]
    pub description: String,
}

/// A question the tool cannot answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawJudgement {
    /// Id within the control.
    pub id: String,
    /// The question.
    pub question: String,
    /// Checklist rules it stands for.
    #[serde(default)]
    pub rules: Vec<String>,
}

/// One evidence slot of a control, or one alternative of it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawRequirement {
    /// What is asked for, in words.
    pub description: Option<String>,
    /// Kind of artifact: a schema in `schemas/kinds`.
    pub kind: Option<String>,
    /// Pattern of paths, or a list of patterns; `*` does not cross `/`, `**` does.
    #[schemars(with = "Option<OneOrMany>")]
    pub path: Option<Value>,
    /// JSON Pointer to the records; `*` stands for every element on the way.
    pub records: Option<String>,
    /// CEL: which records the control is about.
    #[serde(rename = "where")]
    pub where_: Option<String>,
    /// Field that says when the thing happened.
    pub happened: Option<String>,
    /// Field that says which period the record is for.
    pub period: Option<String>,
    /// Fields that say which days the artifact covers.
    pub covers: Option<RawCovers>,
    /// Fields whose every combination needs every period.
    pub per: Vec<String>,
    /// How often evidence must be left.
    #[schemars(with = "Option<CadenceForm>")]
    pub cadence: Option<Value>,
    /// How old the newest evidence may be.
    pub freshness: Option<RawFreshness>,
    /// The records are a complete population.
    pub population: Option<RawPopulation>,
    /// Whether every artifact needs a manifest.
    pub manifest: Option<RawManifestNeed>,
    /// The check that demands rows here; without it an empty slot is a finding.
    pub demanded_by: Option<String>,
    /// Alternatives by name; the first in order of name that matches a file is used.
    pub any_of: Option<BTreeMap<String, RawRequirement>>,
    /// Checklist rules this implements.
    pub rules: Vec<String>,
}

/// Whether artifacts need a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RawManifestNeed {
    /// Each artifact needs one.
    Required,
    /// Checked where there is one.
    Optional,
}

/// Days an artifact covers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCovers {
    /// Field of the first day.
    pub from: String,
    /// Field of the last day.
    pub to: String,
}

/// Largest age.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawFreshness {
    /// The date field, or `collected` for the manifest's date.
    pub of: String,
    /// Such as `92 days` or `12 months`.
    pub max_age: String,
}

/// A complete population.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPopulation {
    /// Field, or fields, that name a record; unique over all files.
    #[schemars(with = "OneOrMany")]
    pub key: Value,
}

/// One check. Exactly one of `require`, `exists_in`, `absent_from`, `same_set`, `unique`, `tile`,
/// `count`, `rate`, `sum`, `recompute`, `reaches` says which.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawCheck {
    /// What it asks, in words.
    pub title: Option<String>,
    /// What is wrong when it breaks; `{field}` is replaced.
    pub message: Option<String>,
    /// What to do then.
    pub help: Option<String>,
    /// Checklist rules this implements.
    pub rules: Vec<String>,
    /// Whether there must be something to look at: a check whose selection is empty is noted, and
    /// with `true` it is broken. Default: true for `same_set`, else false.
    pub required: Option<bool>,
    /// The requirement whose records are looked at, or `requirement.alternative`.
    pub each: Option<String>,
    /// CEL: which of them.
    #[serde(rename = "where")]
    pub where_: Option<String>,
    /// CEL that must hold on each record.
    pub require: Option<String>,
    /// The requirement that must hold a matching record.
    pub exists_in: Option<String>,
    /// The requirement that must hold no matching record.
    pub absent_from: Option<String>,
    /// Field here to field there.
    #[serde(rename = "match")]
    pub match_: Option<BTreeMap<String, String>>,
    /// CEL on the records there.
    pub matching: Option<String>,
    /// How many records must match.
    pub exactly: Option<u64>,
    /// With `exists_in` and `absent_from`: only the records there of the newest period, or those of
    /// each period by themselves.
    pub against: Option<RawAgainst>,
    /// Which rows were valid when.
    pub as_of: Option<RawAsOf>,
    /// Two lists that hold the same keys.
    pub same_set: Option<Vec<RawMember>>,
    /// Keys that occur once.
    pub unique: Option<RawKeyed>,
    /// Intervals or points that leave no gap.
    pub tile: Option<RawTile>,
    /// A number of records within bounds.
    pub count: Option<RawCount>,
    /// A share of records within bounds.
    pub rate: Option<RawRate>,
    /// A sum within bounds.
    pub sum: Option<RawSum>,
    /// A stated figure equals the one derived.
    pub recompute: Option<RawRecompute>,
    /// Reachability in a graph of records.
    pub reaches: Option<RawReaches>,
}

/// The as-of join: a row matches when `from <= at < to`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawAsOf {
    /// CEL time on the record here.
    pub at: String,
    /// CEL time on the record there; absent is open.
    pub from: Option<String>,
    /// CEL time on the record there; absent is open.
    pub to: Option<String>,
}

/// Records with a key.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawKeyed {
    /// Requirement.
    pub evidence: String,
    /// Key fields.
    #[schemars(with = "OneOrMany")]
    pub key: Value,
    /// CEL: which records.
    #[serde(rename = "where")]
    pub where_: Option<String>,
}

/// One of two lists.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMember {
    /// Requirement.
    pub evidence: String,
    /// Key fields.
    #[schemars(with = "OneOrMany")]
    pub key: Value,
    /// CEL: which records.
    #[serde(rename = "where")]
    pub where_: Option<String>,
    /// Only the records of the newest period, or those of each period by themselves. Where both
    /// lists are compared by period, it is the same period of both.
    pub against: Option<RawAgainst>,
}

/// Which of its periods evidence is compared by. A record is of the `period`, else the `covers`,
/// else the `happened` of its requirement; without these of the manifest's days, else of the day it
/// was collected. Days are taken as the period of the cadence they lie in; without a cadence all
/// records of a file are of the last day on which one happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RawAgainst {
    /// The latest period there is evidence of; by group where the requirement has `per`.
    Newest,
    /// Every period there is evidence of, one by one.
    EveryPeriod,
}

/// Coverage by intervals or points.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTile {
    /// Requirement whose records are the intervals or points.
    pub evidence: String,
    /// CEL: which records.
    #[serde(rename = "where")]
    pub where_: Option<String>,
    /// Field of the first day of an interval.
    pub from: Option<String>,
    /// Field of the last day of an interval; absent is open.
    pub to: Option<String>,
    /// Field of a point in time.
    pub at: Option<String>,
    /// Every group by these fields covers the target.
    #[serde(default)]
    pub per: Vec<String>,
    /// With `each`: field of the record to field of the interval.
    #[serde(rename = "match", default)]
    pub match_: BTreeMap<String, String>,
    /// With `each`: the fields that bound the record's own time.
    pub during: Option<RawDuring>,
    /// Largest gap, such as `24 hours`.
    pub max_gap: Option<String>,
}

/// A record's own time.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDuring {
    /// Field of its beginning.
    pub from: String,
    /// Field of its end; absent is open.
    pub to: Option<String>,
}

/// A bounded number of records.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCount {
    /// Requirement.
    pub evidence: String,
    /// CEL: which records.
    #[serde(rename = "where")]
    pub where_: Option<String>,
    /// Smallest number.
    pub min: Option<f64>,
    /// Largest number.
    pub max: Option<f64>,
    /// Exact number.
    pub equals: Option<f64>,
}

/// A bounded share of records.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRate {
    /// Requirement.
    pub evidence: String,
    /// CEL: which records are the whole.
    #[serde(rename = "where")]
    pub where_: Option<String>,
    /// CEL: which of them are counted.
    pub of: String,
    /// Smallest share, 0 to 1.
    pub min: Option<f64>,
    /// Largest share, 0 to 1.
    pub max: Option<f64>,
}

/// A bounded sum.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSum {
    /// Requirement.
    pub evidence: String,
    /// CEL: which records.
    #[serde(rename = "where")]
    pub where_: Option<String>,
    /// CEL number on each record.
    pub value: String,
    /// Smallest sum.
    pub min: Option<f64>,
    /// Largest sum.
    pub max: Option<f64>,
    /// Exact sum.
    pub equals: Option<f64>,
}

/// A stated figure and what it follows from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRecompute {
    /// Field that states the figure.
    pub stated: String,
    /// CEL on the same record.
    pub from: Option<String>,
    /// A number of records elsewhere.
    pub count: Option<RawDerived>,
    /// A sum over records elsewhere.
    pub sum: Option<RawDerived>,
}

/// Records elsewhere that a figure is derived from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDerived {
    /// Requirement.
    pub evidence: String,
    /// CEL: which records.
    #[serde(rename = "where")]
    pub where_: Option<String>,
    /// Field here to field there.
    #[serde(rename = "match")]
    pub match_: BTreeMap<String, String>,
    /// CEL number on each record, for a sum.
    pub value: Option<String>,
}

/// Reachability.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawReaches {
    /// Requirement whose records are the edges.
    pub edges: String,
    /// Field of the node an edge comes from.
    pub from: String,
    /// Field of the node it leads to.
    pub to: String,
    /// Field of `each` that names the node to start at.
    pub start: String,
    /// Where every root must be listed.
    pub every_root_in: RawKeyed,
}

/// Schema only: a string or a list of strings.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes a form for editors; read as a Value")]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Schema only: the forms of a cadence.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes a form for editors; read as a Value")]
pub(crate) enum CadenceForm {
    Word(CadenceWord),
    Every(CadenceEvery),
    Continuous(CadenceContinuous),
}

#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "describes a form for editors; read as a Value")]
pub(crate) enum CadenceWord {
    Annual,
    SemiAnnual,
    Quarterly,
    Monthly,
    Weekly,
    Daily,
    PerEvent,
    Once,
}

/// A period and the grace after it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "describes a form for editors; read as a Value")]
pub(crate) struct CadenceEvery {
    /// `month`, `quarter`, `half-year`, `year`, `week`, `day`, or `45 days`.
    every: String,
    /// Grace after the period has closed, such as `14 days`.
    within: Option<String>,
}

/// Without a gap.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "describes a form for editors; read as a Value")]
pub(crate) struct CadenceContinuous {
    /// Largest gap, such as `24 hours`.
    continuous: String,
}

/// `tickmark.yaml`: the engagement.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEngagement {
    /// Whose evidence.
    #[schemars(length(min = 1))]
    pub organisation: String,
    /// The audit window.
    pub window: RawWindow,
    /// IANA time zone, such as `Europe/Berlin`.
    pub time_zone: String,
    /// Trust categories in scope; `security`, the common criteria, always is.
    #[serde(default)]
    pub categories: Vec<RawCategory>,
    /// Packs of controls: `soc2-ai` is built in; the repository's own `controls/` are always read.
    #[serde(default)]
    pub packs: Vec<String>,
    /// Parameter values by name, or by `CONTROL.name`.
    #[serde(default)]
    pub parameters: BTreeMap<String, Value>,
    /// Who answers for a control, by its id or by the group its id begins with (`CHM`).
    #[serde(default)]
    pub owners: BTreeMap<String, String>,
    /// Numbers of the auditor's requests, by the id of a control or the group its id begins with.
    #[serde(default)]
    pub requests: BTreeMap<String, Vec<RawRequest>>,
    /// Controls that do not apply.
    #[serde(default)]
    pub exclude: Vec<RawExclusion>,
    /// Where requirements really lie: `CONTROL.requirement` to its path.
    #[serde(default)]
    pub evidence: BTreeMap<String, RawMapping>,
}

/// First and last day, both inside.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawWindow {
    /// First day, `2026-01-01`.
    pub start: String,
    /// Last day, `2026-12-31`.
    pub end: String,
}

/// A Trust Services category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RawCategory {
    /// The common criteria.
    Security,
    /// A series.
    Availability,
    /// PI series.
    ProcessingIntegrity,
    /// C series.
    Confidentiality,
    /// P series.
    Privacy,
}

/// The number of a request, which names a folder of the binder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RawRequest(#[schemars(regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"))] pub String);

/// A control that does not apply.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawExclusion {
    /// Control id.
    pub control: String,
    /// Why.
    #[schemars(length(min = 1), regex(pattern = r"\S"))]
    pub reason: String,
    /// Who approved it.
    #[schemars(length(min = 1), regex(pattern = r"\S"))]
    pub approved_by: String,
    /// When, `2026-01-12`.
    pub approved_on: String,
}

/// Where a requirement's evidence lies.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMapping {
    /// Pattern, or list of patterns.
    #[schemars(with = "OneOrMany")]
    pub path: Value,
}

/// `exceptions.yaml`: recorded exceptions and waivers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawExceptions {
    /// Deviations the organisation has recorded.
    pub exceptions: Vec<RawException>,
    /// Dated waivers.
    pub waivers: Vec<RawWaiver>,
}

/// A recorded exception. It names one deviation by its record, period or path.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawException {
    /// Id in the register.
    pub id: String,
    /// Control.
    pub control: String,
    /// Check id, or finding code.
    pub check: String,
    /// Key of the record.
    pub record: Option<String>,
    /// Label of the period.
    pub period: Option<String>,
    /// Path of the artifact.
    pub path: Option<String>,
    /// SHA-256 of the artifact the exception speaks of.
    pub sha256: Option<String>,
    /// Day of the deviation.
    pub occurred_on: Option<String>,
    /// Day it was found.
    pub found_on: String,
    /// Who found it.
    pub found_by: String,
    /// Cause.
    #[schemars(length(min = 1), regex(pattern = r"\S"))]
    pub cause: String,
    /// How much of the population is concerned.
    #[schemars(length(min = 1), regex(pattern = r"\S"))]
    pub extent: String,
    /// What limited the risk meanwhile.
    #[schemars(length(min = 1), regex(pattern = r"\S"))]
    pub compensating_control: String,
    /// What management did about it.
    #[schemars(length(min = 1), regex(pattern = r"\S"))]
    pub response: String,
    /// Who owns the control.
    pub owner: String,
    /// Who approved the exception; not the owner.
    pub approver: String,
    /// When.
    pub approved_on: String,
    /// Last day on which it holds.
    pub expires_on: String,
}

/// A dated waiver.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawWaiver {
    /// Id in the register.
    pub id: String,
    /// Control.
    pub control: String,
    /// One requirement or check only; absent: the whole control.
    pub requirement: Option<String>,
    /// Why.
    #[schemars(length(min = 1), regex(pattern = r"\S"))]
    pub reason: String,
    /// Who owns the control.
    pub owner: String,
    /// Who approved the waiver; not the owner.
    pub approver: String,
    /// When.
    pub approved_on: String,
    /// First day.
    pub starts_on: String,
    /// Last day.
    pub expires_on: String,
}
