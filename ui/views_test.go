package ui

import (
	"image"
	"image/color"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/technician"
)

// languages are those that Foyer speaks, in the order in which the sample office offers them.
var languages = []string{"de", "en", "ar", "uk"}

// now is the time at which every test looks at the screen.
var now = time.Date(2026, 3, 2, 9, 41, 0, 0, time.UTC)

// sample is one screen in one condition.
type sample struct {
	name  string
	state flow.State
	view  func(*kiosk.View) // what else is different; nil for nothing
}

var (
	permit = flow.Service{ID: "residence-permit", Steps: []flow.Step{flow.StepDocument, flow.StepPortrait, flow.StepSignature}}
	pickUp = flow.Service{ID: "collect-card", Steps: []flow.Step{flow.StepDocument, flow.StepSignature}}
	visit  = flow.Service{ID: "appointment"}

	several = flow.Service{ID: permit.ID, Steps: permit.Steps, Several: true}
	laid    = []flow.DocumentState{{Have: true}}
)

// samples are all screens in all their conditions.
var samples = []sample{
	{name: "out_of_service", state: flow.State{Screen: flow.OutOfService}},
	{name: "tested", state: flow.State{Screen: flow.Tested}},
	{name: "greeting", state: flow.State{Screen: flow.Greeting}},
	{name: "language", state: flow.State{Screen: flow.Language}},
	{name: "privacy", state: flow.State{Screen: flow.Privacy}},
	{name: "service", state: flow.State{Screen: flow.ServiceMenu}},
	{name: "service_none", state: flow.State{Screen: flow.ServiceMenu}, view: func(v *kiosk.View) { v.Office.Services = nil }},
	{name: "service_many", state: flow.State{Screen: flow.ServiceMenu}, view: manyServices},
	{name: "document", state: flow.State{Screen: flow.Document, Service: permit, Attempt: 1, Phase: flow.Waiting}},
	{name: "document_unreadable", state: flow.State{Screen: flow.Document, Service: permit, Attempt: 2, Phase: flow.Waiting, Problem: flow.Unreadable}},
	{name: "document_no_mrz", state: flow.State{Screen: flow.Document, Service: permit, Attempt: 2, Phase: flow.Waiting, Problem: flow.NoMRZ}},
	{name: "document_cut_off", state: flow.State{Screen: flow.Document, Service: permit, Attempt: 2, Phase: flow.Waiting, Problem: flow.CutOff}},
	{name: "document_none", state: flow.State{Screen: flow.Document, Service: permit, Attempt: 2, Phase: flow.Waiting, Problem: flow.NoDocument}},
	{name: "document_several", state: flow.State{Screen: flow.Document, Service: permit, Attempt: 2, Phase: flow.Waiting, Problem: flow.SeveralLie}},
	{name: "document_moved", state: flow.State{Screen: flow.Document, Service: permit, Attempt: 2, Phase: flow.Waiting, Problem: flow.DocumentMoved}},
	{name: "document_working", state: flow.State{Screen: flow.Document, Service: permit, Attempt: 1, Phase: flow.Working}, view: forEver},
	{name: "document_done", state: flow.State{Screen: flow.Document, Service: permit, Attempt: 1, Phase: flow.Done, Documents: laid}},
	{name: "document_staff", state: flow.State{Screen: flow.Document, Service: permit, Attempt: 2, Phase: flow.Done, Problem: flow.WaitingForStaff}},
	{name: "turn_over", state: flow.State{Screen: flow.TurnOver, Service: pickUp, Attempt: 1, Phase: flow.Waiting}},
	{name: "turn_over_unreadable", state: flow.State{Screen: flow.TurnOver, Service: pickUp, Attempt: 2, Phase: flow.Waiting, Problem: flow.Unreadable}},
	{name: "turn_over_working", state: flow.State{Screen: flow.TurnOver, Service: pickUp, Attempt: 1, Phase: flow.Working}, view: forEver},
	{name: "access_number", state: flow.State{Screen: flow.AccessNumber, Service: pickUp, Attempt: 1, Phase: flow.Waiting}},
	{name: "access_number_typed", state: flow.State{Screen: flow.AccessNumber, Service: pickUp, Attempt: 1, Phase: flow.Waiting}},
	{name: "access_number_wrong", state: flow.State{Screen: flow.AccessNumber, Service: pickUp, Attempt: 2, Phase: flow.Waiting, Problem: flow.WrongNumber}},
	{name: "access_number_working", state: flow.State{Screen: flow.AccessNumber, Service: pickUp, Attempt: 1, Phase: flow.Working}, view: forEver},
	{name: "portrait", state: flow.State{Screen: flow.Portrait, Service: permit, Step: 1, Attempt: 1, Phase: flow.Waiting}},
	{name: "portrait_no_face", state: flow.State{Screen: flow.Portrait, Service: permit, Step: 1, Attempt: 2, Phase: flow.Waiting, Problem: flow.NoFace}},
	{name: "portrait_done", state: flow.State{Screen: flow.Portrait, Service: permit, Step: 1, Attempt: 1, Phase: flow.Done, Persons: []flow.PersonState{{HavePortrait: true}}}},
	{name: "portrait_staff", state: flow.State{Screen: flow.Portrait, Service: permit, Step: 1, Attempt: 1, Phase: flow.Done, Problem: flow.DeviceMissing}},
	{name: "signature", state: flow.State{Screen: flow.Signature, Service: permit, Step: 2, Attempt: 1, Phase: flow.Waiting}},
	{name: "signature_no_ink", state: flow.State{Screen: flow.Signature, Service: permit, Step: 2, Attempt: 2, Phase: flow.Waiting, Problem: flow.NoInk}},
	{name: "signature_working", state: flow.State{Screen: flow.Signature, Service: permit, Step: 2, Attempt: 1, Phase: flow.Working}, view: forEver},
	{name: "signature_staff", state: flow.State{Screen: flow.Signature, Service: permit, Step: 2, Attempt: 1, Phase: flow.Done, Problem: flow.DeviceMissing}},
	{name: "signature_done", state: flow.State{Screen: flow.Signature, Service: permit, Step: 2, Attempt: 1, Phase: flow.Done, Persons: []flow.PersonState{{HaveSignature: true}}}},
	{name: "review", state: flow.State{Screen: flow.Review, Service: permit, Step: 3, Phase: flow.Waiting, Documents: laid}, view: reviewed},
	{name: "review_long", state: flow.State{Screen: flow.Review, Service: permit, Step: 3, Phase: flow.Working, Documents: laid}, view: reviewedLong},
	{name: "review_nothing", state: flow.State{Screen: flow.Review, Service: visit, Phase: flow.Waiting}},
	{name: "review_choices", state: atReview(1, 1), view: reviewed},
	{name: "review_choices_working", state: working(atReview(1, 1)), view: reviewedLong},
	{name: "review_documents", state: atReview(1, 2), view: reviewedOf(1, 2)},
	{name: "review_most_documents", state: atReview(1, 8), view: reviewedOf(1, 8)},
	{name: "review_family", state: atReview(2, 3), view: reviewedOf(2, 3)},
	{name: "review_family_unread", state: atReview(2, 2), view: func(v *kiosk.View) {
		reviewed(v)
		v.Review.Persons = append(v.Review.Persons, kiosk.ReviewPerson{})
	}},
	{name: "review_three", state: atReview(3, 6), view: reviewedOf(3, 6)},
	{name: "review_most", state: atReview(6, 8), view: reviewedOf(6, 8)},
	{name: "review_seven_documents", state: atReview(5, 7), view: reviewedOf(5, 7)},
	{name: "document_another", state: adding(atReview(1, 1), flow.AnotherDocument{})},
	{name: "document_person", state: adding(atReview(1, 1), flow.AnotherPerson{})},
	{name: "ticket_saving", state: flow.State{Screen: flow.Ticket, Service: permit, Phase: flow.Working, Ahead: -1}, view: forEver},
	{name: "ticket_printing", state: flow.State{Screen: flow.Ticket, Service: permit, Phase: flow.Working, Number: "A-127", Room: "B12", Ahead: 3, Printing: true}, view: forEver},
	{name: "ticket_room", state: flow.State{Screen: flow.Ticket, Service: permit, Phase: flow.Done, Number: "A-127", Room: "B12", Ahead: 3, Printed: true, Documents: laid}},
	{name: "ticket_next", state: flow.State{Screen: flow.Ticket, Service: visit, Phase: flow.Done, Number: "C-001", Room: "B12", Ahead: 0, Printed: true}},
	{name: "ticket_wait", state: flow.State{Screen: flow.Ticket, Service: permit, Phase: flow.Done, Number: "A-127", Ahead: 11, Wait: flow.Wait{From: 75, Until: 120}, Printed: true, Documents: laid, StaffWillHelp: true}},
	{name: "ticket_lobby", state: flow.State{Screen: flow.Ticket, Service: permit, Phase: flow.Done, Number: "A-999", Ahead: -1, Printed: true, Documents: laid, StaffWillHelp: true}},
	{name: "ticket_asked", state: flow.State{Screen: flow.Ticket, Service: permit, Phase: flow.Done, Number: "A-128", Room: "Empfang", Ahead: 1, Printed: true, Documents: laid, StaffWillHelp: true, Asked: true}},
	{name: "ticket_asked_lobby", state: flow.State{Screen: flow.Ticket, Phase: flow.Done, Number: "A-128", Ahead: -1, Problem: flow.NotPrinted, Documents: laid, StaffWillHelp: true, Asked: true}},
	{name: "ticket_not_printed", state: flow.State{Screen: flow.Ticket, Service: permit, Phase: flow.Done, Number: "A-127", Room: "B12", Ahead: 11, Problem: flow.NotPrinted, Documents: laid, StaffWillHelp: true}},
	{name: "ticket_not_saved", state: flow.State{Screen: flow.Ticket, Service: permit, Phase: flow.Done, Problem: flow.NotSaved, StaffWillHelp: true}},
	{name: "ticket_lying", state: flow.State{Screen: flow.Ticket, Service: permit, Phase: flow.Done, Number: "A-127", Room: "B12", Ahead: 3, Printed: true, Documents: laid, Lying: true}},
	{name: "ticket_lying_most", state: flow.State{Screen: flow.Ticket, Service: permit, Phase: flow.Done, Number: "A-127", Ahead: 11, Problem: flow.NotPrinted, Documents: laid, StaffWillHelp: true, Asked: true, Lying: true}},
	{name: "ticket_lying_asked", state: flow.State{Screen: flow.Ticket, Service: permit, Phase: flow.Done, Number: "A-128", Room: "Empfang", Ahead: 11, Printed: true, StaffWillHelp: true, Asked: true, Lying: true}},
	{name: "take_document", state: flow.State{Screen: flow.TakeDocument, Lying: true}},
	{name: "take_document_found", state: flow.State{Screen: flow.TakeDocument, Lying: true}, view: func(v *kiosk.View) {
		v.Languages = append([]string{v.State.Language}, without(languages, v.State.Language)...)
		v.State.Language, v.Until = "", time.Time{}
	}},
	{name: "cleared", state: flow.State{Screen: flow.Cleared}},
	{name: "help_greeting", state: flow.State{Screen: flow.Help, Behind: flow.Greeting}},
	{name: "help_privacy", state: flow.State{Screen: flow.Help, Behind: flow.Privacy}},
	{name: "help_service", state: flow.State{Screen: flow.Help, Behind: flow.ServiceMenu}},
	{name: "help_document", state: flow.State{Screen: flow.Help, Behind: flow.Document, Service: permit, Phase: flow.Waiting}},
	{name: "help_turn_over", state: flow.State{Screen: flow.Help, Behind: flow.TurnOver, Service: permit, Phase: flow.Waiting}},
	{name: "help_access_number", state: flow.State{Screen: flow.Help, Behind: flow.AccessNumber, Service: pickUp, Phase: flow.Waiting}},
	{name: "help_portrait", state: flow.State{Screen: flow.Help, Behind: flow.Portrait, Service: permit, Step: 1, Phase: flow.Waiting}},
	{name: "help_signature", state: flow.State{Screen: flow.Help, Behind: flow.Signature, Service: permit, Step: 2, Phase: flow.Waiting}},
	{name: "help_review", state: flow.State{Screen: flow.Help, Behind: flow.Review, Service: permit, Step: 3, Phase: flow.Waiting}},
	{name: "help_ticket", state: flow.State{Screen: flow.Help, Behind: flow.Ticket, Service: permit, Phase: flow.Done, Number: "A-127"}},
	{name: "pin", state: flow.State{Screen: flow.PIN, Phase: flow.Waiting}},
	{name: "pin_typed", state: flow.State{Screen: flow.PIN, Phase: flow.Waiting}},
	{name: "pin_working", state: flow.State{Screen: flow.PIN, Phase: flow.Working}},
	{name: "pin_wrong", state: flow.State{Screen: flow.PIN, Phase: flow.Waiting, Problem: flow.WrongPIN}},
	{name: "pin_locked", state: flow.State{Screen: flow.PIN, Phase: flow.Waiting, Problem: flow.PINLocked},
		view: func(v *kiosk.View) { v.PINFrom = now.Add(3599 * time.Second) }},
	{name: "technician", state: flow.State{Screen: flow.Technician, Phase: flow.Waiting}},
	{name: "countdown", state: flow.State{Screen: flow.Document, Service: permit, Attempt: 1, Phase: flow.Waiting, Countdown: true},
		view: func(v *kiosk.View) { v.Until = now.Add(23 * time.Second) }},
}

