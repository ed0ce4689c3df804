package parser

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
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
