package main

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/backoffice/sqlite"
	"github.com/foyer-station/foyer/cmd/internal/command"
)

// cannotServe says what to do about an office that cannot be opened: --help knows nothing of its files.
func cannotServe(err error, c backoffice.Config) error {
	next := "see to what stands in the line above, and start again; docs/operations.md, \"At the back office\""
	switch {
	case errors.Is(err, durable.ErrLocked):
		next = "stop the back office that is running, or the restore"
	case errors.Is(err, backoffice.ErrHalfRestored):
		next = "backoffice restore --from DIR, with the same backup"
	case errors.Is(err, sqlite.ErrNewer):
		next = "install the newer version again; this one does not know the database"
	case errors.Is(err, syscall.ENOSPC), sqlite.IsFull(err):
		next = "make room on the volume of " + c.Data
	case errors.Is(err, syscall.EROFS):
		next = "the file system is read-only: look at dmesg, and mount it writable"
	case errors.Is(err, syscall.EADDRINUSE):
		next = "stop what listens there (ss -ltnp), or choose another address in the configuration"
	case errors.Is(err, syscall.EISDIR):
		next = "a folder lies where a file belongs: move it away"
	case errors.Is(err, fs.ErrPermission):
		next = "call it as the user that the files belong to, or give them to the one that calls: chown -R foyer-backoffice: " + c.Data
	case errors.Is(err, fs.ErrNotExist):
		next = "put the file there, or mend its name in the configuration"
	}
	return command.CannotRun(err, next)
}
