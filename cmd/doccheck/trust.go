package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/verify/trust"
)

// maxTrustFile bounds an imported file, in bytes: the directory of ICAO in LDIF has about a hundred megabytes.
const maxTrustFile = 256 << 20

type storeFlag struct {
	Store string `required:"" type:"path" help:"The folder of the trust store." placeholder:"DIR"`
}

type trustImport struct {
	storeFlag
	TrustPublisher []string `help:"Vouch for a publisher of lists by the SHA-256 fingerprint, in hexadecimal, of the CSCA that issued the signer of its lists, which becomes an anchor, or of the signer, for that list. A list of defects of a publisher who is named speaks of other States' documents too. Compare it with the publisher's own page first. May be repeated." placeholder:"FINGERPRINT"`
	Again          bool     `help:"Take back what trust remove has removed."`
	Files          []string `arg:"" help:"Certificates, which you vouch for by naming their files; revocation lists; master lists; lists of defects and deviations; LDIF."`
}

// importAnswer is the JSON of trust import. A file of which nothing can be used stands among the rejected, by its name.
type importAnswer struct {
	trust.Imported
	useless int // files of which nothing was taken
}

// Run implements kong's command. A file of which nothing can be used does not keep the others out, and the answer is not good then; nor
// is it where nobody vouches for something. Certificates rejected one by one are everyday life: every state's list has some.
func (t trustImport) Run(c *call) error {
	terms := trust.Terms{Now: c.now, Day: c.day, Again: t.Again}
	for _, text := range t.TrustPublisher {
		id, err := readFingerprint(text)
		if err != nil {
			return err
		}
		terms.Publishers = append(terms.Publishers, id)
	}
	store, err := openStore(t.Store)
	if err != nil {
		return err
	}
	var files []trust.ImportFile
	for _, file := range t.Files {
		data, err := readBounded(file, maxTrustFile)
		if err != nil {
			return err
		}
		files = append(files, trust.ImportFile{Name: file, Data: data})
	}
	results, err := store.ImportFiles(files, terms)
	if err != nil {
		return command.CannotRun(err, "import as a user who may write there, onto a disk with room")
	}
	a := importAnswer{Imported: trust.Imported{Rejected: []trust.Rejected{}}}
	for i, one := range results {
		if one.Refused != nil {
			one.Rejected = append(one.Rejected, trust.Rejected{Reason: files[i].Name + ": " + one.Refused.Error()})
		}
		if len(one.Rejected) > 0 && one.Imported+one.Known+one.Signers == 0 {
			a.useless++
		}
		for i := range one.Deviations {
			one.Deviations[i].Reason = c.deviation(one.Deviations[i].Reason)
		}
		a.add(one)
	}
	return c.answer(a, a.useless == 0 && a.Unvouched == 0, a.text)
}

// readFingerprint reads a SHA-256 as people copy it: in either case, with colons or white space.
func readFingerprint(text string) (string, error) {
	id := strings.ToLower(strings.Map(func(r rune) rune {
		if r == ':' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text))
	if digits, err := hex.DecodeString(id); err != nil || len(digits) != sha256.Size {
		return "", command.WrongCall(fmt.Errorf("--trust-publisher is no SHA-256 fingerprint: %q", text), "give its 64 hexadecimal digits; SHA-1, which has 40, is not taken")
	}
	return id, nil
}

func (a *importAnswer) add(one trust.Imported) {
	a.Imported.Imported += one.Imported
	a.Known += one.Known
	a.Signers += one.Signers
	a.Unvouched += one.Unvouched
	a.Rejected = append(a.Rejected, one.Rejected...)
	a.Deviations = append(a.Deviations, one.Deviations...)
	if !strings.Contains(a.Warning, one.Warning) {
		a.Warning = strings.TrimPrefix(a.Warning+"; "+one.Warning, "; ")
	}
}

// text counts the rejected and the deviations by reason: a state's list can have hundreds with the same.
func (a importAnswer) text(w io.Writer) {
	fmt.Fprintf(w, "%d imported, %d known already, %d rejected\n", a.Imported.Imported, a.Known, len(a.Rejected))
	if a.Signers > 0 {
		fmt.Fprintf(w, "  kept     %4d  document signers, for documents that leave out their signer's certificate\n", a.Signers)
	}
	rejected, deviations := map[string]int{}, map[string]int{}
	for _, r := range a.Rejected {
		rejected[r.Reason]++
	}
	for _, t := range a.Deviations {
		deviations[t.Reason]++
	}
	printCounts(w, "rejected ", rejected)
	printCounts(w, "deviates", deviations)
	if a.Warning != "" {
		fmt.Fprintf(w, "  warning        %s\n", a.Warning)
	}
	if len(a.Rejected)+len(a.Deviations) > 0 {
		fmt.Fprintln(w, "\nwith --json each of them is named")
	}
}

// printCounts writes how many there are for each reason.
func printCounts(w io.Writer, what string, reasons map[string]int) {
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Fprintf(w, "  %s %3d  %s\n", what, reasons[reason], reason)
	}
}
