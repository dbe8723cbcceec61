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

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/verify/wording"
)

// program is what this command is called.
const program = "doccheck"

type cli struct {
	JSON bool   `name:"json" help:"Print one JSON object."`
	At   string `help:"Judge expiry and centuries as of this day (YYYY-MM-DD); today when not given." placeholder:"DATE"`

	MRZ struct {
		Parse mrzParse `cmd:"" help:"MRZ text to fields and check digits, with what is wrong or deviates and where; also as another program or keyboard passed it on."`
		Read  mrzRead  `cmd:"" help:"Pictures to MRZ lines, fields, confidence, where in the picture; the MRZ of each document that lies on it."`
	} `cmd:"" name:"mrz" help:"The machine-readable zone."`
	Chip struct {
		Read   chipRead   `cmd:"" help:"Read the chip on a reader, and verify it."`
		Verify chipVerify `cmd:"" help:"Verify saved files (EF_SOD.bin, DG1.bin, ...)."`
	} `cmd:"" help:"The chip."`
	Page  pageCheck `cmd:"" help:"Optical checks on page pictures."`
	Trust struct {
		Import trustImport `cmd:"" help:"Add certificates, revocation lists, master lists, and lists of defects and deviations to the trust store."`
		List   trustList   `cmd:"" help:"List what is in the trust store, who vouches for it, what does not count and why, and how old it is."`
		Remove trustRemove `cmd:"" help:"Keep certificates or lists from counting, whichever list has them again; trust import --again takes them back."`
	} `cmd:"" help:"The trust store."`
	Stamp    notYet `cmd:"" help:"The stamps on a page (not yet)."`
	Portrait notYet `cmd:"" help:"Portrait quality (not yet)."`
	Report   notYet `cmd:"" help:"A stored verification as a report (not yet)."`
	Model    notYet `cmd:"" help:"Learn the model of a document (not yet)."`
	Policy   struct {
		Explain policyExplain `cmd:"" help:"What each check weighs in a policy file and where that differs from what Foyer ships; or what is wrong in the file, and on which line."`
	} `cmd:"" help:"The policy that makes the verdict."`
}

type notYet struct {
	Args []string `arg:"" optional:"" passthrough:""`
}

// Run implements kong's command.
func (notYet) Run(*call) error { return command.ErrNotYet(program) }

// A call is what every command gets: its surroundings, and the day to judge by.
type call struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	json   bool
	words  *wording.Catalogue
	now    time.Time
	day    time.Time
}

// answer prints v as JSON, or what text writes for people, and ends the command as the answer is.
func (c *call) answer(v any, good bool, text func(io.Writer)) (err error) {
	if c.json {
		out := json.NewEncoder(c.stdout)
		out.SetEscapeHTML(false) // an MRZ's fillers are to be read
		err = out.Encode(v)
	} else {
		var b strings.Builder
		text(&b)
		_, err = io.WriteString(c.stdout, command.Printable(b.String()))
	}
	switch {
	case err != nil:
		return command.CannotRun(fmt.Errorf("write the answer: %w", err), "check where the output goes: a full disk, a closed pipe")
	case !good:
		return command.ErrNotGood
	}
	return nil
}

// run is the whole command but for the process: arguments in, exit status out.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c cli
	return command.Run(program, &c, args, stdout, stderr, func(chosen *kong.Context) error {
		now := time.Now()
		day := now
		if c.At != "" {
			var err error
			if day, err = time.Parse(time.DateOnly, c.At); err != nil {
				return command.WrongCall(errors.New("--at is no day"), "write it as YYYY-MM-DD")
			}
		}
		words, err := wording.Load("en")
		if err != nil {
			return err
		}
		return chosen.Run(&call{ctx: ctx, words: words, stdin: stdin, stdout: stdout, json: c.JSON, now: now, day: day})
	}, kong.Description("Everything about identity documents, from files or readers."))
}
