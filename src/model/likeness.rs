//! Texts that differ and look the same: two spellings of one person are not two persons.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Whether two different texts look the same to people: apart from case, accents (which Unicode
/// composes in more than one way), what does not show, and letters and dashes that other scripts
/// draw alike.
#[must_use]
pub fn looks_alike(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one != other && plain(one).eq(plain(other));
    }
    one != other && shown(one).eq(shown(other))
}

/// [`shown`] of a text of ASCII, as most are, without the tables of Unicode.
fn plain(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(u8::is_ascii_graphic).map(|byte| byte.to_ascii_lowercase())
}

/// Whether two names are of one person, however they are spelled.
#[must_use]
pub fn is_same_person(one: &str, other: &str) -> bool {
    one == other || looks_alike(one, other)
}

/// The text as it looks: what two texts that look alike have in common.
#[must_use]
pub fn as_it_looks(text: &str) -> String {
    let mut looks = String::with_capacity(text.len());
    if text.is_ascii() {
        looks.extend(plain(text).map(char::from));
    } else {
        looks.extend(shown(text));
    }
    looks
}

fn shown(text: &str) -> impl Iterator<Item = char> {
    let visible = |one: &char| {
        let draws = one.is_ascii() || !(is_hidden(*one) || is_combining_mark(*one));
        draws && !one.is_whitespace() && !one.is_control()
    };
    text.nfkd().filter(visible).map(drawn)
}

/// Characters that do not show, or change the direction of the text: the one list of them.
#[must_use]
#[inline]
pub fn is_hidden(character: char) -> bool {
    // Most text is ASCII, of which nothing is in the list.
    !character.is_ascii() && in_list(character)
}

fn in_list(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The plain small letter or sign that `character` is drawn like; itself where there is none.
///
/// Of the [confusables of Unicode](https://www.unicode.org/reports/tr39/) those that whole words
/// can be written with: Greek and Cyrillic letters, full-width forms, dashes, quotes.
fn drawn(character: char) -> char {
    const ALIKE: [(&str, char); 27] = [
        ("\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}\u{fe58}\u{fe63}", '-'),
        ("\u{2018}\u{2019}\u{2bc}", '\''),
        ("\u{2024}", '.'),
        ("\u{2215}\u{2044}", '/'),
        ("\u{430}\u{410}\u{3b1}\u{391}", 'a'),
        ("\u{412}\u{392}\u{432}", 'b'),
        ("\u{441}\u{421}\u{3f2}\u{3f9}", 'c'),
        ("\u{501}\u{500}", 'd'),
        ("\u{435}\u{415}\u{395}", 'e'),
        ("\u{261}\u{50d}", 'g'),
        ("\u{43d}\u{41d}\u{397}\u{4bb}\u{4ba}", 'h'),
        ("\u{456}\u{406}\u{3b9}\u{399}\u{131}\u{4c0}\u{4cf}", 'i'),
        ("\u{458}\u{408}\u{3f3}\u{37f}", 'j'),
        ("\u{43a}\u{41a}\u{3ba}\u{39a}", 'k'),
        ("\u{43c}\u{41c}\u{39c}", 'm'),
        ("\u{39d}", 'n'),
        ("\u{43e}\u{41e}\u{3bf}\u{39f}", 'o'),
        ("\u{440}\u{420}\u{3c1}\u{3a1}", 'p'),
        ("\u{51b}\u{51a}", 'q'),
        ("\u{433}", 'r'),
        ("\u{455}\u{405}", 's'),
        ("\u{442}\u{422}\u{3c4}\u{3a4}", 't'),
        ("\u{475}\u{474}\u{3bd}", 'v'),
        ("\u{51d}\u{51c}", 'w'),
        ("\u{445}\u{425}\u{3c7}\u{3a7}", 'x'),
        ("\u{443}\u{423}\u{3b3}\u{3a5}", 'y'),
        ("\u{396}", 'z'),
    ];
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    if let Some(plain) = u32::from(character)
        .checked_sub(0xfee0)
        .filter(|code| (0x21..=0x7e).contains(code))
        .and_then(char::from_u32)
    {
        return plain.to_ascii_lowercase();
    }
    let alike = ALIKE.iter().find(|(drawn, _)| drawn.contains(character));
    alike.map_or_else(|| character.to_lowercase().next().unwrap_or(character), |(_, plain)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_known_and_two_names_are_two() {
        for other in [
            "p-004 ",
            "P-004",
            "p\u{2011}004",
            "p-004\u{200b}",
            "\u{440}-004",
            "\u{ff50}-\u{ff10}\u{ff10}\u{ff14}",
        ] {
            assert!(looks_alike("p-004", other), "{other:?}");
        }
        for (one, other) in [("p-004", "p-004"), ("p-004", "p-005"), ("p-004", "p-0040"), ("", "a")]
        {
            assert!(!looks_alike(one, other), "{one} {other}");
        }
        assert!(is_same_person("p-004", "p-004"));
    }

    #[test]
    fn a_text_of_ascii_looks_as_any_text_does() {
        let all: String = ('\0'..='\u{7f}').collect();
        let quick: Vec<char> = plain(&all).map(char::from).collect();
        assert_eq!(quick, shown(&all).collect::<Vec<_>>());
    }

    #[test]
    fn an_accent_is_no_other_name_however_unicode_composes_it() {
        for (one, other) in [
            ("Jos\u{e9}", "Jose\u{301}"),
            ("Jos\u{e9}", "jose"),
            ("\u{1e69}", "s\u{307}\u{323}"),
            ("\u{fb01}nn", "Finn"),
            ("\u{439}", "\u{438}\u{306}"),
        ] {
            assert!(looks_alike(one, other), "{one} {other}");
            assert_eq!(as_it_looks(one), as_it_looks(other), "{one} {other}");
        }
        for (one, other) in [("Jos\u{e9}", "Josa"), ("\u{6771}", "\u{4eac}")] {
            assert!(!looks_alike(one, other), "{one} {other}");
        }
    }
}
