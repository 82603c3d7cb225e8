//! Which number literals do not survive as a 64-bit integer or a finite double.
//!
//! Parsers turn such a literal into a float, a string or `null`, each its own way, so a reader
//! reports it instead of choosing.

use super::fault::excerpt;

/// Every decimal of this many digits comes back unchanged from a double.
const SAFE_DIGITS: usize = 15;

/// A literal of at most this many bytes and without an exponent neither overflows a double nor
/// vanishes to zero.
const SAFE_LENGTH: usize = 300;

/// Why `literal`, a number in JSON syntax, is lossy; `None` when it survives.
///
/// A whole number written with digits alone has to fit `i64` or `u64`. One written with a point or
/// an exponent has to come back from a double as the same decimal. A fraction may round.
pub(super) fn lossy(literal: &str) -> Option<String> {
    if !literal.contains(['.', 'e', 'E']) {
        let fits = literal.parse::<i64>().is_ok() || literal.parse::<u64>().is_ok();
        return (!fits).then(|| {
            format!("`{}` does not fit a 64-bit integer; write it as a string", excerpt(literal))
        });
    }
    let scientific = literal.contains(['e', 'E']);
    if literal.len() <= SAFE_DIGITS && !scientific {
        return None;
    }
    let decimal = Decimal::of(literal);
    if literal.len() <= SAFE_LENGTH && decimal.digits.len() <= SAFE_DIGITS && !scientific {
        return None;
    }
    let value: f64 = literal.parse().ok()?;
    if value.is_infinite() {
        return Some(format!("`{}` is beyond the range of a double", excerpt(literal)));
    }
    if value == 0.0 && !decimal.digits.is_empty() {
        return Some(format!(
            "`{}` is too small for a double and would become 0",
            excerpt(literal)
        ));
    }
    if decimal.digits.len() > SAFE_DIGITS && decimal.is_whole() {
        let survived = format!("{value:e}");
        if Decimal::of(&survived) != decimal {
            return Some(format!(
                "`{}` does not survive as a double: it would become {value:.0}",
                excerpt(literal)
            ));
        }
    }
    None
}

/// A literal without its sign, as digits with neither leading nor trailing zeros times a power of
/// ten.
#[derive(Debug)]
struct Decimal {
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn of(literal: &str) -> Self {
        let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{}{fraction}", whole.trim_start_matches('-'));
        let significant = all.trim_end_matches('0');
        let dropped = (all.len() - significant.len()) as i64 - fraction.len() as i64;
        // An exponent beyond i64 over- or underflows every double, which is asked before equality.
        let stated =
            exponent.parse().unwrap_or(if exponent.starts_with('-') { i64::MIN } else { i64::MAX });
        Self {
            digits: significant.trim_start_matches('0').to_owned(),
            exponent: dropped.saturating_add(stated),
        }
    }

    fn is_whole(&self) -> bool {
        self.exponent >= 0
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.digits == other.digits && self.exponent == other.exponent
    }
}

#[cfg(test)]
mod tests {
    use super::lossy;

    #[test]
    fn what_survives_is_fine() {
        let long = format!("0.{}1", "0".repeat(290));
        for literal in [
            "0",
            "-0",
            "0.0",
            "-0.0e5",
            "0e999999999999999999999",
            "0.1",
            "1e23",
            "6.02214076e23",
            "1.7976931348623157e308",
            "-5e-324",
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551615",
            "9007199254740993",
            "9007199254740992.0",
            "1E+2",
            "0.1000000000000000055511151231257827",
            "100000000000000000000.0",
            long.as_str(),
        ] {
            assert_eq!(lossy(literal), None, "{literal}");
        }
    }

    #[test]
    fn what_changes_is_lossy() {
        for literal in [
            "1e400",
            "-1e400",
            "1e99999999999999999999",
            "1e-400",
            "1e-99999999999999999999",
            "18446744073709551616",
            "-9223372036854775809",
            "9007199254740993.0",
            "9007199254740993e0",
            "900719925474099300e-2",
            "123456789012345678901e1",
        ] {
            assert!(lossy(literal).is_some(), "{literal}");
        }
        let tiny = format!("0.{}1", "0".repeat(330));
        assert!(lossy(&tiny).is_some());
        let huge = format!("{}.0", "9".repeat(400));
        assert!(lossy(&huge).is_some());
    }
}
