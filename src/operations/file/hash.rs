//! The hashes by which file detection names files.

use crate::operations::prelude::*;
use crate::posture::FileHash;

/// Most files of one call; documented of `GetFileDetectResult`.
const MOST: usize = 100;

/// The hash of one file, or the refusal of anything else.
pub(super) fn read(context: &Context<'_>, text: &str) -> Result<FileHash, ApiError> {
    FileHash::read(text).ok_or_else(|| context.world.assumptions.argument_error().into())
}

/// The hashes of some files, of which there must be one.
pub(super) fn read_all(context: &Context<'_>, texts: &[&str]) -> Result<Vec<FileHash>, ApiError> {
    if texts.is_empty() || texts.len() > MOST {
        return Err(context.world.assumptions.argument_error().into());
    }
    texts.iter().map(|text| read(context, text)).collect()
}

/// Refuses types that are not documented, and packages of skills, which are not modelled.
pub(super) fn check_type(context: &Context<'_>, params: &Params) -> Result<(), ApiError> {
    match params.int("Type") {
        Some(0 | 1 | 2 | 4) => Ok(()),
        _ => Err(context.world.assumptions.argument_error().into()),
    }
}
