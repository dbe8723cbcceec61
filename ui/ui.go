// Package ui is the visitor's touchscreen app: one window, a screen for every flow.Screen, in every language of package
// lang, drawn with Fyne.
//
// A [UI] is a kiosk.Display. What it shows is a function of the kiosk.View it was given last; what the visitor touches
// goes to the station as a flow.Event. It keeps nothing of its own but the page of the service menu, the camera's last
// frame, the ink on the screen and the digits that were typed, and those only until the step that they belong to is over.
//
// Everything is laid out for 1080 x 1920 units (package theme), a 27-inch screen upright with one pixel to the unit. The
// station runs it with FYNE_SCALE=1 and FYNE_DISABLE_DPI_DETECTION=true; FYNE_SCALE=0.5 makes the window half as large
// and leaves the design as it is. These are read when the fyne.App is made, so the caller sets them.
//
// # Controls
//
// After every change the controls on the screen are published with their ids, for the technician's socket, for a keypad,
// and for tests, which must never know a coordinate:
//
//	start                        Start                     greeting
//	language.TAG                 ChooseLanguage            language
//	privacy.accept               AcceptPrivacy             privacy
//	privacy.staff                AskStaff                  privacy: a ticket without any data
//	service.ID, service.more     ChooseService; next page  service menu
//	next                         Next                      goes on at a step: done, card turned, picture good
//	retry                        Retry                     the step again: another document, picture, signature
//	access_number.0 to .9        (none)                    type a digit of the card access number
//	access_number.erase, .done   (none), CANTyped          take the last digit back; try the number
//	access_number.without        WithoutCAN                the visitor finds no number
//	staff                        PassOver, AskStaff        leaves this step out; on an empty service menu, and where a document was left
//	                                                       behind, ends at a person
//	another-person               AnotherPerson             review: somebody else checks in at once
//	another-document             AnotherDocument           review: another document of the same person
//	confirm                      Confirm                   review
//	leave                        Leave                     ticket, countdown, help: the end
//	back, help                   Back, OpenHelp            footer
//	help.continue, help.staff    Back, AskStaff            help; the check-in ends at a person, and nothing more is taken
//	more_time                    MoreTime                  countdown, which alone is published while it is shown
//
// A technician's, and on a technician's screens:
//
//	technician                   OpenTechnician            greeting, out of service, document found: held for five seconds; or
//	                                                       Ctrl+Alt+T. Its role is "hold", not "button", and nothing is seen of it
//	pin.0 to .9, pin.erase       MoreTime                  type a digit of the PIN, take the last one back
//	pin.done                     PINTyped                  try it
//	language.de, language.en     ChooseLanguage            the other language
//	back                         Back                      from the PIN
//	leave                        Leave                     technician
//	bench.again                  bench.Test                how everything is, looked at anew
//	bench.external, .interactive bench.Test                has devices act, asks the technician: all, or the one that is looked at
//	bench.device.ID, bench.back  (none)                    look at one device, at all of them
//	bench.page                   (none)                    the next page, where there are several
//	bench.go_on, .skip, .choice.ID  bench.Answer           answers what the technician is asked
//	bench.stop                   bench.Stop                stops the test
package ui

import (
	"image"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/bench"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/technician"
	"github.com/foyer-station/foyer/ui/lang"
	"github.com/foyer-station/foyer/ui/text"
	"github.com/foyer-station/foyer/ui/theme"
)

// doubleStrike is how soon a second touch on the same control is a trembling hand (EN 301 549, 5.9 and 8.4: 0.5 s).
const doubleStrike = 500 * time.Millisecond

// Options are what a UI can do without.
type Options struct {
	// Windowed shows a window instead of the full screen.
	Windowed bool
	// Publish is told of every change on the screen: technician.Board.Publish. It must return at once.
	Publish func(technician.Screen)
	// Sign is told where a finger is that signs on the screen, in parts of the sheet's width and height, and whether it touches, on
	// Fyne's goroutine; it must return at once. nil where visitors sign on a pad of its own.
	Sign func(x, y float64, down bool)
	// Bench is told what a technician wants: bench.Bench.Do. It must return at once. nil where nothing can be tested on the screen.
	Bench func(bench.Command)
	// Now is the clock that countdowns go by; time.Now if nil.
	Now func() time.Time
}

