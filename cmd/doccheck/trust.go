package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/verify/chip"
)

// maxTrustFile bounds an imported file, in bytes: the directory of ICAO in LDIF has about a hundred megabytes.
const maxTrustFile = 256 << 20

type storeFlag struct {
	Store string `required:"" type:"path" help:"The folder of the trust store." placeholder:"DIR"`
}

type trustImport struct {
	storeFlag
	Files []string `arg:"" help:"Certificates, revocation lists, lists of certificates, defects and deviations; LDIF."`
}

// importAnswer is the JSON of trust import. A file of which nothing can be used stands among the rejected, by its name.
type importAnswer struct {
	chip.Imported
	refused int
}

// Run implements kong's command. A file that cannot be used does not keep the others out, and the answer is not good then.
// Certificates rejected one by one are everyday life: every state's list has some.
func (t trustImport) Run(c *call) error {
	store, err := openStore(t.Store)
	if err != nil {
		return err
	}
	var files []chip.File
	for _, file := range t.Files {
		data, err := readBounded(file, maxTrustFile)
		if err != nil {
			return err
		}
		files = append(files, chip.File{Name: file, Data: data})
	}
	results, err := store.ImportFiles(files, c.now)
	if err != nil {
		return command.CannotRun(err, "import as a user who may write there, onto a disk with room")
	}
	a := importAnswer{Imported: chip.Imported{Rejected: []chip.Rejected{}}}
	for i, one := range results {
		if one.Refused != nil {
			one.Rejected = append(one.Rejected, chip.Rejected{Reason: files[i].Name + ": " + one.Refused.Error()})
			a.refused++
		}
		a.add(one)
	}
	return c.answer(a, a.refused == 0, a.text)
}

func (a *importAnswer) add(one chip.Imported) {
	a.Imported.Imported += one.Imported
	a.Known += one.Known
	a.Signers += one.Signers
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

type trustList struct {
	storeFlag
}

// listAnswer is the JSON of trust list.
type listAnswer struct {
	Certificates []chip.Entry     `json:"certificates"`
	CRLs         []chip.CRLEntry  `json:"crls"`
	Signers      int              `json:"signers,omitempty"` // certificates of document signers
	Lists        []chip.ListEntry `json:"lists"`             // of certificates, defects and deviations
	AgeDays      int              `json:"age_days"`          // of the newest thing in the store; -1 for an empty one
}

// Run implements kong's command.
func (t trustList) Run(c *call) error {
	store, err := openStore(t.Store)
	if err != nil {
		return err
	}
	a := listAnswer{Certificates: store.List(), CRLs: store.CRLs(), Signers: store.Signers(), Lists: store.Lists(), AgeDays: -1}
	if age, known := store.Age(c.now); known {
		a.AgeDays = int(age / (24 * time.Hour))
	}
	return c.answer(a, len(a.Certificates) > 0, a.text)
}

func (a listAnswer) text(w io.Writer) {
	if a.Signers > 0 {
		defer fmt.Fprintf(w, "%d document signers, for documents that leave out their signer's certificate\n", a.Signers)
	}
	if len(a.Certificates) == 0 {
		fmt.Fprintln(w, "no certificates: fill the store with doccheck trust import")
		return
	}
	for _, e := range a.Certificates {
		fmt.Fprintf(w, "%-3s until %s  %.12s  %s\n", e.Country, e.NotAfter.Format(time.DateOnly), e.SHA256, e.Subject)
		printBelow(w, "deviates", e.Deviation)
	}
	for _, e := range a.CRLs {
		fmt.Fprintf(w, "%-3s of    %s  %.12s  %s: %d revoked\n",
			e.Country, e.ThisUpdate.Format(time.DateOnly), e.SHA256, e.Issuer, e.Revoked)
	}
	for _, e := range a.Lists {
		fmt.Fprintf(w, "%-14s %s  %.12s  %s: %d entries\n",
			e.Kind, cmp.Or(e.Signed, e.Imported).Format(time.DateOnly), e.SHA256, e.Publisher, e.Entries)
		printBelow(w, "warning", e.Warning)
		for _, deviation := range e.Deviations {
			printBelow(w, "deviates", deviation)
		}
	}
	fmt.Fprintf(w, "\n%d certificates, %d revocation lists, %d signed lists, %d days old\n",
		len(a.Certificates), len(a.CRLs), len(a.Lists), a.AgeDays)
}

// printBelow writes what there is to say of the line before, if there is anything.
func printBelow(w io.Writer, what, text string) {
	if text != "" {
		fmt.Fprintf(w, "      %-8s  %s\n", what, text)
	}
}
