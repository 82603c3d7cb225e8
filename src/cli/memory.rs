//! Memory is asked of the system in few large pieces, not in very many small ones.

use std::hint::black_box;

/// The largest piece that allocators keep for themselves rather than map apart.
const LARGEST: usize = 31 << 20;
/// What a thread asks for at once, twice.
const PIECE: usize = 30 << 20;

/// Has every worker ask for much memory and give it back before the work begins.
///
/// The allocator of glibc grows what a thread may use by a page or two at a time, with a call of
/// the system for each; what was given back once it keeps, and takes from there. Nothing is written
/// to these pieces, so they take up no memory until something else is.
pub(super) fn ahead() {
    // From here on pieces of this size are kept.
    drop(piece(LARGEST));
    rayon::broadcast(|_| drop((piece(PIECE), piece(PIECE))));
}

/// Room for `bytes`, or none where there is not as much.
fn piece(bytes: usize) -> Vec<u8> {
    let mut piece = Vec::new();
    let _ = piece.try_reserve_exact(bytes);
    // An allocation that nobody looks at may be left out by the compiler.
    black_box(piece)
}