// UI is the visitor's touchscreen app. Its methods are those of bridge.go, for any goroutine; everything else runs on
// Fyne's own.
type UI struct {
	window     fyne.Window
	send       func(flow.Event)
	publish    func(technician.Screen)
	bench      func(bench.Command)
	now        func() time.Time
	catalogues *lang.Catalogues
	technical  *lang.Catalogues // what a technician reads
	typesetter *text.Typesetter
	drawings   map[drawn]*image.RGBA

	root   *fyne.Container
	view   kiosk.View
	camera *camera
	ink    *ink
	entry  entry

	workbench workbench
	coming    latest // what the workbench will show
	holding   int    // for how many ticks a finger has kept that from being drawn

	typedPIN  pinEntry
	corner    *corner
	fingertip *fingertip
	ticks     []func(now time.Time) // of what moves on the shown screen

	menuPage int // of the service menu, from 0
	touched  string
	touchAt  time.Time
}

// New makes the window, which the caller shows. What is touched goes to send, which is called on Fyne's goroutine and
// must return soon.
func New(app fyne.App, send func(flow.Event), o Options) (*UI, error) {
	catalogues, err := lang.Load()
	if err != nil {
		return nil, err
	}
	technical, err := lang.LoadTechnicians()
	if err != nil {
		return nil, err
	}
	typesetter, err := text.NewTypesetter()
	if err != nil {
		return nil, err
	}
	look, err := theme.New()
	if err != nil {
		return nil, err
	}
	app.Settings().SetTheme(look)
	u := &UI{
		window:     app.NewWindow("Foyer"),
		send:       send,
		publish:    o.Publish,
		bench:      o.Bench,
		now:        o.Now,
		catalogues: catalogues,
		technical:  technical,
		typesetter: typesetter,
		drawings:   map[drawn]*image.RGBA{},
		camera:     newCamera(),
		ink:        newInk(),
	}
	u.fingertip = newFingertip(u.toldTo(o.Sign))
	if u.publish == nil {
		u.publish = func(technician.Screen) {}
	}
	if u.bench == nil {
		u.bench = func(bench.Command) {}
	}
	if u.now == nil {
		u.now = time.Now
	}
	u.corner = newCorner(u.now, u.openTechnician)
	u.root = container.New(stage{resized: u.publishFocus})
	u.window.Canvas().AddShortcut(shortcut(), func(fyne.Shortcut) { u.openTechnician() })
	u.window.SetPadded(false)
	u.window.SetContent(u.root)
	u.window.Resize(fyne.NewSize(theme.Width, theme.Height))
	u.window.SetFullScreen(!o.Windowed)
	u.draw(kiosk.View{State: flow.State{Screen: flow.OutOfService}})
	return u, nil
}

// Window is the app's only window.
func (u *UI) Window() fyne.Window { return u.window }

// draw replaces what is on the screen, and wipes what was there.
func (u *UI) draw(v kiosk.View) {
	if samePIN(u.view, v) {
		u.view.Until = v.Until
		return
	}
	old, seen := u.root.Objects, u.view.Review
	u.forget(v.State)
	u.view, u.ticks = v, nil
	p := &page{UI: u, texts: u.texts()}
	u.root.Objects = []fyne.CanvasObject{u.withCorner(p.screen())}
	if v.State.Countdown {
		u.root.Objects = append(u.root.Objects, p.countdown())
	}
	u.tick()
	u.ink.keepUp(shown(v.State) == flow.Signature)
	u.root.Refresh()
	for _, o := range old {
		u.wipe(o)
	}
	for _, person := range seen.Persons {
		overwrite(person.Portrait)
		overwrite(person.Signature)
	}
}

// overwrite leaves nothing of a picture that a view brought: it is in the two forms that the station captures.
func overwrite(picture image.Image) {
	switch p := picture.(type) {
	case *image.RGBA:
		clear(p.Pix)
	case *image.Gray:
		clear(p.Pix)
	}
}

// texts are those of the visitor's language; on the technician's screens, of the one that the technician chose, or the first of the
// office's that they are in.
func (u *UI) texts() *lang.Texts {
	if !technicians(u.view.State.Screen) {
		return u.catalogues.In(u.language())
	}
	for _, tag := range append([]string{u.view.State.Language}, u.view.Languages...) {
		if u.technical.Speaks(tag) {
			return u.technical.In(tag)
		}
	}
	return u.technical.In("en")
}

