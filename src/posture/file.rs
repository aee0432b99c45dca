//! Files that are sent for detection: which are suspicious, and which an account has uploaded. No content is kept or judged.

use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

use crate::text::limited::list;

/// Most uploaded files that are known of an account; the oldest are forgotten.
pub const UPLOADED_FILES: u32 = 1_000;

/// MD5 or SHA-256 of a whole file: 32 or 64 digits and lower-case letters, as documented.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileHash(Box<str>);

impl FileHash {
    pub fn read(text: &str) -> Option<Self> {
        let is_hex = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        (matches!(text.len(), 32 | 64) && is_hex).then(|| Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FileHash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::read(&text).ok_or_else(|| "expected an MD5 or a SHA-256 in lower-case hex".to_owned())
    }
}

impl From<FileHash> for String {
    fn from(FileHash(text): FileHash) -> Self {
        text.into()
    }
}

/// All that is kept of an uploaded file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadedFile {
    pub md5: FileHash,
    pub sha256: FileHash,
    pub bytes: u64,
}

impl UploadedFile {
    fn is(&self, hash: &FileHash) -> bool {
        self.md5 == *hash || self.sha256 == *hash
    }
}

/// The files that an account has uploaded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Files {
    /// Oldest first.
    #[serde(deserialize_with = "list::<UPLOADED_FILES, _, _, _>")]
    uploaded: Vec<UploadedFile>,
}

impl Files {
    pub fn is_empty(&self) -> bool {
        self.uploaded.is_empty()
    }

    pub fn find(&self, hash: &FileHash) -> Option<&UploadedFile> {
        self.uploaded.iter().find(|file| file.is(hash))
    }

    /// Adds a file, or makes one that is known already the newest.
    pub fn add(&mut self, file: UploadedFile) {
        self.uploaded.retain(|other| *other != file);
        if self.uploaded.len() >= UPLOADED_FILES as usize {
            self.uploaded.remove(0);
        }
        self.uploaded.push(file);
    }
}

/// Which files are suspicious. All others are safe.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileSettings {
    pub suspicious: Vec<Suspicious>,
}

/// What is found in files with some hash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Suspicious {
    /// In lower case; `*` stands for any digits, `?` for one.
    pub hash: String,
    pub virus_type: &'static str,
    pub score: u8,
}

impl Suspicious {
    /// The documented values of `VirusType`.
    pub const VIRUS_TYPES: [&str; 21] = [
        "Trojan",
        "WebShell",
        "Backdoor",
        "RansomWare",
        "Scanner",
        "Stealer",
        "Malbaseware",
        "Hacktool",
        "Engtest",
        "Downloader",
        "Virus",
        "Miner",
        "Worm",
        "DDoS",
        "Malware",
        "RiskWare",
        "Proxytool",
        "Suspicious",
        "MalScript",
        "Rootkit",
        "Exploit",
    ];
    pub const USUAL_TYPE: &str = "Malware";
    /// Documented: from 81 on a file is malicious.
    pub const USUAL_SCORE: u8 = 90;
}

impl Default for FileSettings {
    /// The EICAR test file, with which virus scanners are tested, by its MD5 and its SHA-256.
    fn default() -> Self {
        const EICAR: [&str; 2] = [
            "44d88612fea8a8f36de82e1278abb02f",
            "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
        ];
        let suspicious = EICAR.map(|hash| Suspicious {
            hash: hash.to_owned(),
            virus_type: "Engtest",
            score: Suspicious::USUAL_SCORE,
        });
        Self { suspicious: suspicious.into() }
    }
}

impl FileSettings {
    /// What is found in the file of that hash, by all hashes of it that are known; nothing if it is safe.
    pub fn finding(&self, hash: &FileHash, uploaded: Option<&UploadedFile>) -> Option<&Suspicious> {
        let known = uploaded.map(|file| [&file.md5, &file.sha256]);
        let hashes = || std::iter::once(hash).chain(known.into_iter().flatten());
        self.suspicious.iter().find(|suspicious| {
            let pattern = WildMatch::new(&suspicious.hash);
            hashes().any(|hash| pattern.matches(hash.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(digit: &str) -> UploadedFile {
        let hash = |length| FileHash::read(&digit.repeat(length)).unwrap();
        UploadedFile { md5: hash(32), sha256: hash(64), bytes: 1 }
    }

    #[test]
    fn hashes() {
        for bad in ["", "a", &"A".repeat(32), &"g".repeat(32), &"a".repeat(33)] {
            assert_eq!(FileHash::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn files_are_known_by_both_hashes_and_the_oldest_are_forgotten() {
        let mut files = Files::default();
        for digit in ["a", "b", "a"] {
            files.add(file(digit));
        }
        assert_eq!(files.uploaded, [file("b"), file("a")]);
        assert_eq!(files.find(&file("b").sha256), Some(&file("b")));
        for bytes in 0..u64::from(UPLOADED_FILES) {
            files.add(UploadedFile { bytes, ..file("c") });
        }
        assert_eq!((files.uploaded.len(), files.find(&file("a").md5)), (UPLOADED_FILES as usize, None));
    }

    #[test]
    fn what_is_suspicious_is_so_by_any_of_its_hashes() {
        let eicar = UploadedFile {
            sha256: FileHash::read(&FileSettings::default().suspicious[1].hash).unwrap(),
            ..file("a")
        };
        let usual = FileSettings::default();
        assert_eq!(usual.finding(&file("a").md5, None), None);
        assert_eq!(usual.finding(&file("a").md5, Some(&eicar)).unwrap().virus_type, "Engtest");
        let hash = "aa*".to_owned();
        let any = FileSettings { suspicious: vec![Suspicious { hash, virus_type: "Miner", score: 70 }] };
        assert_eq!(any.finding(&file("a").md5, None).unwrap().virus_type, "Miner");
        assert_eq!(any.finding(&file("b").md5, Some(&file("b"))), None);
    }
}
