//! Number literals: what JSON calls a number, and how looser spellings read.

/// Whether `literal` is a number in JSON syntax (RFC 8259).
pub(super) fn is_json(literal: &str) -> bool {
    let bytes = literal.strip_prefix('-').unwrap_or(literal).as_bytes();
    let whole = digits(bytes);
    if whole == 0 || (whole > 1 && bytes[0] == b'0') {
        return false;
    }
    let rest = &bytes[whole..];
    let rest = match rest.strip_prefix(b".") {
        None => rest,
        Some(fraction) => match digits(fraction) {
            0 => return false,
            count => &fraction[count..],
        },
    };
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', power @ ..] | [b'e' | b'E', power @ ..] => {
            !power.is_empty() && digits(power) == power.len()
        }
        _ => false,
    }
}

/// Whether a number in JSON syntax survives as a 64-bit integer or a finite double.
pub(super) fn survives(literal: &str) -> bool {
    super::number::lossy(literal).is_none()
}

/// A decimal number that is spelled more loosely than JSON allows (`+5`, `010`, `.5`, `1.`), in
/// JSON syntax; `None` when it is not a decimal number at all.
pub(super) fn from_loose(literal: &str) -> Option<String> {
    let (sign, unsigned) = match literal.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", literal.strip_prefix('+').unwrap_or(literal)),
    };
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let (mantissa, power) = match unsigned.find(['e', 'E']) {
        Some(at) => unsigned.split_at(at),
        None => (unsigned, ""),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    };
    let fraction = match (mantissa.contains('.'), fraction) {
        (false, _) => String::new(),
        (true, "") => ".0".to_owned(),
        (true, digits) => format!(".{digits}"),
    };
    let json = format!("{sign}{whole}{fraction}{power}");
    is_json(&json).then_some(json)
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_syntax_is_rfc_8259() {
        for literal in ["0", "-0", "10", "1.5", "-1.50e+3", "1E400", "0e0"] {
            assert!(is_json(literal), "{literal}");
        }
        for literal in [
            "", "-", "+1", "01", "-01", ".5", "1.", "1.e3", "1e", "1e+", "0x1", "1_0", " 1", "1 ",
            "NaN", "--1", "1.5.5", "\u{661}",
        ] {
            assert!(!is_json(literal), "{literal}");
        }
    }

    #[test]
    fn only_what_fits_64_bits_survives() {
        for literal in ["18446744073709551615", "-9223372036854775808", "0e9", "1e308", "0.1"] {
            assert!(survives(literal), "{literal}");
        }
        for literal in ["18446744073709551616", "-9223372036854775809", "1e400", "1e-400"] {
            assert!(!survives(literal), "{literal}");
        }
    }

    #[test]
    fn loose_spellings_become_json() {
        for (loose, json) in [
            ("+5", "5"),
            ("010", "10"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("1.", "1.0"),
            ("1.e3", "1.0e3"),
            ("007.5E-2", "7.5E-2"),
            ("00", "0"),
        ] {
            assert_eq!(from_loose(loose).as_deref(), Some(json), "{loose}");
        }
        for loose in ["", "+", ".", "-.e3", "1e", "abc", "1_0", "+-5"] {
            assert_eq!(from_loose(loose), None, "{loose}");
        }
    }
}
