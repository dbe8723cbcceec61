package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/appointments"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/cmd/internal/command"
)

// appointmentsCommands are those about appointments that another system has made.
type appointmentsCommands struct {
	Import appointmentsImportCommand `cmd:"" help:"Keep the appointments of a file (CSV, XLSX, iCalendar), each day's in place of those kept for it; the office may be serving meanwhile."`
	List   appointmentsListCommand   `cmd:"" help:"List the days whose appointments are kept, and how many each has."`
}

// importer is who is said to have imported what came by the command line.
const importer = "command-line"

type appointmentsImportCommand struct {
	configFlag
	File string `arg:"" help:"File as the other system exports it; - for standard input."`
	Day  string `placeholder:"DATE" help:"Day of a file that has times alone, YYYY-MM-DD; today without it."`
	JSON bool   `name:"json" help:"Print one JSON object."`
}

// imported is what the command answers. It names nobody.
type imported struct {
	Kept    int           `json:"kept"` // read, and not of a day that is over
	Past    int           `json:"past"` // of days that are over, and not kept
	Days    []string      `json:"days"` // YYYY-MM-DD
	Refused []refusedLine `json:"refused"`
}

// refusedLine is a row that was not read.
type refusedLine struct {
	Line int    `json:"line"` // from 1; of a calendar the number of the event
	Code string `json:"code"`
	text string
}

// Run imports, and says which rows were refused.
func (c appointmentsImportCommand) Run(ctx context.Context, std streams) error {
	config, err := c.read()
	if err != nil {
		return err
	}
	o, err := backoffice.ReadOffice(config)
	if err != nil {
		return cannotServe(err, config)
	}
	now := time.Now()
	all, faults, err := c.readFile(std, o, now)
	if err != nil {
		return err
	}
	answer := imported{Days: []string{}, Refused: refusedLines(faults)}
	for _, a := range all {
		if o.Day(a.Start) < o.Day(now) {
			answer.Past++
		} else {
			answer.Kept++
		}
	}
	err = c.withAppointments(ctx, config, o, func(k appointments.Kept) error {
		days, err := k.Import(ctx, importer, all, now)
		answer.Days = append(answer.Days, days...)
		return err
	})
	if err != nil {
		return err
	}
	if err := answer.print(std.out, c.JSON); err != nil {
		return err
	}
	if len(faults) > 0 {
		return command.ErrNotGood
	}
	return nil
}

func (c appointmentsImportCommand) readFile(std streams, o *office.Office, now time.Time) ([]appointments.Appointment, []appointments.Fault, error) {
	text := c.Day
	if text == "" {
		text = o.Day(now)
	}
	day, err := time.ParseInLocation(time.DateOnly, text, o.Local(now).Location())
	if err != nil {
		return nil, nil, command.WrongCall(fmt.Errorf("%q is no date", c.Day), "write it as 2026-12-01")
	}
	from := std.in
	if c.File != "-" {
		f, err := openFile(c.File)
		if err != nil {
			return nil, nil, command.WrongCall(err, "name the file that the other system exported, or - for standard input")
		}
		defer f.Close()
		from = f
	}
	all, faults, err := appointments.Read(from, appointments.Options{Day: day})
	if errors.Is(err, appointments.ErrTooLarge) || errors.Is(err, appointments.ErrUnknown) || errors.Is(err, appointments.ErrNoColumns) {
		return nil, nil, command.WrongCall(err, "export the appointments again, as CSV, XLSX or iCalendar, with times and names or numbers")
	}
	return all, faults, err
}

// withAppointments opens the store and the keys beside a server that may be running.
func (f configFlag) withAppointments(ctx context.Context, config backoffice.Config, o *office.Office, do func(appointments.Kept) error) error {
	return f.withStore(ctx, config, func(s backoffice.Store) error {
		v, err := vault.Open(ctx, filepath.Join(config.Data, "files"), config.Keys, nil)
		if err != nil {
			return cannotServe(err, config)
		}
		return errors.Join(do(appointments.Kept{Store: s, Vault: v, Day: o.Day}), v.Close())
	})
}

func refusedLines(faults []appointments.Fault) []refusedLine {
	why := map[string]string{
		appointments.NoTime:     "no time of day, or no date, that can be read",
		appointments.NoOne:      "neither a number nor a name",
		appointments.TooLong:    "a text that is longer than any name, or not printable",
		appointments.OddBirth:   "a date of birth that cannot be read",
		appointments.OddZone:    "a time zone that nobody knows",
		appointments.OddRepeats: "repeats by a rule that is not read",
	}
	lines := []refusedLine{}
	for _, f := range faults {
		lines = append(lines, refusedLine{f.Line, f.Code, why[f.Code]})
	}
	return lines
}

func (i imported) print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(i)
	}
	for _, r := range i.Refused {
		fmt.Fprintf(out, "line %d  %s: %s\n", r.Line, r.Code, r.text)
	}
	for _, day := range i.Days {
		fmt.Fprintf(out, "day     %s\n", day)
	}
	_, err := fmt.Fprintf(out, "kept %d, refused %d, of days that are over %d\n", i.Kept, len(i.Refused), i.Past)
	return err
}

type appointmentsListCommand struct {
	configFlag
	JSON bool `name:"json" help:"Print one JSON object a line."`
}

// listedDay is what the list says of a day.
type listedDay struct {
	Day        string    `json:"day"` // YYYY-MM-DD
	Count      int       `json:"count"`
	ImportedBy string    `json:"imported_by"`
	ImportedAt time.Time `json:"imported_at"`
}

// Run prints a line for each day.
func (c appointmentsListCommand) Run(ctx context.Context, std streams) error {
	config, err := c.read()
	if err != nil {
		return err
	}
	return c.withStore(ctx, config, func(s backoffice.Store) error {
		days, err := s.AppointmentDays(ctx)
		for _, d := range days {
			if c.JSON {
				err = errors.Join(err, json.NewEncoder(std.out).Encode(listedDay(d)))
				continue
			}
			fmt.Fprintf(std.out, "%s  %4d  imported %s by %s\n", d.Day, d.Count, d.ImportedAt.Format(time.DateTime), d.ImportedBy)
		}
		return err
	})
}
