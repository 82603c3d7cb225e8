//! A `.tar.gz` of one form only: the same files give the same bytes, and what is read must be what
//! would have been written.

use std::collections::BTreeMap;
use std::io::{self, Read, Write as _};

use flate2::bufread::GzDecoder;
use flate2::{Compression, GzBuilder};
use tar::{Archive, Builder, EntryType, Header};

/// The folder everything lies in, so that unpacking makes one folder.
const TOP: &str = "binder/";
/// Bytes an archive may unpack to.
const LARGEST: u64 = 5 << 29;

/// Packs `files`: sorted, without owner, clock or name.
///
/// # Errors
/// When a path cannot stand in an archive.
pub fn pack(files: &BTreeMap<String, Vec<u8>>) -> io::Result<Vec<u8>> {
    compress(&tar(files)?)
}

fn tar(files: &BTreeMap<String, Vec<u8>>) -> io::Result<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, format!("{TOP}{path}"), bytes.as_slice())?;
    }
    builder.into_inner()
}

fn compress(tar: &[u8]) -> io::Result<Vec<u8>> {
    // 255 is an unknown system, whatever this one is.
    let builder = GzBuilder::new().mtime(0).operating_system(255);
    let mut out = builder.write(Vec::new(), Compression::new(6));
    out.write_all(tar)?;
    out.finish()
}

/// An archive that was read.
pub(super) struct Unpacked {
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// The bytes are those this build would have written, not only what they unpack to.
    pub(super) is_same_container: bool,
}

/// Unpacks an archive that [`pack`] wrote.
///
/// # Errors
/// What keeps it from being one, in words: damage, anything but regular files, paths that leave it,
/// two entries of one name, anything before, between or after the entries.
pub(super) fn unpack(bytes: &[u8]) -> Result<Unpacked, String> {
    if bytes.get(..10) != Some(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]) {
        return Err("it does not begin as a binder does (gzip without name and time)".to_owned());
    }
    let mut decoder = GzDecoder::new(bytes);
    let mut raw = Vec::new();
    let read = decoder.by_ref().take(LARGEST + 1).read_to_end(&mut raw);
    read.map_err(|error| format!("it is damaged: {error}"))?;
    if raw.len() as u64 > LARGEST {
        return Err("it unpacks to more than 2.5 GiB".to_owned());
    }
    if !decoder.into_inner().is_empty() {
        return Err("there is something after the end of the archive".to_owned());
    }
    let files = entries(&raw)?;
    if tar(&files).map_err(|error| error.to_string())? != raw {
        return Err("the archive holds more than its files: headers or gaps were changed, or the order of the entries".to_owned());
    }
    let again = compress(&raw).map_err(|error| error.to_string())?;
    Ok(Unpacked { files, is_same_container: again == bytes })
}

fn entries(raw: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut files = BTreeMap::new();
    let damaged = |error: io::Error| format!("it is damaged: {error}");
    for entry in Archive::new(raw).entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if entry.header().entry_type() != EntryType::Regular {
            return Err(format!("`{path}` is not a regular file"));
        }
        let Some(name) = path.strip_prefix(TOP).filter(|name| is_safe(name)) else {
            return Err(format!("`{path}` leaves the folder `{TOP}`, or is no plain name"));
        };
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(damaged)?;
        if files.insert(name.to_owned(), bytes).is_some() {
            return Err(format!("`{path}` is there twice"));
        }
    }
    Ok(files)
}

/// Whether `path` names a file beneath the folder it is unpacked to, on any system, and stands in a
/// line of `SHA256SUMS` as it is.
pub(super) fn is_safe(path: &str) -> bool {
    let plain = |part: &str| !matches!(part, "" | "." | "..");
    path.split('/').all(plain) && !path.contains(|c: char| c == '\\' || c == ':' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> BTreeMap<String, Vec<u8>> {
        paths.iter().map(|path| ((*path).to_owned(), path.repeat(50).into_bytes())).collect()
    }

    /// An archive of one entry under the name `path`, as it is, of type `kind`.
    fn raw(entries: &[(&str, EntryType)]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (path, kind) in entries {
            let mut header = Header::new_gnu();
            header.as_gnu_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_entry_type(*kind);
            header.set_mode(0o644);
            header.set_size(0);
            header.set_cksum();
            builder.append(&header, io::empty()).unwrap();
        }
        compress(&builder.into_inner().unwrap()).unwrap()
    }

    #[test]
    fn what_was_packed_is_unpacked_and_packs_the_same() {
        let long = format!("repository/{}x.json", "folder/".repeat(30));
        let files = files(&["a.csv", "repository/evidence/ä b.json", &long]);
        let packed = pack(&files).unwrap();
        let read = unpack(&packed).unwrap();
        assert!(read.files == files && read.is_same_container);
        assert_eq!(packed, pack(&files).unwrap());
    }

    #[test]
    fn entries_that_leave_repeat_or_link_are_refused() {
        let regular = EntryType::Regular;
        for (entries, expected) in [
            (vec![("binder/../x", regular)], "leaves"),
            (vec![("/etc/passwd", regular)], "leaves"),
            (vec![("binder/a\\..\\b", regular)], "leaves"),
            (vec![("elsewhere", regular)], "leaves"),
            (vec![("binder/a", EntryType::Symlink)], "not a regular file"),
            (vec![("binder/a", EntryType::Link)], "not a regular file"),
            (vec![("binder/a", EntryType::Directory)], "not a regular file"),
            (vec![("binder/a", regular), ("binder/a", regular)], "twice"),
            (vec![("binder/b", regular), ("binder/a", regular)], "order"),
        ] {
            let error = unpack(&raw(&entries)).err().unwrap();
            assert!(error.contains(expected), "{error}");
        }
        let mut trailing = pack(&files(&["a"])).unwrap();
        trailing.extend(pack(&files(&["b"])).unwrap());
        assert!(unpack(&trailing).err().unwrap().contains("after the end"));
    }

    #[test]
    fn every_flipped_bit_of_a_small_archive_is_seen() {
        let packed = pack(&files(&["a.csv", "evidence/b.json"])).unwrap();
        for at in 0..packed.len() {
            for bit in 0..8 {
                let mut flipped = packed.clone();
                flipped[at] ^= 1 << bit;
                let same = unpack(&flipped).is_ok_and(|read| read.is_same_container);
                assert!(!same, "bit {bit} of byte {at}");
            }
        }
    }
}
