// Package house runs the real programs, station and back office, in the emulated world: a whole Foyer that a person can
// click through, that a scripted visitor walks through, and that tests break. It starts processes and links none of
// their code.
package house

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/foyer-station/foyer/emulate/pcsc"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/world"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// startTime bounds how long a program may take until it serves; the race detector makes them slow.
const startTime = 90 * time.Second

// Options say which programs run, and where.
type Options struct {
	Dir       string   // what the programs keep; must exist
	Programs  string   // the folder of backoffice and doccheck
	Kiosk     []string // the station's program and its arguments
	Env       []string // for the kiosk, beside the world's: DISPLAY
	GRPC      string   // where stations connect to the back office; empty for a free port
	Console   string   // where staff connect; empty for a free port
	Specimens *specimen.Maker
	Log       io.Writer // what the programs say
	Devices   []string  // that stand in the place of the usual ones: world.Others
	Lines     string    // more lines of the station's configuration: "[timings]\nanswer = \"1s\"\n"
}

// User can sign in to the console.
type User struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// House is a running Foyer.
type House struct {
	World   *world.World
	Station technicianv1.TechnicianServiceClient
	// ConsoleURL is where the staff console is.
	ConsoleURL string
	Users      []User

	options Options
	office  *process
	kiosk   *process
	conn    *grpc.ClientConn
	grpc    string // where the back office listens

	browser    context.Context // of the staff; nil until somebody signs in
	endBrowser func()
}

// Start starts everything and returns when the station shows its first screen.
func Start(ctx context.Context, o Options) (*House, error) {
	h := &House{options: o}
	if err := h.start(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *House) start(ctx context.Context) (err error) {
	if h.World, err = world.New(ctx, h.options.Dir, pcsc.Options{}, h.options.Devices...); err != nil {
		return err
	}
	if err := h.StartOffice(ctx); err != nil {
		return err
	}
	if err := h.trust(ctx); err != nil {
		return err
	}
	if h.conn, err = grpc.NewClient("unix://"+h.socket(), grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		return err
	}
	h.Station = technicianv1.NewTechnicianServiceClient(h.conn)
	return h.StartKiosk(ctx)
}

func (h *House) officeDir() string { return filepath.Join(h.options.Dir, "office") }
func (h *House) socket() string    { return filepath.Join(h.options.Dir, "technician.sock") }
func (h *House) program(name string) string {
	return filepath.Join(h.options.Programs, name)
}

// StartOffice starts the back office, anew at the same address if it ran before.
func (h *House) StartOffice(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	listen, console := orFree(h.options.GRPC), orFree(h.options.Console)
	if h.grpc != "" {
		listen = h.grpc
	}
	addresses := filepath.Join(h.officeDir(), "addresses.json")
	if err := os.Remove(addresses); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	h.office, err = start(h.options.Log, nil, h.program("backoffice"), "demo", "--dir", h.officeDir(), "--grpc", listen, "--console", console)
	if err != nil {
		return err
	}
	var where struct{ GRPC, Console string }
	if err := until(ctx, "the back office", h.office, func() bool { return readJSON(addresses, &where) == nil }); err != nil {
		return err
	}
	h.grpc, h.ConsoleURL = where.GRPC, where.Console
	return readJSON(filepath.Join(h.officeDir(), "users.json"), &h.Users)
}

func orFree(address string) string {
	if address == "" {
		return "127.0.0.1:0"
	}
	return address
}

// StopOffice takes the back office away: the station is cut off.
func (h *House) StopOffice() error { return h.office.stop() }

// trust puts the specimens' country signer and its revocation list into the station's trust store, with the technician's
// own command.
func (h *House) trust(ctx context.Context) error {
	csca, crl := filepath.Join(h.options.Dir, "utopia-csca.der"), filepath.Join(h.options.Dir, "utopia.crl")
	maker := h.options.Specimens
	if err := errors.Join(os.WriteFile(csca, maker.CSCA(), 0o644), os.WriteFile(crl, maker.CRL(), 0o644)); err != nil {
		return err
	}
	p, err := start(h.options.Log, nil, h.program("doccheck"), "trust", "import", "--store", filepath.Join(h.options.Dir, "trust"), csca, crl)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		p.kill()
		return ctx.Err()
	}
}

// StartKiosk starts the station and returns when visitors can check in.
func (h *House) StartKiosk(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := os.WriteFile(h.Settings(), []byte(h.settings()), 0o600); err != nil {
		return err
	}
	env := append(h.World.Env(), "FOYER_CONFIG="+h.Settings(), "FYNE_SCALE=1", "FYNE_DISABLE_DPI_DETECTION=true", "LANG=de_DE.UTF-8", "LC_ALL=de_DE.UTF-8")
	var err error
	if h.kiosk, err = start(h.options.Log, append(env, h.options.Env...), h.options.Kiosk...); err != nil {
		return err
	}
	return until(ctx, "the station", h.kiosk, func() bool {
		s, err := h.Station.GetStatus(ctx, &technicianv1.GetStatusRequest{}, grpc.WaitForReady(true))
		return err == nil && s.GetInService()
	})
}

// KillKiosk ends the station as a power cut would.
func (h *House) KillKiosk() { h.kiosk.kill() }

// Ended is why one of the programs is not running any more; nil while all are.
func (h *House) Ended() error { return errors.Join(h.office.ended(), h.kiosk.ended()) }

// Gone is closed when the station has ended, by whatever cause.
func (h *House) Gone() <-chan struct{} { return h.kiosk.done }

// Settings is the path of the station's configuration, for other programs that want it.
func (h *House) Settings() string { return filepath.Join(h.options.Dir, "station.toml") }

// settings is the station's configuration for this world.
func (h *House) settings() string {
	w, pki := h.World, filepath.Join(h.officeDir(), "pki")
	leds := w.LEDs()
	return fmt.Sprintf(`state_dir = "state"
socket = %q

[back_office]
address = %q
certificate = %q
key = %q
authority = %q

[verify]
trust_store = "trust"

[devices]
look_every = "300ms"

[devices.camera]
backend = "gstreamer"
source = %q

[devices.page_imager]
dpi = %d
led_dir = %q
leds = { visible = %q, infrared = %q, ultraviolet = %q }

[devices.page_imager.camera]
backend = "gstreamer"
source = %q

[devices.printer]
path = %q

%s
%s`, h.socket(), h.grpc, filepath.Join(pki, "station-1.pem"), filepath.Join(pki, "station-1.key"), filepath.Join(pki, "ca.pem"),
		w.Hall.Pipeline(), specimen.DPI, leds.Folder, leds.Visible, leds.Infrared, leds.Ultraviolet, w.Glass.Pipeline(), w.Printer.Path(), w.Settings(), h.options.Lines)
}

// Close ends the programs, then the world.
func (h *House) Close() error {
	h.closeBrowser()
	errs := []error{h.kiosk.stop(), h.office.stop()}
	if h.conn != nil {
		errs = append(errs, h.conn.Close())
	}
	if h.World != nil {
		errs = append(errs, h.World.Close())
	}
	return errors.Join(errs...)
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
