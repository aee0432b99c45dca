//! Signatures of calls in both schemes: made, and verified.

mod signer;
pub(crate) mod v1;
pub(crate) mod v3;

pub use self::signer::{Signed, Signer, Unsigned};

use smallvec::SmallVec;
use subtle::ConstantTimeEq;

use super::call::Call;
use super::claims::Scheme;
pub use crate::domain::Algorithm;
use crate::domain::{ApiError, Code, Secret};

/// The algorithm that a call claims; `None` if its scheme has none of that name.
pub(crate) fn algorithm_of(call: &Call<'_>) -> Option<Algorithm> {
    let name = call.claims.method?;
    let is_named = |algorithm: &Algorithm| match call.claims.scheme {
        // The documents' samples spell it Hmac-SHA1 too (spec/protocol.md §1.1).
        Scheme::V1 => algorithm.hash_header().is_none() && name.eq_ignore_ascii_case(algorithm.name()),
        Scheme::V3 => algorithm.hash_header().is_some() && name == algorithm.name(),
        Scheme::Bearer => false,
    };
    Algorithm::ALL.into_iter().find(is_named)
}

/// Checks that the call was signed with `secret`; the error shows what the server would have signed.
pub fn verify(call: &Call<'_>, secret: &Secret) -> Result<(), ApiError> {
    let algorithm = algorithm_of(call).ok_or(Code::SIGNATURE_METHOD)?;
    match call.claims.scheme {
        Scheme::V1 => v1::verify(call, algorithm, secret),
        Scheme::V3 => v3::verify(call, algorithm, secret),
        Scheme::Bearer => Err(Code::SIGNATURE_TYPE.into()),
    }
}

/// Compares in constant time. As texts: decoding first would let several spellings of one signature pass.
fn same(ours: &str, theirs: Option<&str>) -> bool {
    theirs.is_some_and(|theirs| ours.as_bytes().ct_eq(theirs.as_bytes()).into())
}

/// How names are spelled when signed: the documents say encoded; modern Python, TypeScript and Go leave V3's raw.
/// For the names real operations use it is the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Names {
    #[default]
    Encoded,
    Raw,
}

/// The pairs in signing order: by name, in code-point order (which is byte order in UTF-8).
fn sorted<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> SmallVec<[SortedPair<'a>; 16]> {
    let mut pairs: SmallVec<_> = pairs.map(|(name, value)| (first_bytes(name), name, value)).collect();
    pairs.sort_unstable();
    pairs
}

/// A name and its value, behind what decides most comparisons.
type SortedPair<'a> = (u64, &'a str, &'a str);

/// The first eight bytes of a name as a number of the same order: most names differ there, and numbers are compared at once.
fn first_bytes(name: &str) -> u64 {
    let (mut first, length) = ([0; 8], name.len().min(8));
    first[..length].copy_from_slice(&name.as_bytes()[..length]);
    u64::from_be_bytes(first)
}

/// Room for these pairs, for what stands around them, and for some encoding.
fn estimate(pairs: &[SortedPair<'_>]) -> usize {
    pairs.iter().map(|(_, name, value)| name.len() + value.len() + 8).sum::<usize>()
}
