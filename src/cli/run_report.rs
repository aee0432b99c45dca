//! `run --report FILE`: the report of a run, as the extension of the file says.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context;

use super::Failure;
use crate::files::{self, Readers};
use crate::timeline::RunReport;

/// A file that a report is written to.
#[derive(Debug, Clone)]
pub(super) struct ReportFile {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Html,
    Svg,
    Json,
}

impl FromStr for ReportFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        let kind = match path.extension().and_then(OsStr::to_str) {
            Some("html") => Kind::Html,
            Some("svg") => Kind::Svg,
            Some("json") => Kind::Json,
            _ => return Err("a report is a file named .html, .svg or .json".to_owned()),
        };
        Ok(Self { path, kind })
    }
}

impl ReportFile {
    /// Fails if it could not be written, before anything is run.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let context = || format!("--report {}", self.path.display());
        files::check_replaceable(&self.path, Readers::Umask).with_context(context).map_err(Failure::usage)
    }

    pub(super) fn write(&self, report: &RunReport<'_>) -> Result<(), Failure> {
        let content = match self.kind {
            Kind::Html => report.html(),
            Kind::Svg => report.svg(true),
            Kind::Json => format!("{}\n", report.json()).into_bytes(),
        };
        let context = || format!("cannot write {}", self.path.display());
        Ok(files::replace(&self.path, &content, Readers::Umask).with_context(context)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_chooses_and_another_one_is_refused() {
        for file in ["a.html", "b/c.svg", "d.json"] {
            assert!(file.parse::<ReportFile>().is_ok(), "{file}");
        }
        for file in ["a.htm", "html", "report", "a.SVG.gz", ""] {
            let refused = file.parse::<ReportFile>().unwrap_err();
            assert_eq!(refused, "a report is a file named .html, .svg or .json", "{file}");
        }
    }
}
