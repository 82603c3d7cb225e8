//! What must be able to fail: the requirements and checks of a control, and the rules of its kinds.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Control};
use crate::model::{Code, Finding};

/// Requirements and checks of one control by name, the rules of its kinds as `kind: rule`, and
/// whether anything has broken each.
#[derive(Debug, Clone, Default)]
pub(super) struct Targets {
    pub(super) own: BTreeMap<String, bool>,
    pub(super) kinds: BTreeMap<String, bool>,
}

impl Targets {
    pub(super) fn of(catalog: &Catalog, control: &Control) -> Self {
        let mut targets = Self::default();
        for requirement in &control.requirements {
            targets.own.insert(format!("evidence {}", requirement.name), false);
            for kind in requirement.slots.iter().filter_map(|slot| catalog.kinds.get(&slot.kind)) {
                let rules =
                    kind.rules.iter().map(|rule| (format!("{}: {}", kind.name, rule.id), false));
                targets.kinds.extend(rules);
            }
        }
        targets
            .own
            .extend(control.checks.iter().map(|check| (format!("check {}", check.id), false)));
        targets
    }

    /// Notes what `finding` broke.
    pub(super) fn broken_by(&mut self, catalog: &Catalog, finding: &Finding) {
        if !finding.blocks() {
            return;
        }
        if finding.code == Code::KindRuleBroken {
            let rule = finding.check.as_deref().unwrap_or_default();
            for (name, kind) in catalog.kinds.iter() {
                let path = finding.rule.as_ref().map(|label| label.place.path.as_str());
                if path == Some(kind.source.path.as_str()) {
                    self.kinds.entry(format!("{name}: {rule}")).and_modify(|broken| *broken = true);
                }
            }
            return;
        }
        // A check that only ever cannot be decided, or looks at nothing, has never said no.
        let undecided = matches!(finding.code, Code::ConditionNotEvaluable | Code::SelectionEmpty);
        if let Some(check) = finding.check.as_ref().filter(|_| !undecided) {
            self.own.entry(format!("check {check}")).and_modify(|broken| *broken = true);
        } else if let (None, Some(requirement)) = (&finding.check, &finding.requirement) {
            self.own.entry(format!("evidence {requirement}")).and_modify(|broken| *broken = true);
        }
    }
}
