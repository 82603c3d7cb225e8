//! Which checks have something to say: where other forms of the evidence were chosen, or nothing is
//! looked at.

use std::mem::discriminant;

use super::checks::One;
use crate::catalog::{Check, Control, Selection, Test};
use crate::model::{Code, Finding, Severity};

impl One<'_, '_> {
    /// Whether each alternative the check names is the one that was chosen. What is asked of a
    /// tool's own export is not asked where another form of the evidence is kept; the rule file says
    /// of every form what must hold.
    pub(super) fn applies(&self) -> bool {
        self.applies_to(self.check)
    }

    pub(super) fn applies_to(&self, check: &Check) -> bool {
        selections(check).into_iter().all(|selection| self.is_chosen(selection))
    }

    pub(super) fn is_chosen(&self, selection: &Selection) -> bool {
        selection.alternative.is_none()
            || selection.alternative == self.side(selection).slot.alternative
    }

    /// Records of one form that are to be compared with a form of other evidence that was not
    /// chosen, while no check compares them with the one that was.
    pub(super) fn uncompared(&mut self) {
        for (here, there) in pairs(self.check) {
            let compared = |check: &Check| {
                let same = |(one, two): &(&Selection, &Selection)| {
                    (one.requirement, two.requirement) == (here.requirement, there.requirement)
                };
                pairs(check).iter().any(same)
                    && is_alike(check, self.check)
                    && self.applies_to(check)
            };
            let (own, other) = (self.side(here), self.side(there));
            let asks = here.alternative.is_some() && self.is_chosen(here);
            let asks = asks && own.selected() > 0;
            if !asks || self.is_chosen(there) || self.control.checks.iter().any(compared) {
                continue;
            }
            let message = format!(
                "{}: no check compares `{}` with the alternative `{}` of `{}`, which was chosen",
                self.check.title,
                own.requirement.name,
                other.slot.alternative.as_deref().unwrap_or_default(),
                other.requirement.name,
            );
            let finding = self.finding(Code::SelectionEmpty, here, message);
            self.judged.findings.push(finding);
        }
    }

    /// What the other side lacks matters to nobody where nothing here is compared with it.
    pub(super) fn unasked(&mut self) {
        let (check, control) = (&self.check.id, self.control);
        let (mut kept, mut dropped) = (false, false);
        self.judged.findings.retain(|finding| {
            let own = finding.control.as_ref() == Some(&control.id)
                && finding.check.as_ref() == Some(check);
            let drops = own && is_of_other(control, finding);
            dropped |= drops;
            kept |= own && !drops;
            !drops
        });
        if dropped && !kept {
            self.judged.omitted.retain(|(of, _)| of != check);
        }
    }

    /// The check looked at nothing although there are records.
    pub(super) fn vacuous(&mut self) {
        let sides: Vec<&Selection> = match &self.check.test {
            Test::Require { each, .. } | Test::Recompute { each, .. } => vec![each],
            Test::Counterpart { each, .. }
            | Test::Unique { of: each }
            | Test::Derive { each, .. }
            | Test::Reaches { each, .. }
            | Test::Tile { each: Some((each, _, _)), .. } => vec![&each.of],
            Test::SameSet { left, right, .. } => vec![&left.of, &right.of],
            Test::Rate { of, bounds, .. } if bounds.min.is_none() => vec![of],
            // Nothing is a number too, and breaks its bounds or keeps them.
            Test::Count { .. } | Test::Sum { .. } | Test::Rate { .. } | Test::Tile { .. } => return,
        };
        let some = |selection: &&&Selection| {
            let side = self.side(selection);
            let chosen =
                selection.alternative.is_none() || selection.alternative == side.slot.alternative;
            chosen && side.selected() > 0 && !side.pending
        };
        let Some(side) = sides.iter().find(some) else { return };
        let names: Vec<_> =
            sides.iter().map(|side| format!("`{}`", self.side(side).requirement.name)).collect();
        let message =
            format!("{}: it looks at no record of {}", self.check.title, names.join(" or "));
        let mut finding = self.finding(Code::SelectionEmpty, side, message);
        finding.help = Code::SelectionEmpty.page().fix.to_owned();
        if !self.check.required {
            finding.severity = Severity::Note;
            finding.help =
                "Nothing to look at may be right: see whether such a thing happened in the \
                            window. If one did, correct the records, or the `where` of the check."
                    .to_owned();
        }
        self.judged.findings.push(finding);
    }
}

/// Whether `finding` only says that a record, which others are compared with, cannot be compared.
pub(crate) fn is_of_other(control: &Control, finding: &Finding) -> bool {
    let check = control.checks.iter().find(|check| finding.check.as_ref() == Some(&check.id));
    let Some((here, there)) = check.and_then(sides) else { return false };
    let name = |selection: &Selection| &control.requirements[selection.requirement].name;
    finding.code == Code::ConditionNotEvaluable
        && here.requirement != there.requirement
        && finding.requirement.as_ref() == Some(name(there))
}

/// Every selection a check looks at.
fn selections(check: &Check) -> Vec<&Selection> {
    match &check.test {
        Test::Require { each, .. } | Test::Recompute { each, .. } => vec![each],
        Test::Counterpart { each, other, .. } | Test::Derive { each, other, .. } => {
            vec![&each.of, &other.of]
        }
        Test::SameSet { left, right, .. } => vec![&left.of, &right.of],
        Test::Unique { of } => vec![&of.of],
        Test::Tile { each, tiles, .. } => {
            each.iter().map(|(each, _, _)| &each.of).chain([&tiles.of]).collect()
        }
        Test::Count { of, .. } | Test::Rate { of, .. } | Test::Sum { of, .. } => vec![of],
        Test::Reaches { each, edges, roots, .. } => vec![&each.of, edges, &roots.of],
    }
}

/// Whether two checks ask the same question, one perhaps of another form of the evidence.
fn is_alike(one: &Check, other: &Check) -> bool {
    let forbids = |check: &Check| matches!(check.test, Test::Counterpart { exactly: Some(0), .. });
    discriminant(&one.test) == discriminant(&other.test) && forbids(one) == forbids(other)
}

/// What a check looks for, and where.
fn sides(check: &Check) -> Option<(&Selection, &Selection)> {
    match &check.test {
        Test::Counterpart { each, other, .. } | Test::Derive { each, other, .. } => {
            Some((&each.of, &other.of))
        }
        _ => None,
    }
}

/// What a check compares, and with what.
fn pairs(check: &Check) -> Vec<(&Selection, &Selection)> {
    match &check.test {
        Test::SameSet { left, right, .. } => vec![(&left.of, &right.of), (&right.of, &left.of)],
        _ => sides(check).into_iter().collect(),
    }
}
