package main

import (
	"context"
	"errors"
	"image"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/cmd/internal/watchdog"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/finger"
	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/bench"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/hardware"
	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/lastseen"
	"github.com/foyer-station/foyer/kiosk/link"
	"github.com/foyer-station/foyer/kiosk/pin"
	"github.com/foyer-station/foyer/kiosk/technician"
	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/ui"
	"github.com/foyer-station/foyer/ui/padsheet"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/page"
	"github.com/foyer-station/foyer/verify/portrait"
	"github.com/foyer-station/foyer/verify/trust"
)

// A house is everything behind the screen.
type house struct {
	settings config.Config
	log      *slog.Logger
	journal  *journal.Journal
	conn     *grpc.ClientConn
	link     *link.Link
	finder   *portrait.Finder
	zones    *ocr.Reader
	trust    *trust.Store
	policy   *verify.Policy
	devices  kiosk.Devices
	finger   *finger.Screen     // what a finger on the screen is told to; nil where visitors do not sign with one
	events   chan devices.Event // which devices come and go
	seen     *lastseen.Notes    // and which of them were there
}

// open opens all that can fail before a visitor comes. The caller closes it, also after an error of run.
func open(ctx context.Context, settings config.Config, log *slog.Logger) (*house, error) {
	events := make(chan devices.Event)
	things := hardware.New(settings.Devices)
	h := &house{settings: settings, log: log, events: events, devices: things.Slots(events), finger: things.Screen(), seen: lastseen.Open(settings.Seen())}
	for _, part := range []func(context.Context) error{h.openPolicy, h.openJournal, h.openLink, h.openChecks} {
		if err := part(ctx); err != nil {
			return nil, errors.Join(err, h.close())
		}
	}
	return h, nil
}

// openPolicy comes first: a policy that is misread would weigh wrongly in silence, and so nothing begins with it.
func (h *house) openPolicy(context.Context) (err error) {
	file := h.settings.Verify.Policy
	if file == "" {
		h.policy, err = verify.DefaultPolicy()
		return err
	}
	if h.policy, err = verify.LoadPolicy(file); err != nil {
		return command.CannotRun(err, "doccheck policy explain "+file+"; with an empty verify.policy the kiosk starts with the policy that Foyer ships")
	}
	return nil
}

func (h *house) openJournal(ctx context.Context) (err error) {
	if err := h.settings.MakeStateDir(); err != nil {
		return err
	}
	h.journal, err = journal.Open(ctx, h.settings.Journal())
	switch {
	case errors.Is(err, journal.ErrFull):
		return command.CannotRun(err, "df -h "+h.settings.StateDir+"; journalctl --vacuum-size=100M")
	case errors.Is(err, journal.ErrDamaged):
		return command.CannotRun(err, "move "+h.settings.Journal()+" and the files beside it away and keep them, then start again")
	case errors.Is(err, journal.ErrInUse):
		return command.CannotRun(err, "systemctl status foyer-kiosk: another kiosk is running; end it first, or give each a state_dir of its own")
	case errors.Is(err, journal.ErrNewer):
		return command.CannotRun(err, "install the version of the kiosk that wrote it, or a newer one")
	}
	return err
}

func (h *house) openLink(ctx context.Context) error {
	b := h.settings.BackOffice
	tls, err := link.TLS(b.Certificate, b.Key, b.Authority)
	if err != nil {
		return err
	}
	if h.conn, err = link.Dial(b.Address, tls); err != nil {
		return err
	}
	h.link, err = link.New(ctx, h.conn, h.journal, link.Options{Log: h.log})
	return err
}

func (h *house) openChecks(context.Context) (err error) {
	v := h.settings.Verify
	if h.finder, err = portrait.NewFinder(v.Cascades); err != nil {
		return err
	}
	if h.zones, err = ocr.New(); err != nil {
		return err
	}
	h.trust, err = trust.OpenStore(v.TrustStore)
	return err
}

