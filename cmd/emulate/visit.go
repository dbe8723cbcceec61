package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/emulate/display"
	"github.com/foyer-station/foyer/emulate/house"
	"github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/visitor"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// The station's screen: 27 inches, upright.
const (
	screenWidth  = 1080
	screenHeight = 1920
)

// visitTime bounds a scripted visit.
const visitTime = 5 * time.Minute

// attended lets somebody at the display be the visitor, again and again, until the window is closed.
func (c cli) attended(ctx context.Context, o house.Options, pieces []piece) (err error) {
	o.Env = []string{"FYNE_SCALE=0.5"} // 540 x 960 pixels fit on a desk's screen
	h, err := c.start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	fmt.Println("Touch the screen; emulated hands lay down the documents and sign.")
	printStaff(h)
	var watch sync.WaitGroup
	defer watch.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch.Go(func() {
		select {
		case <-h.Gone():
			cancel()
		case <-ctx.Done():
		}
	})
	for ctx.Err() == nil {
		if err := h.World.Enter(pieces[0].Specimen); err != nil {
			return err
		}
		v := visitor.Visitor{Hands: h.World, Adds: additions(h.World, pieces), Forgetful: c.Visitor == forgetful}
		if err := v.Visit(ctx, h.Station); err != nil && !errors.Is(err, visitor.ErrPassedBy) && ctx.Err() == nil {
			return err
		}
		h.World.TakeAway()
	}
	return nil
}

// start starts the house. What keeps a program from starting stands in its log.
func (c cli) start(ctx context.Context, o house.Options) (*house.House, error) {
	h, err := house.Start(ctx, o)
	if err != nil {
		return nil, command.CannotRun(err, "see what the programs logged in "+c.logFile())
	}
	return h, nil
}

func printStaff(h *house.House) {
	fmt.Println("Staff console:", h.ConsoleURL)
	for _, u := range h.Users {
		fmt.Printf("  user %-10s password %s\n", u.Name, u.Password)
	}
}

// scripted sends one visitor through on a virtual display, then looks into the console.
func (c cli) scripted(ctx context.Context, o house.Options, pieces []piece) (err error) {
	if err := c.forget(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, visitTime)
	defer cancel()
	d, err := display.Start(screenWidth, screenHeight)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	o.Env = d.Env()
	h, err := c.start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	first := pieces[0]
	fmt.Println("coming:", told(pieces))
	if err := h.World.Enter(first.Specimen); err != nil {
		return err
	}
	v := visitor.Visitor{
		Language: c.Language, Service: c.Service, Hands: h.World, Finger: finger(d), Writes: writer(d), CAN: first.ChipOptions.CAN, Seen: c.keepScreen(d),
		Adds: additions(h.World, pieces), Forgetful: c.Visitor == forgetful,
	}
	if err := v.Visit(ctx, h.Station); err != nil {
		return errors.Join(err, h.Ended())
	}
	if err := c.keepTicket(ctx, h); err != nil {
		return err
	}
	return c.keepConsole(ctx, h)
}

// forget removes what an earlier visit left: its pictures would pass for this one's.
func (c cli) forget() error {
	var failed []error
	for _, pattern := range []string{"[0-9][0-9]-*.png", "console-*.png", "ticket.png"} {
		pictures, err := filepath.Glob(filepath.Join(c.Out, pattern))
		failed = append(failed, err)
		for _, picture := range pictures {
			failed = append(failed, os.Remove(picture))
		}
	}
	return errors.Join(failed...)
}

// finger touches the middle of a control in the station's window.
func finger(d *display.Display) visitor.Finger {
	return func(control *technicianv1.Focus) error {
		at, err := onDisplay(d, control, 0.5, 0.5)
		if err != nil {
			return err
		}
		return d.Tap(at.X, at.Y)
	}
}

// writer signs with a finger on a sheet in the station's window, which is seen at as many places a second as touchscreens look.
func writer(d *display.Display) func(context.Context, *technicianv1.Focus) error {
	const look = 10 * time.Millisecond
	return func(ctx context.Context, sheet *technicianv1.Focus) error {
		tick := time.NewTicker(look)
		defer tick.Stop()
		for _, stroke := range stu.Signature(1) {
			var at image.Point
			for _, p := range stroke {
				select {
				case <-tick.C:
				case <-ctx.Done():
					return errors.Join(ctx.Err(), d.Touch(at, false))
				}
				var err error
				if at, err = onDisplay(d, sheet, p.X, p.Y); err != nil {
					return err
				}
				if err := d.Touch(at, true); err != nil {
					return err
				}
			}
			if err := d.Touch(at, false); err != nil {
				return err
			}
		}
		return nil
	}
}

// onDisplay is a place in a control in the station's window, by parts of the control's width and height.
func onDisplay(d *display.Display, control *technicianv1.Focus, x, y float64) (image.Point, error) {
	window, ok := d.Window(windowTitle)
	if !ok {
		return image.Point{}, errors.New("the station has no window")
	}
	part := func(of int32, part float64) int { return int(float64(of) * part) }
	return window.Min.Add(image.Pt(
		int(control.GetX())+part(control.GetWidth(), x), int(control.GetY())+part(control.GetHeight(), y))), nil
}

// windowTitle is the station's, by which its window is found.
const windowTitle = "Foyer"

// keepScreen writes each screen as the visitor sees it.
func (c cli) keepScreen(d *display.Display) func(int, *technicianv1.WatchScreenResponse) error {
	return func(n int, s *technicianv1.WatchScreenResponse) error {
		picture, err := d.Still()
		if err != nil {
			return err
		}
		return c.keep(fmt.Sprintf("%02d-%s.png", n, s.GetScreen()), picture)
	}
}

func (c cli) keepTicket(ctx context.Context, h *house.House) error {
	ticket, err := h.World.Printer.WaitTicket(ctx, 1)
	if err != nil {
		return err
	}
	return c.keep("ticket.png", ticket)
}

// keepConsole shows what the caseworker has, to whom the visitor was sent.
func (c cli) keepConsole(ctx context.Context, h *house.House) error {
	for _, u := range h.Users {
		staff, err := h.SignIn(ctx, u)
		if err != nil {
			return err
		}
		found, err := c.receive(staff)
		staff.Close()
		if err != nil {
			return err
		}
		if found {
			fmt.Printf("%s receives the visitor\n", u.Name)
			return nil
		}
	}
	return errors.New("the visitor is on nobody's list")
}

// receive keeps pictures of the list and of the visitor's file, if there is a visitor for this caseworker.
func (c cli) receive(staff *house.Staff) (bool, error) {
	waiting, err := staff.Waiting()
	if err != nil || !waiting {
		return false, err
	}
	if err := c.shoot(staff, "console-list.png", false); err != nil {
		return true, err
	}
	if err := staff.CallNext(); err != nil {
		return true, err
	}
	return true, errors.Join(c.shoot(staff, "console-file.png", true), staff.Finish())
}

func (c cli) shoot(staff *house.Staff, name string, whole bool) error {
	shot, err := staff.Screenshot(whole)
	if err != nil {
		return err
	}
	return c.write(name, shot)
}

func (c cli) keep(name string, picture image.Image) error {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return err
	}
	return c.write(name, b.Bytes())
}

func (c cli) write(name string, data []byte) error {
	path := filepath.Join(c.Out, name)
	fmt.Println(" ", path)
	return os.WriteFile(path, data, 0o644)
}
