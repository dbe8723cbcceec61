package main

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/backoffice/postgres"
	"github.com/foyer-station/foyer/backoffice/sqlite"
	"github.com/foyer-station/foyer/cmd/internal/command"
)

// cannotServe says what to do about an office that cannot be opened: --help knows nothing of its files.
func cannotServe(err error, c backoffice.Config) error {
	next := "fix what the line above says, and start again; docs/operations.md, \"At the back office\""
	switch {
	case errors.Is(err, durable.ErrLocked):
		next = "stop the back office that is running, or the restore"
	case errors.Is(err, backoffice.ErrHalfRestored):
		next = "backoffice restore --from DIR, with the same backup"
	case errors.Is(err, sqlite.ErrNewer):
		next = "install the newer version again; this one does not know the database"
	case errors.Is(err, postgres.ErrUnsafe):
		next = "change the server's settings, or take another; docs/operations.md, \"An office in PostgreSQL\""
	case errors.Is(err, syscall.ENOSPC), sqlite.IsFull(err):
		next = "make room on the volume of " + c.Data
	case errors.Is(err, syscall.EROFS):
		next = "the file system is read-only: look at dmesg, and mount it writable"
	case errors.Is(err, syscall.EADDRINUSE):
		next = "stop whatever is listening there (ss -ltnp), or choose another address in the configuration"
	case errors.Is(err, syscall.EISDIR):
		next = "there is a folder where a file belongs: move it away"
	case errors.Is(err, fs.ErrPermission):
		next = "run it as the user that owns the files, or give them to the user that runs it: chown -R foyer-backoffice: " + c.Data
	case errors.Is(err, fs.ErrNotExist):
		next = "put the file there, or correct its name in the configuration"
	}
	return command.CannotRun(err, next)
}
