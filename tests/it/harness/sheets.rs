//! Files of exports: begun, waited for, followed and read back.

use std::io::{Cursor, Read};

use axum::body::{Body, Bytes, to_bytes};
use http::{HeaderMap, Request};
use serde_json::Value;
use zip::ZipArchive;

use super::TestEmulator;
use super::tasks::seconds;

/// What a link led to.
pub(crate) struct Download {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Download {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The names of the entries of the zip.
    pub(crate) fn entries(&self) -> Vec<String> {
        let archive = ZipArchive::new(Cursor::new(&self.bytes)).unwrap();
        archive.file_names().map(|name| name.unwrap().into_owned()).collect()
    }

    /// The rows of the spreadsheet that is the first entry, the columns first.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let mut archive = ZipArchive::new(Cursor::new(&self.bytes)).unwrap();
        let mut spreadsheet = Vec::new();
        archive.by_index(0).unwrap().read_to_end(&mut spreadsheet).unwrap();
        let mut archive = ZipArchive::new(Cursor::new(spreadsheet)).unwrap();
        let mut sheet = String::new();
        archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
        let mut rows: Vec<Vec<String>> = sheet.split("<row ").skip(1).map(cells).collect();
        let width = rows.first().map_or(0, Vec::len);
        rows.iter_mut().for_each(|row| row.resize(width, String::new()));
        rows
    }
}

/// The texts of a row; a cell that is left out is empty.
fn cells(row: &str) -> Vec<String> {
    let mut cells = Vec::new();
    for cell in row.split("<c r=\"").skip(1) {
        let (place, rest) = cell.split_once('"').unwrap();
        let letters = place.trim_end_matches(|sign: char| sign.is_ascii_digit());
        let column =
            letters.bytes().fold(0, |before, letter| before * 26 + usize::from(letter - b'A') + 1) - 1;
        let (text, _) = rest.split_once("preserve\">").unwrap().1.split_once("</t>").unwrap();
        cells.resize(column, String::new());
        cells.push(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"));
    }
    cells
}

impl TestEmulator {
    pub(crate) async fn download(&self, link: &str) -> Download {
        let (host, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let request = Request::get(format!("/{path}")).header("host", host).body(Body::empty()).unwrap();
        let (head, body) = self.open(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, 256 << 20).await.unwrap();
        Download { status: head.status.as_u16(), headers: head.headers, bytes }
    }

    /// Begins an export and waits for it; what its operation then says of it, and its file.
    pub(crate) async fn export(&self, begin: &str, info: &str, params: &[(&str, &str)]) -> (Value, Download) {
        let id = self.reply(begin, params).await["Id"].to_string();
        self.advance(seconds(4));
        let done = self.reply(info, &[("ExportId", &id)]).await;
        let file = self.download(done["Link"].as_str().unwrap()).await;
        assert_eq!(file.status, 200, "{begin} {params:?}");
        (done, file)
    }

    /// The rows of such a file without the columns; there must be as many as the operation says.
    pub(crate) async fn exported(
        &self,
        begin: &str,
        info: &str,
        params: &[(&str, &str)],
    ) -> Vec<Vec<String>> {
        let (done, file) = self.export(begin, info, params).await;
        let rows = file.rows().split_off(1);
        assert_eq!(done["TotalCount"].as_u64(), Some(rows.len() as u64), "{begin} {params:?}");
        rows
    }
}
