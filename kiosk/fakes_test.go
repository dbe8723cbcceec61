package kiosk

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/verify/portrait"
)

// fake is what all the test's devices have in common: they can be pulled out.
type fake struct {
	kind devices.Kind

	mu     sync.Mutex
	pulled chan struct{} // closed while the device is pulled out
	fault  error         // of every use
}

// breaks makes every use from now on fail with this error; nil heals it. Its health shows nothing of it.
func (f *fake) breaks(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = err
}

func (f *fake) broken(op string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault == nil {
		return nil
	}
	return &devices.Error{Kind: f.kind, Op: op, Err: f.fault}
}

func newFake(kind devices.Kind) fake { return fake{kind: kind, pulled: make(chan struct{})} }

func (f *fake) Info() devices.Info { return devices.Info{Kind: f.kind, Model: "test"} }
func (f *fake) Close() error       { return nil }

func (f *fake) Health(context.Context) devices.Health {
	select {
	case <-f.gone():
		return devices.Health{State: devices.StateNoDevice}
	default:
		return devices.Health{State: devices.StateOnline}
	}
}

func (f *fake) gone() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pulled
}

// pull pulls the device out.
func (f *fake) pull() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.pulled)
}

func (f *fake) unplugged(op string) error {
	return &devices.Error{Kind: f.kind, Op: op, Err: devices.ErrUnplugged}
}

// present gives the fake as long as it is plugged in.
func present[D devices.Device](device D, f *fake) func(context.Context) (D, error) {
	return func(context.Context) (D, error) {
		select {
		case <-f.gone():
			var none D
			return none, &devices.Error{Kind: f.kind, Op: "open", Err: devices.ErrNoDevice}
		default:
			return device, nil
		}
	}
}

// glass is where documents are laid.
type glass struct {
	fake
	documents chan []string
}

func (g *glass) ReadMRZ(ctx context.Context) ([]string, error) {
	if err := g.broken("read mrz"); err != nil {
		return nil, err
	}
	select {
	case lines := <-g.documents:
		if err := ctx.Err(); err != nil { // it was laid down for whoever reads next
			g.documents <- lines
			return nil, &devices.Error{Kind: g.kind, Op: "read mrz", Err: err}
		}
		return lines, nil
	case <-g.gone():
		return nil, g.unplugged("read mrz")
	case <-ctx.Done():
		return nil, &devices.Error{Kind: g.kind, Op: "read mrz", Err: ctx.Err()}
	}
}

// page is what is read in the pictures of the glass, one after the other.
type page chan ocr.Reading

func (p page) Read(ctx context.Context, _ image.Image, _ time.Time) (ocr.Reading, error) {
	select {
	case reading := <-p:
		return reading, nil
	case <-ctx.Done():
		return ocr.Reading{}, ctx.Err()
	}
}

// print is what numbers stand on the pages, one picture after the other; then none.
type print struct {
	mu      sync.Mutex
	numbers []string // an empty one is a picture without
	seen    int      // pictures
}

func (p *print) ReadCAN(context.Context, image.Image, int) (can string, sure bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen++
	if len(p.numbers) > 0 {
		can, p.numbers = p.numbers[0], p.numbers[1:]
	}
	return can, can != "", nil
}

// field is the chip reader's. Its chip answers to ReadChip only.
type field struct {
	fake
	feeling
	answers chan chipAnswer // what the next readings come to
	files   [][]byte        // every buffer handed out
	empty   bool            // under mu: no chip lies there
	chip    devices.Chip    // under mu: what lies there
	asked   []emrtd.Options // under mu: of each reading
}

type chipAnswer struct {
	files  map[string][]byte
	err    error
	closed bool // it did not open
	leaves bool // the field, for good
}

// torn is a link that breaks.
var torn = chipAnswer{err: &devices.Error{Kind: devices.KindChipReader, Op: "transmit", Err: devices.ErrChipGone}}

