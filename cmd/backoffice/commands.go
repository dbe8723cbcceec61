package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"golang.org/x/sync/errgroup"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/demo"
	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/cmd/internal/watchdog"
)

// commands is the command line.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Serve stations and staff."`
	Demo    demoCommand    `cmd:"" help:"Set up a back office in a folder, with certificates and users, and serve it."`
	Migrate migrateCommand `cmd:"" help:"Bring the databases up to the newest schema; serve does this too."`
	Backup  backupCommand  `cmd:"" help:"Back the office up to a folder; it may be serving meanwhile."`
	Restore restoreCommand `cmd:"" help:"Restore a backup, with the back office stopped and its data folder empty or moved away."`
	User    struct {
		Add     userAddCommand     `cmd:"" help:"Let somebody sign in, or set a new password."`
		List    userListCommand    `cmd:"" help:"List who may sign in, as what, and who receives visitors."`
		Role    userRoleCommand    `cmd:"" help:"Give an account other roles; its sessions end."`
		Disable userDisableCommand `cmd:"" help:"Keep somebody from signing in; the sessions end."`
		Enable  userEnableCommand  `cmd:"" help:"Let somebody who was disabled sign in again."`
		Reset   userResetCommand   `cmd:"" name:"reset-2fa" help:"Take the second factor from an account whose holder has lost it; its sessions end."`
		Remove  userRemoveCommand  `cmd:"" help:"Remove an account for good; its sessions end."`
	} `cmd:"" help:"Who may sign in to the console."`
	Appointments appointmentsCommands `cmd:"" help:"The appointments that another system has made."`
	Display      displayCommands      `cmd:"" help:"The call displays in the lobby."`
	Rules        struct {
		Explain rulesExplainCommand `cmd:"" help:"Say to whom an office file would send a visitor, and why."`
		Replay  rulesReplayCommand  `cmd:"" help:"Play a past day under other rules, and say what would have changed."`
	} `cmd:"" help:"The routing rules."`
	Audit struct {
		Verify auditVerifyCommand `cmd:"" help:"Check that nothing in the log was changed, deleted, put in, moved or cut off; the office may be serving meanwhile."`
	} `cmd:"" help:"The log of what happened in the queue and who looked at what."`
}

type configFlag struct {
	Config string `required:"" type:"existingfile" placeholder:"FILE" help:"Configuration file (TOML)."`
}

func (f configFlag) read() (backoffice.Config, error) {
	c, err := backoffice.ReadConfig(f.Config)
	if err != nil {
		return c, command.WrongCall(err, "docs/operations.md explains the configuration")
	}
	return c, nil
}

type serveCommand struct {
	configFlag
}

// Run serves until the process is told to end.
func (c serveCommand) Run(ctx context.Context, std streams) error {
	config, err := c.read()
	if err != nil {
		return err
	}
	return serve(ctx, config, std, func(*backoffice.Server) error { return nil })
}

// serve opens a back office, says where it is, calls ready and serves until ctx ends.
func serve(ctx context.Context, config backoffice.Config, std streams, ready func(*backoffice.Server) error) (err error) {
	log := slog.New(slog.NewTextHandler(std.err, nil))
	server, err := backoffice.New(ctx, config, log)
	if err != nil {
		return cannotServe(err, config)
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if err := ready(server); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "stations  %s\nconsole   %s\n", server.StationAddr(), server.ConsoleURL())
	for _, also := range []struct{ name, url string }{
		{"display", server.DisplayURL()}, {"tickets", server.TicketViewURL()}, {"metrics", server.MetricsURL()},
	} {
		if also.url != "" {
			fmt.Fprintf(std.out, "%-8s  %s\n", also.name, also.url)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return server.Run(ctx) })
	group.Go(func() error { return watchdog.Run(ctx, log, server) })
	return group.Wait()
}

type demoCommand struct {
	Dir     string `required:"" type:"path" help:"Folder of the demonstration; created if missing."`
	Grpc    string `default:"127.0.0.1:7443" placeholder:"ADDR" help:"Where stations connect; port 0 picks a free one."`
	Console string `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Where staff connect, on loopback; port 0 picks a free one."`
	Display string `placeholder:"ADDR" help:"Where call displays connect, on loopback; without it there are none."`
	Tickets string `placeholder:"ADDR" help:"Where visitors follow their place, on loopback, with a port; without it tickets have no code."`
}

// Run makes what is missing and serves.
func (c demoCommand) Run(ctx context.Context, std streams) error {
	config, users, err := demo.Prepare(ctx, c.Dir, time.Now())
	if err != nil {
		return err
	}
	config.Stations.Listen, config.Console.Listen, config.Display.Listen = c.Grpc, c.Console, c.Display
	if c.Tickets != "" {
		config.TicketView.Listen, config.TicketView.URL = c.Tickets, "http://"+c.Tickets
	}
	if err := c.removeAddresses(config); err != nil {
		return err
	}
	return serve(ctx, config, std, func(s *backoffice.Server) error {
		for _, u := range users {
			fmt.Fprintf(std.out, "user      %-10s password %s\n", u.Name, u.Password)
		}
		return c.writeAddresses(s)
	})
}

// removeAddresses takes away what a former run left, unless that still runs.
func (c demoCommand) removeAddresses(config backoffice.Config) error {
	lock, err := backoffice.Lock(config)
	if errors.Is(err, durable.ErrLocked) {
		return command.CannotRun(err, "stop the back office that is running, or the restore")
	}
	if err != nil {
		return err
	}
	if err = os.Remove(c.addresses()); errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err := errors.Join(err, lock.Close()); err != nil {
		return fmt.Errorf("remove former addresses: %w", err)
	}
	return nil
}

// writeAddresses tells other programs where the demonstration is, once it can be reached.
func (c demoCommand) writeAddresses(s *backoffice.Server) error {
	return durable.Write(c.addresses(), func(w io.Writer) error {
		return json.NewEncoder(w).Encode(map[string]string{"grpc": s.StationAddr(), "console": s.ConsoleURL()})
	})
}

func (c demoCommand) addresses() string { return filepath.Join(c.Dir, "addresses.json") }

type migrateCommand struct {
	configFlag
}

// Run opens both databases, which migrates them.
func (c migrateCommand) Run(ctx context.Context, std streams) error {
	config, err := c.read()
	if err != nil {
		return err
	}
	lock, err := backoffice.Lock(config)
	if errors.Is(err, durable.ErrLocked) {
		return command.CannotRun(err, "stop the back office first; serve migrates when it starts")
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	s, err := backoffice.OpenOffice(ctx, config)
	if err != nil {
		return cannotServe(err, config)
	}
	v, err := vault.Open(ctx, filepath.Join(config.Data, "files"), config.Keys, []age.Identity(nil))
	if err != nil {
		return cannotServe(errors.Join(err, s.Close()), config)
	}
	fmt.Fprintln(std.out, "the databases have the newest schema")
	return errors.Join(s.Close(), v.Close())
}
