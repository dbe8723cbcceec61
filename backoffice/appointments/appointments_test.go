package appointments_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/foyer-station/foyer/backoffice/appointments"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func options(t testing.TB) appointments.Options {
	return appointments.Options{Day: time.Date(2026, 3, 2, 0, 0, 0, 0, berlin(t))}
}

func at(t testing.TB, hour, minute int) time.Time {
	return time.Date(2026, 3, 2, hour, minute, 0, 0, berlin(t))
}

func read(t *testing.T, file []byte) ([]appointments.Appointment, []appointments.Fault) {
	t.Helper()
	all, faults, err := appointments.Read(bytes.NewReader(file), options(t))
	if err != nil {
		t.Fatal(err)
	}
	return all, faults
}

const table = `Terminübersicht Bürgeramt;;;;
;;;;
Uhrzeit;Nr.;Name;Telefon;Dienstleistung
09:30;120 045;"Müller; Jörg";0151 234;Aufenthaltstitel
08:15;120 044;Олена Коваленко;;Karte abholen
`

func ofTable(t *testing.T) []appointments.Appointment {
	return []appointments.Appointment{
		{Number: "120 044", Start: at(t, 8, 15), Service: "Karte abholen", Name: "Олена Коваленко"},
		{Number: "120 045", Start: at(t, 9, 30), Service: "Aufenthaltstitel", Name: "Müller; Jörg"},
	}
}

func TestATableIsReadInEveryEncodingThatOccurs(t *testing.T) {
	for name, e := range map[string]encoding.Encoding{
		"UTF-8": encoding.Nop, "UTF-8 with a mark": unicode.UTF8BOM,
		"UTF-16 with a mark":            unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"UTF-16, the other way round":   unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
		"UTF-16 without a mark":         unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		"UTF-16 without, the other way": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	} {
		t.Run(name, func(t *testing.T) {
			file, err := e.NewEncoder().Bytes([]byte(table))
			if err != nil {
				t.Fatal(err)
			}
			all, faults := read(t, file)
			if diff := cmp.Diff(ofTable(t), all); diff != "" || len(faults) > 0 {
				t.Errorf("faults %v\n%s", faults, diff)
			}
		})
	}
	t.Run("Windows-1252", func(t *testing.T) {
		latin := strings.Replace(table, "Олена Коваленко", "Zoë Weiß", 1)
		file, err := charmap.Windows1252.NewEncoder().Bytes([]byte(latin))
		if err != nil {
			t.Fatal(err)
		}
		if all, _ := read(t, file); len(all) != 2 || all[0].Name != "Zoë Weiß" || all[1].Name != "Müller; Jörg" {
			t.Errorf("read %v", all)
		}
	})
}

func TestTheSeparatorIsFoundOutsideQuotes(t *testing.T) {
	for _, separator := range []string{";", ",", "\t", "|"} {
		file := strings.NewReplacer("|", separator).Replace("Date|Time|Surname|Given names|Date of birth\n2026-03-02|10:00|\"Ng;;;;,,,,||||\"|Anh|1990-04-05\n")
		all, faults := read(t, []byte(file))
		if len(all) != 1 || all[0].BirthDate != "1990-04-05" || !strings.HasSuffix(all[0].Name, " Anh") {
			if separator == "\t" && len(faults) == 1 { // a tab in a name is refused
				continue
			}
			t.Errorf("%q: %v, %v", separator, all, faults)
		}
	}
}

func TestDaysAndTimesAreReadAsPeopleWriteThem(t *testing.T) {
	for written, want := range map[string]time.Time{
		"02.03.2026;9.30": at(t, 9, 30), "2.3.26;9:30 Uhr": at(t, 9, 30), "2026-03-02;09:30:00": at(t, 9, 30), ";2026-03-02T09:30": at(t, 9, 30),
		";02.03.2026 09:30": at(t, 9, 30), "02/03/2026;0930": at(t, 9, 30), "2026-03-02 00:00:00;9h": at(t, 9, 0),
	} {
		all, faults := read(t, []byte("Datum;Uhrzeit;Name\n"+written+";Ng\n"))
		if len(all) != 1 || !all[0].Start.Equal(want) {
			t.Errorf("%s: %v, %v", written, all, faults)
		}
	}
}

func TestTheHourThatADayLacksOrHasTwiceIsStillATime(t *testing.T) {
	all, faults := read(t, []byte("Datum;Uhrzeit;Name\n29.03.2026;02:30;Ng\n25.10.2026;02:30;Ng\n"))
	if len(all) != 2 || len(faults) != 0 {
		t.Errorf("read %v, %v", all, faults)
	}
}

