package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/display"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/cmd/internal/command"
)

// displayCommands are those about the lobby's displays.
type displayCommands struct {
	Add    displayAddCommand    `cmd:"" help:"Give a display a code that pairs it once, within a day; one of this name loses its token."`
	List   displayListCommand   `cmd:"" help:"List the displays."`
	Remove displayRemoveCommand `cmd:"" help:"End a display, also one that was lost or stolen."`
}

var displayName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

type displayAddCommand struct {
	configFlag
	Name  string   `arg:"" help:"What the display is called: [a-z0-9-]{1,40}."`
	Rooms []string `placeholder:"ID" help:"Rooms of the office file whose calls it shows, separated by commas; all without it."`
}

// Run prints the code, and where to type it.
func (c displayAddCommand) Run(ctx context.Context, std streams) error {
	if !displayName.MatchString(c.Name) {
		return command.WrongCall(fmt.Errorf("%q is no name for a display", c.Name), "use small letters, digits and hyphens, 40 at most")
	}
	config, err := c.read()
	if err != nil {
		return err
	}
	o, err := backoffice.ReadOffice(config)
	if err != nil {
		return cannotServe(err, config)
	}
	for _, room := range c.Rooms {
		if !slices.ContainsFunc(o.Rooms, func(r office.Room) bool { return r.ID == room }) {
			return command.WrongCall(fmt.Errorf("the office file has no room %q", room), "name rooms by their id")
		}
	}
	code, sum := display.NewCode()
	err = c.withStore(ctx, config, func(s backoffice.Store) error {
		return s.AddDisplay(ctx, c.Name, c.Rooms, sum, time.Now().Add(display.CodeTime))
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "code  %s (good once, within %d hours, shown only now)\n", code, int(display.CodeTime.Hours()))
	fmt.Fprintf(std.out, "link  https://NAME-OF-THIS-SERVER:PORT/pair#%s, with the port of [display] in %s\n", code, c.Config)
	return nil
}

// withStore opens the store beside a server that may be running.
func (f configFlag) withStore(ctx context.Context, config backoffice.Config, do func(backoffice.Store) error) error {
	s, err := backoffice.OpenOffice(ctx, config)
	if err != nil {
		return cannotServe(err, config)
	}
	return errors.Join(do(s), s.Close())
}

type displayListCommand struct {
	configFlag
}

// Run prints a line for each.
func (c displayListCommand) Run(ctx context.Context, std streams) error {
	config, err := c.read()
	if err != nil {
		return err
	}
	return c.withStore(ctx, config, func(s backoffice.Store) error {
		all, err := s.Displays(ctx)
		for _, d := range all {
			state, rooms := "waits for its code", "all rooms"
			if d.Paired {
				state = "paired"
			}
			if len(d.Rooms) > 0 {
				rooms = "rooms " + strings.Join(d.Rooms, ", ")
			}
			fmt.Fprintf(std.out, "%-20s  %-18s  %s\n", d.Name, state, rooms)
		}
		return err
	})
}

type displayRemoveCommand struct {
	configFlag
	Name string `arg:"" help:"What the display is called."`
}

// Run takes its token away; a server that runs ends it within seconds.
func (c displayRemoveCommand) Run(ctx context.Context, std streams) error {
	config, err := c.read()
	if err != nil {
		return err
	}
	err = c.withStore(ctx, config, func(s backoffice.Store) error { return s.RemoveDisplay(ctx, c.Name) })
	if errors.Is(err, store.ErrNotFound) {
		return command.WrongCall(fmt.Errorf("there is no display %q", c.Name), "backoffice display list shows them all")
	}
	if err == nil {
		fmt.Fprintf(std.out, "%s is no display any more\n", c.Name)
	}
	return err
}
