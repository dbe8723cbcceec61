package stu

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/serial"
	"github.com/foyer-station/foyer/devices/stu/protocol"
)

// Baud is the speed of a pad's serial line over USB (Wacom, STU Serial Connection); the STU-540's kit for RS-232 has 115,200.
const Baud = 128_000

// answerTime is how long a pad may take to answer along a serial line: the longest answer takes 50 ms at the slower speed, a block of
// a picture 300 ms.
const answerTime = time.Second

// OpenLine opens the pad at the end of a serial line, a device node of ours alone. Errors as of [Driver.Open], and the system's (no
// permission).
func (d *Driver) OpenLine(ctx context.Context, path string, baud int) (*Pad, error) {
	port, err := serial.Open(path, baud)
	if err != nil {
		return nil, failure("open", err)
	}
	l := newLine(port, path)
	if err := l.introduce(ctx); err != nil {
		l.Close()
		return nil, failure("open", err)
	}
	return d.begin(ctx, l)
}

// line is a pad at the end of a serial line. One goroutine reads it all the time, and parts what the pad says by itself from its
// answers; one exchange at a time asks.
type line struct {
	port    *serial.Line
	path    string
	reports protocol.Sizes

	asking sync.Mutex    // held by an exchange
	pens   chan []byte   // what the pad said by itself; the oldest goes first where nobody reads
	ended  chan struct{} // closed when nothing is read any more
	end    error         // why, before ended is closed

	mu      sync.Mutex
	wants   map[protocol.Report]bool // answers that the exchange under way takes; nil without one
	answers chan []byte              // takes one
}

func newLine(port *serial.Line, path string) *line {
	l := &line{port: port, path: path, pens: make(chan []byte, backlog-1), ended: make(chan struct{}), answers: make(chan []byte, 1)}
	go l.listen()
	return l
}

// introduce asks for the lengths of the reports.
func (l *line) introduce(ctx context.Context) error {
	const longest = 511
	content, err := l.get(ctx, protocol.ReportSizeCollection, longest)
	if err != nil {
		return err
	}
	l.reports, err = protocol.FromCollection(content)
	return err
}

// listen reads the line until it is closed or gone. It owns pens.
func (l *line) listen() {
	defer close(l.ended)
	var frames protocol.Deframer
	buffer := make([]byte, 4096)
	for {
		n, err := l.port.Read(context.Background(), buffer, math.MaxInt64/2)
		if err != nil {
			l.end = err
			return
		}
		reports, lost := frames.Take(buffer[:n])
		for _, report := range reports {
			l.sort(report)
		}
		for range lost { // nonsense is counted as such by whoever reads
			l.offer(nil)
		}
	}
}

// sort gives a report to whoever waits for it.
func (l *line) sort(report []byte) {
	l.mu.Lock()
	wanted := l.wants[protocol.Report(report[0])]
	if wanted {
		l.wants = nil
	}
	l.mu.Unlock()
	if wanted {
		l.answers <- report // there is room: one is wanted
		return
	}
	l.offer(report)
}

func (l *line) offer(packet []byte) {
	for {
		select {
		case l.pens <- packet:
			return
		default:
		}
		select {
		case <-l.pens:
		default:
		}
	}
}

// exchange sends a report and waits for one of the answers that it may have. It goes on although ctx ends meanwhile: answers do not
// say what they answer, and the next exchange would take this one's for its own.
func (l *line) exchange(ctx context.Context, report []byte, answers ...protocol.Report) ([]byte, error) {
	l.asking.Lock()
	defer l.asking.Unlock()
	select {
	case <-l.answers: // of an exchange that was given up
	default:
	}
	wants := map[protocol.Report]bool{}
	for _, r := range answers {
		wants[r] = true
	}
	l.want(wants)
	defer l.want(nil)
	if err := l.port.Write(context.WithoutCancel(ctx), protocol.Frame(report), answerTime); err != nil {
		return nil, l.why(err)
	}
	late := time.NewTimer(answerTime)
	defer late.Stop()
	select {
	case answer := <-l.answers:
		return answer, nil
	case <-l.ended:
		return nil, l.end
	case <-late.C:
		return nil, devices.ErrTimeout
	}
}

func (l *line) want(wants map[protocol.Report]bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wants = wants
}

// why prefers the reason for which the line ended to what a write made of it.
func (l *line) why(err error) error {
	select {
	case <-l.ended:
		return l.end
	default:
		return err
	}
}

func (l *line) get(ctx context.Context, r protocol.Report, size int) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	answer, err := l.exchange(ctx, []byte{byte(protocol.GetReport), byte(r)}, r, protocol.SetResult)
	switch {
	case err != nil:
		return nil, err
	case protocol.Report(answer[0]) != r:
		return nil, cmp.Or(l.refused(answer), errNoReport)
	}
	return answer[1:min(len(answer), 1+size)], nil
}

func (l *line) set(ctx context.Context, r protocol.Report, content []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	answer, err := l.exchange(ctx, append([]byte{byte(r)}, content...), protocol.SetResult)
	if err != nil {
		return err
	}
	return l.refused(answer)
}

// errNoReport is an answer that says that a report was taken which was asked for.
var errNoReport = fmt.Errorf("%w: not the report asked for", devices.ErrProtocol)

// refused is the error in a SetResult, or nil.
func (l *line) refused(answer []byte) error {
	if len(answer) != 2 || answer[1] != 0 {
		return fmt.Errorf("%w: request refused", devices.ErrProtocol)
	}
	return nil
}

func (l *line) next(ctx context.Context) ([]byte, error) {
	select {
	case packet := <-l.pens:
		return packet, nil
	default:
	}
	select {
	case packet := <-l.pens:
		return packet, nil
	case <-l.ended:
		return nil, l.end
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *line) forget() {
	for {
		select {
		case <-l.pens:
		default:
			return
		}
	}
}

func (l *line) sizes() protocol.Sizes { return l.reports }

func (l *line) info() (uint16, string, string) { return 0, "", "serial " + l.path }

// Close implements [wire]. It ends an exchange, and waits for the goroutine that reads.
func (l *line) Close() error {
	err := l.port.Close()
	<-l.ended
	if errors.Is(l.end, devices.ErrClosed) {
		return err
	}
	return nil // it was gone before
}
