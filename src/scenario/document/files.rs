//! `world: { files: … }` — what becomes of files that are sent for detection.

use serde::Deserialize;

use super::overlaid;
use crate::domain::bounds::SUSPICIOUS_FILES;
use crate::posture::{FileSettings, Suspicious, VirusType};
use crate::text::limited::{AtMost, ListOf};

/// `files: { suspicious: [{ hash: … }] }`
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "settings such as { suspicious: [] }")]
pub(super) struct FileKeys {
    /// The files that are suspicious; left out, the EICAR test file. All others are safe.
    suspicious: Option<ListOf<SuspiciousKey, SUSPICIOUS_FILES>>,
}

/// A suspicious file, checked as a whole.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "SuspiciousKeys"))]
#[serde(try_from = "SuspiciousKeys")]
struct SuspiciousKey(Suspicious);

/// A suspicious file, or many.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a file such as { hash: 44d8*, virus_type: Miner, score: 95 }")]
struct SuspiciousKeys {
    /// Its MD5 or its SHA-256 in lower-case hex; `*` stands for any digits, `?` for one.
    hash: String,
    /// What is found in it; Malware if left out.
    virus_type: Option<VirusType>,
    /// From 61 (a risk) to 100; 90 if left out.
    score: Option<AtMost<100>>,
}

impl TryFrom<SuspiciousKeys> for SuspiciousKey {
    type Error = String;

    fn try_from(SuspiciousKeys { hash, virus_type, score }: SuspiciousKeys) -> Result<Self, String> {
        let is_pattern =
            |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte) || b"*?".contains(&byte);
        if !(1..=64).contains(&hash.len()) || !hash.bytes().all(is_pattern) {
            return Err("a hash is up to 64 digits and letters from a to f, * and ?".to_owned());
        }
        let score = score.map_or(Suspicious::USUAL_SCORE.into(), u32::from);
        let score = u8::try_from(score).ok().filter(|score| *score > 60);
        let score = score.ok_or("a file is suspicious from a score of 61 on")?;
        Ok(Self(Suspicious { hash, virus_type: virus_type.unwrap_or(VirusType::Malware), score }))
    }
}

overlaid!(FileKeys { suspicious });

impl FileKeys {
    pub(super) fn over(self, usual: FileSettings) -> FileSettings {
        let said =
            self.suspicious.map(|ListOf(list)| list.into_iter().map(|SuspiciousKey(one)| one).collect());
        said.map_or(usual, |suspicious| FileSettings { suspicious })
    }
}
