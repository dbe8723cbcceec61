package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/interactive"
	"github.com/foyer-station/foyer/hwtest/wording"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/hardware"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify/portrait"
)

const saysOwnScreen devices.Key = "pad.own_screen" // visitors sign on it, and the kiosk alone feels the finger

// Which keys answer.
const (
	saysGoOn   devices.Key = "ask.go_on"  // to what is to be done
	saysNumber devices.Key = "ask.number" // number; the last of the answers
	saysWaits  devices.Key = "ask.waits"  // seconds; the device, for what was asked
)

// interactive asks for one device after the other.
func (c *cli) interactive(ctx context.Context, settings config.Config, who person, f follower) ([]hwtest.Check, error) {
	words, err := wording.Load(c.language()) // of what is spoken
	if err != nil {
		return nil, err
	}
	faces := &faces{folder: settings.Verify.Cascades}
	defer faces.close()
	var checks []hwtest.Check
	for _, s := range c.chosen(asking(settings.Devices, who, c, faces, words)) {
		if ctx.Err() != nil { // what is left would be told as ill
			break
		}
		if who.gone() {
			checks = append(checks, interactive.Left(s)...)
			continue
		}
		who.about(s.Kind)
		checks = append(checks, hwtest.Run(ctx, followed([]hwtest.Subject{s}, f), c.Limit, f.done)...)
	}
	if who.absent() && ctx.Err() == nil {
		return checks, command.CannotRun(errors.New("nobody answers"), "hwtest --level interactive on a terminal, or with --answers FILE")
	}
	return checks, nil
}

// asking are the devices that a person is asked to use. The printer and the page imager have nothing to ask.
func asking(d config.Devices, person interactive.Person, c *cli, f *faces, words *wording.Catalogue) (all []hwtest.Subject) {
	h := hardware.New(d)
	if !d.MRZReader.None() {
		all = append(all, interactive.MRZReader(h.MRZReader, person, func(lines []string) error { return checkZone(lines, c) }))
	}
	speech := interactive.Speech{Language: c.language(), Words: words, Pick: c.pick, Now: c.now}
	pad := interactive.SignaturePad(h.SignaturePad, person)
	if h.Screen() != nil {
		pad = untouchable(pad)
	}
	return append(all, interactive.Camera(h.Camera, person, f.seen), pad, interactive.Sound(person, speech))
}

// untouchable is the station's own screen, where visitors sign with a finger: only the kiosk feels it, and no other program.
func untouchable(pad hwtest.Subject) hwtest.Subject {
	pad.Test = func(_ context.Context, tell func(hwtest.Check)) {
		for _, name := range pad.Checks {
			tell(hwtest.Unsupported(pad.Kind, name, devices.Say(saysOwnScreen)))
		}
	}
	return pad
}

var errFaulty = errors.New("a check does not hold")

// checkZone tells whether lines are a zone of which every check digit holds.
func checkZone(lines []string, c *cli) error {
	zone, err := mrz.Parse(lines, c.now())
	if err != nil {
		return err
	}
	if !zone.Valid() {
		return errFaulty
	}
	return nil
}

// faces finds faces; what that takes is loaded when it is first asked for.
type faces struct {
	folder string
	once   sync.Once
	finder *portrait.Finder
	err    error
}

func (f *faces) seen(m *image.RGBA) (bool, error) {
	f.once.Do(func() { f.finder, f.err = portrait.NewFinder(f.folder) })
	if f.err != nil {
		return false, f.err
	}
	found, err := f.finder.Find(m)
	return len(found) > 0, err
}

func (f *faces) close() {
	if f.finder != nil {
		f.finder.Close()
	}
}

// terminal is a person before a terminal: a line of text each way. Where the answers come from a file or a pipe, what is asked is told all
// the same.
type terminal struct {
	lines
	out   io.Writer
	words *wording.Catalogue
	kind  devices.Kind // that the next question is about
}

var _ person = (*terminal)(nil)