func working(s flow.State) flow.State {
	s.Phase = flow.Working
	return s
}

// adding is what follows on a choice at a review.
func adding(s flow.State, e flow.Event) flow.State {
	s, _ = flow.Apply(s, e)
	return s
}

// in gives a sample's view in a language. Before one is chosen, and after, there is none: then the office's first speaks.
func (s sample) in(language string) kiosk.View {
	v := kiosk.View{State: s.state, Until: now.Add(85 * time.Second), Languages: languages, Office: office()}
	switch s.state.Screen {
	case flow.OutOfService, flow.Tested, flow.Greeting, flow.Language, flow.Cleared:
		v.Languages = append([]string{language}, without(languages, language)...)
		v.Until = time.Time{}
	default:
		v.State.Language = language
	}
	if s.view != nil {
		s.view(&v)
	}
	return v
}

func without(tags []string, tag string) []string {
	var others []string
	for _, t := range tags {
		if t != tag {
			others = append(others, t)
		}
	}
	return others
}

func office() kiosk.Office {
	return kiosk.Office{Name: "Ausländerbehörde Utopia", Lobby: "Lobby 2", Retention: 96 * time.Hour, Services: []kiosk.OfficeService{
		{
			Service: permit, Icon: "permit",
			Names: map[string]string{"de": "Aufenthaltstitel beantragen", "en": "Apply for a residence permit",
				"ar": "طلب تصريح إقامة", "uk": "Подати заяву на дозвіл на проживання"},
			Descriptions: map[string]string{"de": "Erstmals oder Verlängerung, mit Foto und Unterschrift",
				"en": "First time or renewal, with photo and signature", "ar": "لأول مرة أو للتمديد، مع صورة وتوقيع",
				"uk": "Уперше або продовження, з фото й підписом"},
		},
		{
			Service: pickUp, Icon: "card",
			Names: map[string]string{"de": "Karte abholen", "en": "Collect a card", "ar": "استلام بطاقة", "uk": "Отримати картку"},
			Descriptions: map[string]string{"de": "Ihr neuer Aufenthaltstitel ist fertig", "en": "Your new residence card is ready",
				"ar": "بطاقة إقامتك الجديدة جاهزة", "uk": "Ваша нова картка готова"},
		},
		{
			Service: visit, Icon: "calendar",
			Names: map[string]string{"de": "Ich habe einen Termin", "en": "I have an appointment", "ar": "لدي موعد", "uk": "Я маю запис"},
			Descriptions: map[string]string{"de": "Nur anmelden und warten", "en": "Just check in and wait",
				"ar": "تسجيل الحضور والانتظار فقط", "uk": "Лише зареєструватися й зачекати"},
		},
	}}
}

