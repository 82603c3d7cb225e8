//! OSCAL 1.1 assessment results (NIST) for governance platforms: one result, a finding for each
//! control, an observation for what was examined and one for each of our findings.
//!
//! Identifiers are UUIDs of version 5 over what they name, and all times are the as-of date at
//! midnight UTC, so that the same report gives the same bytes. `satisfied` is said of what is met,
//! with or without exceptions, and of nothing else.

use std::io;

use serde_json::{Value, json};
use uuid::Uuid;

use super::escape::uri;
use super::place::{Named, at, named, origin};
use super::{READINESS_NOTICE, clean, counted, markdown_text};
use crate::model::{Finding, Verdict};
use crate::report::{ArtifactReport, ControlReport, Report};

/// Observations of one control, worst first; the rest is counted.
const OBSERVATIONS: usize = 100;
/// Files named in one observation; the rest is counted.
const FILES: usize = 200;
/// The name space of our properties.
const NAMESPACE: &str = "urn:tickmark:report:1";
/// The version of OSCAL that is kept to.
const VERSION: &str = "1.1.2";

/// Writes `report` as one OSCAL document.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let document = Document { report, time: format!("{}T00:00:00Z", report.as_of) };
    serde_json::to_writer_pretty(&mut *out, &document.whole())?;
    writeln!(out)
}

struct Document<'a> {
    report: &'a Report,
    time: String,
}