// station is what the check-in is made of.
func (h *house) station(display kiosk.Display, ticket func(kiosk.TicketData, int) (*image.Gray, error), sheets *padsheet.Drawer) kiosk.Config {
	pages := page.New(h.finder, page.DefaultThresholds())
	return kiosk.Config{
		Display:     display,
		Devices:     h.devices,
		Journal:     h.journal,
		Link:        h.link,
		Faces:       h.finder,
		LeftBehind:  leftBehind(h.settings),
		EvidenceDPI: h.settings.Devices.PageImager.KeptDPI,
		Inspection: inspection.Config{
			Pages:     h.zones,
			Numbers:   h.zones,
			Portraits: pages,
			Examiners: []inspection.Examiner{
				{Stage: inspection.StageChipChecks, Needs: inspection.NeedsChip, Examine: chip.Examiner{Trust: h.trust}.Examine},
				{Stage: inspection.StageOptical, Needs: inspection.NeedsPages, Examine: pages.ExaminePages},
				{Stage: inspection.StageLikeness, Needs: inspection.NeedsPortraits, Examine: pages.ComparePortraits},
			},
			Timings: inspectionTimings(h.settings.Timings),
		},
		Policy:        h.policy,
		TrustAge:      h.trust.Age,
		Seen:          h.seen,
		PIN:           h.lock(),
		Certificates:  link.Files(h.settings.BackOffice.Certificate, h.settings.BackOffice.Key, h.settings.BackOffice.Authority),
		TicketPicture: ticket,
		Sheet:         sheets.Sheet,
		PadPicture:    sheets.Idle,
		Languages:     h.settings.Languages,
		Timings:       timings(h.settings.Timings),
		Log:           h.log,
	}
}

// lock is that of the technician mode; nil without a PIN.
func (h *house) lock() *pin.Lock {
	if h.settings.Technician.PIN == "" {
		return nil
	}
	return pin.Open(h.settings.WrongPINs(), h.settings.Technician.PIN, time.Now, h.log)
}

// run keeps everything going until ctx ends or one of them fails, and waits for all. Devices and link outlive the
// station: it lets go of them first.
func (h *house) run(ctx context.Context, station *kiosk.Station, tests *bench.Bench, screen *ui.UI, board *technician.Board) error {
	below, stopBelow := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBelow()
	var lower errgroup.Group
	lower.Go(func() error {
		defer close(h.events)
		return hardware.Run(below, h.devices)
	})
	lower.Go(h.tell)
	lower.Go(func() error { return h.link.Run(below) })

	upper, ctx := errgroup.WithContext(ctx)
	upper.Go(func() error { return station.Run(ctx) })
	upper.Go(func() error { return screen.Run(ctx) })
	upper.Go(func() error { return tests.Run(ctx) })
	upper.Go(func() error { return technician.Serve(ctx, h.settings.Socket, board, station.Status, station.Lend) })
	upper.Go(func() error { return watchdog.Run(ctx, h.log, station, screen) })
	err := upper.Wait()
	stopBelow()
	lower.Wait() // both end with below, and say only that it ended
	return err
}

// tell logs and notes which devices come and go, and which cannot be helped, until no more can.
func (h *house) tell() error {
	again := time.NewTicker(lastseen.Every)
	defer again.Stop()
	for {
		var err error
		select {
		case e, open := <-h.events:
			switch {
			case !open:
				return nil
			case e.Uncycled != nil:
				h.log.Warn("the power of an ill device's port was not switched", "device", string(e.Kind), "err", e.Uncycled)
			case e.Present:
				h.log.Info("a device came", "device", string(e.Kind))
				err = h.seen.See(time.Now(), h.devices.There()...)
			default:
				h.log.Warn("a device went", "device", string(e.Kind))
				err = h.seen.Gone(e.Kind, time.Now())
			}
		case <-again.C:
			err = h.seen.See(time.Now(), h.devices.There()...)
		}
		if err != nil {
			h.log.Warn("which devices are there is not noted", "err", err)
		}
	}
}

func (h *house) close() error {
	var errs []error
	if h.finder != nil {
		errs = append(errs, h.finder.Close())
	}
	if h.zones != nil {
		errs = append(errs, h.zones.Close())
	}
	if h.conn != nil {
		errs = append(errs, h.conn.Close())
	}
	if h.journal != nil {
		errs = append(errs, h.journal.Close())
	}
	return errors.Join(errs...)
}

// leftBehind are the devices that are asked for documents that were left behind.
func leftBehind(c config.Config) (kinds []devices.Kind) {
	for _, sensor := range c.LeftBehind { // which are called as their kinds
		kinds = append(kinds, devices.Kind(sensor))
	}
	return kinds
}

func timings(t config.Timings) kiosk.Timings {
	return kiosk.Timings{
		Portrait: time.Duration(t.Portrait),
		Answer:   time.Duration(t.Answer),
		Print:    time.Duration(t.Print),
		Review:   time.Duration(t.Review),
		Reply:    time.Duration(t.Reply),
		Glance:   time.Duration(t.Glance),
		Doubt:    time.Duration(t.Doubt),
		Loan:     time.Duration(t.Loan),

		Technician: time.Duration(t.Technician),
	}
}

func inspectionTimings(t config.Timings) inspection.Timings {
	return inspection.Timings{
		Document:    time.Duration(t.Document),
		Page:        time.Duration(t.Page),
		Chip:        time.Duration(t.Chip),
		ChipReading: time.Duration(t.ChipReading),
		Examination: time.Duration(t.Examination),
	}
}
