// Package world is all the hardware of one station without hardware, and the things that a visitor brings: the USB bus
// with signature pad and document reader, the chip reader, the cameras, the ticket printer; documents, faces and pens.
// A real station runs in it with [World.Env] and the sources, paths and lamps of its parts.
package world

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emulate/camera"
	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/emulate/lampboard"
	"github.com/foyer-station/foyer/emulate/pcsc"
	"github.com/foyer-station/foyer/emulate/printer"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/verify"
)

// Ports on the emulated USB bus.
const (
	PadPort    = "1"
	ReaderPort = "2"
)

const (
	pageFPS = 25
	hallFPS = 15
	// paperWidth is the printable width in dots: 72 mm at 8 dots to the millimetre.
	paperWidth = 576
	// hallFrames is how many pictures of a visitor the camera sees in a loop: two seconds of standing almost still.
	hallFrames = 30
)

// A common chip: 424 kbit/s, a few milliseconds of work a command.
const (
	chipLatency  = 3 * time.Millisecond
	chipByteRate = 53_000
)

// glassSize is a passport's data page at the specimens' resolution.
var glassSize = image.Pt(1476, 1039)

// World is one station's hardware. The fields are for those who want to break something: pull a plug, take the paper.
type World struct {
	Bus     *usb.Bed
	Pad     *usb.Pad    // nil where another one stands in its place
	Reader  *usb.Reader // nil where another one stands in its place
	Chips   *pcsc.Daemon
	Glass   *camera.Glass
	Hall    *camera.Hall
	Printer *printer.Printer
	Lamps   *lampboard.Board // nil where LEDs light the glass

	dir      string
	eye      eye               // whatever reads the MRZ
	hand     hand              // whatever is signed on
	settings string            // of the station, for that and the like
	lampLine *lampboard.Serial // nil where no lamp board is on a serial line

	mu       sync.Mutex
	document *specimen.Specimen
	drawn    scene              // of the document, when it comes: drawing takes a while
	faults   map[int]chip.Fault // of the chip that is laid down next
	inserted *pcsc.Inserted
}

// New builds the hardware; its files are below dir, which exists. A process that is itself the station says where the chip
// reader's daemon listens: see package pcsc. Devices of [Others] that are named stand in the place of the usual ones. Close takes it
// apart.
func New(ctx context.Context, dir string, chips pcsc.Options, others ...string) (*World, error) {
	w := &World{dir: dir}
	if err := w.build(ctx, chips, others); err != nil {
		return nil, errors.Join(fmt.Errorf("build the emulated world: %w", err), w.Close())
	}
	return w, nil
}

func (w *World) build(ctx context.Context, chips pcsc.Options, others []string) (err error) {
	if w.Bus, err = usb.NewBed(); err != nil {
		return err
	}
	if err := w.plugOthers(others); err != nil {
		return err
	}
	if w.Chips, err = pcsc.Start(ctx, chips); err != nil {
		return err
	}
	if err := os.MkdirAll(w.lamps(), 0o755); err != nil {
		return err
	}
	leds, err := camera.NewLEDs(w.lamps())
	if err != nil {
		return err
	}
	if w.Glass, err = camera.NewGlass(leds, glassSize, pageFPS); err != nil {
		return err
	}
	if w.Hall, err = camera.NewHall(hallFPS, emptyHall()...); err != nil {
		return err
	}
	w.Printer, err = printer.New(paperWidth)
	return err
}

func (w *World) lamps() string { return filepath.Join(w.dir, "leds") }

// LEDs are the page imager's lamps as the Linux LED class shows them: a folder, and the names in it.
type LEDs struct{ Folder, Visible, Infrared, Ultraviolet string }

// LEDs are this world's lamps.
func (w *World) LEDs() LEDs {
	names := camera.Lamps()
	return LEDs{w.lamps(), names[devices.LightVisible], names[devices.LightInfrared], names[devices.LightUltraviolet]}
}

// Env is what a station's process needs in its environment to see this hardware and no other.
func (w *World) Env() []string { return append(w.Bus.Env(), w.Chips.Env()...) }

// Enter lets the owner of a document step before the camera with it, and everything of an earlier visitor leave.
func (w *World) Enter(s *specimen.Specimen) error {
	w.TakeAway()
	drawn, err := w.sceneOf(s)
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.document, w.drawn = s, drawn
	w.mu.Unlock()
	w.Hall.Play(drawn.face)
	return nil
}

// StepAside lets nobody stand before the camera, while the document stays where it is.
func (w *World) StepAside() error { return w.Hall.Show(emptyHall()...) }

// scene is what the cameras see of a visitor.
type scene struct {
	sides []camera.Side
	face  camera.Film
}

// sceneOf draws a visitor, unless it is the last one again.
func (w *World) sceneOf(s *specimen.Specimen) (scene, error) {
	w.mu.Lock()
	last, drawn := w.document, w.drawn
	w.mu.Unlock()
	if s == last {
		return drawn, nil
	}
	var frames []image.Image
	for _, f := range s.Frames(hallFrames) {
		frames = append(frames, f)
	}
	face, err := camera.NewFilm(frames...)
	return scene{sidesOf(s), face}, err
}

// Tear makes the next chip that is laid down leave the field at its n-th command.
func (w *World) Tear(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = map[int]chip.Fault{n: chip.Tear()}
}

