//! From controls to checklist items and to criteria: the worst verdict wins, and a criterion that no
//! control in scope supports is told.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Control};
use crate::model::{Category, Verdict};
use crate::report::{ControlReport, Rollup};

/// Items in the order of their ids, each with the controls that claim it or add to it.
pub(super) fn items(catalog: &Catalog, controls: &[ControlReport]) -> Vec<Rollup> {
    let mut rolled = BTreeMap::new();
    for report in controls {
        let control = catalog.controls.iter().find(|control| control.id == report.id);
        let added = control.map_or(&[][..], |control| &control.adds_to);
        for id in report.items.iter().chain(added) {
            let item = catalog.checklist.item(id).map(|(_, item)| item);
            let one = add(&mut rolled, id, item.map_or("", |item| &item.text), report);
            if let Some(item) = item {
                one.crosswalk.clone_from(&item.crosswalk);
            }
        }
    }
    rolled.into_values().collect()
}

/// Criteria in scope in the order of their ids. Those of the checklist that no control of the
/// catalog supports while in scope have no controls.
pub(super) fn criteria(catalog: &Catalog, controls: &[ControlReport]) -> Vec<Rollup> {
    let scope = &catalog.engagement.categories;
    let in_scope = |id: &str| Category::of(id).is_none_or(|category| scope.contains(&category));
    let names = &catalog.checklist.criteria;
    let title = |id: &String| names.get(id).cloned().unwrap_or_default();
    let mut rolled = BTreeMap::new();
    for report in controls {
        for id in report.criteria.iter().filter(|id| in_scope(id)) {
            add(&mut rolled, id, &title(id), report);
        }
    }
    let applies = |control: &&Control| control.excluded.is_none() && control.out_of_scope.is_none();
    let supported = |id: &String| {
        catalog.controls.iter().filter(applies).any(|control| control.criteria.contains(id))
    };
    for id in names.keys().filter(|id| in_scope(id) && !supported(id)) {
        rolled.entry(id.clone()).or_insert_with(|| Rollup {
            id: id.clone(),
            title: title(id),
            crosswalk: BTreeMap::new(),
            verdict: Verdict::NotEvaluable,
            controls: Vec::new(),
        });
    }
    rolled.into_values().collect()
}

fn add<'a>(
    rolled: &'a mut BTreeMap<String, Rollup>,
    id: &str,
    title: &str,
    control: &ControlReport,
) -> &'a mut Rollup {
    let one = rolled.entry(id.to_owned()).or_insert_with(|| Rollup {
        id: id.to_owned(),
        title: title.to_owned(),
        crosswalk: BTreeMap::new(),
        verdict: control.verdict,
        controls: Vec::new(),
    });
    one.verdict = one.verdict.max(control.verdict);
    one.controls.push(control.id.clone());
    one
}