impl Document<'_> {
    fn whole(&self) -> Value {
        let organisation = line(&self.report.organisation);
        let title = format!("Evidence of {organisation} as of {}", self.report.as_of);
        json!({ "assessment-results": {
            "uuid": self.uuid(&["document", &self.report.as_of]),
            "metadata": {
                "title": title,
                "last-modified": self.time,
                "version": self.report.as_of,
                "oscal-version": VERSION,
                "props": [
                    property("tool", "tickmark"),
                    property("tool-version", env!("CARGO_PKG_VERSION")),
                ],
            },
            // The engagement says what was to be assessed.
            "import-ap": { "href": "tickmark.yaml" },
            "results": [self.result(&title)],
        } })
    }

    fn result(&self, title: &str) -> Value {
        let report = self.report;
        let gate = if report.passes() { "pass" } else { "fail" };
        let mut observations = Vec::new();
        let mut findings = Vec::new();
        let named = named(report);
        for control in &report.controls {
            findings.push(self.control(control, &named, &mut observations));
        }
        let mut whole: Vec<_> = named.iter().filter(|(one, _)| one.control.is_none()).collect();
        let beyond = whole.len().saturating_sub(OBSERVATIONS);
        whole.sort_by_key(|(one, _)| (one.excepted_by.is_some(), one.severity));
        whole.truncate(OBSERVATIONS);
        observations.extend(whole.iter().map(|(finding, id)| self.observation(finding, id)));
        let mut result = json!({
            "uuid": self.uuid(&["result", &report.as_of]),
            "title": title,
            "description": READINESS_NOTICE,
            "start": self.time,
            "end": self.time,
            "props": [
                property("gate", gate),
                property("strict", if report.strict { "yes" } else { "no" }),
                property("window-start", &report.window.0),
                property("window-end", &report.window.1),
                property("time-zone", &report.time_zone),
            ],
            "reviewed-controls": self.reviewed(),
        });
        if !observations.is_empty() {
            result["observations"] = observations.into();
        }
        if !findings.is_empty() {
            result["findings"] = findings.into();
        }
        if beyond > 0 {
            let more = counted(beyond as u64, "more finding");
            result["remarks"] = format!("{more} on the repository as a whole").into();
        }
        result
    }

    /// Criteria are the controls of the framework; our controls and items are its objectives.
    fn reviewed(&self) -> Value {
        let supported = self.report.criteria.iter().filter(|one| !one.controls.is_empty());
        let criteria: Vec<Value> =
            supported.map(|one| json!({ "control-id": token(&one.id) })).collect();
        let selection = if criteria.is_empty() {
            json!({ "description": "What the engagement puts in scope", "include-all": {} })
        } else {
            json!({ "description": "Trust Services Criteria", "include-controls": criteria })
        };
        let mut reviewed = json!({ "control-selections": [selection] });
        let controls = self.report.controls.iter().map(|one| one.id.as_str());
        let items = self.report.items.iter().map(|one| one.id.as_str());
        let mut selections = Vec::new();
        for (title, ids) in [
            ("Controls", controls.collect::<Vec<_>>()),
            ("Checklist items", items.collect::<Vec<_>>()),
        ] {
            let named = ids.iter().map(|id| json!({ "objective-id": token(id) }));
            let named: Vec<Value> = named.collect();
            if !named.is_empty() {
                selections.push(json!({ "description": title, "include-objectives": named }));
            }
        }
        if !selections.is_empty() {
            reviewed["control-objective-selections"] = selections.into();
        }
        reviewed
    }

    /// The finding on `control`; what it rests on is added to `observations`.
    fn control(
        &self,
        control: &ControlReport,
        named: &[Named<'_>],
        observations: &mut Vec<Value>,
    ) -> Value {
        let of = |one: &Finding| one.control.as_ref() == Some(&control.id);
        let mut own: Vec<_> = named.iter().filter(|(finding, _)| of(finding)).collect();
        own.sort_by_key(|(finding, _)| (finding.excepted_by.is_some(), finding.severity));
        let omitted = self.report.omitted.iter().filter(|(id, _, _)| *id == control.id);
        let left = omitted.map(|(_, _, count)| count).sum::<u64>()
            + own.len().saturating_sub(OBSERVATIONS) as u64;
        own.truncate(OBSERVATIONS);
        let mut rests = vec![self.examined(control)];
        rests.extend(own.iter().map(|(finding, id)| self.observation(finding, id)));
        let related = rests.iter().map(|one| json!({ "observation-uuid": one["uuid"] }));
        let related: Vec<Value> = related.collect();
        observations.extend(rests);
        let mut props = vec![property("verdict", control.verdict.as_str())];
        props.extend(control.items.iter().map(|id| property("checklist-item", id)));
        props.extend(control.criteria.iter().map(|id| property("criterion", id)));
        props.extend(control.owner.iter().map(|owner| property("owner", owner)));
        let mut finding = json!({
            "uuid": self.uuid(&["finding", &control.id]),
            "title": line(&format!("{} {}", control.id, control.title)),
            "description": line(&control.objective),
            "props": props,
            "target": {
                "type": "objective-id",
                "target-id": token(&control.id),
                "status": status(control),
            },
            "related-observations": related,
        });
        if left > 0 {
            let more = counted(left, "more finding");
            finding["remarks"] = format!("{more} counted and not listed here").into();
        }
        finding
    }

    /// What was looked at for `control`.
    fn examined(&self, control: &ControlReport) -> Value {
        let tally = control.tally;
        let text = format!(
            "{} of {} were read; {} of {} were selected; {} of {} due periods are covered.",
            tally.parsed,
            counted(tally.matched, "file"),
            tally.selected,
            counted(tally.records, "record"),
            tally.covered,
            tally.due,
        );
        let mut observation = json!({
            "uuid": self.uuid(&["examined", &control.id, &self.report.as_of]),
            "title": line(&format!("What was examined for {}", control.id)),
            "description": text,
            "methods": ["EXAMINE"],
            "collected": self.time,
        });
        let mut files: Vec<&ArtifactReport> =
            control.requirements.iter().flat_map(|one| &one.artifacts).collect();
        files.sort();
        files.dedup();
        if files.len() > FILES {
            let more = counted((files.len() - FILES) as u64, "more file");
            observation["remarks"] = format!("{more} counted and not listed here").into();
        }
        let named = files.iter().take(FILES).map(|file| {
            let description = format!("SHA-256 {}", file.sha256);
            json!({ "href": uri(&file.path), "description": description })
        });
        let named: Vec<Value> = named.collect();
        if !named.is_empty() {
            observation["relevant-evidence"] = named.into();
        }
        observation
    }

    /// The observation that `finding` is.
    fn observation(&self, finding: &Finding, id: &str) -> Value {
        let place = at(finding);
        let (start, path) = (place.start, line(place.path));
        let mut observation = json!({
            "uuid": self.uuid(&["observation", id]),
            "title": finding.code.page().title,
            "description": line(&format!("{} ({})", finding.message, origin(finding))),
            "props": [
                property("finding-id", id),
                property("code", finding.code.as_str()),
                property("severity", super::place::severity(finding.severity)),
                property("blocks", if finding.blocks() { "yes" } else { "no" }),
            ],
            "methods": ["TEST"],
            "collected": self.time,
            "relevant-evidence": [{
                "href": uri(place.path),
                "description": format!("{path}, line {}, column {}", start.line, start.column),
            }],
        });
        let help = line(&finding.help);
        observation["remarks"] = match &finding.excepted_by {
            Some(by) => format!("Covered by {}. {help}", line(by)).into(),
            None => help.into(),
        };
        observation
    }

    /// The identifier of what `parts` name in this audit.
    fn uuid(&self, parts: &[&str]) -> String {
        let window = &self.report.window;
        let audit = [self.report.organisation.as_str(), &window.0, &window.1];
        let mut name = Vec::from(NAMESPACE);
        for part in audit.iter().chain(parts) {
            // Lengths keep `ab`, `c` apart from `a`, `bc`.
            name.extend((part.len() as u64).to_le_bytes());
            name.extend(part.as_bytes());
        }
        Uuid::new_v5(&Uuid::NAMESPACE_OID, &name).to_string()
    }
}

