package parser

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"nasdesk"
)

func withFile(name, media string, data []byte) string {
	return "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nTwo starters attached\n--b\nContent-Type: " + media + "; name=\"" + name +
		"\"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(data) + "\n--b--"
}

func sheetText(m *nasdesk.Message) string {
	var out []string
	for _, l := range m.Lines {
		if l.Part == nasdesk.InSheet {
			out = append(out, strings.Join(l.Cells, " ; "))
		}
	}
	return strings.Join(out, "\n")
}

func TestCSV(t *testing.T) {
	want := "Name ; Mobile ; Role\nAda Quill ; 07700900111 ; member"
	for name, data := range map[string]string{
		"commas":          "Name,Mobile,Role\r\nAda Quill,07700900111,member\r\n",
		"mark, zero lost": "\xef\xbb\xbfName,Mobile,Role\r\nAda Quill,7700900111,member\r\n",
		"semicolons":      "sep=;\r\nName;Mobile;Role\r\nAda Quill;07700900111;member\r\n",
		"stray quote":     "Name,Mobile,Role\nAda \"Quill,07700900111,member\n",
		"bare CR":         "Name,Mobile,Role\rAda Quill,07700900111,member\r",
		"utf-16":          "\xff\xfe" + strings.Join(strings.Split("Name\tMobile\tRole\nAda Quill\t07700900111\tmember\n", ""), "\x00") + "\x00",
		"empty rows":      "\n,,\nName,Mobile,Role,,\n\nAda Quill,07700900111,member\n",
	} {
		m := readParts(t, withFile("staff.csv", "text/csv", []byte(data)))
		got := strings.ReplaceAll(sheetText(m), "Ada \"Quill", "Ada Quill")
		if got != want {
			t.Errorf("%s: got %q, findings %v", name, got, m.Findings)
		}
	}
}

