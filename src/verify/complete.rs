//! Whether the evidence of a requirement is whole: counted, unique, signed for, fresh, and all read.

use jiff::civil::Date;

use super::facts::{ManifestFacts, UseFacts};
use super::judge::{Gathered, Judge, Judged};
use super::plan::Chosen;
use super::relation;
use super::rows::Row;
use crate::catalog::{Control, Unit};
use crate::model::{Code, Label, Place, Severity, Subject, Tally};

impl<'a> Judge<'a> {
    pub(super) fn freshness(&self, control: &Control, one: &Gathered<'a>, judged: &mut Judged) {
        let Some((of, max_age)) = &one.slot.freshness else { return };
        if one.pending || one.artifacts.is_empty() {
            return;
        }
        let end = self.as_of.min(self.catalog.engagement.window.to());
        let newest =
            one.current.iter().filter_map(|(_, _, uses)| uses.newest).max_by_key(|(day, _)| *day);
        let field = of.as_ref().map_or("collected_at", |path| path.as_str());
        let (message, origin) = match newest {
            Some((day, _)) if day >= max_age.before(end) => return,
            Some((day, origin)) => {
                let message =
                    format!("the newest `{field}` is {day}: more than {max_age} before {end}");
                (message, Some(origin))
            }
            None => (format!("no `{field}` up to {end}"), None),
        };
        let mut finding = self.about(control, one, Code::ArtifactStale, message);
        finding.rule = Some(control.source.label(&format!("{}/freshness", one.slot.pointer)));
        finding.evidence.extend(origin.map(|origin| self.mark(origin, "collected_at")));
        judged.findings.push(finding);
    }

    /// Files of alternatives that were not chosen, and that nothing else of the control reads, are
    /// disclosed.
    pub(super) fn passed_over(
        &self,
        control: &Control,
        one: &Gathered<'a>,
        chosen: &Chosen,
        judged: &mut Judged,
    ) {
        for (at, slot) in one.requirement.slots.iter().enumerate() {
            let others = if at == chosen.slot {
                Vec::new()
            } else {
                super::plan::entries(slot, self.inventory)
            };
            let is_read = |entry: &usize| {
                let mut uses = self.plan.uses[*entry].iter();
                uses.any(|one| self.catalog.controls[one.control].id == control.id)
            };
            let others = others
                .into_iter()
                .filter(|entry| !chosen.entries.contains(entry) && !is_read(entry));
            let paths: Vec<_> =
                others.map(|entry| self.inventory.entries()[entry].path.as_str()).collect();
            let Some(first) = paths.first() else { continue };
            let message = format!(
                "{} files of the alternative `{}` are not read, such as `{first}`: `{}` was chosen",
                paths.len(),
                slot.alternative.as_deref().unwrap_or_default(),
                one.slot.alternative.as_deref().unwrap_or_default()
            );
            let mut finding = self.about(control, one, Code::AlternativeUnread, message);
            finding.severity = Severity::Warning;
            finding.evidence.push(Label::new(Place::file(*first), ""));
            judged.findings.push(finding);
        }
    }

    /// A manifest's count must be the number of records read, whenever it states one.
    pub(super) fn counts(&self, control: &Control, one: &Gathered<'a>, judged: &mut Judged) {
        let kind = self.catalog.kinds.get(&one.slot.kind);
        let by_record = kind.is_some_and(|kind| kind.unit == Unit::Record);
        if !by_record && one.slot.population.is_none() {
            return;
        }
        for (entry, facts, uses) in &one.artifacts {
            let Some(manifest) = facts.manifest.as_ref().filter(|_| !facts.unread) else {
                continue;
            };
            let held = self.held(one, uses);
            let Some(count) = manifest.manifest.records.filter(|count| *count != held) else {
                continue;
            };
            let message = format!("the manifest counts {count} records, the file holds {held}");
            let mut finding = self.about(control, one, Code::RecordCountMismatch, message);
            let path = self.inventory.entries()[*entry].path.clone();
            finding.subject = Subject::Artifact { path };
            finding.evidence.push(manifest.labels["records"].clone());
            judged.findings.push(finding);
        }
    }

    /// What a manifest counts: lines, rows and elements of the outermost list, whichever part of them
    /// the requirement looks at; of a document, the records of the requirement.
    fn held(&self, one: &Gathered<'_>, uses: &UseFacts) -> u64 {
        let kind = self.catalog.kinds.get(&one.slot.kind);
        let by_record = kind.is_some_and(|kind| kind.unit == Unit::Record);
        if by_record { uses.units } else { uses.read }
    }

    /// What a manifest replaces stays in the repository: it is not erased.
    pub(super) fn replaced(&self, control: &Control, one: &Gathered<'_>, judged: &mut Judged) {
        for (entry, facts, _) in &one.artifacts {
            let Some(manifest) = &facts.manifest else { continue };
            let Some(older) = &manifest.manifest.supersedes else { continue };
            let path = &self.inventory.entries()[*entry].path;
            if older != path && self.inventory.contains(older) {
                continue;
            }
            let other = if older == path { "the file itself" } else { "no file" };
            let message = format!("`supersedes` names {other}: `{older}`");
            let mut finding = self.about(control, one, Code::ManifestInvalid, message);
            finding.subject = Subject::Artifact { path: path.clone() };
            finding.evidence.push(manifest.labels["supersedes"].clone());
            judged.findings.push(finding);
        }
    }

