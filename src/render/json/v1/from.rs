//! Copies a report into the shape `tickmark-report/1`. Each inner type is taken apart here, so that a
//! field added inside does not appear outside by accident.

use super::{
    Artifact, Check, Control, Counts, Files, FindingV1, Gate, Omitted, Period, PeriodState, Place,
    Position, Provenance, Registered, RegisteredKind, ReportV1, Requirement, Rollup, Severity,
    Subject, Tally, Tool, Verdict, Window,
};
use crate::{
    model::{self, Finding, Label, LineColumn},
    render::{READINESS_NOTICE, ids},
    report::{self, Report},
};

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
            categories: report.categories.iter().map(|one| one.as_str().to_owned()).collect(),
            as_of: report.as_of.clone(),
            strict: report.strict,
            counts: counts(report),
            controls: report.controls.iter().map(Control::from).collect(),
            items: report.items.iter().map(Rollup::from).collect(),
            criteria: report.criteria.iter().map(Rollup::from).collect(),
            findings: findings(&report.findings),
            register: report.register.iter().map(Registered::from).collect(),
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
            owner: control.owner.clone(),
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
        Self {
            name: requirement.name.clone(),
            alternative: requirement.alternative.clone(),
            kind: requirement.kind.clone(),
            paths: requirement.paths.clone(),
            cadence: requirement.cadence.clone(),
            tally: requirement.tally.into(),
            periods: requirement.periods.iter().map(Period::from).collect(),
            artifacts: requirement.artifacts.iter().map(Artifact::from).collect(),
        }
    }
}

impl From<&report::ArtifactReport> for Artifact {
    fn from(artifact: &report::ArtifactReport) -> Self {
        let report::ArtifactReport { path, sha256, provenance } = artifact;
        Self {
            path: path.clone(),
            sha256: sha256.clone(),
            provenance: provenance.as_ref().map(Provenance::from),
        }
    }
}

impl From<&report::Provenance> for Provenance {
    fn from(said: &report::Provenance) -> Self {
        let covers = said.covers.clone();
        Self {
            source: said.source.clone(),
            query: said.query.clone(),
            collected_at: said.collected_at.clone(),
            collected_by: said.collected_by.clone(),
            covers: covers.map(|(start, end)| Window { start, end }),
            records: said.records,
            redactions: said.redactions.clone(),
            withheld: said.withheld.clone(),
        }
    }
}

impl From<&report::Registered> for Registered {
    fn from(one: &report::Registered) -> Self {
        Self {
            id: one.id.clone(),
            kind: if one.is_waiver { RegisteredKind::Waiver } else { RegisteredKind::Exception },
            control: one.control.clone(),
            about: one.about.clone(),
            reason: one.reason.clone(),
            response: one.response.clone(),
            approver: one.approver.clone(),
            approved_on: one.approved_on.clone(),
            expires_on: one.expires_on.clone(),
        }
    }
}

impl From<&report::PeriodReport> for Period {
    fn from(period: &report::PeriodReport) -> Self {
        Self {
            label: period.label.clone(),
            group: period.group.clone(),
            from: period.from.clone(),
            to: period.to.clone(),
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
        let report::Rollup { id, title, crosswalk, verdict, controls } = rollup;
        let (id, title, controls) = (id.clone(), title.clone(), controls.clone());
        let crosswalk = crosswalk.clone();
        Self { id, title, crosswalk, verdict: (*verdict).into(), controls }
    }
}

fn findings(findings: &[Finding]) -> Vec<FindingV1> {
    findings.iter().zip(ids(findings)).map(FindingV1::from).collect()
}

impl From<(&Finding, String)> for FindingV1 {
    fn from((finding, id): (&Finding, String)) -> Self {
        Self {
            id,
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
