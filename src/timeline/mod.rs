//! The timeline of a run: a lane for each account, its calls, its tasks as bars, and what people did, as a picture and as data.

mod axis;
mod bars;
mod build;
mod calls;
mod clock;
mod html;
mod json;
mod report;
mod svg;
#[cfg(test)]
mod testing;
mod xml;

pub(crate) use self::bars::{AccountTasks, TaskLife};
pub(crate) use self::build::Material;
pub(crate) use self::build::Timeline;
pub(crate) use self::html::POLICY;
pub(crate) use self::report::RunReport;
pub(crate) use self::svg::CSS;
