//! What a control, an item, a criterion or a kind asks, in words: for `tickmark explain`, and for the
//! pages beside the rule files, which are made of the same.

mod control;
mod item;
mod kind;
mod page;

pub use control::control;
pub use item::{criterion, item};
pub use kind::kind;
pub use page::{Block, Page};
