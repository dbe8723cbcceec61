// Package visitor plays the person in front of a station: it watches the screen through the technician's socket, handles
// the document and the pen when the station asks for them, and touches controls by their ids, never by coordinates
// written down. Without a finger only the hands play, and somebody else touches the screen.
package visitor

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// Hands do what a person does with things.
type Hands interface {
	// LayDown puts the document on the reader.
	LayDown(context.Context) error
	// TurnOver lays the card down on its other side.
	TurnOver(context.Context) error
	// Sign writes on the signature pad, and returns when the pen is lifted.
	Sign(context.Context) error
	// TakeBack takes the document off the reader, if it lies there.
	TakeBack(context.Context) error
}

// Finger touches the middle of a control. The rectangle is in pixels from the window's top left.
type Finger func(control *technicianv1.Focus) error

// Visitor is one person with a plan.
type Visitor struct {
	Language string // "de"
	Service  string // a service's id
	Hands    Hands
	Finger   Finger // nil: somebody else touches
	// Writes signs with a finger on a sheet that the screen has for that, and returns when it is lifted; nil: the hands sign.
	Writes func(ctx context.Context, sheet *technicianv1.Focus) error
	CAN    string     // the card access number, typed in where the station asks for it; empty: there is none
	Asks   string     // the screen at which the visitor opens help and asks for a person; empty: at none
	Adds   []Addition // what is added at the review, one after the other
	// Forgetful visitors leave the document lying until the station tells them to take it; others take it with the ticket.
	Forgetful bool
	// Watched, when not nil, is told of every change on the screen during the visit.
	Watched func(*technicianv1.WatchScreenResponse)
	// Seen, when not nil, is called before the hands do something and before the screen is touched, with how many times that
	// was so.
	Seen func(n int, s *technicianv1.WatchScreenResponse) error
}

// Addition is somebody, or something, that a visitor adds at the review.
type Addition struct {
	Control string // "another-person", "another-document"
	// Bring has the hands hold the next document, and its owner stand before the station, before the document is laid down.
	Bring func() error
	CAN   string // as the visitor's own
}

// again is after how long an unanswered touch is repeated: longer than any screen takes to change.
const again = 5 * time.Second

// Why a visit ended without what the visitor came for.
var (
	ErrPassedBy   = errors.New("no ticket") // the station sent the visitor away without one
	ErrNotOffered = errors.New("the review does not offer it")
)

// Visit plays one check-in from greeting until its ticket has been taken and the screen is cleared; a visitor who comes while
// the one before is leaving waits. It ends with ctx's error when the station does not get there.
func (v *Visitor) Visit(ctx context.Context, station technicianv1.TechnicianServiceClient) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := station.WatchScreen(ctx, &technicianv1.WatchScreenRequest{})
	if err != nil {
		return fmt.Errorf("watch the screen: %w", err)
	}
	screens := make(chan *technicianv1.WatchScreenResponse)
	ended := make(chan error, 1)
	go func() { // owned by this call: ends with ctx, and is waited for by reading ended
		ended <- receive(ctx, stream, screens)
	}()
	err = v.follow(ctx, screens, ended)
	cancel()
	for range screens { // until receive has closed it
	}
	return err
}

