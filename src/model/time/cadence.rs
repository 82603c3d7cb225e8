//! How often a control must leave evidence.

use std::fmt;
use std::num::{NonZeroU16, NonZeroU32};
use std::str::FromStr;

use jiff::SignedDuration;

use super::allowance::small_number;
use super::error::{Expected, TimeError};
use super::words::{as_word, word_schema};

/// The rhythm of a requirement. See [`Cadence::periods`] for what each means in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cadence {
    /// Every twelve months of the audit window.
    Annual,
    /// Every six months of the audit window.
    SemiAnnual,
    /// Every calendar quarter.
    Quarterly,
    /// Every calendar month.
    Monthly,
    /// Every ISO week, Monday to Sunday.
    Weekly,
    /// Every day.
    Daily,
    /// Every so many days, counted from the window's first.
    EveryDays(NonZeroU16),
    /// Whenever the thing happens: the population says when.
    PerEvent,
    /// Once in the window.
    Once,
    /// Always, with no silence longer than this.
    Continuous {
        /// The longest silence, in hours.
        max_gap_hours: NonZeroU32,
    },
}

/// Each cadence with the adverb a rule file writes and the unit it writes after `every`.
const WORDS: [(Cadence, &str, Option<&str>); 8] = [
    (Cadence::Annual, "annual", Some("year")),
    (Cadence::SemiAnnual, "semi-annual", Some("half-year")),
    (Cadence::Quarterly, "quarterly", Some("quarter")),
    (Cadence::Monthly, "monthly", Some("month")),
    (Cadence::Weekly, "weekly", Some("week")),
    (Cadence::Daily, "daily", Some("day")),
    (Cadence::PerEvent, "per-event", None),
    (Cadence::Once, "once", None),
];

impl Cadence {
    /// The longest silence of a continuous cadence.
    #[must_use]
    pub fn max_gap(&self) -> Option<SignedDuration> {
        match self {
            Self::Continuous { max_gap_hours } => {
                Some(SignedDuration::from_hours(max_gap_hours.get().into()))
            }
            _ => None,
        }
    }
}

/// Reads the adverb (`monthly`), the unit (`month`, `every month`), a number of days or weeks
/// (`every 14 days`) or `continuous up to 24 hours`.
impl FromStr for Cadence {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let refuse = |reason: &str| TimeError::new(Expected::Cadence, text, reason);
        if let Some((cadence, ..)) = WORDS.iter().find(|(_, adverb, _)| *adverb == text) {
            return Ok(*cadence);
        }
        if let Some(gap) = text.strip_prefix("continuous up to ") {
            return silence(gap).ok_or_else(|| refuse("the longest silence is a number of hours"));
        }
        let unit = text.strip_prefix("every ").unwrap_or(text);
        if let Some((cadence, ..)) = WORDS.iter().find(|(_, _, every)| *every == Some(unit)) {
            return Ok(*cadence);
        }
        let Some((count, unit)) = unit.split_once(' ') else {
            return Err(refuse("there is no such cadence"));
        };
        let (length, most) = match unit.strip_suffix('s').unwrap_or(unit) {
            "day" => (1, 9999),
            "week" => (7, 999),
            "month" | "year" => {
                return Err(refuse("only days and weeks are counted; name the calendar period"));
            }
            _ => return Err(refuse("there is no such cadence")),
        };
        let count = small_number(count).filter(|count| *count <= most);
        let days = count.and_then(|count| u16::try_from(count * length).ok());
        days.and_then(NonZeroU16::new)
            .map(Self::EveryDays)
            .ok_or_else(|| refuse(&format!("the number lies outside of 1 to {most}")))
    }
}

fn silence(text: &str) -> Option<Cadence> {
    let (count, unit) = text.split_once(' ')?;
    let hours = matches!(unit, "hour" | "hours").then(|| small_number(count))??;
    NonZeroU32::new(hours).map(|max_gap_hours| Cadence::Continuous { max_gap_hours })
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |one: bool| if one { "" } else { "s" };
        match self {
            Self::EveryDays(days) => {
                write!(f, "every {days} day{}", plural(days.get() == 1))
            }
            Self::Continuous { max_gap_hours: gap } => {
                write!(f, "continuous up to {gap} hour{}", plural(gap.get() == 1))
            }
            word => WORDS
                .iter()
                .find(|(cadence, ..)| cadence == word)
                .map_or(Ok(()), |(_, adverb, _)| f.write_str(adverb)),
        }
    }
}

as_word!(Cadence, Expected::Cadence);
word_schema!(
    Cadence,
    "Cadence",
    "How often: annual, semi-annual, quarterly, monthly, weekly, daily, per-event, once, \
     `every 14 days` or `continuous up to 24 hours`.",
    "^(annual|semi-annual|quarterly|monthly|weekly|daily|per-event|once|\
     (every )?(year|half-year|quarter|month|week|day|[1-9][0-9]{0,3} days?|[1-9][0-9]{0,2} weeks?)|\
     continuous up to [1-9][0-9]{0,4} hours?)$"
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn schema_of<T: schemars::JsonSchema>() -> jsonschema::Validator {
        let schema = schemars::schema_for!(T);
        jsonschema::validator_for(schema.as_value()).unwrap()
    }

    #[test]
    fn every_word_reads_and_prints() {
        for (cadence, adverb, every) in WORDS {
            assert_eq!(adverb.parse(), Ok(cadence));
            assert_eq!(cadence.to_string(), adverb);
            if let Some(unit) = every {
                assert_eq!(unit.parse(), Ok(cadence));
                assert_eq!(format!("every {unit}").parse(), Ok(cadence));
            }
        }
        let fortnight = Cadence::EveryDays(NonZeroU16::new(14).unwrap());
        for text in ["14 days", "every 14 days", "2 weeks", "every 2 weeks"] {
            assert_eq!(text.parse(), Ok(fortnight));
        }
        assert_eq!(fortnight.to_string().parse(), Ok(fortnight));
        let always: Cadence = "continuous up to 24 hours".parse().unwrap();
        assert_eq!(always.max_gap(), Some(SignedDuration::from_hours(24)));
        assert_eq!(always.to_string(), "continuous up to 24 hours");
    }

    #[test]
    fn other_words_are_refused() {
        for text in [
            "",
            "Monthly",
            "every",
            "every ",
            "every monthly",
            "every 0 days",
            "0 days",
            "every 10000 days",
            "1000 weeks",
            "3 months",
            "every 1 year",
            "continuous",
            "continuous up to 0 hours",
            "continuous up to 2 days",
            "every once",
            "biweekly",
            "month ",
            "every every day",
        ] {
            let error = text.parse::<Cadence>().expect_err(text);
            assert!(error.to_string().contains("semi-annual"), "{error}");
        }
        let typed: Result<Cadence, _> = serde_json::from_str("14");
        assert!(typed.unwrap_err().to_string().contains("`every 14 days`"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn the_schemas_accept_what_is_read(
            text in "(every )?([0-9]{1,6} )?(year|half-year|quarter|month|week|day|hour|once)s?|continuous up to [0-9]{1,6} hours?"
        ) {
            let value = serde_json::Value::from(text.as_str());
            prop_assert_eq!(schema_of::<Cadence>().is_valid(&value), text.parse::<Cadence>().is_ok());
            let allowance = text.parse::<super::super::Allowance>();
            prop_assert_eq!(schema_of::<super::super::Allowance>().is_valid(&value), allowance.is_ok());
        }
    }
}