func (t *terminal) about(kind devices.Kind) { t.kind = kind }
func (t *terminal) absent() bool            { return t.left && !t.answered }
func (t *terminal) gone() bool              { return t.ended() }

func (t *terminal) close() {
	if t.in != os.Stdin {
		t.in.Close()
	}
}

// Ask implements [interactive.Person].
func (t *terminal) Ask(ctx context.Context, do devices.Message) error {
	if t.gone() {
		return interactive.ErrLeft
	}
	t.say(do)
	_, err := t.answer(ctx, devices.Say(saysGoOn))
	if err == nil {
		t.waiting(do)
	}
	return err
}

// waiting says that the device waits for what was asked, and how long, where it does.
func (t *terminal) waiting(do devices.Message) {
	for _, p := range do.Params {
		if p.Name == interactive.Seconds {
			fmt.Fprintf(t.out, "  %s\n", t.words.Say(devices.Say(saysWaits).With("seconds", p.Value)))
		}
	}
}

// Choose implements [interactive.Person]. What is none of the answers is asked again.
func (t *terminal) Choose(ctx context.Context, question devices.Message, answers []devices.Message) (int, error) {
	if t.gone() {
		return 0, interactive.ErrLeft
	}
	t.say(question)
	for i, a := range answers {
		fmt.Fprintf(t.out, "  %d  %s\n", i+1, t.words.Say(a))
	}
	for {
		text, err := t.answer(ctx, devices.Say(saysNumber).With("number", strconv.Itoa(len(answers))))
		if err != nil {
			return 0, err
		}
		if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(answers) {
			return n - 1, nil
		}
	}
}

// say says something of the device that is tested.
func (t *terminal) say(what devices.Message) {
	fmt.Fprintf(t.out, "\n%s: %s\n", hwtest.NameOf(t.kind, t.words), t.words.Say(what))
}

// answer tells the keys, and waits for a line. The errors are Ask's.
func (t *terminal) answer(ctx context.Context, keys devices.Message) (string, error) {
	fmt.Fprintf(t.out, "  [%s] ", t.words.Say(keys))
	line, err := t.next(ctx)
	fmt.Fprintln(t.out)
	text := strings.TrimSpace(line)
	if err == nil && strings.EqualFold(text, "s") {
		err = interactive.ErrSkipped
	}
	return text, err
}

// Tell implements [interactive.Person].
func (t *terminal) Tell(c hwtest.Check) {
	if text := c.Line(t.words); text != "" {
		fmt.Fprintf(t.out, "  %s\n", text)
	}
}

// lines are what comes in, line by line.
type lines struct {
	in       *os.File
	read     []byte // that makes no line yet
	answered bool   // once at least
	left     bool   // nothing more comes
}

// next waits for a line. It asks every now and then whether something is there to be read: a read of a terminal knows no context. Once
// nothing more comes the error is [interactive.ErrLeft].
func (l *lines) next(ctx context.Context) (string, error) {
	const pause = 50 // milliseconds
	for {
		if i := bytes.IndexByte(l.read, '\n'); i >= 0 {
			line := string(l.read[:i])
			l.read, l.answered = l.read[i+1:], true
			return line, nil
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if l.left {
			return "", interactive.ErrLeft
		}
		l.take(pause)
	}
}

// ended tells whether nothing more comes, as far as that can be told without waiting: the end of a file, not that of a person's patience.
func (l *lines) ended() bool {
	if !l.left && len(l.read) == 0 {
		l.take(0)
	}
	return l.left && !bytes.Contains(l.read, []byte{'\n'})
}

// take reads what is there, and waits so many milliseconds for something to be.
func (l *lines) take(wait int) {
	ready := []unix.PollFd{{Fd: int32(l.in.Fd()), Events: unix.POLLIN}}
	if n, err := unix.Poll(ready, wait); n == 0 || errors.Is(err, unix.EINTR) {
		return
	}
	chunk := make([]byte, 256)
	n, err := l.in.Read(chunk)
	l.read = append(l.read, chunk[:n]...)
	l.left = err != nil || len(l.read) > 1<<16
}