func receive(ctx context.Context, stream technicianv1.TechnicianService_WatchScreenClient, screens chan<- *technicianv1.WatchScreenResponse) error {
	defer close(screens)
	for {
		s, err := stream.Recv()
		if err != nil {
			return fmt.Errorf("watch the screen: %w", err)
		}
		select {
		case screens <- s:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (v *Visitor) follow(ctx context.Context, screens <-chan *technicianv1.WatchScreenResponse, ended <-chan error) error {
	p := progress{visitor: v, done: map[string]bool{}}
	defer p.stop()
	repeat := time.NewTicker(again)
	defer repeat.Stop()
	for {
		var err error
		select {
		case s, ok := <-screens:
			if !ok {
				return <-ended
			}
			var finished bool
			finished, err = p.react(ctx, s)
			if finished {
				return err
			}
			repeat.Reset(again)
		case err = <-p.acted:
			p.stop()
			if err == nil {
				err = p.touch()
			}
		case <-repeat.C:
			p.touched = ""
			err = p.touch()
		}
		if err != nil {
			return err
		}
	}
}

// progress is what the visitor has done so far.
type progress struct {
	visitor *Visitor
	screen  *technicianv1.WatchScreenResponse
	done    map[string]bool // what was done, by screen and attempt
	touched string          // screen and control touched last: not again by itself, the next one may be under the finger
	pressed bool            // a digit, which the screen has not shown yet
	typed   int             // digits that it has shown, at this try
	added   int             // additions that have begun
	looked  string          // the moment that Seen was told of last
	seen    int
	begun   bool // a screen was seen that is not what the visitor before left behind
	ticket  bool

	hands  sync.WaitGroup
	cancel context.CancelFunc // of what the hands do; nil when they rest
	acted  <-chan error       // how it ended
}

// react does what the screen asks for; finished says that the visit is over.
func (p *progress) react(ctx context.Context, s *technicianv1.WatchScreenResponse) (finished bool, err error) {
	leaving := s.GetScreen() == "ticket" || s.GetScreen() == "cleared" || s.GetScreen() == "take_document"
	if p.begun = p.begun || !leaving; !p.begun {
		return false, nil
	}
	before := p.key()
	if p.addsNow(s) {
		if err := p.visitor.Adds[p.added].Bring(); err != nil {
			return false, err
		}
		p.added++
	}
	p.screen = s
	switch {
	case p.key() != before:
		p.stop()
		p.typed = 0
	case p.pressed:
		p.typed++
	}
	p.pressed = false
	if p.visitor.Watched != nil {
		p.visitor.Watched(s)
	}
	switch s.GetScreen() {
	case "ticket":
		p.ticket = true
	case "cleared", "greeting":
		if p.ticket {
			return true, p.look(s.GetScreen())
		}
		if s.GetScreen() == "cleared" {
			return true, ErrPassedBy
		}
	}
	if err := p.handle(ctx); err != nil {
		return false, err
	}
	return false, p.touch()
}

// addsNow tells that a screen begins an addition: the first step after the review that is not done, and not asked for again.
func (p *progress) addsNow(s *technicianv1.WatchScreenResponse) bool {
	step := s.GetScreen() == "document" || s.GetScreen() == "portrait" || s.GetScreen() == "signature"
	anew := s.GetAttempt() <= 1 && s.GetProblem() == "" && !controlOf(s, "next").GetEnabled()
	return p.screen.GetScreen() == "review" && step && anew && p.added < len(p.visitor.Adds)
}

// controlOf is a control that a screen has, or nil.
func controlOf(s *technicianv1.WatchScreenResponse, id string) *technicianv1.Focus {
	for _, control := range s.GetFocus() {
		if control.GetId() == id {
			return control
		}
	}
	return nil
}

// handle begins to lay down, turn over, sign or take back, once for each time the station asks.
func (p *progress) handle(ctx context.Context) error {
	hands := p.visitor.Hands
	act := map[string]func(context.Context) error{
		"document": hands.LayDown, "turn_over": hands.TurnOver, "signature": hands.Sign, "ticket": hands.TakeBack, "take_document": hands.TakeBack,
	}[p.screen.GetScreen()]
	if sheet := controlOf(p.screen, "sheet"); sheet != nil && p.visitor.Writes != nil {
		act = func(ctx context.Context) error { return p.visitor.Writes(ctx, sheet) }
	}
	if act == nil || p.done[p.key()] || p.screen.GetScreen() == "ticket" && p.visitor.Forgetful {
		return nil
	}
	p.done[p.key()] = true
	if p.screen.GetScreen() != "ticket" { // which is looked at when it is taken
		if err := p.look("before " + p.moment()); err != nil {
			return err
		}
	}
	ctx, p.cancel = context.WithCancel(ctx)
	acted := make(chan error, 1)
	p.acted = acted
	p.hands.Go(func() { acted <- act(ctx) })
	return nil
}

// stop ends what the hands do: it is done, or the station asks for something else by now.
func (p *progress) stop() {
	if p.cancel == nil {
		return
	}
	p.cancel()
	p.hands.Wait()
	p.cancel, p.acted = nil, nil
}

// key names a screen, which try it is, and at whom or what.
func (p *progress) key() string {
	return fmt.Sprint(p.screen.GetScreen(), " ", p.screen.GetAttempt(), " ", p.added)
}

// touch touches the control that leads on, if there is a finger, the hands rest, and the control answers.
func (p *progress) touch() error {
	if p.screen == nil || p.visitor.Finger == nil || p.cancel != nil {
		return nil
	}
	want := p.wants()
	if p.touched == p.key()+" "+want {
		return nil
	}
	control := controlOf(p.screen, want)
	switch {
	case control == nil && p.screen.GetScreen() == "review" && want != "confirm":
		return fmt.Errorf("%s: %w", want, ErrNotOffered)
	case control == nil || !control.GetEnabled():
		return nil
	}
	if err := p.look(p.moment()); err != nil {
		return err
	}
	p.touched = p.key() + " " + want
	p.pressed = p.screen.GetScreen() == "access_number" && p.typed < len(p.can())
	return p.visitor.Finger(control)
}

// moment names what is looked at; what is added to a visit is a moment of its own.
func (p *progress) moment() string {
	if p.added == 0 {
		return p.screen.GetScreen()
	}
	return fmt.Sprint(p.screen.GetScreen(), " ", p.added+1)
}

// can is the card access number of the document at hand.
func (p *progress) can() string {
	if p.added > 0 {
		return p.visitor.Adds[p.added-1].CAN
	}
	return p.visitor.CAN
}

// look shows the screen to whoever keeps pictures, once at each moment of it.
func (p *progress) look(moment string) error {
	if p.visitor.Seen == nil || p.looked == moment {
		return nil
	}
	p.looked = moment
	p.seen++
	return p.visitor.Seen(p.seen, p.screen)
}

// wants is the control that leads from the screen to the next.
func (p *progress) wants() string {
	switch v := p.visitor; p.screen.GetScreen() {
	case v.Asks:
		return "help"
	case "help":
		return "help.staff"
	case "greeting":
		return "start"
	case "language":
		return "language." + v.Language
	case "privacy":
		return "privacy.accept"
	case "service":
		return "service." + v.Service
	case "access_number":
		return p.numberKey()
	case "review":
		if p.added < len(v.Adds) {
			return v.Adds[p.added].Control
		}
		return "confirm"
	case "ticket":
		return "leave"
	default:
		return "next"
	}
}

// numberKey is the next key on the screen that asks for the card access number.
func (p *progress) numberKey() string {
	switch can := p.can(); {
	case can == "":
		return "access_number.without"
	case p.typed < len(can):
		return "access_number." + can[p.typed:p.typed+1]
	default:
		return "access_number.done"
	}
}
