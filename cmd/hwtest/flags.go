package main

import (
	"fmt"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/foyer-station/foyer/cmd/internal/command"
)

// meant tells whether a flag of the test means something to a command. Those that a command has of its own do.
func meant(chosen, flag string) bool {
	of := map[string][]string{
		"history": {"config", "device", "format", "json", "language"},
		"watch":   {"config", "device", "limit", "language", "no-kiosk", "no-history"},
		"record":  {"config", "device"},
		"pin":     nil,
		"chart":   nil,
	}
	flags, has := of[chosen]
	return !has || slices.Contains(flags, flag)
}

// others are the test's flags that mean nothing to what was chosen.
func others(ctx *kong.Context) (all []*kong.Flag) {
	chosen := ctx.Selected()
	if chosen == nil {
		return nil
	}
	for _, f := range ctx.Model.Flags {
		if f.Name != "help" && f.Name != "version" && !meant(chosen.Name, f.Name) {
			all = append(all, f)
		}
	}
	return all
}

// help leaves out of a command's help what means nothing to it.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	for _, f := range others(ctx) {
		f.Hidden = true
	}
	for _, f := range ctx.Model.Flags {
		if chosen := ctx.Selected(); chosen != nil && chosen.Name == "history" && f.Name == "format" {
			f.Help = "text or json."
		}
	}
	return kong.DefaultHelpPrinter(options, ctx)
}

// refuse is an error where a flag was given that means nothing to the command.
func refuse(ctx *kong.Context) error {
	without := others(ctx)
	for _, part := range ctx.Path {
		if part.Flag != nil && slices.Contains(without, part.Flag) {
			name := ctx.Selected().Name
			return command.WrongCall(fmt.Errorf("%s has no use for --%s", name, part.Flag.Name), program+" "+name+" --help")
		}
	}
	return nil
}