// language is the visitor's, or the office's first until it is chosen.
func (u *UI) language() string {
	if u.view.State.Language == "" && len(u.view.Languages) > 0 {
		return u.view.Languages[0]
	}
	return u.view.State.Language
}

// forget wipes what the state that comes does not need any more.
func (u *UI) forget(next flow.State) {
	before, now := shown(u.view.State), shown(next)
	others := len(next.Persons) != len(u.view.State.Persons)
	if others || now != flow.Portrait && !next.Person().HavePortrait {
		u.camera.wipe()
	}
	if others || now != flow.Signature && !next.Person().HaveSignature || now == flow.Signature && before != now && next.Phase != flow.Done {
		u.ink.wipe()
	}
	if now != flow.AccessNumber || next.Phase == flow.Working || next.Attempt != u.view.State.Attempt {
		u.entry.wipe()
	}
	if now != flow.PIN || next.Phase == flow.Working {
		u.typedPIN.wipe()
	}
	if now != flow.ServiceMenu {
		u.menuPage = 0
	}
	if now != flow.Technician {
		u.workbench = workbench{}
	}
}

// shown is the screen of a state, or the one under Help.
func shown(s flow.State) flow.Screen {
	if s.Screen == flow.Help {
		return s.Behind
	}
	return s.Screen
}

// wipe forgets every picture of text, and every picture that the view brought, in what has left the screen.
func (u *UI) wipe(o fyne.CanvasObject) {
	walk(o, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		switch o := o.(type) {
		case *paragraph:
			o.wipe()
		case *button:
			for _, p := range o.paragraphs() {
				p.wipe()
			}
		case *canvas.Image:
			if o != u.camera.image && o != u.ink.image {
				o.Image = nil
				o.Refresh()
			}
		}
	})
}

// touch sends what a control means, unless it is struck twice.
func (u *UI) touch(id string, e flow.Event) { u.strike(id, func() { u.send(e) }) }

// strike does what a control is for, unless it is struck twice.
func (u *UI) strike(id string, do func()) {
	now := u.now()
	if u.touched == id && now.Sub(u.touchAt) < doubleStrike {
		return
	}
	u.touched, u.touchAt = id, now
	do()
}

// tick moves what moves with the time.
func (u *UI) tick() {
	u.corner.tick(u.now())
	for _, tick := range u.ticks {
		tick(u.now())
	}
}

// publishFocus says which controls there are and where. Under a countdown only its own can be touched.
func (u *UI) publishFocus() {
	screen := technician.Screen{
		Name:     string(u.view.State.Screen),
		Language: u.view.State.Language,
		Attempt:  u.view.State.Attempt,
		Problem:  string(u.view.State.Problem),
	}
	if q := u.workbench.view.Question; q != nil && u.view.State.Screen == flow.Technician {
		screen.Attempt = q.ID
	}
	scale := u.window.Canvas().Scale()
	walk(u.root.Objects[len(u.root.Objects)-1], fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
		switch o := o.(type) {
		case *button:
			screen.Focus = append(screen.Focus, technician.Focus{
				ID: o.id, Role: "button", Enabled: !o.disabled, Area: pixels(at, o.Size(), scale),
			})
		case *corner:
			screen.Focus = append(screen.Focus, technician.Focus{ID: cornerID, Role: cornerRole, Enabled: true, Area: pixels(at, o.Size(), scale)})
		case *fingertip:
			screen.Focus = append(screen.Focus, technician.Focus{ID: "sheet", Role: "sheet", Enabled: true, Area: pixels(at, o.Size(), scale)})
		}
	})
	u.publish(screen)
}

func pixels(at fyne.Position, size fyne.Size, scale float32) image.Rectangle {
	return image.Rect(int(at.X*scale), int(at.Y*scale), int((at.X+size.Width)*scale), int((at.Y+size.Height)*scale))
}

// stage lays everything over each other in the whole window, and says when it has.
type stage struct{ resized func() }

// Layout implements fyne.Layout.
func (s stage) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		place(o, 0, 0, size.Width, size.Height)
	}
	if len(objects) > 0 {
		s.resized()
	}
}

// MinSize implements fyne.Layout.
func (s stage) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }
