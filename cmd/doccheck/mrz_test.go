package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

const passportText = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\n"

// parseText is what mrz parse answers to a text, in JSON, and its exit status.
func parseText(t *testing.T, text string, args ...string) (a mrzAnswer, status int) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(t.Context(), append([]string{"mrz", "parse", "--json", "--at", "2026-11-29"}, args...), strings.NewReader(text), &out, &errs)
	if !utf8.Valid(out.Bytes()) {
		t.Errorf("the answer is not UTF-8: %q", out.String())
	}
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		t.Fatalf("%v: %q %q", err, out.String(), errs.String())
	}
	return a, status
}

func TestAByteOrderMarkBeforeTheTextDoesNoHarm(t *testing.T) {
	for name, encoded := range map[string]string{
		"UTF-8":                "\ufeff" + passportText,
		"UTF-16":               utf16(t, unicode.LittleEndian, passportText),
		"UTF-16 of big endian": utf16(t, unicode.BigEndian, passportText),
		"lines of Windows":     "\ufeff" + strings.ReplaceAll(passportText, "\n", "\r\n"),
	} {
		if a, status := parseText(t, encoded); status != 0 || !a.Valid || a.Fields.DocumentCode != "P" {
			t.Errorf("%s: exit status %d, %+v", name, status, a)
		}
	}
}

func utf16(t *testing.T, order unicode.Endianness, text string) string {
	t.Helper()
	out, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestALetterThatAZoneDoesNotHaveIsAFaultInItsPlaceInAnyEncoding(t *testing.T) {
	for name, letter := range map[string]string{"UTF-8": "Ü", "Windows-1252": "\xdc"} {
		a, status := parseText(t, strings.Replace(passportText, "ERIKSSON", "ERIKSS"+letter+"N", 1))
		if status != 1 || len(a.Errors) != 1 || a.Errors[0].Column != 12 || a.Errors[0].Found != "Ü" || a.Fields.Surname != "ERIKSSÜN" {
			t.Errorf("%s: exit status %d, %+v %+v", name, status, a.Fields, a.Errors)
		}
	}
}

func TestAFileWhoseNameIsNotUTF8IsRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "zone-\xe9\xff.txt")
	if err := os.WriteFile(file, []byte(passportText), 0o600); err != nil {
		t.Skip("the file system takes no such name: ", err)
	}
	if a, status := parseText(t, "", file); status != 0 || !a.Valid {
		t.Errorf("exit status %d, %+v", status, a)
	}
	var out, errs bytes.Buffer
	if status := run(t.Context(), []string{"mrz", "parse", file + "\xff"}, nil, &out, &errs); status != 2 || !utf8.Valid(errs.Bytes()) {
		t.Errorf("exit status %d, %q", status, errs.String())
	}
}

func TestATextThatAReaderTypedOnTheGermanKeyboardIsReadAndToldAsThat(t *testing.T) {
	typed := strings.NewReplacer("<", ";", "Y", "Z", "Z", "Y").Replace(passportText)
	a, status := parseText(t, typed)
	if status != 0 || !a.Valid || a.Keyboard != "German" || a.Fields.OptionalData != "ZE184226B" || strings.Join(a.Lines, "\n")+"\n" != passportText {
		t.Errorf("exit status %d, %+v", status, a)
	}
	var out, errs bytes.Buffer
	if status := run(t.Context(), []string{"mrz", "parse"}, strings.NewReader(typed), &out, &errs); status != 0 ||
		!strings.Contains(out.String(), "set to German") || !strings.Contains(out.String(), "P<UTOERIKSSON<<ANNA") {
		t.Errorf("exit status %d, %q", status, out.String())
	}
}

func TestWhatIssuersPrintOtherwiseIsTold(t *testing.T) {
	for name, c := range map[string]struct{ text, id, taken string }{
		"validity without end": {"IDESPBAA0005895<<<<<<<<<<<<<<<\n4001014F9901014ESP<<<<<<<<<<<8\nESPANOLA<<CARMEN<<<<<<<<<<<<<<\n", "expiry_date", "validity without end"},
		"an unknown birthday":  {"PMCHEMUSTER<<VERENA<<<<<<<<<<<<<<<<<<<<<<<<<\nX000000001CHE6800006F3404159<<<<<<<<<<<<<<<8\n", "birth_date", "an unknown month and day"},
		"a code of one issuer": {"MED<<MANNSENS<<MANNY<<<<<<<<<<<<<<<<\n6525845096USA7008038M2201018<<<<<<06\n", "document_code", "Proof of arrival"},
		"a code of a State":    {"ARD<<MUSTER<<VERENA<<<<<<<<<<<<<<<<<\n6525845096XXK7008038M2201018<<<<<<06\n", "nationality", "Kosovo"},
	} {
		a, _ := parseText(t, c.text)
		if len(a.Deviations) != 1 || a.Deviations[0].ID != c.id || a.Deviations[0].Taken != c.taken || len(a.Errors) > 0 {
			t.Errorf("%s: %+v %+v", name, a.Deviations, a.Errors)
		}
		var out, errs bytes.Buffer
		run(t.Context(), []string{"mrz", "parse"}, strings.NewReader(c.text), &out, &errs)
		if !strings.Contains(out.String(), "deviation: line ") || !strings.Contains(out.String(), c.taken) {
			t.Errorf("%s: %s", name, out.String())
		}
	}
}

