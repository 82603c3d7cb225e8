//! The pages of a checklist item and of a criterion.

use super::control::implemented;
use super::page::{Block, Page};
use crate::catalog::{Catalog, Control};

/// The page of item `id`; `None` where the checklist has none.
#[must_use]
pub fn item(catalog: &Catalog, id: &str) -> Option<Page> {
    let (group, item) = catalog.checklist.item(id)?;
    let mut page = Page::new(format!("Checklist item {id}, {}", group.title));
    page.blocks.push(Block::Quote(item.text.clone()));
    let serves =
        |control: &&Control| control.items.contains(&item.id) || control.adds_to.contains(&item.id);
    let controls: Vec<&Control> = catalog.controls.iter().filter(serves).collect();
    page.list("Controls", controls.iter().map(|control| said(control)).collect());
    let by = |rule: &str| {
        let names = controls.iter().flat_map(|control| {
            let implemented = implemented(control.source.document.root());
            implemented.get(rule).cloned().unwrap_or_default()
        });
        names.collect::<Vec<_>>().join(", ")
    };
    let rules = item.rules.iter();
    page.list(
        "Rules",
        rules.map(|(id, text)| (id.clone(), format!("{text} ({})", by(id)))).collect(),
    );
    let criteria = item.criteria.iter();
    let names = &catalog.checklist.criteria;
    page.list(
        "Criteria",
        criteria.map(|id| (id.clone(), names.get(id).cloned().unwrap_or_default())).collect(),
    );
    let crosswalk = item.crosswalk.iter();
    page.list(
        "Where other frameworks ask for the same",
        crosswalk.map(|(framework, ids)| (framework.clone(), ids.join(", "))).collect(),
    );
    if let Some(limit) = &item.limit {
        page.heading("What no tool can see");
        page.text(limit);
    }
    Some(page)
}

/// The page of criterion `id`; `None` where neither the checklist nor a control names it.
#[must_use]
pub fn criterion(catalog: &Catalog, id: &str) -> Option<Page> {
    let about = catalog.checklist.criteria.get(id);
    let supports = |control: &&Control| control.criteria.iter().any(|one| one == id);
    let controls: Vec<&Control> = catalog.controls.iter().filter(supports).collect();
    if about.is_none() && controls.is_empty() {
        return None;
    }
    let about = about.map_or_else(String::new, |about| format!(": {about}"));
    let mut page = Page::new(format!("Criterion {id}{about}"));
    if controls.is_empty() {
        page.text(
            "No control supports it: with every item of the checklist met, this criterion is still open. \
             Cover it by a control of your own, or agree with the auditor how it is covered.",
        );
    }
    page.list("Controls that support it", controls.iter().map(|control| said(control)).collect());
    Some(page)
}

fn said(control: &Control) -> (String, String) {
    (control.id.clone(), control.title.clone())
}