func TestARowThatIsWrongIsToldByItsLineAndTakesNoOtherWithIt(t *testing.T) {
	file := "Uhrzeit;Nr;Name;Geburtsdatum\n" +
		"halb zehn;1;Ng;\n" + // 2
		"09:00;;;\n" + // 3
		"09:00;2;\"Ng\nAnh\";\n" + // 4, of two lines, and not printable
		"09:00;3;" + strings.Repeat("x", 201) + ";\n" + // 6
		"09:00;4;Ng;gestern\n" + // 7
		"25:00;5;Ng;\n" + // 8
		"\n;;;\n" +
		"10:00;6;Ng;5.4.1990\n"
	all, faults := read(t, []byte(file))
	if len(all) != 1 || all[0].Number != "6" || all[0].BirthDate != "1990-04-05" {
		t.Errorf("read %v", all)
	}
	want := []appointments.Fault{{2, appointments.NoTime}, {3, appointments.NoOne}, {4, appointments.TooLong}, {6, appointments.TooLong}, {7, appointments.OddBirth}, {8, appointments.NoTime}}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Error(diff)
	}
}

// workbook is one as ZMS writes it: titles, then a heading, and the day in none of its cells.
func workbook(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	for i, row := range rows {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAWorkbookOfZMSIsReadByItsHeadings(t *testing.T) {
	file := workbook(t, []any{"Termine Standort Mitte"}, []any{},
		[]any{"Uhrzeit/Ankunftszeit", "Nr.", "Name", "Telefon", "Email", "Dienstleistung", "Anmerkungen"},
		[]any{"09:30", 120045, "Jörg Müller", "0151", "j@example.org", "Aufenthaltstitel", "kommt später"},
		[]any{"kaputt", 120046, "Anh Ng"})
	all, faults := read(t, file)
	want := []appointments.Appointment{{Number: "120045", Start: at(t, 9, 30), Service: "Aufenthaltstitel", Name: "Jörg Müller"}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]appointments.Fault{{5, appointments.NoTime}}, faults); diff != "" {
		t.Error(diff)
	}
}

const calendar = "\xef\xbb\xbfBEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y\r\n" +
	"BEGIN:VEVENT\r\nUID:a-1\r\nDTSTAMP:20260301T000000Z\r\nDTSTART;TZID=W. Europe Standard Time:20260302T093000\r\nSUMMARY:Termin\r\n" +
	"ATTENDEE;CN=\"Jörg Müller\":mailto:j@example.org\r\nCATEGORIES:Aufenthalt,Anderes\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:a-2\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:20260302T071500Z\r\nSUMMARY:Anh Ng\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:a-3\r\nDTSTAMP:20260301T000000Z\r\nDTSTART;TZID=Middle-earth:20260302T071500\r\nSUMMARY:Frodo\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:a-4\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:20260302T071500Z\r\nSTATUS:CANCELLED\r\nSUMMARY:Gone\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:a-5\r\nDTSTAMP:20260301T000000Z\r\nDTSTART;TZID=Europe/Berlin:20260301T120000\r\nRRULE:FREQ=DAILY;COUNT=3\r\nEXDATE;TZID=Europe/Berlin:20260301T120000\r\nSUMMARY:Sprechstunde\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:a-6\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:20260301T120000Z\r\nRRULE:FREQ=SECONDLY\r\nSUMMARY:Bomb\r\nEND:VEVENT\r\n" +
	"END:VCALENDAR\r\n"

func TestACalendarIsReadWithOutlooksZonesAndWhatRepeats(t *testing.T) {
	all, faults := read(t, []byte(calendar))
	noon := at(t, 12, 0)
	want := []appointments.Appointment{
		{Number: "a-2", Start: at(t, 8, 15), Name: "Anh Ng"},
		{Number: "a-1", Start: at(t, 9, 30), Service: "Aufenthalt", Name: "Jörg Müller"},
		{Number: "a-5", Start: noon, Name: "Sprechstunde"},
		{Number: "a-5", Start: noon.AddDate(0, 0, 1), Name: "Sprechstunde"},
	}
	if diff := cmp.Diff(want, all, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]appointments.Fault{{3, appointments.OddZone}, {6, appointments.OddRepeats}}, faults); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNoListOfAppointmentsIsRefusedAsAWhole(t *testing.T) {
	manyRows := "Uhrzeit;Name\n" + strings.Repeat("09:00;Ng\n", appointments.MaxRows+1)
	for name, c := range map[string]struct {
		file string
		want error
	}{
		"nothing":             {"", appointments.ErrNoColumns},
		"a letter":            {"Dear office,\nplease find attached\n", appointments.ErrNoColumns},
		"columns of no times": {"Nr;Name\n1;Ng\n", appointments.ErrNoColumns},
		"a picture":           {"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00", appointments.ErrUnknown},
		"a broken workbook":   {"PK\x03\x04 and no more", appointments.ErrUnknown},
		"half a calendar":     {"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", appointments.ErrUnknown},
		"too many rows":       {manyRows, appointments.ErrTooLarge},
		"too many bytes":      {strings.Repeat(" ", appointments.MaxFile+1), appointments.ErrTooLarge},
		"a full disk's end":   {table[:len(table)/2] + "\x00\x00\x00", appointments.ErrUnknown},
	} {
		if all, _, err := appointments.Read(strings.NewReader(c.file), options(t)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v", name, all, err)
		}
	}
}

func TestAWorkbookThatUnpacksToGigabytesIsRefused(t *testing.T) {
	row := []any{"09:30", 1, strings.Repeat("x", 30_000)}
	var rows [][]any
	for range 3000 {
		rows = append(rows, row)
	}
	file := workbook(t, rows...)
	if len(file) > appointments.MaxFile {
		t.Skipf("the bomb itself has %d bytes", len(file))
	}
	if _, _, err := appointments.Read(bytes.NewReader(file), options(t)); err == nil {
		t.Error("it was read")
	}
}

func book(t *testing.T) appointments.Book {
	return appointments.Book{
		{Number: "120 045", Start: at(t, 9, 0), Name: "Müller, Jörg", BirthDate: "1990-04-05"},
		{Number: "120 046", Start: at(t, 11, 0), Name: "Jörg Müller", BirthDate: "1990-04-05"},
		{Number: "120 047", Start: at(t, 9, 0), Name: "Jörg Müller", BirthDate: "1961-01-01"},
		{Number: "120 048", Start: at(t, 9, 0), Name: "Олена Коваленко"},
		{Number: "120 049", Start: at(t, 9, 0), Name: "Anh Ng"},
		{Number: "120 050", Start: at(t, 9, 0), Name: "Anh Ng"},
		{Number: "120 050x", Start: at(t, 9, 0), Name: "Smith"},
		{Number: "120-050 X", Start: at(t, 10, 0), Name: "Smith"},
	}
}

func TestAnAppointmentIsFoundByItsNumberHoweverItIsWritten(t *testing.T) {
	for written, want := range map[string]string{"120045": "120 045", " 120-045 ": "120 045", "120050X": "", "": "", "  ": "", "999": "", "120": ""} {
		got, ok := book(t).ByNumber(written)
		if ok != (want != "") || got.Number != want {
			t.Errorf("%q: %v, %v", written, got, ok)
		}
	}
}

func TestAnAppointmentIsFoundByTheNameInTheMRZAndTheDateOfBirth(t *testing.T) {
	for name, c := range map[string]struct {
		person appointments.Person
		hour   int
		want   string
	}{
		"in the morning":                {appointments.Person{Surname: "MUELLER", GivenNames: "JOERG MARIA", BirthDate: "1990-04-05"}, 8, "120 045"},
		"at noon":                       {appointments.Person{Surname: "MUELLER", GivenNames: "JOERG MARIA", BirthDate: "1990-04-05"}, 12, "120 046"},
		"of the other birth":            {appointments.Person{Surname: "MUELLER", GivenNames: "JOERG", BirthDate: "1961-01-01"}, 12, "120 047"},
		"of another birth":              {appointments.Person{Surname: "MUELLER", GivenNames: "JOERG", BirthDate: "1990-04-06"}, 8, ""},
		"in Cyrillic letters":           {appointments.Person{Surname: "KOVALENKO", GivenNames: "OLENA", BirthDate: "1990-04-05"}, 8, "120 048"},
		"a sister":                      {appointments.Person{Surname: "KOVALENKO", GivenNames: "IRYNA", BirthDate: "1990-04-05"}, 8, ""},
		"two of one name":               {appointments.Person{Surname: "NG", GivenNames: "ANH", BirthDate: "1990-04-05"}, 8, ""},
		"the family name alone matches": {appointments.Person{Surname: "SMITH", GivenNames: "JOHN", BirthDate: "1990-04-05"}, 8, ""},
		"a name that is part of it":     {appointments.Person{Surname: "MUELLER SCHMIDT", GivenNames: "JOERG", BirthDate: "1990-04-05"}, 8, ""},
		"nobody":                        {appointments.Person{}, 8, ""},
	} {
		got, ok := book(t).ByPerson(c.person, at(t, c.hour, 0))
		if ok != (c.want != "") || got.Number != c.want {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(table))
	f.Add([]byte(calendar))
	f.Add(workbook(f, []any{"Uhrzeit", "Name"}, []any{"09:30", "Ng"}))
	f.Fuzz(func(t *testing.T, file []byte) {
		all, faults, err := appointments.Read(bytes.NewReader(file), options(t))
		if err != nil && (len(all) > 0 || len(faults) > 0) {
			t.Errorf("%v beside what was read", err)
		}
		for _, a := range all {
			if a.Start.IsZero() || a.Number == "" && a.Name == "" {
				t.Errorf("read %+v", a)
			}
		}
	})
}
