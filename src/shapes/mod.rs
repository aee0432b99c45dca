//! What is documented of all operations of the service: their parameters and the members of their replies.
//!
//! The metadata is one compressed table in the program (`fixtures/shapes.jsonl`, made by `scripts/import-shapes`). It is
//! unpacked when an operation is first looked up, so an emulator that needs none of it keeps none of it in memory.

mod check;
mod page;
mod params;
mod read;
mod reply;
mod shape;
mod table;
mod values;

pub(crate) use self::check::{Deviation, PathStep, Wording, Writing};
pub(crate) use self::reply::{ReplyInputs, item_name};
pub(crate) use self::shape::{OperationShape, Shape};
pub(crate) use self::table::{find, names};
