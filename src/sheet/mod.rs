//! A table with names for its columns, and the files that it can become: a spreadsheet or CSV.
//!
//! Rows come one after the other and are written at once, so a long table needs no more memory than its compressed file.

mod csv;
mod xlsx;

use std::borrow::Cow;
use std::io::{self, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// One row, a text for each column. Numbers are texts too: an id of many digits would lose some as a number.
pub(crate) type Row<'a> = Vec<Cow<'a, str>>;

pub(crate) struct Sheet<'a> {
    /// What the sheet of the spreadsheet is called: at most 31 characters, none of `[]:*?/\`.
    pub(crate) name: &'static str,
    pub(crate) columns: &'a [&'static str],
    /// How many rows follow.
    pub(crate) count: usize,
    pub(crate) rows: Box<dyn Iterator<Item = Row<'a>> + 'a>,
}

impl Sheet<'_> {
    /// A zip with one entry, the spreadsheet of that name.
    pub(crate) fn zip(self, file_name: &str) -> io::Result<Vec<u8>> {
        let spreadsheet = xlsx::write(self)?;
        let mut archive = ZipWriter::new(Cursor::new(Vec::with_capacity(spreadsheet.len() + 1024)));
        // It is compressed already.
        archive.start_file(
            file_name,
            SimpleFileOptions::default().compression_method(CompressionMethod::Stored),
        )?;
        archive.write_all(&spreadsheet)?;
        Ok(archive.finish()?.into_inner())
    }

    /// UTF-8, with the columns in the first line.
    pub(crate) fn csv(self) -> Vec<u8> {
        csv::write(self)
    }
}