    /// A file of records that holds none says nothing, whatever the files beside it say.
    pub(super) fn hollow(
        &self,
        control: &Control,
        one: &Gathered<'_>,
        tally: Tally,
        judged: &mut Judged,
    ) {
        let kind = self.catalog.kinds.get(&one.slot.kind);
        let by_record = kind.is_some_and(|kind| kind.unit == Unit::Record);
        // A population is asked for its nil return; a file alone is told with its requirement.
        let nothing = tally.records == 0 && !one.has_whole_records();
        if !by_record || one.slot.population.is_some() || nothing {
            return;
        }
        for (entry, facts, uses) in &one.artifacts {
            let manifest = facts.manifest.as_ref();
            let signed = manifest.filter(|one| one.manifest.nil_return.is_some());
            let lists_may_be_empty = one.requirement.demanded_by.is_some() || one.is_within;
            if uses.read > 0
                || (uses.units > 0 && lists_may_be_empty)
                || facts.unread
                || signed.is_some_and(|one| self.unsigned(one).is_none())
            {
                continue;
            }
            let path = &self.inventory.entries()[*entry].path;
            let message = format!("`{path}` holds no record");
            let mut finding = self.about(control, one, Code::NoRecords, message);
            finding.subject = Subject::Artifact { path: path.clone() };
            finding.evidence.push(Label::new(Place::file(path), ""));
            judged.findings.push(finding);
        }
    }

    /// Completeness, uniqueness, second source and nil returns.
    pub(super) fn population(
        &self,
        control: &Control,
        one: &mut Gathered<'a>,
        judged: &mut Judged,
    ) {
        let Some(key) = &one.slot.population else { return };
        let rule = format!("{}/population", one.slot.pointer);
        let mut nil = !one.artifacts.is_empty();
        let mut selected = 0;
        for (entry, facts, uses) in &one.artifacts {
            selected += uses.selected;
            let Some(manifest) = facts.manifest.as_ref() else {
                nil = false;
                continue;
            };
            let path = self.inventory.entries()[*entry].path.as_str();
            let mut tell = |code: Code, message: String, field: &str| {
                let mut finding = self.about(control, one, code, message);
                finding.subject = Subject::Artifact { path: path.to_owned() };
                let label = manifest.labels.get(field).filter(|label| label.place.span.end > 0);
                let label = label.or_else(|| manifest.labels.get("source"));
                finding.evidence.extend(label.cloned());
                finding.rule = Some(control.source.label(&rule));
                judged.findings.push(finding);
            };
            nil &= manifest.manifest.nil_return.is_some();
            if let Some(reason) = self.unsigned(manifest) {
                nil = false;
                tell(Code::NilReturnMissing, reason, "records");
            }
            if !facts.unread {
                if manifest.manifest.records.is_none() {
                    let message =
                        "the manifest of a population needs `records`: the count of its query";
                    tell(Code::RecordCountMismatch, message.to_owned(), "source");
                }
                let unsigned = uses.read == 0 && manifest.manifest.nil_return.is_none();
                if unsigned {
                    let message = "the population is empty and nobody signed for it".to_owned();
                    tell(Code::NilReturnMissing, message, "records");
                }
            }
            if manifest.manifest.query.is_none() || manifest.covers.is_none() {
                let message = "the manifest of a population needs `query` and `covers`".to_owned();
                tell(Code::ManifestInvalid, message, "source");
            }
            if let Some(second) = &manifest.manifest.second_source
                && second.records != self.held(one, uses)
                && !facts.unread
            {
                let held = self.held(one, uses);
                let message = format!(
                    "{} counts {} records, the file holds {held}",
                    second.name, second.records
                );
                tell(Code::SecondSourceMismatch, message, "second_source");
            }
        }
        one.empty = nil && selected == 0 && one.artifacts.iter().all(|(_, facts, _)| !facts.unread);
        let rows: Vec<&Row> =
            one.current.iter().flat_map(|(_, facts, uses)| facts.population(uses)).collect();
        for (again, first) in relation::duplicates(&rows) {
            let names: Vec<_> = key.iter().map(crate::catalog::KeyPath::as_str).collect();
            let message = format!(
                "`{}` is the {} of two records",
                rows[again].about.name,
                names.join(" and ")
            );
            let mut finding = self.about(control, one, Code::DuplicateRecord, message);
            finding.subject = self.subject(rows[again]);
            finding.evidence.push(Label::new(self.place(rows[again].origin), "again here"));
            finding.evidence.push(Label::new(self.place(rows[first].origin), "first here"));
            finding.rule = Some(control.source.label(&rule));
            judged.findings.push(finding);
        }
    }

    /// Why a nil return says nothing: it is signed on no day, or before its days were over.
    fn unsigned(&self, manifest: &ManifestFacts) -> Option<String> {
        let signed = &manifest.manifest.nil_return.as_ref()?.signed_on;
        let Ok(day) = signed.parse::<Date>() else {
            return Some(format!("the nil return is signed on `{signed}`, which is not a day"));
        };
        if day > self.as_of {
            return Some(format!("the nil return is signed on {day}, after {}", self.as_of));
        }
        let early = manifest.covers.filter(|covers| day <= covers.to());
        early.map(|covers| {
            format!("the nil return is signed on {day}, before {} was over", covers.to())
        })
    }
}
