package parser

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"nasdesk"
)

// sheetKind says whether a part is a table that we read: "csv", "xlsx", or "".
func sheetKind(p *mimePart) string {
	switch p.ext() {
	case "csv", "tsv":
		return "csv"
	case "xlsx", "xlsm":
		return "xlsx"
	case "":
		switch p.media {
		case "text/csv", "text/tab-separated-values":
			return "csv"
		case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
			return "xlsx"
		}
	}
	return ""
}

// readSheet reads an attached table into lines. Contract, rule 3.
func (r *reading) readSheet(p *mimePart, data []byte) {
	kind := sheetKind(p)
	if kind != "" {
		r.wholePart(p, p.odd)
	}
	switch kind {
	case "csv":
		if len(data) > r.o.Limits.SheetBytes {
			r.found.add(nasdesk.FoundOverLimit, "attached table")
			return
		}
		r.readCSV(data, p.params["charset"])
	case "xlsx":
		r.readXLSX(data)
	}
}

func (r *reading) readCSV(data []byte, charset string) {
	text, odd := decodeCharset(data, charset)
	if odd != "" {
		r.found.add("charset", "attached table")
	}
	text = strings.TrimPrefix(text, "\ufeff")
	comma := csvSeparator(text)
	if first, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(strings.ToLower(first), "sep=") {
		text = rest
	}
	c := csv.NewReader(strings.NewReader(strings.ReplaceAll(text, "\r", "\n")))
	c.Comma, c.LazyQuotes, c.FieldsPerRecord, c.TrimLeadingSpace = comma, true, -1, true
	table := r.newTable()
	for {
		row, _ := c.Read() // a row that is not as it should be comes with its error
		if row == nil {
			return
		}
		if !r.addRow(table, row) {
			return
		}
	}
}

// csvSeparator is the one that the first line names or uses most.
func csvSeparator(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	if s := strings.TrimSpace(strings.ToLower(first)); strings.HasPrefix(s, "sep=") && len(s) == 5 {
		return rune(s[4])
	}
	best, most := ',', 0
	for _, c := range []rune{',', ';', '\t', '|'} {
		if n := strings.Count(first, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

// newTable numbers a table among the attached ones.
func (r *reading) newTable() int {
	if n := len(r.sheet); n > 0 {
		return r.sheet[n-1].table + 1
	}
	return 1
}

// addRow adds one row, and reports whether more may follow.
func (r *reading) addRow(table int, row []string) bool {
	if r.rows >= r.o.Limits.SheetRows {
		r.found.add(nasdesk.FoundOverLimit, "rows of attached tables")
		return false
	}
	if len(row) > 200 {
		row = row[:200]
	}
	cells := make([]string, len(row))
	for i, c := range row {
		cells[i] = restoreMobile(cleanLine(c))
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	text := strings.Join(cells, "\t")
	if strings.Trim(text, "\t") == "" {
		return true
	}
	r.rows++
	first := len(r.sheet) == 0 || r.sheet[len(r.sheet)-1].table != table
	r.sheet = append(r.sheet, bodyLine{text: text, cells: cells, table: table, brk: first})
	return true
}

// restoreMobile gives a UK mobile the zero back that a spreadsheet took: ten
// digits that begin with 7 (trap T27).
func restoreMobile(s string) string {
	if len(s) != 10 || s[0] != '7' || strings.Trim(s, "0123456789") != "" || !nasdesk.Mobile("0"+s).UK() {
		return s
	}
	return "0" + s
}

// readXLSX reads the visible rows of a workbook's visible sheets. The library
// sees no bytes before the archive's own figures are within the limits.
func (r *reading) readXLSX(data []byte) {
	defer func() {
		// A workbook is foreign bytes in a library of others: a fault in there is a
		// table that cannot be read, no fault of ours.
		if recover() != nil {
			r.found.add("sheet-unreadable", "")
		}
	}()
	if !r.zipWithin(data) {
		return
	}
	limit := int64(r.o.Limits.SheetBytes)
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: limit, UnzipXMLSizeLimit: limit, RawCellValue: true})
	if err != nil {
		r.found.add("sheet-unreadable", "")
		return
	}
	defer f.Close()
	for i, name := range f.GetSheetList() {
		if visible, err := f.GetSheetVisible(name); err == nil && visible && i < 20 {
			r.readWorksheet(f, name)
		}
	}
}

// zipWithin refuses archives that say they unpack to more than the limit, or
// hold very many files.
func (r *reading) zipWithin(data []byte) bool {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		r.found.add("sheet-unreadable", "")
		return false
	}
	var total uint64
	for _, f := range z.File {
		total += f.UncompressedSize64
		if total > uint64(r.o.Limits.SheetBytes) || len(z.File) > 1000 {
			r.found.add(nasdesk.FoundOverLimit, "attached table unpacks to too much")
			return false
		}
	}
	return true
}

func (r *reading) readWorksheet(f *excelize.File, name string) {
	rows, err := f.Rows(name)
	if err != nil {
		r.found.add("sheet-unreadable", "")
		return
	}
	defer rows.Close()
	table := r.newTable()
	for n := 1; rows.Next() && n < 100000; n++ {
		row, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return
		}
		if rows.GetRowOpts().Hidden {
			continue
		}
		for i, v := range row[:min(len(row), 200)] {
			row[i] = cellText(f, name, i+1, n, v)
		}
		if !r.addRow(table, row) {
			return
		}
	}
}

// cellText writes a raw value as a reader sees it: dates as YYYY-MM-DD, whole
// numbers with all their digits.
func cellText(f *excelize.File, sheet string, col, row int, v string) string {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return v
	}
	cell, err := excelize.CoordinatesToCellName(col, row)
	if err != nil {
		return v
	}
	if kind, err := f.GetCellType(sheet, cell); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber && kind != excelize.CellTypeFormula && kind != excelize.CellTypeDate {
		return v
	}
	if n > 0 && n < 100000 && isDateCell(f, sheet, cell) {
		if t, err := excelize.ExcelDateToTime(n, false); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	if n == math.Trunc(n) && math.Abs(n) < 1e15 && strings.ContainsAny(v, "eE.") {
		return strconv.FormatInt(int64(n), 10)
	}
	return v
}

// isDateCell reports whether a cell is shown as a date.
func isDateCell(f *excelize.File, sheet, cell string) bool {
	id, err := f.GetCellStyle(sheet, cell)
	if err != nil {
		return false
	}
	style, err := f.GetStyle(id)
	if err != nil || style == nil {
		return false
	}
	if n := style.NumFmt; n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 36 || n >= 50 && n <= 58 {
		return true
	}
	if style.CustomNumFmt == nil {
		return false
	}
	format := strings.ToLower(*style.CustomNumFmt)
	return strings.Contains(format, "yy") || strings.Contains(format, "d") && strings.Contains(format, "m")
}