// manyServices has more services than fit, and names that are too long.
func manyServices(v *kiosk.View) {
	for range 2 {
		for _, s := range office().Services {
			s.ID += "-" + string(rune('a'+len(v.Office.Services)))
			for tag, name := range s.Names {
				s.Names[tag] = name + " – Familiennachzug, Niederlassungserlaubnis"
				s.Descriptions[tag] += ", " + s.Descriptions[tag] + ", " + s.Descriptions[tag]
			}
			v.Office.Services = append(v.Office.Services, s)
		}
	}
	v.Office.Name = "Ausländerbehörde der Freien und Hansestadt Utopia, Außenstelle Nord"
}

func forEver(v *kiosk.View) { v.Until = time.Time{} }

func reviewed(v *kiosk.View) {
	v.Review.Persons = []kiosk.ReviewPerson{{
		Surname: "ERIKSSON", GivenNames: "ANNA MARIA", BirthDate: "1974-08-12", Nationality: "UTO",
		Documents: []kiosk.ReviewDocument{{Number: "L898902C3", ExpiryDate: "2032-04-15"}}, Portrait: passportPhoto(), Signature: handwriting(),
	}}
}

// reviewedLong has the longest names that a passport can bear.
func reviewedLong(v *kiosk.View) {
	reviewed(v)
	one := &v.Review.Persons[0]
	one.Surname, one.GivenNames, one.BirthDate = "PAPANDROPOULOSWOLFESCHLEGELSTEINHAUSEN", "JONATHON ALEXANDRINA MAXIMILIANE", "1974-??-??"
}

