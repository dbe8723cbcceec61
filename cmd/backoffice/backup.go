package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice/backup"
	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/cmd/internal/command"
)

type backupCommand struct {
	configFlag
	To string `required:"" type:"path" placeholder:"DIR" help:"A new or empty folder outside the office's data."`
}

// Run backs up.
func (c backupCommand) Run(ctx context.Context, std streams) error {
	config, err := c.read()
	if err != nil {
		return err
	}
	taken, err := backup.Take(ctx, config, c.To, time.Now())
	switch {
	case errors.Is(err, backup.ErrTarget):
		return command.WrongCall(err, "name a new folder with --to")
	case errors.Is(err, fs.ErrNotExist):
		return command.CannotRun(err, "has this office ever served? see data in the configuration")
	case err != nil:
		return command.CannotRun(err, "remove the unfinished backup, make room, and run it again")
	}
	fmt.Fprintf(std.out, "the backup holds %d check-ins; it does not hold keys, unfinished uploads or the office's identity\n", taken.CheckIns)
	fmt.Fprintf(std.out, "check value %s: keep it somewhere other than the backup, for restore --expect\n", taken.SHA256)
	return nil
}

type restoreCommand struct {
	configFlag
	From   string     `required:"" type:"existingdir" placeholder:"DIR" help:"A folder that backup --to has completed."`
	Expect checkValue `placeholder:"SHA256" help:"The check value that backup printed: nothing is restored if the backup has been changed since."`
}

// checkValue is a SHA-256 as backup prints it; capitals, colons and blanks do not matter.
type checkValue string

// UnmarshalText implements [encoding.TextUnmarshaler].
func (v *checkValue) UnmarshalText(text []byte) error {
	plain := strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(string(text)))
	if sum, err := hex.DecodeString(plain); err != nil || len(sum) != sha256.Size {
		return errors.New("not the 64 hexadecimal digits that backup printed as its check value")
	}
	*v = checkValue(plain)
	return nil
}

// wrongClock is how far a backup may come from the future.
const wrongClock = time.Hour

// Run restores.
func (c restoreCommand) Run(ctx context.Context, std streams) error {
	config, err := c.read()
	if err != nil {
		return err
	}
	now := time.Now()
	restored, err := backup.Restore(ctx, config, c.From, string(c.Expect), now)
	switch {
	case errors.Is(err, backup.ErrNone):
		return command.WrongCall(err, "name a folder that backup --to has completed")
	case errors.Is(err, backup.ErrOther):
		fmt.Fprintf(std.err, "%v\n  try: the backup with the check value that was printed, and compare the two\n", err)
		return command.ErrNotGood
	case errors.Is(err, backup.ErrDamaged):
		fmt.Fprintf(std.err, "%v\n  try: an older backup\n", err)
		return command.ErrNotGood
	case errors.Is(err, durable.ErrLocked):
		return command.CannotRun(err, "stop the back office first")
	case errors.Is(err, backup.ErrLive):
		return command.CannotRun(err, "move it away first: mv "+config.Data+" "+config.Data+".before")
	case err != nil:
		return command.CannotRun(err, "fix that, and run it again")
	}
	fmt.Fprintf(std.out, "%d check-ins were restored; their data can be read where their keys still exist\n", restored.CheckIns)
	fmt.Fprintf(std.out, "check value %s, made at %s\n", restored.SHA256, restored.MadeAt.Format(time.RFC3339))
	if restored.MadeAt.Sub(now) > wrongClock {
		fmt.Fprintf(std.err, "the backup is from the future: the clock here says %s\n  try: timedatectl; if this clock is the wrong one, set it before you start the back office\n",
			now.UTC().Format(time.RFC3339))
	}
	return nil
}