func TestWhatAReaderSendsAroundAZoneIsNoneOfIt(t *testing.T) {
	want := []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F3404159ZE184226B<<<<<10"}
	lines, err := readLines(strings.NewReader("\x02"+want[0]+"\r"+want[1]+"\r\x03\x00"), "-")
	if err != nil || !slices.Equal(lines, want) {
		t.Errorf("%q, %v", lines, err)
	}
}

func TestAZoneAsProgramsPassItOnIsReadAndToldAsThat(t *testing.T) {
	one := strings.ReplaceAll(passportText, "\n", "")
	for name, text := range map[string]string{
		"HTML": strings.ReplaceAll(passportText, "<", "&lt;"), "lines in one": one, "both": strings.ReplaceAll(one, "<", "&#60;"),
		"both, typed on a German keyboard": strings.NewReplacer("<", ";", "Z", "Y").Replace(one),
	} {
		a, status := parseText(t, text)
		if status != 0 || !a.Valid || a.Fields.Surname != "ERIKSSON" || len(a.Deviations) == 0 || a.Deviations[0].ID != "text" || len(a.Lines) != 2 {
			t.Errorf("%s: exit status %d, %+v", name, status, a)
		}
		var out, errs bytes.Buffer
		run(t.Context(), []string{"mrz", "parse"}, strings.NewReader(text), &out, &errs)
		if !strings.Contains(out.String(), "deviation: ") || !strings.Contains(out.String(), "    P<UTOERIKSSON<<ANNA") {
			t.Errorf("%s: %s", name, out.String())
		}
	}
}

func TestAZoneInOneLineWithAWrongDigitIsReadWithItsFault(t *testing.T) {
	text := strings.ReplaceAll(strings.Replace(passportText, "L898902C36", "L898902C37", 1), "\n", "")
	if a, status := parseText(t, text); status != 1 || a.Format != "TD3" || a.Results.DocumentNumber != "failed" || len(a.Deviations) != 1 {
		t.Errorf("exit status %d, %+v", status, a)
	}
}

func TestAFaultyZoneThatWasTypedSaysWhatItLooksLike(t *testing.T) {
	text := strings.NewReplacer("<", "Б", "P", "З", "U", "Г").Replace("P<UTO\n")
	if a, status := parseText(t, text); status != 1 || a.Format != "" || a.LooksLike != "" {
		t.Errorf("no zone's shape: exit status %d, %+v", status, a)
	}
	text = strings.NewReplacer("<", ";", "Z", "Y", "L898902C36", "L898902C37").Replace(passportText)
	a, status := parseText(t, text)
	if status != 1 || !strings.Contains(a.LooksLike, "set to German") {
		t.Errorf("exit status %d, %+v", status, a)
	}
	var out, errs bytes.Buffer
	run(t.Context(), []string{"mrz", "parse"}, strings.NewReader(text), &out, &errs)
	if !strings.Contains(out.String(), "it looks like an MRZ typed on a keyboard that is set to German") {
		t.Error(out.String())
	}
}

func TestALetterOfAnotherScriptIsNamedAsItself(t *testing.T) {
	for _, letter := range []string{"О", "Ο", "漢", "€"} {
		a, status := parseText(t, strings.Replace(passportText, "ERIKSSON", "ERIKSS"+letter+"N", 1))
		if status != 1 || len(a.Errors) != 1 || a.Errors[0].Found != letter || a.Fields.Surname != "ERIKSS"+letter+"N" {
			t.Errorf("%s: exit status %d, %+v %+v", letter, status, a.Fields, a.Errors)
		}
	}
}

// TestACodeThatNoStateHasIsToldToPeople as it is in the JSON, and so are the other fields of which something cannot be told.
func TestACodeThatNoStateHasIsToldToPeople(t *testing.T) {
	for name, c := range map[string]struct{ old, now, want string }{
		"issuing state":    {"P<UTO", "P<ZZZ", `undetermined   field: issuing state, "ZZZ" is no code`},
		"nationality":      {"6UTO", "6GER", `undetermined   field: nationality, "GER" is no code`},
		"none":             {"6UTO", "6<<<", "undetermined   field: nationality, no code stands there"},
		"a wrong digit":    {"L898902C36", "L898902C37", "failed         field: number\n"},
		"a State's":        {"6UTO", "6CHE", ""},
		"another writing":  {"6UTO", "6DEU", ""},
		"as it is printed": {"", "", ""},
	} {
		var out, errs bytes.Buffer
		run(t.Context(), []string{"mrz", "parse", "--at", "2026-11-29"}, strings.NewReader(strings.Replace(passportText, c.old, c.now, 1)), &out, &errs)
		if c.want == "" && strings.Contains(out.String(), "field:") || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: %s", name, out.String())
		}
	}
}
