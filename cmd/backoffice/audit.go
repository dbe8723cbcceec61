package main

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/auditlog"
	"github.com/foyer-station/foyer/cmd/internal/command"
)

type auditVerifyCommand struct {
	configFlag
	JSON   bool        `name:"json" help:"Print one JSON object."`
	Former []publicKey `placeholder:"HEX" help:"A key that this office signed with before, as verify printed it then; may be repeated."`
}

// publicKey is an Ed25519 key in hexadecimal digits.
type publicKey []byte

// UnmarshalText implements [encoding.TextUnmarshaler].
func (k *publicKey) UnmarshalText(text []byte) error {
	key, err := hex.DecodeString(string(text))
	if err != nil || len(key) != ed25519.PublicKeySize {
		return errors.New("not a key of 64 hexadecimal digits")
	}
	*k = key
	return nil
}

// Run verifies the whole log.
func (c auditVerifyCommand) Run(ctx context.Context, std streams) error {
	config, err := c.read()
	if err != nil {
		return err
	}
	key, err := auditlog.ReadKey(config.AuditKey())
	if errors.Is(err, auditlog.ErrNoKey) {
		return command.CannotRun(err, "has this office ever served? see keys in the configuration")
	}
	if err != nil {
		return command.CannotRun(err, "bring that file back; it stands in no backup")
	}
	last, err := auditlog.ReadHead(config.AuditHead())
	if err != nil {
		return command.CannotRun(err, "look at that file; the office writes it anew when it seals its log")
	}
	own := key.Public().(ed25519.PublicKey)
	keys := [][]byte{own}
	for _, k := range c.Former {
		keys = append(keys, k)
	}
	s, err := backoffice.OpenOffice(ctx, config)
	if err != nil {
		return cannotServe(err, config)
	}
	report, err := auditlog.Verify(ctx, s, keys, last)
	if err := errors.Join(err, s.Close()); err != nil {
		return command.CannotRun(err, "look at the database; backoffice restore brings a backup back")
	}
	return c.print(std, report, own)
}

func (c auditVerifyCommand) print(std streams, r auditlog.Report, key []byte) error {
	if c.JSON {
		err := json.NewEncoder(std.out).Encode(struct {
			auditlog.Report
			Key string `json:"key"`
		}{r, hex.EncodeToString(key)})
		if err != nil {
			return err
		}
	} else {
		printReport(std, r, key)
	}
	if !r.Whole {
		return command.ErrNotGood
	}
	return nil
}

func printReport(std streams, r auditlog.Report, key []byte) {
	if r.Whole {
		fmt.Fprintf(std.out, "the log is whole: %d entries, linked until %d, signed until %d by %d heads\n", r.Entries, r.LinkedUntil, r.SignedUntil, r.Heads)
	} else {
		fmt.Fprintf(std.out, "the log is NOT whole: %d entries, linked until %d, signed until %d by %d heads\n", r.Entries, r.LinkedUntil, r.SignedUntil, r.Heads)
	}
	if r.Unlinked > 0 {
		fmt.Fprintf(std.out, "%d entries are not linked yet; an office that serves links them within seconds\n", r.Unlinked)
	}
	for _, back := range r.Restores {
		fmt.Fprintf(std.out, "entry %d, %s: the log goes on after an older state was brought back; it had been signed until %d\n",
			back.Entry, back.At.Format(time.RFC3339), back.Head)
	}
	for _, f := range r.Faults {
		fmt.Fprintln(std.out, faultText(f))
	}
	fmt.Fprintf(std.out, "key %x\n", key)
}

func faultText(f auditlog.Fault) string {
	switch f.Kind {
	case auditlog.Changed:
		return fmt.Sprintf("entry %d was changed", f.Entry)
	case auditlog.Reordered:
		return fmt.Sprintf("entry %d stood at %d", f.Entry, f.Other)
	case auditlog.Deleted:
		return fmt.Sprintf("entry %d was deleted", f.Entry)
	case auditlog.Inserted:
		return fmt.Sprintf("entry %d was put in later", f.Entry)
	case auditlog.Gap:
		return fmt.Sprintf("entry %d does not follow from the one before: entries between are gone, or its link was made anew", f.Entry)
	case auditlog.Forged:
		return fmt.Sprintf("the head at entry %d was not signed by the key that it names", f.Entry)
	case auditlog.Foreign:
		return fmt.Sprintf("the head at entry %d was signed by a key that is not this office's; --former names one that it had before", f.Entry)
	case auditlog.Rewritten:
		return fmt.Sprintf("the chain at entry %d is not the one that was signed", f.Entry)
	case auditlog.Cut:
		return fmt.Sprintf("the log ends at %d, and was signed until %d: its end was cut off, or a backup was restored and has not served yet", f.Other, f.Entry)
	}
	return string(f.Kind)
}
