package chip_test

import (
	"bytes"
	"encoding/asn1"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	emulated "github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

// TestNoReasonIsLongerThanPeopleRead has documents that state object identifiers and names of any length: all reasons of one
// go into one record.
func TestNoReasonIsLongerThanPeopleRead(t *testing.T) {
	long := slices.Concat(asn1.ObjectIdentifier{1, 2}, make(asn1.ObjectIdentifier, 50_000))
	identifier, err := asn1.Marshal([]asn1.ObjectIdentifier{long})
	if err != nil {
		t.Fatal(err)
	}
	unknownKey, err := asn1.Marshal(struct {
		Protocol asn1.ObjectIdentifier
		Key      struct {
			Algorithm struct{ ID asn1.ObjectIdentifier }
			Key       asn1.BitString
		}
	}{Protocol: asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 2, 2, 1, 2}, Key: struct {
		Algorithm struct{ ID asn1.ObjectIdentifier }
		Key       asn1.BitString
	}{Algorithm: struct{ ID asn1.ObjectIdentifier }{long}, Key: asn1.BitString{Bytes: []byte{4}, BitLength: 8}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*passport){
		"digest":    func(p *passport) { p.message.DigestAlgorithm, p.message.DigestOf = identifier, []byte("x") },
		"signature": func(p *passport) { p.message.SignatureAlgorithm = identifier },
		"type":      func(p *passport) { p.message.Type = long },
		"signer": func(p *passport) {
			p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: strings.Repeat("Ä", 1500), Country: "UT"})
		},
		"a name that turns what follows, and clears a terminal": func(p *passport) {
			stranger := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA \u202e\u2066\x1b[2J\x00\r\n passed", Country: "U\u202e", CA: true})
			p.message.Signer = pkitest.Issue(t, stranger, pkitest.Template{CommonName: "DS \u2067\x07", Country: "\u202eT"})
		},
		"unusable keys": func(p *passport) {
			p.groups[14] = emulated.EncodeDG14(slices.Repeat([][]byte{unknownKey}, 60)...)
			p.seal(t)
		},
	} {
		p := newPassport(t)
		change(p)
		ev := p.answered(t, emrtd.Proofs{})
		ev.Files["EF.CardSecurity"] = pkitest.Message{Type: long, Content: []byte{0x31, 0}, Signer: p.dsc}.Encode(t)
		for id, check := range examine(trusttest.New(t, p.csca), ev) {
			said := wordingtest.English(t, check)
			n := utf8.RuneCountInString(said)
			if n > 2000 || !utf8.ValidString(said) || strings.ContainsFunc(said, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%s, %s: %d characters: %.300q", name, id, n, said)
			}
		}
	}
}

// TestWhateverIsWrittenIntoAChipItsReasonsCanBeReadAndItStaysAForgery writes anything over any part of a document of which DG1
// was exchanged.
func TestWhateverIsWrittenIntoAChipItsReasonsCanBeReadAndItStaysAForgery(t *testing.T) {
	p := newPassport(t)
	store := trusttest.New(t, p.csca)
	policy, err := verify.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	genuine := p.answered(t, emrtd.Proofs{})
	rapid.Check(t, func(t *rapid.T) {
		ev := genuine
		ev.Files = maps.Clone(genuine.Files)
		ev.Files["DG1"] = bytes.Replace(ev.Files["DG1"], []byte("ERIKSSON"), []byte("FORGERYX"), 1)
		for range rapid.IntRange(0, 4).Draw(t, "times") {
			name := rapid.SampledFrom(slices.Sorted(maps.Keys(ev.Files))).Draw(t, "file")
			file := ev.Files[name]
			from := rapid.IntRange(0, len(file)).Draw(t, "from")
			to := rapid.IntRange(from, min(len(file), from+8)).Draw(t, "to")
			written := rapid.OneOf(rapid.Just([]byte("\xe2\x80\xae\x00\x1b")), rapid.SliceOfN(rapid.Byte(), 0, 64)).Draw(t, "written")
			ev.Files[name] = slices.Concat(file[:from], written, file[to:])
		}
		for _, note := range rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "notes") {
			ev.ChipNotes = append(slices.Clone(ev.ChipNotes), emrtd.Note{Code: emrtd.NoteWarning, Text: note + "\xff"})
		}
		var checks []verify.Check
		for _, check := range examine(store, ev) {
			checks = append(checks, check)
			if said := wordingtest.English(t, check); said != verify.Quote(said, 2000) {
				t.Errorf("%s: %q", check.ID, said)
			}
		}
		if v := policy.Only("chip.", "cross.dg1").Judge(checks, verify.Valid).Verdict; v == verify.Genuine {
			t.Errorf("the verdict is %s", v)
		}
	})
}
