package kiosk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/link"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// commit stops what still runs, and confirms the check-in as the state has it now.
func (s *Station) commit(c *checkIn) {
	c.step.stop()
	after := []*job{c.step}
	for _, d := range c.documents {
		if d.reading != nil {
			d.reading.job.stop()
			after = append(after, d.reading.job)
		}
	}
	state := s.state
	c.step = c.start(func(j *job) { s.confirm(j, c, state) }, after...)
}

// confirm puts the check-in into the journal, and then waits a moment for the back office to name a room.
func (s *Station) confirm(j *job, c *checkIn, state flow.State) {
	record := s.record(c, state)
	var spooled []string
	for _, file := range record.GetFiles() {
		spooled = append(spooled, file.GetName())
	}
	nameByNumbers(record)
	text, err := proto.Marshal(record)
	if err != nil {
		s.notConfirmed(j, err)
		return
	}
	defer clear(text)
	in := journal.CheckIn{
		ID:          c.id,
		ConfirmedAt: s.config.Link.Now(),
		ServiceID:   comesFor(state),
		Language:    state.Language,
		Recipient:   c.recipient,
		Record:      text,
		Files:       spooled,
	}
	answer, forget := s.config.Link.Expect(c.id)
	defer forget()
	number, err := s.config.Journal.Commit(j.ctx, in)
	if err != nil {
		s.notConfirmed(j, err)
		return
	}
	s.config.Link.Wake()
	committed := time.Now()
	j.tell(flow.Committed{Number: number}, nil)
	room := s.awaitRoom(j.ctx, answer)
	waitUntil(j.ctx, even(committed, time.Now(), s.config.Timings.Reply))
	j.tell(room, nil)
}

// comesFor is the service that the check-in is for; none for a visitor who asked for a person, by which the back office knows.
func comesFor(state flow.State) string {
	if state.Asked {
		return ""
	}
	return state.Service.ID
}

func (s *Station) notConfirmed(j *job, err error) {
	if !j.stopped() {
		s.losses.note(err)
	}
	s.config.Log.Error("a check-in was not confirmed", "err", err)
	j.tell(flow.CommitFailed{}, nil)
}

func (s *Station) awaitRoom(ctx context.Context, answer <-chan link.Answer) flow.Acknowledged {
	wait := time.NewTimer(s.config.Timings.Answer)
	defer wait.Stop()
	select {
	case a := <-answer:
		return flow.Acknowledged{Room: a.Room, Ahead: a.Ahead, Wait: flow.Wait{From: int(a.WaitFrom / time.Minute), Until: int(a.WaitUntil / time.Minute)}}
	case <-wait.C:
	case <-ctx.Done():
	}
	return flow.Acknowledged{Ahead: -1}
}

// printTicket prints what the state says. The number is on the screen whatever becomes of the paper.
func (s *Station) printTicket(c *checkIn) {
	office := s.config.Link.Office()
	data := TicketData{
		Number:        s.state.Number,
		Room:          s.state.Room,
		Lobby:         office.GetLobby(),
		Ahead:         s.state.Ahead,
		Wait:          s.state.Wait,
		Language:      s.state.Language,
		StaffWillHelp: s.state.StaffWillHelp,
		Office:        office.GetName(),
		URL:           stationv1.TicketURL(office.GetTicketUrl(), c.id),
		Time:          s.config.Link.Now(),
	}
	c.step = c.start(func(j *job) {
		if err := s.print(j.ctx, data); err != nil {
			if !j.stopped() {
				s.config.Log.Warn("a device failed", "err", err)
			}
			j.tell(flow.TicketFailed{}, nil)
			return
		}
		j.tell(flow.TicketPrinted{}, nil)
	}, c.step)
}

func (s *Station) print(ctx context.Context, data TicketData) error {
	printer, err := s.config.Devices.TicketPrinter.Get()
	if err != nil {
		return err
	}
	picture, err := s.config.TicketPicture(data, printer.Width())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timings.Print)
	defer cancel()
	err = printer.Print(ctx, picture)
	if errors.Is(err, context.DeadlineExceeded) { // whoever stops it for another reason cancels it
		err = fmt.Errorf("%w: %w", devices.ErrTimeout, err)
	}
	s.config.Devices.TicketPrinter.Used(printer, err)
	return err
}