// reviewedOf gives a review of so many persons, of whom the first has the documents that are left.
func reviewedOf(persons, documents int) func(*kiosk.View) {
	return func(v *kiosk.View) {
		v.Review.Persons = nil
		for i := range persons {
			one := kiosk.View{}
			if i%2 == 1 {
				reviewedLong(&one)
			} else {
				reviewed(&one)
			}
			v.Review.Persons = append(v.Review.Persons, one.Review.Persons...)
		}
		for range documents - persons {
			first := &v.Review.Persons[0]
			first.Documents = append(first.Documents, kiosk.ReviewDocument{Number: "X7T40P291", ExpiryDate: "2029-11-30"})
		}
	}
}

// atReview is the state of a review that offers more.
func atReview(persons, documents int) flow.State {
	s := flow.State{Screen: flow.Review, Service: several, Step: 3, Phase: flow.Waiting, Persons: make([]flow.PersonState, persons)}
	for i := range documents {
		s.Documents = append(s.Documents, flow.DocumentState{Person: max(0, i-documents+persons), Have: true})
	}
	return s
}

// face is a drawn stand-in for a camera's frame, landscape as a camera gives it.
func face() *image.RGBA {
	frame := image.NewRGBA(image.Rect(0, 0, 640, 360))
	for y := range 360 {
		for x := range 640 {
			c := color.RGBA{205, 214, 212, 255}
			if dx, dy := float64(x-320)/80, float64(y-160)/110; dx*dx+dy*dy < 1 {
				c = color.RGBA{214, 170, 140, 255}
			} else if dx, dy := float64(x-320)/200, float64(y-400)/140; dx*dx+dy*dy < 1 {
				c = color.RGBA{60, 90, 120, 255}
			}
			if x < 320 {
				c.B += 20 // left is not right
			}
			frame.SetRGBA(x, y, c)
		}
	}
	return frame
}

func passportPhoto() *image.RGBA {
	frame := face()
	part := middle(frame.Rect)
	photo := image.NewRGBA(image.Rectangle{Max: part.Size()})
	mirror(photo, frame, part)
	return photo
}

// samplesOfPen are a few strokes on a pad of 9600 x 6000 units.
func samplesOfPen() ([]devices.Sample, devices.PadSize) {
	var pen []devices.Sample
	for i := range 180 {
		x := 1200 + i*40
		y := 3000 + (i*i*7)%1900 - 900
		pen = append(pen, devices.Sample{X: x, Y: y, Pressure: 500, Down: i%60 != 59})
	}
	return pen, devices.PadSize{MaxX: 9600, MaxY: 6000, MaxPressure: 1023, Width: 800, Height: 480}
}

func handwriting() image.Image {
	i := newInk()
	pen, size := samplesOfPen()
	for _, s := range pen {
		i.add(s, size)
	}
	i.flow()
	return i.sheet
}

// station stands in for the station: it keeps what the display sends and publishes.
type station struct {
	*UI
	sent   []flow.Event
	screen technician.Screen
	clock  time.Time
}

// newStation starts a display on the test driver with scale pixels to the unit.
func newStation(t *testing.T, scale float32) *station {
	t.Helper()
	s := &station{clock: now}
	u, err := New(test.NewTempApp(t), func(e flow.Event) { s.sent = append(s.sent, e) }, Options{
		Windowed: true,
		Publish:  func(screen technician.Screen) { s.screen = screen },
		Now:      func() time.Time { return s.clock },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.UI = u
	u.Window().Canvas().(test.WindowlessCanvas).SetScale(scale)
	return s
}

// show shows a sample as the visitor sees it, with somebody before the camera and ink on the pad.
func (s *station) show(sample sample, language string) {
	s.Show(sample.in(language))
	if sample.name == "access_number_typed" {
		for _, digit := range "938147" {
			s.entry.add(byte(digit))
		}
		s.Show(sample.in(language))
	}
	if sample.name == "pin_typed" {
		for _, digit := range "4802937" {
			s.typedPIN.add(byte(digit))
		}
		s.typedPIN.show()
	}
	switch shown(sample.state) {
	case flow.Portrait:
		s.camera.start()
		s.Preview(face())
		s.Show(sample.in(language))
	case flow.Signature:
		pen, size := samplesOfPen()
		for _, p := range pen {
			s.Ink(p, size)
		}
	}
}
