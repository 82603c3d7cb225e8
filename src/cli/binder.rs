//! `tickmark binder`: packs what an auditor asks for, and looks at what was packed.

use std::fs;
use std::io::{self, Read as _, Write};
use std::path::Path;

use super::args::{BinderArgs, BinderCommand};
use super::settings::as_of;
use super::{Exit, Failure, files, output};
use crate::binder::{Refused, assemble, check, digest, pack};
use crate::evidence::{Directory, Inventory};
use crate::render::{Style, clean, counted, human};
use crate::report::Report;

/// Bytes of a binder that is looked at.
const LARGEST: u64 = 2 << 30;

pub(super) fn run(args: &BinderArgs, _style: &Style) -> Result<Exit, Failure> {
    match (&args.command, &args.out) {
        (Some(BinderCommand::Verify { file }), _) => verify(file),
        (None, Some(out)) => make(args, out),
        (None, None) => {
            let help = "name it: `tickmark binder --out binder.tar.gz`";
            Err(Failure::plain("there is no archive to write to", help))
        }
    }
}

fn make(args: &BinderArgs, path: &Path) -> Result<Exit, Failure> {
    let root = files::root(&args.root)?;
    let zone = files::catalog(root, None)?.engagement.zone;
    let as_of = as_of(args.as_of.as_deref(), &zone)?;
    let policy = files::policy(root, None)?;
    let (inventory, store) = (Inventory::walk(root), Directory::new(root));
    let binder = assemble(&policy, &inventory, &store, as_of)?;
    let unwritten = |error: io::Error| {
        let message = format!("`{}` cannot be written: {error}", path.display());
        Failure::plain(message, "there is no binder; an older one was not touched")
    };
    let bytes = pack(&binder.files).map_err(unwritten)?;
    // What is handed over has been looked at: files may have changed while they were read.
    let checked = check(&bytes);
    if let Some(fault) = checked.faults.first() {
        let message = format!("the binder would not verify: {fault}");
        return Err(Failure::plain(message, "run again while nobody writes to the repository"));
    }
    output::aside(path, |out| out.write_all(&bytes)).map_err(unwritten)?;
    let mut out = io::stdout().lock();
    let files = counted(binder.files.len() as u64, "file");
    writeln!(out, "{}: {files}, as of {}", path.display(), binder.report.as_of)?;
    writeln!(out, "SHA-256 {}: keep it where the binder is not", digest(&bytes))?;
    gate(&binder.report, &mut out)
}

fn verify(path: &Path) -> Result<Exit, Failure> {
    let unread = |why: &str| {
        let message = format!("`{}` cannot be read: {why}", path.display());
        Failure::plain(message, "name a binder that `tickmark binder --out` wrote")
    };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| unread(&error.to_string()))?;
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| unread(&error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(unread("it is larger than 2 GiB"));
    }
    let checked = check(&bytes);
    let mut out = io::stdout().lock();
    for note in &checked.notes {
        writeln!(out, "note: {}", clean(note))?;
    }
    let Some(report) = checked.report.filter(|_| checked.faults.is_empty()) else {
        writeln!(out, "The binder is not what it says.")?;
        for fault in &checked.faults {
            writeln!(out, "  {}", clean(fault))?;
        }
        writeln!(out, "Ask whoever made it for another one; rely on nothing in it.")?;
        return Ok(Exit::Unmet);
    };
    let follows = match checked.withheld as u64 {
        0 => "the report inside follows from the evidence and rules inside".to_owned(),
        many => format!(
            "what rests on {} that {} withheld does not follow from what is inside; the rest does",
            counted(many, "file"),
            if many == 1 { "is" } else { "are" },
        ),
    };
    let files = counted(checked.files as u64, "file");
    writeln!(out, "The binder is whole: {files} with the digests it lists, and {follows}.")?;
    let (from, to) = &report.window;
    writeln!(out, "{}, {from} to {to}, as of {}", clean(&report.organisation), report.as_of)?;
    writeln!(out, "SHA-256 {}", digest(&bytes))?;
    gate(&report, &mut out)
}

/// The gate's answer, which is that of the command as well.
fn gate(report: &Report, out: &mut impl Write) -> Result<Exit, Failure> {
    writeln!(out, "{}", human::gate(report))?;
    Ok(if report.passes() { Exit::Passes } else { Exit::Unmet })
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Policy(problems) => Self::Policy(problems),
            Refused::Plain { message, help } => Self::Plain { message, help },
        }
    }
}
