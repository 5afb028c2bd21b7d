//! Tables as text for spreadsheets (RFC 4180).

use std::fmt::Display;

/// A table with a fixed number of columns.
#[derive(Clone, Debug)]
pub struct Csv {
    text: String,
    columns: usize,
}

/// What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"): the signs, their full-width forms, and the blanks
/// that it skips before them.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

impl Csv {
    /// A table with these columns. It begins with a byte order mark, without which Excel takes UTF-8 for the system's old code page.
    pub fn new(columns: &[&str]) -> Self {
        let mut csv = Self { text: String::from('\u{feff}'), columns: columns.len() };
        csv.row(columns.iter().map(|name| Cell::text(name)));
        csv
    }

    /// Adds a row. Cells that are missing are empty, those beyond the last column are left out.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let mut cells = cells.into_iter();
        for column in 0..self.columns {
            if column > 0 {
                self.text.push(',');
            }
            if let Some(Cell(cell)) = cells.next() {
                self.text.push_str(&cell);
            }
        }
        self.text.push_str("\r\n");
    }

    /// The whole file.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// A cell as it stands in the file.
#[derive(Clone, Debug)]
pub struct Cell(String);

impl Cell {
    /// What somebody wrote. A text that a spreadsheet would take for a formula gets an apostrophe before it.
    pub fn text(text: &str) -> Self {
        let guard = if text.trim_start_matches(' ').starts_with(FORMULA) { "'" } else { "" };
        let plain = !text.contains(['"', ',', '\r', '\n', ';']) && text.trim() == text;
        if plain {
            Self(format!("{guard}{text}"))
        } else {
            Self(format!("\"{guard}{}\"", text.replace('"', "\"\"")))
        }
    }

    /// A number, an identifier or another value of ours that can hold nothing but letters, digits, signs and points.
    pub fn value(value: impl Display) -> Self {
        Self(value.to_string())
    }

    /// Nothing.
    pub const fn empty() -> Self {
        Self(String::new())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The cells of a file, as RFC 4180 reads them.
    fn read(text: &str) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
        let mut letters = text.trim_start_matches('\u{feff}').chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '"' if quoted && letters.peek() == Some(&'"') => {
                    letters.next();
                    cell.push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(std::mem::take(&mut cell)),
                '\r' if !quoted && letters.peek() == Some(&'\n') => {
                    letters.next();
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
                other => cell.push(other),
            }
        }
        rows
    }

    #[test]
    fn formulas_are_texts_and_numbers_are_numbers() {
        let mut csv = Csv::new(&["name", "progress"]);
        for name in ["=1+1", " =1", "+49 30", "-x", "@cmd", "\t=1", "＝1", "Ada, \"the first\"", "김철수"]
        {
            csv.row([Cell::text(name), Cell::value(-0.5)]);
        }
        let text = csv.into_text();
        assert!(text.starts_with("\u{feff}name,progress\r\n"));
        let names: Vec<String> = read(&text).into_iter().skip(1).map(|row| row[0].clone()).collect();
        let expected =
            ["'=1+1", "' =1", "'+49 30", "'-x", "'@cmd", "'\t=1", "'＝1", "Ada, \"the first\"", "김철수"];
        assert_eq!(names, expected);
        assert!(read(&text).iter().skip(1).all(|row| row[1] == "-0.5"));
    }

    proptest! {
        #[test]
        fn every_text_comes_back_in_one_cell_that_is_no_formula(text in any::<String>()) {
            let mut csv = Csv::new(&["a", "b"]);
            csv.row([Cell::text(&text), Cell::value(7)]);
            let rows = read(&csv.into_text());
            prop_assert_eq!(rows.len(), 2);
            prop_assert_eq!(rows[1].len(), 2);
            prop_assert!(!rows[1][0].trim_start_matches(' ').starts_with(FORMULA));
            prop_assert_eq!(rows[1][0].strip_prefix('\'').filter(|rest| *rest == text).unwrap_or(&rows[1][0]), &text);
        }

        #[test]
        fn every_row_has_every_column(cells in 0usize..6) {
            let mut csv = Csv::new(&["a", "b", "c"]);
            csv.row((0..cells).map(Cell::value));
            prop_assert_eq!(read(&csv.into_text())[1].len(), 3);
        }
    }
}