// LayDown lays the document on the reader: its page on the glass, its chip in the field, its MRZ before the reader's eye.
func (w *World) LayDown(ctx context.Context) error {
	s, err := w.put(ctx)
	if err != nil {
		return err
	}
	if err := w.eye.Ready(ctx); err != nil {
		return err
	}
	w.eye.see(s.MRZ)
	return nil
}

// PutOnGlass lays the document where there is no eye for the MRZ: its page on the glass, its chip in the field.
func (w *World) PutOnGlass(ctx context.Context) error {
	_, err := w.put(ctx)
	return err
}

func (w *World) put(ctx context.Context) (*specimen.Specimen, error) {
	s, sides, faults, err := w.bring()
	if err != nil {
		return nil, err
	}
	w.TakeAway()
	if err := w.Glass.Lay(sides...); err != nil {
		return nil, err
	}
	card, err := cardOf(s, faults)
	if err != nil {
		return nil, err
	}
	if card != nil {
		inserted, err := w.Chips.Insert(ctx, card)
		if err != nil {
			return nil, err
		}
		w.mu.Lock()
		w.inserted = inserted
		w.mu.Unlock()
	}
	return s, nil
}

// bring hands out the visitor's document, and the faults of its chip for this once.
func (w *World) bring() (*specimen.Specimen, []camera.Side, map[int]chip.Fault, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.document == nil {
		return nil, nil, nil, errors.New("lay document down: nobody is there")
	}
	faults := w.faults
	w.faults = nil
	return w.document, w.drawn.sides, faults, nil
}

// TurnOver lays a card down on its other side.
func (w *World) TurnOver(context.Context) error {
	w.Glass.Turn()
	return nil
}

// TakeAway takes the document off the reader.
func (w *World) TakeAway() {
	w.Glass.Take()
	w.mu.Lock()
	inserted := w.inserted
	w.inserted = nil
	w.mu.Unlock()
	if inserted != nil {
		inserted.Remove()
	}
}

// TakeBack takes the document off the reader, and returns when the chip reader's service has noticed.
func (w *World) TakeBack(ctx context.Context) error {
	w.TakeAway()
	return w.Chips.AwaitEmpty(ctx, 0)
}

// Sign writes the visitor's signature on the pad once it takes ink.
func (w *World) Sign(ctx context.Context) error {
	if err := w.hand.Ready(ctx); err != nil {
		return err
	}
	return w.hand.Sign(ctx, stu.Signature(1))
}

// Close takes the hardware apart and waits for all of it.
func (w *World) Close() error {
	var errs []error
	if w.Printer != nil {
		errs = append(errs, w.Printer.Close())
	}
	if w.Hall != nil {
		errs = append(errs, w.Hall.Close())
	}
	if w.Glass != nil {
		w.TakeAway()
		errs = append(errs, w.Glass.Close())
	}
	if w.eye != nil {
		errs = append(errs, w.eye.Close())
	}
	if w.hand != nil {
		errs = append(errs, w.hand.Close())
	}
	if w.lampLine != nil {
		errs = append(errs, w.lampLine.Close())
	}
	if w.Chips != nil {
		errs = append(errs, w.Chips.Close())
	}
	if w.Bus != nil {
		errs = append(errs, w.Bus.Close())
	}
	return errors.Join(errs...)
}

// cardOf is the chip in a document; nil when it has none.
func cardOf(s *specimen.Specimen, faults map[int]chip.Fault) (pcsc.Card, error) {
	switch s.Chip {
	case verify.ChipAbsent:
		return nil, nil
	case verify.ChipDead:
		return chip.Dead(), nil
	}
	held := *s
	held.ChipOptions.Faults, held.ChipOptions.Latency, held.ChipOptions.ByteRate = faults, chipLatency, chipByteRate
	return held.NewChip()
}

// sidesOf are the document's sides in the order in which a reader must see them: the one with the MRZ first.
func sidesOf(s *specimen.Specimen) []camera.Side {
	order := []verify.Side{verify.Front}
	if len(s.Sides()) > 1 {
		order = []verify.Side{verify.Back, verify.Front}
	}
	var sides []camera.Side
	for _, side := range order {
		lights := camera.Side{}
		for _, light := range []verify.Light{verify.Visible, verify.Infrared, verify.Ultraviolet} {
			lights[devices.Light(light)] = s.Page(side, light).Image
		}
		sides = append(sides, lights)
	}
	return sides
}

// emptyHall is what the camera sees when nobody is there: a wall, lighter at the top, with the noise that tells a camera from a
// picture of what it saw.
func emptyHall() []image.Image {
	const block = 8 // pixels: of a size that encodes well
	var frames []image.Image
	for phase := range 2 {
		wall := image.NewRGBA(image.Rect(0, 0, camera.HallWidth, camera.HallHeight))
		for y := range camera.HallHeight {
			shade := 0xc8 - y*0x18/camera.HallHeight
			row := wall.Pix[y*wall.Stride : (y+1)*wall.Stride]
			for x := range camera.HallWidth {
				noisy := byte(shade + (x/block+y/block+phase)%2)
				row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = noisy, noisy, noisy, 0xff
			}
		}
		frames = append(frames, wall)
	}
	return frames
}
