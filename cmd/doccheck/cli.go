package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
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

// A failure is an error that knows which exit status it ends in, and what to do next.
type failure struct {
	error
	status int
	next   string
}

// Unwrap gives the cause.
func (f failure) Unwrap() error { return f.error }

// wrongCall is a call that must be made otherwise.
func wrongCall(err error, next string) error { return failure{err, statusUsage, next} }

// cannotRun is a command that was called well, and that something else keeps from answering.
func cannotRun(err error, next string) error { return failure{err, statusFailed, next} }

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
func (notYet) Run(*call) error { return errNotYet() }

// errNotYet ends a command that this version does not have.
func errNotYet() error {
	return cannotRun(errors.New("not yet in this version"), "doccheck --help lists what there is")
}

// A call is what every command gets: its surroundings, and the day to judge by.
type call struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	json   bool
	now    time.Time
	day    time.Time
}

// answer prints v as JSON, or what text writes for people, and ends the command as the answer is.
func (c *call) answer(v any, good bool, text func(io.Writer)) (err error) {
	if c.json {
		err = json.NewEncoder(c.stdout).Encode(v)
	} else {
		var b strings.Builder
		text(&b)
		_, err = io.WriteString(c.stdout, printable(b.String()))
	}
	switch {
	case err != nil:
		return cannotRun(fmt.Errorf("write the answer: %w", err), "look where the output goes: a full disk, a closed pipe")
	case !good:
		return errNotGood
	}
	return nil
}

// run is the whole command but for the process: arguments in, exit status out.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c cli
	done := -1
	parser, err := kong.New(&c, kong.Name("doccheck"), kong.Description("Everything about identity documents, from files or readers."),
		kong.Writers(stdout, stderr), kong.Exit(func(status int) { done = status }))
	if err != nil {
		return end(err, stderr)
	}
	parsed, err := parser.Parse(args)
	if done >= 0 { // --help has answered
		return done
	}
	if err != nil {
		return end(wrongCall(err, "doccheck --help"), stderr)
	}
	now := time.Now()
	day := now
	if c.At != "" {
		if day, err = time.Parse(time.DateOnly, c.At); err != nil {
			return end(wrongCall(errors.New("--at is no day"), "write it as YYYY-MM-DD"), stderr)
		}
	}
	return end(parsed.Run(&call{ctx: ctx, stdin: stdin, stdout: stdout, json: c.JSON, now: now, day: day}), stderr)
}

// end tells an error with what to do next, and gives the exit status.
func end(err error, stderr io.Writer) int {
	f := failure{err, statusFailed, "doccheck --help"}
	switch {
	case err == nil:
		return statusGood
	case errors.Is(err, errNotGood):
		return statusNotGood
	case errors.Is(err, context.Canceled):
		f = failure{errors.New("interrupted"), statusFailed, "call it again"}
	default:
		errors.As(err, &f)
	}
	fmt.Fprint(stderr, printable(fmt.Sprintf("doccheck: %v\n  try: %s\n", f.error, f.next)))
	return f.status
}
