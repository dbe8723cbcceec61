package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/verify"
)

type rulesExplainCommand struct {
	File        string         `arg:"" type:"existingfile" help:"Office file (TOML)."`
	Service     string         `help:"Service that the visitor comes for; none for one who asks for a member of staff."`
	Verdict     string         `enum:",genuine,doubtful,unverified" default:"" help:"Of the document: genuine, doubtful, unverified; none without one."`
	Language    string         `help:"Language tag that the visitor chose."`
	Nationality string         `help:"As in an MRZ."`
	Letter      string         `help:"First letter of the primary identifier in the MRZ."`
	Persons     int            `help:"How many come together."`
	Appointment bool           `help:"The visitor has an appointment."`
	OwnCase     string         `placeholder:"CASEWORKER" help:"Whose case it is."`
	Waiting     map[string]int `placeholder:"QUEUE=N" help:"How many wait for a caseworker or in a pool; nobody elsewhere."`
	At          string         `placeholder:"TIME" help:"When, in the office's time: 2026-12-01T09:30; now without it."`
	JSON        bool           `name:"json" help:"Print one JSON object."`
}

// explained is what the command answers.
type explained struct {
	Rule        string               `json:"rule"`
	Queue       string               `json:"queue"`
	Resort      routing.Resort       `json:"resort,omitempty"`
	TicketRoom  string               `json:"ticket_room"` // that the visitor is told before being called; empty for none
	Explanation *routing.Explanation `json:"explanation"`
}

// Run says to whom the rules of an office file would send a visitor, and why.
func (c rulesExplainCommand) Run(std streams) error {
	text, err := readOfficeFile(c.File)
	if err != nil {
		return command.CannotRun(fmt.Errorf("office file: %w", err), "")
	}
	o, err := office.Parse(text)
	if err != nil {
		return command.WrongCall(err, "backoffice/office/example.toml explains what an office file can say")
	}
	facts, err := c.facts(o)
	if err != nil {
		return err
	}
	loads := map[string]routing.Load{}
	for queue, n := range c.Waiting {
		loads[queue] = routing.Load{Waiting: n, Work: time.Duration(n) * o.Minutes(facts.Service)}
	}
	d := o.Routing().Decide(facts, loads)
	answer := explained{d.Rule, d.Caseworker, d.Resort, o.RoomFor(facts.Service), d.Explanation}
	if c.JSON {
		err = json.NewEncoder(std.out).Encode(answer)
	} else {
		err = answer.print(std.out)
	}
	if err == nil && d.Resort == routing.ResortAbsent {
		return command.ErrNotGood
	}
	return err
}

func (c rulesExplainCommand) facts(o *office.Office) (f routing.Facts, err error) {
	f = routing.Facts{
		At: o.Local(time.Now()), Service: c.Service, Verdict: verify.Verdict(c.Verdict), Language: c.Language, Nationality: c.Nationality,
		Letter: strings.ToUpper(c.Letter), Persons: c.Persons, Appointment: c.Appointment, OwnCase: c.OwnCase,
	}
	if _, ok := o.Service(c.Service); !ok && c.Service != "" {
		return f, command.WrongCall(fmt.Errorf("the office file has no service %q", c.Service), "leave --service out for a visitor who asks for a member of staff")
	}
	for queue, n := range c.Waiting {
		_, person := o.Caseworker(queue)
		if _, pool := o.Pool(queue); !person && !pool || n < 0 {
			return f, command.WrongCall(fmt.Errorf("--waiting: %s=%d: no caseworker, no pool, or less than nobody", queue, n), "")
		}
	}
	if c.At != "" {
		if f.At, err = time.ParseInLocation("2006-01-02T15:04", c.At, f.At.Location()); err != nil {
			return f, command.WrongCall(fmt.Errorf("--at: %q is no time", c.At), "write it as 2026-12-01T09:30")
		}
	}
	return f, nil
}

// print writes the answer for people.
func (e explained) print(to io.Writer) error {
	var b strings.Builder
	for _, p := range e.Explanation.Passed {
		fmt.Fprintf(&b, "no   %s: %s\n", p.Rule, refusal(p.Cell, p.Saw))
		printCandidates(&b, p.Candidates)
	}
	fmt.Fprintf(&b, "yes  %s: sent to %s\n", e.Rule, e.Queue)
	printCandidates(&b, e.Explanation.Candidates)
	switch e.Resort {
	case routing.ResortPresent:
		fmt.Fprintln(&b, "none of them fits: chosen is one who is there")
	case routing.ResortAbsent:
		fmt.Fprintln(&b, "nobody of them is there")
	}
	room := e.TicketRoom
	if room == "" {
		room = "none, since not everyone for the service is sent to the same"
	}
	fmt.Fprintf(&b, "room on the ticket: %s\nrules %s\n", room, e.Explanation.Rules)
	_, err := io.WriteString(to, b.String())
	return err
}

func printCandidates(b *strings.Builder, all []routing.Candidate) {
	for _, c := range all {
		fmt.Fprintf(b, "       %s (%d waiting, %d min): ", c.Queue, c.Waiting, c.Minutes)
		if c.Refused != "" {
			fmt.Fprintln(b, "no,", refusal(c.Refused, c.Saw))
			continue
		}
		fmt.Fprintf(b, "%+d", c.Total)
		for _, p := range c.Points {
			fmt.Fprintf(b, ", %s %+d", p.Preference, p.Points)
		}
		fmt.Fprintln(b)
	}
}

// refusal words a cell that said no.
func refusal(cell routing.Cell, saw string) string {
	switch {
	case cell == routing.CellTo:
		return "it fits, and none of its candidates does"
	case cell == routing.CellMembers:
		return "nobody of the pool who is there fits"
	case cell == routing.CellWait:
		return fmt.Sprintf("the wait is %s min", saw)
	case saw == "":
		return fmt.Sprintf("%s, which is not known", cell)
	}
	return fmt.Sprintf("%s is %s", cell, command.Printable(saw))
}
