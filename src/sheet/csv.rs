//! A table as CSV.

use std::borrow::Cow;

use super::Sheet;

pub(super) fn write(sheet: Sheet<'_>) -> Vec<u8> {
    let mut text = String::new();
    line(&mut text, sheet.columns.iter().map(|column| Cow::Borrowed(*column)));
    for row in sheet.rows.take(sheet.count) {
        line(&mut text, row);
    }
    text.into_bytes()
}

fn line<'a>(text: &mut String, cells: impl IntoIterator<Item = Cow<'a, str>>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            text.extend(["\"", &cell.replace('"', "\"\""), "\""]);
        } else {
            text.push_str(&cell);
        }
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_in_quotes_where_they_need_them() {
        let rows = [vec!["a, \"b\"".into(), "c".into()], vec!["".into(), "d\n".into()]];
        let sheet = Sheet { name: "x", columns: &["one", "two"], count: 2, rows: Box::new(rows.into_iter()) };
        assert_eq!(String::from_utf8(sheet.csv()).unwrap(), "one,two\n\"a, \"\"b\"\"\",c\n,\"d\n\"\n");
    }
}
