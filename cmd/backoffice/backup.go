package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/foyer-station/foyer/backoffice/backup"
	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/cmd/internal/command"
)

type backupCommand struct {
	configFlag
	To string `required:"" type:"path" placeholder:"DIR" help:"A new or empty folder, outside of the office's data."`
}

// Run backs up.
func (c backupCommand) Run(ctx context.Context, std streams) error {
	config, err := c.read()
	if err != nil {
		return err
	}
	checkIns, err := backup.Take(ctx, config, c.To, time.Now())
	switch {
	case errors.Is(err, backup.ErrTarget):
		return command.WrongCall(err, "name a new folder with --to")
	case errors.Is(err, fs.ErrNotExist):
		return command.CannotRun(err, "has this office ever served? see data in the configuration")
	case err != nil:
		return command.CannotRun(err, "remove the unfinished backup, make room, and call it again")
	}
	fmt.Fprintf(std.out, "%d check-ins are in the backup; keys, uploads under way and the office's identity are not\n", checkIns)
	return nil
}

type restoreCommand struct {
	configFlag
	From string `required:"" type:"existingdir" placeholder:"DIR" help:"What backup --to has made."`
}

// Run restores.
func (c restoreCommand) Run(ctx context.Context, std streams) error {
	config, err := c.read()
	if err != nil {
		return err
	}
	checkIns, err := backup.Restore(ctx, config, c.From, time.Now())
	switch {
	case errors.Is(err, backup.ErrNone):
		return command.WrongCall(err, "name a folder that backup --to has finished")
	case errors.Is(err, backup.ErrDamaged):
		fmt.Fprintf(std.err, "%v\n  try: an older backup\n", err)
		return command.ErrNotGood
	case errors.Is(err, durable.ErrLocked):
		return command.CannotRun(err, "stop the back office first")
	case errors.Is(err, backup.ErrLive):
		return command.CannotRun(err, "move it away first: mv "+config.Data+" "+config.Data+".before")
	case err != nil:
		return command.CannotRun(err, "mend that, and call it again")
	}
	fmt.Fprintf(std.out, "%d check-ins are restored; their data can be read where the keys are still there\n", checkIns)
	return nil
}
