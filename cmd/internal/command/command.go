// Package command is what all of Foyer's commands promise to people and scripts: the exit status 0 answered and good,
// 1 answered and not good, 2 the call was wrong, 3 could not run; errors on standard error, with what to do next; and
// nothing printed that could steer a terminal.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime/debug"
	"strings"
	"unicode"

	"github.com/alecthomas/kong"
)

// Exit statuses.
const (
	StatusGood    = 0
	StatusNotGood = 1
	StatusUsage   = 2
	StatusFailed  = 3
)

// ErrNotGood ends a command that answered, and whose answer is not good news. Nothing more is printed.
var ErrNotGood = errors.New("answered, but not good")

// A failure is an error that knows which exit status it ends in, and what to do next.
type failure struct {
	error
	status int
	next   string
}

// Unwrap gives the cause.
func (f failure) Unwrap() error { return f.error }

// WrongCall is the error of a command that must be called otherwise; next says how.
func WrongCall(err error, next string) error { return failure{err, StatusUsage, next} }

// CannotRun is the error of a command that was called well, and that something else keeps from answering; next says
// what to do about it.
func CannotRun(err error, next string) error { return failure{err, StatusFailed, next} }

// ErrNotYet ends a command that is promised and not built.
func ErrNotYet(program string) error {
	return CannotRun(errors.New("not yet in this version"), program+" --help lists the commands")
}

// Run parses args into cli, whose tags are kong's, and calls do with what was chosen. It tells an error on stderr as
// the program's own, and gives the exit status.
func Run(program string, cli any, args []string, stdout, stderr io.Writer, do func(*kong.Context) error, options ...kong.Option) int {
	answered := -1
	options = append(options, kong.KindMapper(reflect.String, kong.MapperFunc(asGiven)), kong.Name(program), kong.Writers(stdout, stderr), kong.Exit(func(status int) { answered = status }))
	built, _ := debug.ReadBuildInfo() // nil where there is none
	options = append(options, kong.Embed(&shows{}), kong.Vars{"version": version(program, built)})
	parser, err := kong.New(cli, options...)
	if err != nil {
		return end(program, err, stderr)
	}
	chosen, err := parser.Parse(args)
	switch {
	case answered >= 0: // by --help, --version
		return answered
	case err != nil:
		return end(program, WrongCall(err, program+" --help"), stderr)
	}
	return end(program, do(chosen), stderr)
}

// asGiven takes a word of the command line as it is. Kong takes it through JSON, in which a file's name that is not UTF-8 becomes
// another's.
func asGiven(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("string")
	if err != nil {
		return err
	}
	word, ok := token.Value.(string)
	if !ok {
		return fmt.Errorf("expected a word, not %v", token.Value)
	}
	target.SetString(word)
	return nil
}

// end tells an error with what to do next, and gives the exit status.
func end(program string, err error, stderr io.Writer) int {
	f := failure{err, StatusFailed, program + " --help"}
	switch {
	case err == nil:
		return StatusGood
	case errors.Is(err, ErrNotGood):
		return StatusNotGood
	case errors.Is(err, context.Canceled):
		f = failure{errors.New("interrupted"), StatusFailed, "call it again"}
	default:
		errors.As(err, &f)
	}
	fmt.Fprint(stderr, Printable(fmt.Sprintf("%s: %v\n  try: %s\n", program, f.error, f.next)))
	return f.status
}

// Printable keeps what a document or a certificate says from steering the terminal.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}
