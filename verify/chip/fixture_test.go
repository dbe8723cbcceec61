package chip_test

import (
	"context"
	"crypto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/trust"
)

// zone is a printed zone of Utopia (ICAO Doc 9303-4, appendix B).
func zone() []string {
	return []string{
		"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
		"L898902C36UTO7408122F1204159ZE184226B<<<<<10",
	}
}

// file is a data object with a tag of one byte, or two below 5F and 7F, and a value of less than 128 bytes.
func file(tag string, value string) string { return tag + string(rune(len(value))) + value }

// passport is a document of Utopia as the tests build it: change it, then take its evidence.
type passport struct {
	csca, dsc *pkitest.Party
	lines     []string
	groups    map[int][]byte
	message   pkitest.Message
}

// newPassport is a good one, signed in 2025.
func newPassport(t testing.TB) *passport {
	t.Helper()
	p := &passport{lines: zone()}
	p.csca = pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true})
	p.dsc = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
	p.groups = map[int][]byte{
		1: []byte(file("\x61", file("\x5F\x1F", strings.Join(p.lines, "")))),
		2: []byte(file("\x75", "a portrait")),
	}
	p.message = pkitest.Message{Signer: p.dsc, SigningTime: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)}
	p.seal(t)
	return p
}

// seal makes the security object over the data groups as they are.
func (p *passport) seal(t testing.TB) {
	p.message.Content = pkitest.SecurityObject(t, crypto.SHA256, p.groups, "0108")
}

// evidence is the document, read.
func (p *passport) evidence(t testing.TB) verify.Evidence {
	return verify.Evidence{
		MRZ: zone(), Chip: verify.ChipRead, Day: pkitest.Day,
		Files: map[string][]byte{
			"EF.COM": []byte(file("\x60", "\x5F\x01\x040108\x5F\x36\x06040000\x5C\x02\x61\x75")),
			"EF.SOD": pkitest.SOD(t, p.message),
			"DG1":    p.groups[1],
			"DG2":    p.groups[2],
		},
	}
}

// examine gives the checks by id.
func examine(store *trust.Store, ev verify.Evidence) map[string]verify.Check {
	checks := map[string]verify.Check{}
	for _, c := range (chip.Examiner{Trust: store}).Examine(context.Background(), ev) {
		checks[c.ID] = c
	}
	return checks
}

// results are the words of the checks by id.
func results(checks map[string]verify.Check) map[string]verify.Result {
	words := map[string]verify.Result{}
	for id, c := range checks {
		words[id] = c.Result
	}
	return words
}

// under is the passport with a signer that another CSCA issued.
func (p *passport) under(t *testing.T, csca *pkitest.Party) *passport {
	t.Helper()
	other := *p
	other.csca, other.dsc = csca, pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
	other.message.Signer = other.dsc
	return &other
}

// tells says whether a check tells of a deviation.
func tells(c verify.Check, d pki.Deviation) bool {
	return slices.ContainsFunc(c.Reasons, func(r verify.Reason) bool { return r.Code == verify.Deviation(d).Code })
}
