//! A sample as a table for people and as a record to keep.

use std::fmt::Write as _;

use super::Sample;
use crate::render::{clean, counted};

/// The record, as indented JSON.
///
/// # Errors
/// What the writer of JSON reports.
pub fn json(sample: &Sample) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(sample)? + "\n")
}

/// The sample as a table.
#[must_use]
pub fn table(sample: &Sample) -> String {
    let population = &sample.population;
    let (from, to) = sample.customary;
    let sizes = if from == to { from.to_string() } else { format!("{from} to {to}") };
    let mut text = format!("{}\n\n", sample.notice);
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "{}.{}, {}, {} to {}, as of {}\n\
         population  {}, SHA-256 {}\n\
         size        {} (customary for a control that operates {}: {sizes})\n\
         sizes from  {}\n\
         method      {}\n\
         seed        {}\n",
        sample.control,
        sample.requirement,
        clean(&sample.organisation),
        sample.window.start,
        sample.window.end,
        sample.as_of,
        counted(population.size as u64, "record"),
        population.sha256,
        sample.size,
        match sample.frequency.as_str() {
            "per event" => "on every event".to_owned(),
            often => format!("at {often} frequency"),
        },
        sample.sizes_from,
        sample.method,
        sample.seed,
    );
    if population.open_findings > 0 {
        let findings = counted(population.open_findings as u64, "finding");
        let _ = writeln!(
            text,
            "The population is not shown to be complete: {findings} to fix on it. A sample of it \
             shows nothing until then; `tickmark verify --control {}` lists them.\n",
            sample.control
        );
    }
    if population.size == 0 {
        text.push_str("The population holds no record: there is nothing to draw from.\n");
        return text;
    }
    let keys: Vec<String> = sample.selected.iter().map(|one| clean(&one.key)).collect();
    let width = keys.iter().map(|key| key.chars().count()).max().unwrap_or_default().max(3);
    let _ = writeln!(text, "  no  {:<7}  {:<width$}  place", "month", "key");
    for (number, (one, key)) in sample.selected.iter().zip(&keys).enumerate() {
        let (no, month, line) = (number + 1, &one.month, one.line);
        let _ = writeln!(text, "{no:>4}  {month:<7}  {key:<width$}  {}:{line}", clean(&one.file));
    }
    text
}
