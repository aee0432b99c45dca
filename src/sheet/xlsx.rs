//! A table as a spreadsheet (ECMA-376, the parts that every reader knows), written row by row.
//!
//! Texts stand in their cells, not in a table of their own, which would have to be kept until the last row. There is no date
//! in the file, so the same table gives the same bytes.

use std::io::{self, BufWriter, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::Sheet;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;

/// The parts that are the same in every file.
const PARTS: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#,
    ),
    // One format, the usual one: without any, some readers warn.
    (
        "xl/styles.xml",
        r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf xfId="0"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#,
    ),
];

/// What a cell holds at most; readers refuse more.
const MOST_CHARS: usize = 32_767;

/// Fast rather than small: a table of a million rows takes seconds.
const LEVEL: i64 = 1;

type Archive = ZipWriter<Cursor<Vec<u8>>>;

pub(super) fn write(sheet: Sheet<'_>) -> io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in PARTS {
        begin(&mut archive, name)?;
        write!(archive, "{HEAD}\n{content}")?;
    }
    begin(&mut archive, "xl/workbook.xml")?;
    write!(
        archive,
        r#"{HEAD}
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="{}" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
        sheet.name
    )?;
    begin(&mut archive, "xl/worksheets/sheet1.xml")?;
    // Each write would go through the layers of the archive.
    let mut part = BufWriter::with_capacity(64 << 10, archive);
    rows(&mut part, sheet)?;
    let archive = part.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(archive.finish()?.into_inner())
}

/// Of no date: the first that a zip can have stands for that.
fn begin(archive: &mut Archive, name: &str) -> io::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL));
    Ok(archive.start_file(name, options)?)
}

fn rows(part: &mut impl Write, sheet: Sheet<'_>) -> io::Result<()> {
    let columns: Vec<String> = (0..sheet.columns.len()).map(letters).collect();
    let last = columns.last().map_or("A", String::as_str);
    write!(
        part,
        r#"{HEAD}
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:{last}{}"/><sheetData>"#,
        sheet.count + 1
    )?;
    row(part, &columns, 1, sheet.columns)?;
    for (place, cells) in sheet.rows.take(sheet.count).enumerate() {
        row(part, &columns, place + 2, &cells)?;
    }
    part.write_all(b"</sheetData></worksheet>")
}

fn row(
    part: &mut impl Write,
    columns: &[String],
    number: usize,
    cells: &[impl AsRef<str>],
) -> io::Result<()> {
    write!(part, r#"<row r="{number}">"#)?;
    for (column, cell) in columns.iter().zip(cells) {
        let text = cell.as_ref();
        if !text.is_empty() {
            write!(part, r#"<c r="{column}{number}" t="inlineStr"><is><t xml:space="preserve">"#)?;
            escaped(part, text)?;
            part.write_all(b"</t></is></c>")?;
        }
    }
    part.write_all(b"</row>")
}

/// A text as XML has it. Characters that XML cannot have are written as `_xHHHH_`, and so is what looks like that.
fn escaped(part: &mut impl Write, text: &str) -> io::Result<()> {
    let end = text.char_indices().nth(MOST_CHARS).map_or(text.len(), |(end, _)| end);
    let mut plain = 0;
    for (place, sign) in text[..end].char_indices() {
        let instead = match sign {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '_' if is_escape(&text[place..]) => "_x005F_",
            '\t' | '\n' => continue,
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => {
                part.write_all(&text.as_bytes()[plain..place])?;
                write!(part, "_x{:04X}_", u32::from(sign))?;
                plain = place + sign.len_utf8();
                continue;
            }
            _ => continue,
        };
        part.write_all(&text.as_bytes()[plain..place])?;
        part.write_all(instead.as_bytes())?;
        plain = place + sign.len_utf8();
    }
    part.write_all(&text.as_bytes()[plain..end])
}

fn is_escape(text: &str) -> bool {
    let Some(&[b'_', b'x', ref digits @ .., b'_']) = text.as_bytes().get(..7) else { return false };
    digits.iter().all(u8::is_ascii_hexdigit)
}

/// The name of a column, counted from 0.
fn letters(place: usize) -> String {
    let (before, last) = (place / 26, char::from(b'A' + u8::try_from(place % 26).unwrap_or_default()));
    if before == 0 { last.to_string() } else { letters(before - 1) + &last.to_string() }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::io::Read;

    use zip::ZipArchive;

    use super::*;

    fn part(file: &[u8], name: &str) -> String {
        let mut text = String::new();
        ZipArchive::new(Cursor::new(file)).unwrap().by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    fn sheet<'a>(columns: &'a [&'static str], rows: Vec<Vec<Cow<'a, str>>>) -> Sheet<'a> {
        Sheet { name: "x", columns, count: rows.len(), rows: Box::new(rows.into_iter()) }
    }

    #[test]
    fn rows_are_cells_with_texts() {
        let rows = || vec![vec!["a&b<c>".into(), "".into()], vec!["\u{1}\r_x0041_ _x".into(), " 7".into()]];
        let file = write(sheet(&["one", "two"], rows())).unwrap();
        insta::assert_snapshot!(part(&file, "xl/worksheets/sheet1.xml"), @"");
        assert_eq!(write(sheet(&["one", "two"], rows())).unwrap(), file);
    }

    #[test]
    fn columns_have_letters() {
        assert_eq!([0, 25, 26, 27, 701, 702].map(letters), ["A", "Z", "AA", "AB", "ZZ", "AAA"]);
    }

    #[test]
    fn a_text_is_cut_where_a_cell_ends() {
        let file = write(sheet(&["one"], vec![vec!["é".repeat(40_000).into()]])).unwrap();
        assert_eq!(part(&file, "xl/worksheets/sheet1.xml").matches('é').count(), MOST_CHARS);
    }
}
