package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/verify/trust"
)

type trustList struct {
	storeFlag
}

// listAnswer is the JSON of trust list.
type listAnswer struct {
	Certificates []trust.Entry     `json:"certificates"`
	CRLs         []trust.CRLEntry  `json:"crls"`
	Signers      int               `json:"signers,omitempty"` // certificates of document signers
	Lists        []trust.ListEntry `json:"lists"`             // master lists, lists of defects and of deviations
	AgeDays      int               `json:"age_days"`          // of the newest thing in the store that counts; -1 where nothing does
}

// Run implements kong's command.
func (t trustList) Run(c *call) error {
	store, err := openStore(t.Store)
	if err != nil {
		return err
	}
	a := listAnswer{Certificates: store.List(), CRLs: store.CRLs(), Signers: store.Signers(), Lists: store.Lists(), AgeDays: -1}
	for i := range a.Certificates {
		a.Certificates[i].Deviation = c.deviation(a.Certificates[i].Deviation)
	}
	for i, list := range a.Lists {
		a.Lists[i].Deviations = nil
		for _, told := range list.Deviations {
			a.Lists[i].Deviations = append(a.Lists[i].Deviations, c.deviation(told))
		}
	}
	if age, known := store.Age(c.now); known {
		a.AgeDays = int(age / (24 * time.Hour))
	}
	counts := slices.ContainsFunc(a.Certificates, func(e trust.Entry) bool { return e.Distrusted == "" })
	return c.answer(a, counts && !slices.ContainsFunc(a.Lists, trust.ListEntry.Unvouched), a.text)
}

func (a listAnswer) text(w io.Writer) {
	if a.Signers > 0 {
		defer fmt.Fprintf(w, "%d document signers, for documents that leave out their signer's certificate\n", a.Signers)
	}
	if len(a.Certificates) == 0 {
		fmt.Fprintln(w, "no certificates: fill the store with doccheck trust import")
		return
	}
	distrusted := 0
	for _, e := range a.Certificates {
		fmt.Fprintf(w, "%-3s until %s  %.12s  %s\n", e.Country, e.NotAfter.Format(time.DateOnly), e.SHA256, e.Subject)
		printBelow(w, "deviates", e.Deviation)
		printBelow(w, "distrusted", e.Distrusted)
		printBelow(w, "disputed", e.OmittedByState)
		for _, v := range e.VouchedBy {
			printBelow(w, "vouched", voucherText(v))
		}
		if e.Distrusted != "" {
			distrusted++
		}
	}
	for _, e := range a.CRLs {
		fmt.Fprintf(w, "%-3s of    %s  %.12s  %s: %d revoked\n",
			e.Country, e.ThisUpdate.Format(time.DateOnly), e.SHA256, e.Issuer, e.Revoked)
		printBelow(w, "distrusted", e.Distrusted)
	}
	for _, e := range a.Lists {
		fmt.Fprintf(w, "%-14s %s  %.12s  %s: %d entries\n",
			e.Kind, cmp.Or(e.Signed, e.Imported).Format(time.DateOnly), e.SHA256, e.Publisher, e.Entries)
		if len(e.Path) > 0 {
			printBelow(w, "signer", e.Path[0][:12])
		}
		printBelow(w, "warning", e.Warning)
		printBelow(w, "distrusted", e.Distrusted)
		if e.Limited != "" {
			printBelow(w, "limited", e.Limited)
			printBelow(w, "try", "import it again with --trust-publisher "+e.Path[len(e.Path)-1])
		}
		if e.Unvouched() {
			printBelow(w, "try", "import it again with --trust-publisher, or take it out: trust remove "+e.SHA256[:12])
		}
		for _, deviation := range e.Deviations {
			printBelow(w, "deviates", deviation)
		}
	}
	if distrusted > 0 {
		fmt.Fprintf(w, "\n%d certificates do not count\n", distrusted)
	}
	fmt.Fprintf(w, "\n%d certificates, %d revocation lists, %d signed lists, %s\n",
		len(a.Certificates), len(a.CRLs), len(a.Lists), a.age())
}

// age says how old the store is.
func (a listAnswer) age() string {
	if a.AgeDays < 0 {
		return "of which nothing counts"
	}
	return fmt.Sprintf("%d days old", a.AgeDays)
}

// printBelow writes what there is to say of the line before, if there is anything.
func printBelow(w io.Writer, what, text string) {
	if text != "" {
		fmt.Fprintf(w, "      %-8s  %s\n", what, text)
	}
}

// voucherText says who vouches for a certificate, and since when.
func voucherText(v trust.Voucher) string {
	since := v.Since.Format(time.DateOnly)
	if v.Publisher == "" {
		return fmt.Sprintf("a file of its own, %s, imported on %s", v.Source, since)
	}
	return fmt.Sprintf("list of %s, %.12s, %s, imported on %s", v.Publisher, v.SHA256, v.Source, since)
}

type trustRemove struct {
	storeFlag
	Fingerprints []string `arg:"" help:"SHA-256 of a certificate or a list, in hexadecimal: whole, or its first twelve digits as trust list prints them." placeholder:"SHA256"`
}

// removeAnswer is the JSON of trust remove.
type removeAnswer struct {
	Removed  []trust.Removed `json:"removed"`
	NotFound []string        `json:"not_found,omitempty"`
	// Fell are how many other certificates do not count any longer.
	Fell int `json:"fell"`
}

// Run implements kong's command.
func (t trustRemove) Run(c *call) error {
	store, err := openStore(t.Store)
	if err != nil {
		return err
	}
	before := distrusted(store)
	a := removeAnswer{Removed: []trust.Removed{}}
	for _, id := range t.Fingerprints {
		removed, err := store.Remove(strings.ReplaceAll(id, ":", ""), c.now)
		switch {
		case errors.Is(err, trust.ErrNotInStore):
			a.NotFound = append(a.NotFound, err.Error())
		case err != nil:
			return command.CannotRun(err, "remove as a user who may write there, onto a disk with room")
		default:
			a.Removed = append(a.Removed, removed)
		}
	}
	a.Fell = distrusted(store) - before
	for _, r := range a.Removed {
		if r.Kind == "certificate" && a.Fell > 0 {
			a.Fell-- // itself
		}
	}
	return c.answer(a, len(a.NotFound) == 0, a.text)
}

// distrusted counts the certificates that do not count.
func distrusted(store *trust.Store) (n int) {
	for _, e := range store.List() {
		if e.Distrusted != "" {
			n++
		}
	}
	return n
}

func (a removeAnswer) text(w io.Writer) {
	for _, r := range a.Removed {
		fmt.Fprintf(w, "removed  %.12s  %s: %s\n", r.SHA256, r.Kind, r.Subject)
	}
	if a.Fell > 0 {
		fmt.Fprintf(w, "with them %d other certificates do not count any longer: trust list says which and why\n", a.Fell)
	}
	for _, id := range a.NotFound {
		fmt.Fprintf(w, "nothing  %s: trust list prints what there is\n", id)
	}
}
