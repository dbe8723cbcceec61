package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/emulate/specimen"
)

// checkNames looks at what was named, before anything is started. The first name that nobody has ends the call with those
// that there are.
func (c cli) checkNames() error {
	services, err := c.services()
	if err != nil {
		return err
	}
	for _, name := range []struct {
		flag, given string
		there       []string
	}{
		{"--visitor", c.Visitor, visitors()},
		{"--person", c.Person, people(time.Now())},
		{"--service", c.Service, services},
	} {
		if name.given == "" && name.flag == "--person" || slices.Contains(name.there, name.given) {
			continue
		}
		return command.WrongCall(fmt.Errorf("%s %q: there is no such name", name.flag, name.given),
			name.flag+" with one of "+strings.Join(name.there, ", "))
	}
	return nil
}

func people(day time.Time) (names []string) {
	for _, p := range specimen.People(day) {
		names = append(names, p.ID)
	}
	return names
}

// services are those of the office that the back office will serve: its file is made on the first run, and may have been
// altered since.
func (c cli) services() (names []string, err error) {
	path := filepath.Join(c.Dir, "office", "office.toml")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = office.Example, nil
	}
	if err != nil {
		return nil, err
	}
	o, err := office.Parse(text)
	if err != nil {
		return nil, command.CannotRun(fmt.Errorf("%s: %w", path, err), "correct the file, or remove it: the next run makes a new one")
	}
	for _, s := range o.Services {
		names = append(names, s.ID)
	}
	return names, nil
}

// checkAddresses finds out whether the back office can listen where it is told to, since its own words about that go to a log.
func (c cli) checkAddresses(ctx context.Context) error {
	for _, place := range []struct{ flag, address, free string }{
		{"--console", c.Console, "make run CONSOLE=127.0.0.1:0, or emulate --console 127.0.0.1:0"},
		{"--grpc", c.Grpc, "leave --grpc out"},
	} {
		if place.address == "" {
			continue
		}
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", place.address)
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			_, port, _ := net.SplitHostPort(place.address)
			return command.CannotRun(fmt.Errorf("%s %s: another program is already listening there, perhaps an earlier make run", place.flag, place.address),
				fmt.Sprintf("end it (ss -ltnp 'sport = :%s' names it), or take a free port: %s", port, place.free))
		case err != nil:
			return command.WrongCall(fmt.Errorf("%s %s: %w", place.flag, place.address, err), "take a free port: "+place.free)
		}
		if err := l.Close(); err != nil {
			return err
		}
	}
	return nil
}