// paperChip has EF.CardAccess, where it is given one, and no other file; its reader carries so many bytes.
type paperChip struct {
	carried    int
	cardAccess []byte
}

func (c paperChip) Transmit(_ context.Context, command []byte) ([]byte, error) {
	readCardAccess := []byte{0x00, 0xB0, 0x80 | 0x1C, 0x00}
	if bytes.HasPrefix(command, readCardAccess) && c.cardAccess != nil {
		return append(bytes.Clone(c.cardAccess), 0x90, 0x00), nil
	}
	return []byte{0x6A, 0x82}, nil
}

func (c paperChip) MaxResponse() int { return c.carried }
func (paperChip) Close() error       { return nil }

// tornChip leaves the field when it is asked anything.
type tornChip struct{ paperChip }

func (tornChip) Transmit(context.Context, []byte) ([]byte, error) { return nil, devices.ErrChipGone }

func (f *field) Connect(context.Context) (devices.Chip, error) {
	if err := f.broken("connect"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.empty {
		return nil, &devices.Error{Kind: f.kind, Op: "connect", Err: devices.ErrNoChip}
	}
	return f.chip, nil
}

// lies puts a chip into the field, or takes it away.
func (f *field) lies(there bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.empty = !there
}

// tried are the card access numbers of the readings, empty for a key.
func (f *field) tried() (numbers []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.asked {
		numbers = append(numbers, o.CAN)
	}
	return numbers
}

// read stands in for emrtd.Read.
func (f *field) read(ctx context.Context, _ emrtd.Card, _ emrtd.Key, o emrtd.Options) (*emrtd.Reading, error) {
	f.mu.Lock()
	f.asked = append(f.asked, o)
	f.mu.Unlock()
	select {
	case <-f.gone():
		return &emrtd.Reading{Access: "BAC"}, f.unplugged("transmit")
	case a := <-f.answers:
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, file := range a.files {
			f.files = append(f.files, file)
		}
		f.empty = f.empty || a.leaves
		if a.closed {
			return &emrtd.Reading{Files: a.files}, a.err
		}
		return &emrtd.Reading{Access: "BAC", Files: a.files}, a.err
	case <-ctx.Done():
		return &emrtd.Reading{}, ctx.Err()
	}
}

// imager pictures a page that is white, unless something else is to be seen.
type imager struct {
	fake
	feeling
	sees     func() *image.RGBA // under mu
	burnt    devices.Light      // under mu: the light whose lamp does not burn
	gate     chan struct{}      // nil, or gives one for every picture that may be taken; closed for all
	pictures []*image.RGBA      // every picture handed out
}

func (i *imager) Page(ctx context.Context, light devices.Light) (*image.RGBA, int, error) {
	if err := i.broken("page"); err != nil {
		return nil, 0, err
	}
	select {
	case <-i.gone():
		return nil, 0, i.unplugged("page")
	default:
	}
	if i.gate != nil {
		select {
		case <-i.gate:
		case <-i.gone():
			return nil, 0, i.unplugged("page")
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
	picture := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for at := range picture.Pix {
		picture.Pix[at] = 0xff
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.sees != nil {
		picture = i.sees()
	}
	if light == i.burnt {
		clear(picture.Pix)
	}
	i.pictures = append(i.pictures, picture)
	return picture, 400, nil
}

// show puts something else on the glass.
func (i *imager) show(sees func() *image.RGBA) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.sees, i.pictures = sees, nil
}

// camera sees what Faces says is in the picture.
type camera struct {
	fake
	faces    []portrait.Face // under mu
	slow     time.Duration   // for finding a face
	restless bool            // a face is never where it was
	looks    int             // under mu
	locks    []string        // what was done with its exposure; under mu
	lockErr  error
}

func (c *camera) LockExposure(context.Context) (func(context.Context) error, error) {
	c.did("lock")
	if c.lockErr != nil {
		return nil, c.lockErr
	}
	return func(context.Context) error { c.did("release"); return nil }, nil
}

func (c *camera) did(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.locks = append(c.locks, what)
}

func (c *camera) lockedAndReleased() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.locks, " ")
}

func (c *camera) Frame(ctx context.Context, dst *image.RGBA) (*image.RGBA, error) {
	if err := c.broken("frame"); err != nil {
		return nil, err
	}
	select {
	case <-time.After(2 * time.Millisecond): // 500 frames a second
	case <-c.gone():
		return nil, c.unplugged("frame")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if dst == nil {
		dst = image.NewRGBA(image.Rect(0, 0, 640, 480))
	}
	for i := range dst.Pix {
		dst.Pix[i] = byte(i) | 1
	}
	return dst, nil
}

func (c *camera) Find(*image.RGBA) ([]portrait.Face, error) {
	time.Sleep(c.slow)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.looks++; c.restless {
		return []portrait.Face{{Box: oneFace.Box.Add(image.Pt(100*(c.looks%2), 0))}}, nil
	}
	return c.faces, nil
}

func (c *camera) see(faces ...portrait.Face) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faces = faces
}

var oneFace = portrait.Face{Box: image.Rect(260, 160, 380, 280)}

// printer keeps what it printed.
// paperWidth is not what most printers have: a ticket must be as wide as the one that prints it.
const paperWidth = 384

type printer struct {
	fake
	failure error // under mu
	printed []*image.Gray
}

func (p *printer) Width() int                                   { return paperWidth }
func (p *printer) Paper(context.Context) (devices.Paper, error) { return devices.PaperOK, nil }

func (p *printer) Print(_ context.Context, ticket *image.Gray) error {
	if err := p.broken("print"); err != nil {
		return err
	}
	select {
	case <-p.gone():
		return p.unplugged("print")
	default:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failure != nil {
		return &devices.Error{Kind: p.kind, Op: "print", Err: p.failure}
	}
	if wide := ticket.Rect.Dx(); wide > paperWidth {
		return &devices.Error{Kind: p.kind, Op: "print", Err: fmt.Errorf("%d dots do not fit", wide)}
	}
	p.printed = append(p.printed, ticket)
	return nil
}

// screen is a Display that remembers.
type screen struct {
	mu       sync.Mutex
	views    []View
	times    []time.Time   // of views
	changed  chan struct{} // closed and replaced at every Show
	previews int           // since the last Show
	ink      int           // on the sheet
	sheets   int           // begun
	busy     bool          // to see two calls at once
	overlaps int
}

func newScreen() *screen { return &screen{changed: make(chan struct{})} }

func (s *screen) Show(v View) {
	defer s.call()()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.views, s.times = append(s.views, v), append(s.times, time.Now())
	s.previews = 0
	if v.State.Screen != flow.Signature {
		s.ink = 0
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *screen) Preview(*image.RGBA) {
	defer s.call()()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.previews++
}

func (s *screen) Sheet() {
	defer s.call()()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ink = 0
	s.sheets++
}

// begun is how many sheets have been.
func (s *screen) begun() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sheets
}

func (s *screen) Ink(devices.Sample, devices.PadSize) {
	defer s.call()()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ink++
}

// call notes that the display is being called, until what it gives is called.
func (s *screen) call() func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy {
		s.overlaps++
	}
	s.busy = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.busy = false
	}
}

// showed tells whether there was such a state among all that were shown.
func (s *screen) showed(such func(flow.State) bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.views, func(v View) bool { return such(v.State) })
}

// followed tells whether one screen came at once after another.
func (s *screen) followed(before, after flow.Screen) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 1; i < len(s.views); i++ {
		if s.views[i-1].State.Screen == before && s.views[i].State.Screen == after {
			return true
		}
	}
	return false
}

func (s *screen) latest() (View, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.views) == 0 {
		return View{}, s.changed
	}
	return s.views[len(s.views)-1], s.changed
}

// counts are the frames and samples drawn on the screen that is shown.
func (s *screen) counts() (previews, ink int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.previews, s.ink
}
