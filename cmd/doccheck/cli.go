package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/alecthomas/kong"
)

// Exit statuses, the same for all of Foyer's commands.
const (
	statusGood    = 0
	statusNotGood = 1
	statusUsage   = 2
	statusFailed  = 3
)

// errNotGood ends a command that answered, and whose answer is not good news. Nothing more is printed.
var errNotGood = errors.New("answered, and not good")

// errNotYet ends a command that this version does not have.
var errNotYet = errors.New("not yet in this version")

type cli struct {
	JSON bool   `name:"json" help:"Print one JSON object."`
	At   string `help:"Judge expiry and centuries as of this day (YYYY-MM-DD); today when not given." placeholder:"DATE"`

	MRZ struct {
		Parse mrzParse `cmd:"" help:"MRZ text to fields, check digits, names, what is wrong and where."`
		Read  notYet   `cmd:"" help:"A picture to MRZ lines (not yet)."`
	} `cmd:"" name:"mrz" help:"The machine-readable zone."`
	Chip struct {
		Read   chipRead   `cmd:"" help:"Read the chip on a reader, and verify it."`
		Verify chipVerify `cmd:"" help:"Verify saved files (EF_SOD.bin, DG1.bin, ...)."`
	} `cmd:"" help:"The chip."`
	Page  pageCheck `cmd:"" help:"Optical checks on page pictures."`
	Trust struct {
		Import trustImport `cmd:"" help:"Add certificates and master lists to the trust store."`
		List   trustList   `cmd:"" help:"List the certificates of the trust store."`
	} `cmd:"" help:"The trust store."`
	Stamp    notYet `cmd:"" help:"The stamps on a page (not yet)."`
	Portrait notYet `cmd:"" help:"Portrait quality (not yet)."`
	Report   notYet `cmd:"" help:"A stored verification as a report (not yet)."`
	Model    notYet `cmd:"" help:"Learn the model of a document (not yet)."`
	Policy   notYet `cmd:"" help:"Explain a policy (not yet)."`
}

type notYet struct {
	Args []string `arg:"" optional:"" passthrough:""`
}

// Run implements kong's command.
func (notYet) Run(*call) error { return errNotYet }

// A call is what every command gets: its surroundings, and the day to judge by.
type call struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	json   bool
	now    time.Time
	day    time.Time
}

// answer prints v as JSON, or what text writes for people.
func (c *call) answer(v any, text func(io.Writer)) error {
	if !c.json {
		text(c.stdout)
		return nil
	}
	return json.NewEncoder(c.stdout).Encode(v)
}

// run is the whole command but for the process: arguments in, exit status out.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c cli
	done := -1
	parser, err := kong.New(&c, kong.Name("doccheck"), kong.Description("Everything about identity documents, from files or readers."),
		kong.UsageOnError(), kong.Writers(stdout, stderr), kong.Exit(func(status int) { done = status }))
	if err != nil {
		fmt.Fprintln(stderr, "doccheck:", err)
		return statusFailed
	}
	parsed, err := parser.Parse(args)
	if done >= 0 { // --help has answered
		return done
	}
	if err != nil {
		fmt.Fprintf(stderr, "doccheck: %v\nTry: doccheck --help\n", err)
		return statusUsage
	}
	now := time.Now()
	day := now
	if c.At != "" {
		if day, err = time.Parse(time.DateOnly, c.At); err != nil {
			fmt.Fprintln(stderr, "doccheck: --at wants a day as YYYY-MM-DD")
			return statusUsage
		}
	}
	err = parsed.Run(&call{ctx: ctx, stdin: stdin, stdout: stdout, json: c.JSON, now: now, day: day})
	return status(err, stderr)
}

func status(err error, stderr io.Writer) int {
	switch {
	case err == nil:
		return statusGood
	case errors.Is(err, errNotGood):
		return statusNotGood
	}
	fmt.Fprintln(stderr, "doccheck:", err)
	var usage usageError
	if errors.As(err, &usage) {
		return statusUsage
	}
	return statusFailed
}

// usageError is a call that was wrong in a way that the flags alone do not show.
type usageError string

func (e usageError) Error() string { return string(e) }
