package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/foyer-station/foyer/verify/chip"
)

// maxTrustFile bounds a file of certificates: the largest public master lists have about 2 MB.
const maxTrustFile = 32 << 20

type storeFlag struct {
	Store string `required:"" type:"path" help:"The folder of the trust store." placeholder:"DIR"`
}

type trustImport struct {
	storeFlag
	Files []string `arg:"" type:"existingfile" help:"Certificates (DER, PEM) and master lists."`
}

// Run implements kong's command.
func (t trustImport) Run(c *call) error {
	store, err := chip.OpenStore(t.Store)
	if err != nil {
		return err
	}
	total := chip.Imported{Rejected: []chip.Rejected{}}
	for _, file := range t.Files {
		data, err := readBounded(file, maxTrustFile)
		if err != nil {
			return err
		}
		one, err := store.Import(data, filepath.Base(file), c.now)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		total.Imported += one.Imported
		total.Known += one.Known
		total.Rejected = append(total.Rejected, one.Rejected...)
		if one.Warning != "" {
			total.Warning = one.Warning
		}
	}
	return c.answer(total, func(w io.Writer) {
		fmt.Fprintf(w, "%d imported, %d known already, %d rejected\n", total.Imported, total.Known, len(total.Rejected))
		for _, r := range total.Rejected {
			fmt.Fprintf(w, "  rejected: %s: %s\n", r.Subject, r.Reason)
		}
		if total.Warning != "" {
			fmt.Fprintf(w, "  note: %s\n", total.Warning)
		}
	})
}

type trustList struct {
	storeFlag
}

// Run implements kong's command.
func (t trustList) Run(c *call) error {
	store, err := chip.OpenStore(t.Store)
	if err != nil {
		return err
	}
	answer := struct {
		Certificates []chip.Entry `json:"certificates"`
		AgeDays      int          `json:"age_days"`
	}{orEmpty(store.List()), store.AgeDays(c.now)}
	if err := c.answer(answer, func(w io.Writer) {
		for _, e := range answer.Certificates {
			fmt.Fprintf(w, "%-3s until %s  %.12s  %s\n", e.Country, e.NotAfter.Format("2006-01-02"), e.SHA256, e.Subject)
		}
		fmt.Fprintf(w, "%d certificates, last import %d days ago\n", len(answer.Certificates), answer.AgeDays)
	}); err != nil {
		return err
	}
	if len(answer.Certificates) == 0 {
		return errNotGood
	}
	return nil
}

func readBounded(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%s: larger than %d bytes", file, most)
	}
	return data, nil
}
