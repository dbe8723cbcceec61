package main

import (
	"context"
	"image"
	"strings"
	"testing"

	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// wrongPIN is not the station's.
const wrongPIN = "480294"

// onScreen is somebody who touches the station's window, and sees what it shows.
type onScreen struct {
	*built
	t      *testing.T
	stream technicianv1.TechnicianService_WatchScreenClient
	screen *technicianv1.WatchScreenResponse
}

// see waits for a screen.
func (o *onScreen) see(what string, holds func(*technicianv1.WatchScreenResponse) bool) {
	o.t.Helper()
	for o.screen == nil || !holds(o.screen) {
		s, err := o.stream.Recv()
		if err != nil {
			o.keepScreen(o.t)
			o.t.Fatalf("waited in vain for %s: %v; there is %v", what, err, o.screen)
		}
		o.screen = s
	}
}

func (o *onScreen) sees(screen, problem string) {
	o.t.Helper()
	o.see(screen+" "+problem, func(s *technicianv1.WatchScreenResponse) bool {
		return s.GetScreen() == screen && s.GetProblem() == problem
	})
}

// touches touches controls one after the other.
func (o *onScreen) touches(ids ...string) {
	o.t.Helper()
	for _, id := range ids {
		if err := finger(o.display)(o.control(id)); err != nil {
			o.t.Fatal(err)
		}
	}
}

// control waits until one can be touched.
func (o *onScreen) control(id string) (found *technicianv1.Focus) {
	o.t.Helper()
	o.see(id, func(s *technicianv1.WatchScreenResponse) bool {
		for _, c := range s.GetFocus() {
			if c.GetId() == id && c.GetEnabled() {
				found = c
			}
		}
		return found != nil
	})
	return found
}

// holds keeps a finger on a control until that leads to a screen.
func (o *onScreen) holds(id, screen string) {
	o.t.Helper()
	letGo := o.holdDown(o.t, o.control(id))
	o.sees(screen, "")
	letGo()
}

// holdDown puts a finger on a control, which stays there until letGo.
func (b *built) holdDown(t *testing.T, c *technicianv1.Focus) (letGo func()) {
	t.Helper()
	window, ok := b.display.Window(windowTitle)
	if !ok {
		t.Fatal("the station has no window")
	}
	at := window.Min.Add(image.Pt(int(c.GetX()+c.GetWidth()/2), int(c.GetY()+c.GetHeight()/2)))
	touch := func(down bool) {
		t.Helper()
		if err := b.display.Touch(at, down); err != nil {
			t.Fatal(err)
		}
	}
	touch(true)
	return func() { touch(false) }
}

// types touches the keys of a PIN.
func (o *onScreen) types(digits string) {
	o.t.Helper()
	for _, d := range digits {
		o.touches("pin." + string(d))
	}
	o.touches("pin.done")
}

// guesses: a finger is held in the corner, a wrong PIN does not help, the right one does; then the station is the visitors' again.
func (b *built) guesses(t *testing.T) {
	ctx, cancel := context.WithTimeout(b.ctx, visitTime)
	defer cancel()
	stream, err := b.Station.WatchScreen(ctx, &technicianv1.WatchScreenRequest{})
	if err != nil {
		t.Fatal(err)
	}
	o := &onScreen{built: b, t: t, stream: stream}
	o.sees("greeting", "")
	o.holds("technician", "pin")
	o.types(wrongPIN)
	o.sees("pin", "wrong_pin")
	o.touches("language.en")
	o.see("English", func(s *technicianv1.WatchScreenResponse) bool { return s.GetLanguage() == "en" })
	o.touches("back")
	o.sees("greeting", "")
	o.holds("technician", "pin")
	o.types(technicianPIN)
	o.sees("technician", "")
	o.touches("leave")
	o.sees("greeting", "")
	for _, secret := range []string{technicianPIN, wrongPIN} {
		if strings.Contains(b.log.String(), secret) {
			t.Error("the log has a PIN")
		}
	}
}
