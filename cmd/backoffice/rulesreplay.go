package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/replay"
	"github.com/foyer-station/foyer/cmd/internal/command"
)

type rulesReplayCommand struct {
	configFlag
	Day     string        `arg:"" help:"The office's day that is played, YYYY-MM-DD."`
	With    string        `required:"" type:"existingfile" placeholder:"FILE" help:"Office file (TOML) with the other rules."`
	Ceiling time.Duration `placeholder:"TIME" help:"How long nobody should wait, as 45m; counts who would have waited longer."`
	JSON    bool          `name:"json" help:"Print one JSON object."`
}

// Run plays a day under other rules. The office may be serving meanwhile.
func (c rulesReplayCommand) Run(ctx context.Context, std streams) error {
	if _, err := time.Parse(time.DateOnly, c.Day); err != nil {
		return command.WrongCall(fmt.Errorf("%q is no day", command.Printable(c.Day)), "write it as 2026-12-01")
	}
	if c.Ceiling < 0 {
		return command.WrongCall(errors.New("--ceiling: less than no time"), "write it as 45m")
	}
	text, err := readOfficeFile(c.With)
	if err != nil {
		return command.CannotRun(fmt.Errorf("office file: %w", err), "")
	}
	with, err := office.Parse(text)
	if err != nil {
		return command.WrongCall(fmt.Errorf("--with: %w", err), "backoffice/office/example.toml explains what an office file can say")
	}
	config, err := c.read()
	if err != nil {
		return err
	}
	r, err := c.play(ctx, std, config, with)
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(std.out).Encode(r)
	} else {
		err = printReplay(std.out, r, c.Ceiling)
	}
	if err == nil && (r.With.Left > r.Played.Left || r.With.OverCeiling > 0) {
		return command.ErrNotGood
	}
	return err
}

func (c rulesReplayCommand) play(ctx context.Context, std streams, config backoffice.Config, with *office.Office) (r replay.Report, err error) {
	own, err := backoffice.ReadOffice(config)
	if err != nil {
		return r, command.CannotRun(err, "correct the office file that the configuration names")
	}
	s, err := backoffice.OpenStore(ctx, config)
	if err != nil {
		return r, cannotServe(err, config)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	r, err = replay.Run(ctx, s, replay.Question{Day: c.Day, Own: own, With: with, Ceiling: c.Ceiling, Now: time.Now()})
	switch {
	case errors.Is(err, replay.ErrNotOver):
		return r, command.WrongCall(fmt.Errorf("%s: %w", c.Day, err), "a day can be played once it has ended; this one ends at the office's midnight")
	case errors.Is(err, replay.ErrNobody):
		fmt.Fprintf(std.err, "%s: %s: %v\n  try: a day on which the office was open\n", program, c.Day, err)
		return r, command.ErrNotGood
	case err != nil:
		return r, command.CannotRun(err, "look at the database; backoffice restore brings a backup back")
	}
	return r, nil
}

// printReplay writes a report for people.
func printReplay(to io.Writer, r replay.Report, ceiling time.Duration) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d visitors", r.Day, r.Visitors)
	if r.WithoutFacts > 0 {
		fmt.Fprintf(&b, ", of whom %d without the facts of their decision, most of which are erased by now", r.WithoutFacts)
	}
	if r.Aside > 0 {
		fmt.Fprintf(&b, "; %d more are not played", r.Aside)
	}
	fmt.Fprint(&b, "\nwaits in minutes: half were no longer / nine in ten / the longest (visitors)\ncaseworkers: how much of the time that they were there they had a visitor (visits)\n\n")
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\tas it was\tplayed as it was\tby the other rules")
	printWaits(table, r)
	line := func(name string, value func(replay.Figures) any) {
		fmt.Fprintf(table, "%s\t%v\t%v\t%v\n", name, value(r.Was), value(r.Played), value(r.With))
	}
	line("spread of services", func(f replay.Figures) any { return f.Spread })
	if ceiling > 0 {
		line("longer than "+ceiling.String(), func(f replay.Figures) any { return f.OverCeiling })
	}
	line("called", func(f replay.Figures) any { return f.Received })
	line("left waiting", func(f replay.Figures) any { return f.Left })
	printStaff(table, r)
	table.Flush()
	printMoves(&b, r)
	_, err := io.WriteString(to, b.String())
	return err
}

func printWaits(to io.Writer, r replay.Report) {
	wait := func(w replay.Wait) string {
		return fmt.Sprintf("%v / %v / %v (%d)", w.P50, w.P90, w.Longest, w.Visitors)
	}
	fmt.Fprintf(to, "all\t%s\t%s\t%s\n", wait(r.Was.Wait), wait(r.Played.Wait), wait(r.With.Wait))
	for _, by := range []struct {
		name   string
		groups func(replay.Figures) []replay.Group
	}{
		{"service", func(f replay.Figures) []replay.Group { return f.Services }},
		{"language", func(f replay.Figures) []replay.Group { return f.Languages }},
	} {
		columns := []map[string]string{{}, {}, {}}
		var ids []string
		for i, f := range []replay.Figures{r.Was, r.Played, r.With} {
			for _, g := range by.groups(f) {
				columns[i][g.ID] = wait(g.Wait)
				ids = append(ids, g.ID)
			}
		}
		slices.Sort(ids)
		for _, id := range slices.Compact(ids) {
			name := command.Printable(id)
			if id == "" {
				name = "none, or not known"
			}
			fmt.Fprintf(to, "%s %s\t%s\t%s\t%s\n", by.name, name, dash(columns[0][id]), dash(columns[1][id]), dash(columns[2][id]))
		}
	}
}

func printStaff(to io.Writer, r replay.Report) {
	columns := []map[string]string{{}, {}, {}}
	var ids []string
	for i, f := range []replay.Figures{r.Was, r.Played, r.With} {
		for _, s := range f.Staff {
			columns[i][s.Caseworker] = fmt.Sprintf("%.0f %% of %.0f min (%d)", 100*s.Utilisation, s.There, s.Visits)
			ids = append(ids, s.Caseworker)
		}
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		fmt.Fprintf(to, "%s\t%s\t%s\t%s\n", command.Printable(id), dash(columns[0][id]), dash(columns[1][id]), dash(columns[2][id]))
	}
}

// dash stands for what there is not.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func printMoves(b *strings.Builder, r replay.Report) {
	fmt.Fprintf(b, "\nsent elsewhere: %d visitors\n", r.Moved)
	for _, m := range r.Moves {
		fmt.Fprintf(b, "  %d from %s to %s, by %s\n", m.N, command.Printable(m.From), m.To, m.Rule)
	}
	if r.Nowhere > 0 {
		fmt.Fprintf(b, "sent where nobody called from that day: %d visitors\n", r.Nowhere)
	}
	if len(r.NotThere) > 0 {
		fmt.Fprintf(b, "in the file, and received nobody that day: %s\n", strings.Join(r.NotThere, ", "))
	}
	if len(r.NotInFile) > 0 {
		fmt.Fprintf(b, "received visitors that day, and not in the file: %s\n", command.Printable(strings.Join(r.NotInFile, ", ")))
	}
	fmt.Fprintf(b, "error of the play, in minutes: %+.1f / %+.1f / %+.1f, and %+d left waiting", r.Error.P50, r.Error.P90, r.Error.Longest, r.Error.Left)
	if r.Error.Moved != nil {
		fmt.Fprintf(b, "; the office's own rules would send %d elsewhere", *r.Error.Moved)
	}
	fmt.Fprintf(b, "\nrules %s\n", r.Rules)
}
