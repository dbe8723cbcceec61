package kiosk

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/link"
	"github.com/foyer-station/foyer/mrz"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// commit stops what still runs, and confirms the check-in as the state has it now.
func (s *Station) commit(c *checkIn) {
	c.step.stop()
	var document *job
	if c.document != nil {
		document = c.document.job
		document.stop()
	}
	state := s.state
	c.step = c.start(func(j *job) { s.confirm(j, c, state) }, c.step, document)
}

// confirm puts the check-in into the journal, and then waits a moment for the back office to name a room.
func (s *Station) confirm(j *job, c *checkIn, state flow.State) {
	record := s.record(c, state)
	text, err := proto.Marshal(record)
	if err != nil {
		s.notConfirmed(j, err)
		return
	}
	defer clear(text)
	in := journal.CheckIn{
		ID:          c.id,
		ConfirmedAt: s.config.Link.Now(),
		ServiceID:   state.Service.ID,
		Language:    state.Language,
		Recipient:   c.recipient,
		Record:      text,
	}
	for _, file := range record.GetFiles() {
		in.Files = append(in.Files, file.GetName())
	}
	answer, forget := s.config.Link.Expect(c.id)
	defer forget()
	number, err := s.config.Journal.Commit(j.ctx, in)
	if err != nil {
		s.notConfirmed(j, err)
		return
	}
	s.config.Link.Wake()
	j.tell(flow.Committed{Number: number}, nil)
	j.tell(s.awaitRoom(j.ctx, answer), nil)
}

func (s *Station) notConfirmed(j *job, err error) {
	s.config.Log.Error("a check-in was not confirmed", "err", err)
	j.tell(flow.CommitFailed{}, nil)
}

func (s *Station) awaitRoom(ctx context.Context, answer <-chan link.Answer) flow.Acknowledged {
	wait := time.NewTimer(s.config.Timings.Answer)
	defer wait.Stop()
	select {
	case a := <-answer:
		return flow.Acknowledged{Room: a.Room, Ahead: a.Ahead}
	case <-wait.C:
	case <-ctx.Done():
	}
	return flow.Acknowledged{Ahead: -1}
}

// record is what the back office gets of a check-in: what the state says that there is, and nothing else that was
// captured on the way.
func (s *Station) record(c *checkIn, state flow.State) *stationv1.CheckInRecord {
	r := &stationv1.CheckInRecord{}
	var person []verify.Check
	if state.HavePortrait && c.portraitFile != nil {
		person = append(person, c.portraitCheck)
	}
	if c.document != nil && c.zone.Format != "" {
		r.Persons = append(r.Persons, personOf(c.zone.Fields))
		r.Documents = append(r.Documents, s.documentOf(c, person))
		r.Files = append(r.Files, c.document.files...)
	}
	if state.HavePortrait && c.portraitFile != nil {
		r.Files = append(r.Files, c.portraitFile)
	}
	if state.HaveSignature {
		r.Files = append(r.Files, c.signatureFiles...)
	}
	return r
}

func personOf(f mrz.Fields) *stationv1.Person {
	return &stationv1.Person{
		Surname:     f.Surname,
		GivenNames:  f.GivenNames,
		BirthDate:   f.BirthDate,
		Nationality: f.Nationality,
		Sex:         f.Sex,
	}
}

// documentOf judges the document. One that was not read to the end is judged by what its zone says.
func (s *Station) documentOf(c *checkIn, person []verify.Check) *stationv1.Document {
	checks, validity := c.document.checks, c.document.validity
	if len(checks) == 0 {
		checks, validity = verify.ExamineMRZ(c.document.evidence)
	}
	report := s.config.Policy.Judge(append(checks, person...), validity)
	f := c.zone.Fields
	d := &stationv1.Document{
		DocumentCode:   f.DocumentCode,
		IssuingState:   f.IssuingState,
		DocumentNumber: f.DocumentNumber,
		ExpiryDate:     f.ExpiryDate,
		Mrz:            c.document.evidence.MRZ,
		Verdict:        string(report.Verdict),
		Validity:       string(report.Validity),
	}
	for _, check := range report.Checks {
		d.Checks = append(d.Checks, &stationv1.Check{
			Id:       check.ID,
			Category: string(check.Category),
			Result:   string(check.Result),
			Level:    string(check.Level),
			Reason:   check.Reason,
			Evidence: check.Evidence,
		})
	}
	return d
}

// printTicket prints what the state says. The number is on the screen whatever becomes of the paper.
func (s *Station) printTicket(c *checkIn) {
	office := s.config.Link.Office()
	data := TicketData{
		Number:        s.state.Number,
		Room:          s.state.Room,
		Lobby:         office.GetLobby(),
		Ahead:         s.state.Ahead,
		Language:      s.state.Language,
		StaffWillHelp: s.state.StaffWillHelp,
		Office:        office.GetName(),
		Time:          s.config.Now(),
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
	picture, err := s.config.TicketPicture(data)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timings.Print)
	defer cancel()
	return printer.Print(ctx, picture)
}
