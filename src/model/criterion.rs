//! Trust Services Criteria: the category an id belongs to.
//!
//! Source: AICPA, 2017 Trust Services Criteria with revised points of focus of 2022.

use serde::{Deserialize, Serialize};

/// A trust services category. Security, the common criteria, is part of every SOC 2 engagement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// `CC1.1` to `CC9.2`.
    Security,
    /// `A1.1` to `A1.3`.
    Availability,
    /// `PI1.1` to `PI1.5`.
    ProcessingIntegrity,
    /// `C1.1`, `C1.2`.
    Confidentiality,
    /// `P1.1` to `P8.1`.
    Privacy,
}

impl Category {
    /// The category of a criterion; `None` for an id of another framework.
    #[must_use]
    pub fn of(criterion: &str) -> Option<Self> {
        let (series, number) = criterion.split_once('.')?;
        number.parse::<u8>().ok()?;
        match series.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "CC" => Some(Self::Security),
            "A" => Some(Self::Availability),
            "PI" => Some(Self::ProcessingIntegrity),
            "C" => Some(Self::Confidentiality),
            "P" => Some(Self::Privacy),
            _ => None,
        }
    }

    /// The name as the engagement writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Availability => "availability",
            Self::ProcessingIntegrity => "processing-integrity",
            Self::Confidentiality => "confidentiality",
            Self::Privacy => "privacy",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_of_an_id_are_its_category() {
        let of = |id| Category::of(id).map(Category::as_str);
        assert_eq!(of("CC6.1"), Some("security"));
        assert_eq!(of("A1.2"), Some("availability"));
        assert_eq!(of("PI1.5"), Some("processing-integrity"));
        assert_eq!(of("C1.1"), Some("confidentiality"));
        assert_eq!(of("P8.1"), Some("privacy"));
        assert_eq!(of("A.6.2.8"), None);
        assert_eq!(of("GOVERN 1.1"), None);
    }
}