func workbook(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	date, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
	set := func(cell string, v any) {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	for i, h := range []string{"Name", "Mobile", "Starts", "Role"} {
		set(string(rune('A'+i))+"1", h)
	}
	set("A2", "Ada Quill")
	set("B2", 7700900111)
	set("C2", time.Date(2026, 4, 22, 0, 0, 0, 0, time.UTC))
	set("D2", "member")
	set("A3", "Hidden Person")
	set("A4", "Bo Reed")
	set("B4", "07700 900112")
	set("D4", "owner")
	f.SetCellStyle("Sheet1", "C2", "C4", date)
	f.SetRowVisible("Sheet1", 3, false)
	f.NewSheet("Secret")
	f.SetCellValue("Secret", "A1", "not shown")
	f.SetSheetVisible("Secret", false)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestXLSX(t *testing.T) {
	m := readParts(t, withFile("staff.xlsx", "application/octet-stream", workbook(t)))
	want := "Name ; Mobile ; Starts ; Role\nAda Quill ; 07700900111 ; 2026-04-22 ; member\nBo Reed ; 07700 900112 ;  ; owner"
	if got := sheetText(m); got != want {
		t.Errorf("got:\n%s\nwant:\n%s\nfindings %v", got, want, m.Findings)
	}
	if m.Found(nasdesk.FoundNoText) || m.Lines[len(m.Lines)-1].Table == 0 {
		t.Error("rows are not a table")
	}
}

func TestSheetLimits(t *testing.T) {
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	w, _ := z.Create("xl/worksheets/sheet1.xml")
	zeros := make([]byte, 1<<20)
	for range 40 {
		w.Write(zeros)
	}
	z.Close()
	m := readParts(t, withFile("bomb.xlsx", "application/octet-stream", bomb.Bytes()))
	if !m.Found(nasdesk.FoundOverLimit) {
		t.Errorf("a bomb of %d bytes was opened: %v", bomb.Len(), m.Findings)
	}
	m = readParts(t, withFile("long.csv", "text/csv", []byte(strings.Repeat("a,b\n", 5000))))
	if !m.Found(nasdesk.FoundOverLimit) {
		t.Error("5000 rows were taken")
	}
	m = readParts(t, withFile("junk.xlsx", "application/octet-stream", []byte("PK\x03\x04 not a workbook")))
	if !m.Found("sheet-unreadable") {
		t.Errorf("junk: %v", m.Findings)
	}
}

func TestRestoreMobile(t *testing.T) {
	for in, want := range map[string]string{"7700900111": "07700900111", "7000900111": "7000900111", "7624900111": "07624900111", "770090011": "770090011", "1632960111": "1632960111"} {
		if got := restoreMobile(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestSheetKinds(t *testing.T) {
	const book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	for part, want := range map[string]string{"x/y a.csv": "csv", "x/y a.TSV": "csv", "x/y a.xlsx": "xlsx", "x/y a.xlsm": "xlsx", "text/csv": "csv", "text/tab-separated-values": "csv", book: "xlsx", "text/csv a.txt": "", "x/y": "", "x/y a.xls": ""} {
		p := &mimePart{}
		p.media, p.name, _ = strings.Cut(part, " ")
		if got := sheetKind(p); got != want {
			t.Errorf("%s is a table of %q, want %q", part, got, want)
		}
	}
	for text, want := range map[string]rune{"a,b": ',', "a;b": ';', "a\tb": '\t', "a|b": '|', "a;b,c": ',', "a;b;c,d": ';', "a": ',', "sep=|\na": '|', "SEP=;\n": ';', "sep=\n": ',', "sep=;;\n": ';', "a\n;;;": ','} {
		if got := csvSeparator(text); got != want {
			t.Errorf("%q: separated by %q, want %q", text, got, want)
		}
	}
	for in, want := range map[string]string{"77009001a1": "77009001a1", "77009001111": "77009001111", "": "", "8700900111": "8700900111"} {
		if got := restoreMobile(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

// Rows, columns and bytes of tables are held at their borders.
func TestSheetBorders(t *testing.T) {
	csv := func(lim Limits, text string) *nasdesk.Message {
		return Read([]byte(testHead+withFile("a.csv", "text/csv", []byte(text))+"\n"), Options{Limits: lim})
	}
	for rows, over := range map[int]bool{3: false, 4: true} {
		if m := csv(Limits{SheetRows: 3}, strings.Repeat("a,b\n", rows)); m.Found(nasdesk.FoundOverLimit) != over {
			t.Errorf("%d rows of three: %v", rows, m.Findings)
		}
	}
	for n, over := range map[int]bool{10: false, 11: true} {
		if m := csv(Limits{SheetBytes: 10}, strings.Repeat("a", n)); m.Found(nasdesk.FoundOverLimit) != over {
			t.Errorf("%d bytes of ten: %v", n, m.Findings)
		}
	}
	for n, want := range map[int]int{200: 200, 201: 200} {
		m := csv(Limits{}, strings.Repeat("a,", n-1)+"a")
		if got := len(m.Lines[len(m.Lines)-1].Cells); got != want {
			t.Errorf("%d columns: %d are read", n, got)
		}
	}
	m := readParts(t, parts("mixed", "\nHi", "Content-Type: text/csv; name=a.csv\n\na,b\nc,d", "Content-Type: text/csv; name=b.csv; charset=utf-8\n\n\xe9,f"))
	var got []string
	for _, l := range m.Lines[2:] {
		got = append(got, fmt.Sprint(strings.Join(l.Cells, "|"), l.Table, l.Break))
	}
	if want := []string{"a|b1 true", "c|d1 false", "é|f2 true"}; !slices.Equal(got, want) || !m.Found("charset") {
		t.Errorf("two tables: %q, want %q; %v", got, want, m.Findings)
	}
}

// Which formats of a cell make a date of its number, and how numbers are written.
func TestCellFormats(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	row := 0
	var want []string
	cell := func(v any, style *excelize.Style, text string) {
		row++
		at := fmt.Sprint("A", row)
		if err := f.SetCellValue("Sheet1", at, v); err != nil {
			t.Fatal(err)
		}
		if style != nil {
			id, err := f.NewStyle(style)
			if err != nil {
				t.Fatal(err)
			}
			f.SetCellStyle("Sheet1", at, at, id)
		}
		want = append(want, text)
	}
	const day, date = 46134, "2026-04-22"
	for id, is := range map[int]bool{1: false, 13: false, 14: true, 17: true, 18: false, 21: false, 22: true, 23: false, 26: false, 27: true, 36: true, 37: false, 49: false, 50: true, 58: true} {
		text := "46134"
		if is {
			text = date
		}
		cell(day, &excelize.Style{NumFmt: id}, text)
	}
	for format, is := range map[string]bool{"yyyy": true, "DD MMM": true, "dd": false, "mm": false, "0.00": false} {
		text := "46134"
		if is {
			text = date
		}
		cell(day, &excelize.Style{CustomNumFmt: &format}, text)
	}
	cell(0, &excelize.Style{NumFmt: 14}, "0")
	cell(100000, &excelize.Style{NumFmt: 14}, "100000")
	cell(-1, &excelize.Style{NumFmt: 14}, "-1")
	cell(1.5, nil, "1.5")
	cell("46134", &excelize.Style{NumFmt: 14}, "46134")
	cell("1e3", nil, "1e3")
	cell("Inf", nil, "Inf")
	cell("NaN", nil, "NaN")
	cell(1e15, nil, "1000000000000000")
	cell(7700900111, nil, "07700900111")
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	m := readParts(t, withFile("a.xlsx", "application/octet-stream", b.Bytes()))
	if got := strings.Split(sheetText(m), "\n"); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A workbook's archive is measured before anybody opens it, and twenty of its
// sheets are read.
func TestWorkbookBorders(t *testing.T) {
	archive := func(files, size int) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for i := range files {
			w, err := z.Create(fmt.Sprint(i))
			if err != nil {
				t.Fatal(err)
			}
			w.Write(make([]byte, size))
		}
		z.Close()
		return b.Bytes()
	}
	for _, c := range []struct {
		files, size int
		want        bool
	}{{2, 5, true}, {2, 6, false}, {1, 11, false}, {1000, 0, true}, {1001, 0, false}} {
		r := reading{o: Options{Limits: Limits{SheetBytes: 10}}}
		if got := r.zipWithin(archive(c.files, c.size)); got != c.want || r.found.has(nasdesk.FoundOverLimit) == c.want {
			t.Errorf("%d files of %d bytes: opened %v, findings %v", c.files, c.size, got, r.found.list)
		}
	}
	f := excelize.NewFile()
	defer f.Close()
	for i := 1; i <= 21; i++ {
		name := fmt.Sprint("Sheet", i)
		f.NewSheet(name)
		f.SetCellValue(name, "A1", name)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	text := sheetText(readParts(t, withFile("a.xlsx", "x/y", b.Bytes())))
	if !strings.HasSuffix(text, "\nSheet20") {
		t.Errorf("of 21 sheets are read %q", text)
	}
	if text := sheetText(readParts(t, withFile("a.csv", "text/csv", []byte("sep=;")))); text != "sep=" {
		t.Errorf("a table that only names its separator: %q", text)
	}
}
