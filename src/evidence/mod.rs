//! The evidence repository: what lies beneath the root, and the bytes of it.
//!
//! Everything is listed once, in byte order of the path; links are not followed, only regular
//! files are opened, and modification times are never looked at.

mod illustrate;
mod inventory;
mod manifest;
mod pattern;
mod store;

pub use illustrate::illustrate;
pub use inventory::{Entry, Inventory, Obstacle, ObstacleKind};
pub(crate) use manifest::strip_number_formats;
pub use manifest::{
    FOLDER as FOLDER_MANIFEST, Manifest, SUFFIX as MANIFEST_SUFFIX, folder_schema, manifest_schema,
    plain_schema,
};
pub use pattern::{PathPattern, PatternError};
pub use store::{Directory, Memory, Store};