/// The two states of OSCAL, with our verdict beside them.
fn status(control: &ControlReport) -> Value {
    let (state, reason) = match control.verdict {
        Verdict::Met | Verdict::MetWithExceptions => ("satisfied", "pass"),
        Verdict::Unmet => ("not-satisfied", "fail"),
        Verdict::NotApplicable
        | Verdict::NotOperated
        | Verdict::Pending
        | Verdict::Waived
        | Verdict::NotEvaluable => ("not-satisfied", "other"),
    };
    let verdict = control.verdict.as_str();
    let remarks = match &control.reason {
        Some(why) => format!("{verdict}: {}", line(why)),
        None => verdict.to_owned(),
    };
    json!({ "state": state, "reason": reason, "remarks": remarks })
}

fn property(name: &str, value: &str) -> Value {
    let value = clean(value).trim().to_owned();
    let value = if value.is_empty() { "none".to_owned() } else { value };
    json!({ "name": name, "ns": NAMESPACE, "value": value })
}

/// Text of ours or of the evidence as a line of OSCAL's Markdown, which is never empty.
fn line(text: &str) -> String {
    let text = markdown_text(text).trim().to_owned();
    if text.is_empty() { "(nothing)".to_owned() } else { text }
}

/// `id` as a token: a letter, then letters, digits, `.`, `-` and `_`.
fn token(id: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' };
    let token: String = id.chars().map(kept).collect();
    if token.starts_with(|c: char| c.is_ascii_alphabetic()) { token } else { format!("_{token}") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::render::testing::mismatches;
    use crate::report::sample;

    fn read(report: &Report) -> Value {
        let mut out = Vec::new();
        render(report, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn the_document_is_what_the_standard_says() {
        let mut empty = sample::small();
        empty.controls.clear();
        empty.items.clear();
        empty.criteria.clear();
        empty.findings.clear();
        let mut many = sample::small();
        many.findings = vec![many.findings[0].clone(); OBSERVATIONS + 5];
        for report in [sample::small(), sample::hostile(), empty, many] {
            let file = "oscal/oscal_assessment-results_schema.json";
            let Some(found) = mismatches(file, &read(&report)) else { return };
            assert_eq!(found, [""; 0]);
        }
    }

    #[test]
    fn only_what_is_met_is_satisfied_and_nothing_is_left_uncounted() {
        let report = sample::hostile();
        let document = read(&report);
        let result = &document["assessment-results"]["results"][0];
        let findings = result["findings"].as_array().unwrap();
        assert_eq!(findings.len(), report.controls.len());
        for (finding, control) in findings.iter().zip(&report.controls) {
            let satisfied = finding["target"]["status"]["state"] == "satisfied";
            let met = matches!(control.verdict, Verdict::Met | Verdict::MetWithExceptions);
            assert_eq!(satisfied, met, "{:?}", control.verdict);
        }
        let unmet = findings.iter().find(|one| one["target"]["target-id"] == "CTL-06").unwrap();
        assert_eq!(unmet["remarks"], "950 more findings counted and not listed here");
        let observations = result["observations"].as_array().unwrap();
        assert_eq!(observations.len(), report.controls.len() + report.findings.len());
    }

    #[test]
    fn identifiers_differ_and_stay() {
        let report = sample::small();
        let text = read(&report).to_string();
        let uuids: Vec<&str> = text.split("\"uuid\":\"").skip(1).map(|rest| &rest[..36]).collect();
        let distinct: BTreeSet<&&str> = uuids.iter().collect();
        assert_eq!(distinct.len(), uuids.len());
        assert_eq!(text, read(&report).to_string());
        let mut other = report;
        other.organisation.push('!');
        assert!(!read(&other).to_string().contains(uuids[0]));
    }
}
