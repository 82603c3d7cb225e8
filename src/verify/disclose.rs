//! What an auditor must be told beside the verdicts: where each artifact came from, and what stands
//! in the register of exceptions and waivers.

use crate::catalog::{Catalog, Exception, Waiver};
use crate::evidence::Manifest;
use crate::report::{ControlReport, Provenance, Registered};

/// What `manifest` says of its artifact.
pub(super) fn provenance(manifest: &Manifest) -> Provenance {
    let covers = manifest.covers.as_ref();
    let redactions = manifest
        .redactions
        .iter()
        .map(|one| format!("{}: {} ({})", one.field, one.method, one.reason));
    Provenance {
        source: manifest.source.clone(),
        query: manifest.query.clone(),
        collected_at: manifest.collected_at.clone(),
        collected_by: manifest.collected_by.clone(),
        covers: covers.map(|covers| (covers.from.clone(), covers.to.clone())),
        records: manifest.records,
        redactions: redactions.collect(),
        withheld: manifest.withheld.as_ref().map(|one| format!("{} ({})", one.reason, one.by)),
    }
}

/// What the register says of `controls`.
pub(super) fn register(catalog: &Catalog, controls: &[ControlReport]) -> Vec<Registered> {
    let is_judged = |one: &Registered| controls.iter().any(|control| control.id == one.control);
    let exceptions = catalog.exceptions.exceptions.iter().map(exception);
    let waivers = catalog.exceptions.waivers.iter().map(waiver);
    exceptions.chain(waivers).filter(is_judged).collect()
}

fn exception(one: &Exception) -> Registered {
    let raw = &one.raw;
    let named = [("record", &raw.record), ("period", &raw.period), ("path", &raw.path)];
    let named =
        named.iter().filter_map(|(what, name)| Some(format!("{what} {}", (*name).as_ref()?)));
    let about: Vec<String> = std::iter::once(raw.check.clone()).chain(named).collect();
    Registered {
        id: raw.id.clone(),
        is_waiver: false,
        control: raw.control.clone(),
        about: about.join(", "),
        reason: raw.cause.clone(),
        response: Some(format!(
            "Extent: {} Meanwhile: {} Response: {}",
            sentence(&raw.extent),
            sentence(&raw.compensating_control),
            sentence(&raw.response),
        )),
        approver: raw.approver.clone(),
        approved_on: one.approved_on.to_string(),
        expires_on: one.expires_on.to_string(),
    }
}

fn waiver(one: &Waiver) -> Registered {
    let raw = &one.raw;
    Registered {
        id: raw.id.clone(),
        is_waiver: true,
        control: raw.control.clone(),
        about: raw.requirement.clone().unwrap_or_else(|| "the whole control".to_owned()),
        reason: raw.reason.clone(),
        response: None,
        approver: raw.approver.clone(),
        approved_on: one.approved_on.to_string(),
        expires_on: one.expires_on.to_string(),
    }
}

/// `text` with one full stop at its end.
fn sentence(text: &str) -> String {
    format!("{}.", text.trim().trim_end_matches('.'))
}
