use std::io::Write;

use flate2::write::GzEncoder;
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::super::fault::fault_of;
use super::*;

const PACKED: [Compression; 2] = [Compression::Gzip, Compression::Zstd];

fn pack(text: &[u8], compression: Compression) -> Vec<u8> {
    match compression {
        Compression::None => text.to_vec(),
        Compression::Zstd => compress_to_vec(text, CompressionLevel::Fastest),
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
    }
}

fn read(bytes: &[u8], compression: Compression, limits: Limits) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    decompressing(bytes, compression, limits).read_to_end(&mut text)?;
    Ok(text)
}

fn unpack(bytes: &[u8], compression: Compression) -> Vec<u8> {
    read(bytes, compression, Limits::default()).unwrap()
}

fn fault(bytes: &[u8], compression: Compression) -> Fault {
    let error = read(bytes, compression, Limits::default()).unwrap_err();
    fault_of(&error).unwrap()
}

fn says(bytes: &[u8], compression: Compression, part: &str) {
    let fault = fault(bytes, compression);
    assert_eq!(fault.kind, FaultKind::Compression, "{fault}");
    assert!(fault.message.contains(part), "{fault}");
}

/// Text that does not pack to almost nothing.
fn text(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        b'a' + (state >> 33) as u8 % 16
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn the_name_tells_the_compression() {
    for (name, compression) in [
        ("a/log.jsonl.gz", Compression::Gzip),
        ("log.jsonl.ZST", Compression::Zstd),
        ("log.jsonl", Compression::None),
        ("gz", Compression::None),
    ] {
        assert_eq!(Compression::of(Path::new(name)), compression, "{name}");
    }
}

#[test]
fn every_member_and_frame_is_read() {
    for compression in PACKED {
        for parts in [&[3][..], &[0], &[300_000, 0, 5], &[1, 1, 1]] {
            let (mut bytes, mut whole) = (Vec::new(), Vec::new());
            for &length in parts {
                bytes.extend(pack(&text(length), compression));
                whole.extend(text(length));
            }
            assert!(unpack(&bytes, compression) == whole, "{compression:?} {parts:?}");
        }
    }
    assert_eq!(unpack(b"as it is", Compression::None), b"as it is");
}

#[test]
fn the_files_of_the_usual_tools_are_read() {
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x2b\x49\xad\x28\x01\x00\xc7\xa7\x8b\x3b\x04\x00\x00\x00";
    let checked = b"\x28\xb5\x2f\xfd\x04\x58\x21\x00\x00\x74\x65\x78\x74\x52\xaf\xcc\x88";
    let unchecked = b"\x28\xb5\x2f\xfd\x00\x68\x21\x00\x00\x74\x65\x78\x74";
    assert_eq!(unpack(gzip, Compression::Gzip), b"text");
    assert_eq!(unpack(checked, Compression::Zstd), b"text");
    assert_eq!(unpack(unchecked, Compression::Zstd), b"text");
}

#[test]
fn skippable_frames_are_skipped_wherever_they_stand() {
    let skippable = b"\x50\x2a\x4d\x18\x03\0\0\0abc";
    let frame = pack(b"text", Compression::Zstd);
    let bytes = [&skippable[..], &frame, skippable, &frame, skippable].concat();
    assert_eq!(unpack(&bytes, Compression::Zstd), b"texttext");
    says(&bytes[..bytes.len() - 1], Compression::Zstd, "cut off");
}

#[test]
fn what_follows_the_last_part_is_a_fault() {
    for compression in PACKED {
        for garbage in [&b"x"[..], b"\0", b"\0\0\0\0\0\0\0\0", b"{\"smuggled\": true}"] {
            let bytes = [&pack(b"text", compression), garbage].concat();
            says(&bytes, compression, "follows the");
            assert_eq!(fault(&bytes, compression).span, Span::new(4, 4));
        }
    }
}

#[test]
fn what_is_not_packed_is_a_fault() {
    says(b"{\"a\": 1}\n and more", Compression::Gzip, "not gzip");
    says(b"{\"a\": 1}\n and more", Compression::Zstd, "not zstd");
    for compression in PACKED {
        says(b"", compression, "the file is empty");
    }
}

#[test]
fn every_truncation_is_a_fault() {
    for compression in PACKED {
        let part = pack(&text(2000), compression);
        let bytes = [part.clone(), part.clone()].concat();
        for length in (0..bytes.len()).filter(|&length| length != part.len()) {
            let fault = fault(&bytes[..length], compression);
            assert_eq!(fault.kind, FaultKind::Compression, "{compression:?} {length}");
        }
        says(&part[..part.len() - 1], compression, "cut off");
        says(&part[..part.len() / 2], compression, "cut off");
    }
}

#[test]
fn a_wrong_checksum_is_a_fault() {
    for (compression, from_end) in [(Compression::Gzip, 8), (Compression::Zstd, 4)] {
        let mut bytes = pack(&text(2000), compression);
        let at = bytes.len() - from_end;
        bytes[at] ^= 1;
        says(&bytes, compression, "damaged");
    }
}

#[test]
fn bombs_are_stopped_early() {
    let bomb = vec![b' '; 8 << 20];
    for compression in PACKED {
        let bytes = pack(&bomb, compression);
        let mut reader = decompressing(&bytes[..], compression, Limits::default());
        let (mut buffer, mut output) = (vec![0; 64 << 10], 0_u64);
        let fault = loop {
            match reader.read(&mut buffer) {
                Ok(count) => output += count as u64,
                Err(error) => break fault_of(&error).unwrap(),
            }
        };
        assert_eq!(fault.kind, FaultKind::Limit);
        assert!(fault.message.contains("250 bytes"), "{fault}");
        assert!(output < 2 << 20, "{output}");
        let lenient = Limits { max_ratio: 1 << 20, ..Limits::default() };
        assert!(read(&bytes, compression, lenient).unwrap() == bomb);
    }
}

#[test]
fn output_is_capped_to_the_byte() {
    for compression in PACKED {
        let bytes = pack(&text(5000), compression);
        let limits = |max_output| Limits { max_output, ..Limits::default() };
        assert!(read(&bytes, compression, limits(5000)).is_ok());
        let error = read(&bytes, compression, limits(4999)).unwrap_err();
        assert_eq!(fault_of(&error).unwrap().kind, FaultKind::Limit);
    }
}

#[test]
fn a_small_text_may_pack_as_well_as_it_likes() {
    let page = vec![b' '; 1 << 19];
    for compression in PACKED {
        assert!(unpack(&pack(&page, compression), compression) == page);
    }
}

#[test]
fn an_error_stays() {
    for compression in PACKED {
        let bytes = pack(&text(2000), compression);
        let mut reader = decompressing(&bytes[..100], compression, Limits::default());
        let first = reader.read_to_end(&mut Vec::new()).unwrap_err();
        let again = reader.read(&mut [0; 8]).unwrap_err();
        assert_eq!(fault_of(&first), fault_of(&again));
        assert!(fault_of(&first).is_some());
    }
}

#[test]
fn a_failure_of_the_file_is_no_fault_of_its_bytes() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the disk is on fire"))
        }
    }
    for compression in PACKED {
        let bytes = pack(&text(2000), compression);
        for length in [0, 2, 100, bytes.len() - 2, bytes.len()] {
            let source = bytes[..length].chain(Failing);
            let mut reader = decompressing(source, compression, Limits::default());
            for _ in 0..2 {
                let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
                assert_eq!(fault_of(&error), None, "{compression:?} {length}");
                assert_eq!(error.to_string(), "the disk is on fire");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Flipped bytes are found, or lie where they change nothing; nothing panics.
    #[test]
    fn damage_never_changes_the_text_unnoticed(
        gzip: bool,
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4),
    ) {
        let compression = PACKED[usize::from(gzip)];
        let whole = text(3000);
        let mut bytes = pack(&whole, compression);
        for (at, flip) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
        }
        if let Ok(text) = read(&bytes, compression, Limits::default()) {
            prop_assert!(text == whole);
        }
    }
}
