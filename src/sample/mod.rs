//! A selection from a population that anybody can derive again.
//!
//! With `h(text)` for SHA-256 in lower-case hex digits over UTF-8:
//!
//! - the population is the list of its keys in byte order, each once; its hash is `h` over the keys,
//!   each with a line feed after it;
//! - the seed is `h` over the lines `tickmark-sample/1`, organisation, first day, last day, control,
//!   requirement and hash of the population, each with a line feed after it: nobody chooses it;
//! - within a month keys are ranked by `h(seed + key)`, and months by `h(seed + month)`;
//! - rounds are made over the months, each giving its next key, until there are as many as wanted.
//!
//! Sizes follow common practice of AICPA auditors (see [`Frequency`]); which size and which records
//! are tested is for the auditor to decide. What is drawn here is a dry run.

mod frequency;
mod render;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::verify::Member;
pub use frequency::Frequency;
pub use render::{json, table};

/// Said with every sample.
pub const NOTICE: &str = "Dry run: this shows which records a sample may hold, so that they can be \
     made ready. The auditor chooses the method, the size and the records of the real one.";

/// How it is drawn, in a sentence.
const METHOD: &str = "months take turns in the order of SHA-256(seed || month); each gives the key \
     with its lowest SHA-256(seed || key) that is left, until the size is reached";

/// Where the sizes come from.
const SIZES_FROM: &str =
    "common practice of AICPA auditors for a control of moderate risk; no standard fixes them";

/// The JSON Schema (draft 7) of the record of a sample.
#[must_use]
pub fn schema() -> serde_json::Value {
    let settings = SchemaSettings::draft07().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Sample>().to_value();
    // A record with something added to it is another record.
    schema["additionalProperties"] = false.into();
    schema
}

/// What a sample is drawn for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Whose evidence.
    pub organisation: String,
    /// First and last day of the audit window.
    pub window: (String, String),
    /// The control.
    pub control: String,
    /// The requirement whose population it is.
    pub requirement: String,
    /// The day up to which the population goes.
    pub as_of: String,
    /// How often the control operates.
    pub frequency: Frequency,
    /// How many are wanted; the upper end for the frequency where nobody says.
    pub size: Option<usize>,
    /// Findings that say the population is not complete.
    pub open_findings: usize,
}

/// A sample as it is written down, in the shape `tickmark-sample/1`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(title = "tickmark sample, version 1")]
pub struct Sample {
    /// The name of this shape, `tickmark-sample/1`.
    #[schemars(extend("const" = "tickmark-sample/1"))]
    schema: &'static str,
    /// What the sample is and is not.
    notice: &'static str,
    organisation: String,
    window: Window,
    control: String,
    requirement: String,
    as_of: String,
    frequency: Frequency,
    /// The customary sizes for the frequency, from and to.
    customary: (usize, usize),
    /// Where these sizes come from.
    sizes_from: &'static str,
    population: Population,
    method: &'static str,
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    seed: String,
    size: usize,
    selected: Vec<Selected>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Window {
    start: String,
    end: String,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Population {
    size: usize,
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    sha256: String,
    /// Findings that say it is not complete; a sample of an incomplete population shows nothing.
    open_findings: usize,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Selected {
    key: String,
    month: String,
    file: String,
    line: u64,
}

impl Sample {
    /// Draws from `members`, which are in order of their keys, each once.
    #[must_use]
    pub fn draw(asked: Asked, members: &[Member]) -> Self {
        let mut hash = Sha256::new();
        for member in members {
            hash.update(member.key.as_bytes());
            hash.update(b"\n");
        }
        let population = hex(&hash.finalize());
        let (start, end) = asked.window;
        let parts = [
            SCHEMA,
            &asked.organisation,
            &start,
            &end,
            &asked.control,
            &asked.requirement,
            &population,
        ];
        let seed = h(&parts.map(|part| format!("{part}\n")).concat());
        let customary = asked.frequency.sizes();
        let size = asked.size.unwrap_or(customary.1).min(members.len());
        let selected = select(members, &seed, size);
        Self {
            schema: SCHEMA,
            notice: NOTICE,
            organisation: asked.organisation,
            window: Window { start, end },
            control: asked.control,
            requirement: asked.requirement,
            as_of: asked.as_of,
            frequency: asked.frequency,
            customary,
            sizes_from: SIZES_FROM,
            population: Population {
                size: members.len(),
                sha256: population,
                open_findings: asked.open_findings,
            },
            method: METHOD,
            seed,
            size,
            selected,
        }
    }

    /// Whether it was drawn from a population that is there and complete as far as can be told.
    #[must_use]
    pub fn is_of_whole_population(&self) -> bool {
        self.population.size > 0 && self.population.open_findings == 0
    }
}

const SCHEMA: &str = "tickmark-sample/1";

fn select(members: &[Member], seed: &str, size: usize) -> Vec<Selected> {
    let mut months: BTreeMap<&str, Vec<(String, &Member)>> = BTreeMap::new();
    for member in members {
        let rank = h(&format!("{seed}{}", member.key));
        months.entry(&member.month).or_default().push((rank, member));
    }
    let mut turns = Vec::new();
    for (month, mut ranked) in months {
        ranked.sort();
        let month = h(&format!("{seed}{month}"));
        turns.extend(
            ranked.into_iter().enumerate().map(|(round, (_, one))| (round, month.clone(), one)),
        );
    }
    turns.sort();
    let one = |(_, _, member): (usize, String, &Member)| Selected {
        key: member.key.clone(),
        month: member.month.clone(),
        file: member.path.clone(),
        line: member.line,
    };
    turns.into_iter().take(size).map(one).collect()
}

fn h(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(months: &[(&str, usize)]) -> Vec<Member> {
        let mut members = Vec::new();
        for (month, many) in months {
            members.extend((0..*many).map(|at| Member {
                key: format!("{month}-{at:03}"),
                month: (*month).to_owned(),
                path: format!("evidence/{month}.csv"),
                line: at as u64 + 2,
            }));
        }
        members
    }

    fn asked(size: Option<usize>) -> Asked {
        Asked {
            organisation: "Acme AI".to_owned(),
            window: ("2026-01-01".to_owned(), "2026-12-31".to_owned()),
            control: "CHM-01".to_owned(),
            requirement: "changes".to_owned(),
            as_of: "2027-01-10".to_owned(),
            frequency: Frequency::PerEvent,
            size,
            open_findings: 0,
        }
    }

    #[test]
    fn every_month_has_its_turn_before_one_has_two() {
        let members = members(&[("2026-01", 50), ("2026-02", 1), ("2026-03", 9)]);
        let drawn = Sample::draw(asked(Some(7)), &members);
        let of = |month: &str| drawn.selected.iter().filter(|one| one.month == month).count();
        assert_eq!((of("2026-01"), of("2026-02"), of("2026-03")), (3, 1, 3));
        let again = Sample::draw(asked(Some(7)), &members);
        assert_eq!(json(&drawn).unwrap(), json(&again).unwrap());
    }

    #[test]
    fn one_record_more_or_another_audit_gives_another_seed() {
        let members = members(&[("2026-01", 50)]);
        let first = Sample::draw(asked(None), &members);
        assert_eq!((first.size, first.selected.len()), (50, 50));
        assert_ne!(first.seed, Sample::draw(asked(None), &members[1..]).seed);
        let other = Asked { organisation: "Other".to_owned(), ..asked(None) };
        assert_ne!(first.seed, Sample::draw(other, &members).seed);
        assert!(!Sample::draw(asked(None), &[]).is_of_whole_population());
    }
}
