package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/camera"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/hardware"
	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/lastseen"
	"github.com/foyer-station/foyer/kiosk/link"
	"github.com/foyer-station/foyer/proto/mutual"
	"github.com/foyer-station/foyer/ui/padsheet"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/portrait"
	"github.com/foyer-station/foyer/verify/trust"
)

// unit is the kiosk's for systemd, and packages are those that it needs, as docs/operations.md installs them.
const unit = "foyer-kiosk.service"

var packages = []string{
	"pcscd", "libpcsclite1", "libccid", "libusb-1.0-0", "libopencv-videoio406", "opencv-data", "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good",
}

// What is said of a kiosk that does not answer for its devices.
const (
	saysNoKiosk      devices.Key = "kiosk.not_running"     // socket
	saysWouldNot     devices.Key = "kiosk.would_not_start" // policy, detail
	saysRefuses      devices.Key = "kiosk.refuses_setting" // setting, detail
	saysHangs        devices.Key = "kiosk.hangs"           // it holds its socket and does not answer
	saysOdd          devices.Key = "kiosk.odd"             // socket, detail; somebody else answers
	saysAskKiosk     devices.Key = "test.ask_kiosk"        // only a running kiosk knows
	saysUnread       devices.Key = "test.unread"           // detail; a file
	saysDamaged      devices.Key = "journal.damaged"
	startKiosk       devices.Key = "remedy.start_kiosk"
	restartKiosk     devices.Key = "remedy.restart_kiosk"
	whoseSocket      devices.Key = "remedy.whose_socket"    // socket
	correctSetting   devices.Key = "remedy.correct_setting" // setting
	explainPolicy    devices.Key = "remedy.explain_policy"  // policy
	moveJournal      devices.Key = "remedy.move_journal"
	importTrustLists devices.Key = "remedy.repair_trust" // folder
)

// station is one that is configured.
type station struct {
	cli      *cli
	settings config.Config
	source   hwtest.Source
	said     chan answer // of the kiosk, once there is one
}

// answer is what a running kiosk says of itself, or that it does not answer for its devices.
type answer struct {
	station *hwtest.Station
	hangs   bool
}

// wants tells whether one of the kinds was asked for; all are where none was named.
func (c *cli) wants(kinds ...devices.Kind) bool {
	return len(c.Device) == 0 || slices.ContainsFunc(c.Device, func(name string) bool {
		kind, _, _ := strings.Cut(name, ".")
		return slices.Contains(kinds, devices.Kind(kind))
	})
}

// subjects are what is to be tested, devices first.
func (s *station) subjects(ctx context.Context) ([]hwtest.Subject, error) {
	if s.cli.NoKiosk {
		s.source = hwtest.FromDevices
		bench := slices.DeleteFunc(s.computer(false).Subjects(), func(subject hwtest.Subject) bool { return subject.Kind == hwtest.KindRestart })
		return s.chosen(append(s.devices(), bench...)), nil
	}
	err := knock(s.settings.Socket)
	switch {
	case errors.Is(err, errNobody):
		s.source = hwtest.FromDevices
		own := slices.Concat(s.devices(), s.withoutKiosk(), s.office(true), s.computer(false).Subjects())
		return s.chosen(own), nil
	case errors.Is(err, fs.ErrPermission):
		return nil, command.CannotRun(err, "run it as the station's user, or as a member of the group foyer-technician")
	case err != nil && !errors.Is(err, errHangs):
		return nil, command.CannotRun(err, "start the kiosk again, and check its log")
	}
	s.source = hwtest.FromKiosk
	var own []hwtest.Subject
	if s.cli.wants(slices.Concat(kinds, ofStation, []devices.Kind{hwtest.KindClock})...) {
		own = append(own, s.kiosk())
	}
	return append(own, s.chosen(slices.Concat(s.office(false), s.computer(true).Subjects()))...), nil
}

// chosen leaves the subjects that were asked for.
func (s *station) chosen(all []hwtest.Subject) []hwtest.Subject {
	return slices.DeleteFunc(all, func(subject hwtest.Subject) bool { return !s.cli.wants(subject.Kind) })
}

// devices are those that the station is configured to have.
func (s *station) devices() (all []hwtest.Subject) {
	h := hardware.New(s.settings.Devices)
	for _, kind := range kinds {
		none := kind == devices.KindMRZReader && s.settings.Devices.MRZReader.None() || kind == devices.KindSignaturePad && s.settings.Devices.Pad.None()
		if none {
			continue
		}
		all = append(all, hwtest.Device(kind, opener(h, kind)))
	}
	return all
}

// opener is how a device of a kind is opened.
func opener(h hardware.Hardware, kind devices.Kind) func(context.Context) (devices.Device, error) {
	return map[devices.Kind]func(context.Context) (devices.Device, error){
		devices.KindMRZReader:     func(ctx context.Context) (devices.Device, error) { return h.MRZReader(ctx) },
		devices.KindChipReader:    func(ctx context.Context) (devices.Device, error) { return h.ChipReader(ctx) },
		devices.KindPageImager:    func(ctx context.Context) (devices.Device, error) { return h.PageImager(ctx) },
		devices.KindCamera:        func(ctx context.Context) (devices.Device, error) { return h.Camera(ctx) },
		devices.KindSignaturePad:  func(ctx context.Context) (devices.Device, error) { return h.SignaturePad(ctx) },
		devices.KindTicketPrinter: func(ctx context.Context) (devices.Device, error) { return h.TicketPrinter(ctx) },
	}[kind]
}

// settingsOf are where the configuration says that devices are. A chip reader needs no such setting.
func settingsOf(d config.Devices) map[devices.Kind]hwtest.Setting {
	all := map[devices.Kind]hwtest.Setting{
		devices.KindPageImager:    {Key: "devices.page_imager.camera.source", Value: camera.WithoutSecrets(d.PageImager.Camera.Source)},
		devices.KindCamera:        {Key: "devices.camera.source", Value: camera.WithoutSecrets(d.Camera.Source)},
		devices.KindTicketPrinter: {Key: "devices.printer.path", Value: d.Printer.Path},
	}
	if filter := d.ChipReader.Filter; filter != "" {
		all[devices.KindChipReader] = hwtest.Setting{Key: "devices.chip_reader.filter", Value: filter}
	}
	return all
}

// seen are the devices that a kiosk has noted here, as far as they may be read.
func (s *station) seen() map[devices.Kind]hwtest.Last {
	all := map[devices.Kind]hwtest.Last{}
	for kind, d := range lastseen.Open(s.settings.Seen()).All() {
		all[kind] = hwtest.Last{Model: d.Model, Path: d.Path, Until: d.Until}
	}
	return all
}

func (s *station) computer(running bool) hwtest.Computer {
	return hwtest.Computer{
		Machine: s.cli.machine, StateDir: s.settings.StateDir, Running: running, Unit: unit, Packages: packages, Now: s.cli.now,
	}
}

// office is the way to the back office. Whoever may not read the station's key can still reach it.
func (s *station) office(askTime bool) []hwtest.Subject {
	b := s.settings.BackOffice
	o := hwtest.Office{Address: b.Address, AskTime: askTime, Now: s.cli.now}
	o.TLS, o.Unconfigured = link.TLS(b.Certificate, b.Key, b.Authority)
	if o.Unconfigured != nil {
		o.TLS = authorityAlone(b.Authority)
	}
	return o.Subjects()
}

// authorityAlone verifies a back office, and shows it no certificate; nil where the authority cannot be read.
func authorityAlone(path string) *tls.Config {
	pem, err := os.ReadFile(path)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		return nil
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}
}

// withoutKiosk are what a running kiosk would have told.
func (s *station) withoutKiosk() []hwtest.Subject {
	all := []hwtest.Subject{
		{Kind: hwtest.KindOutbox, Checks: []string{"oldest"}, Test: s.outbox},
		{Kind: hwtest.KindTrustStore, Checks: []string{"state"}, Limit: storeTime, Test: s.trustStore},
	}
	for _, kind := range []devices.Kind{"certificate_station", "certificate_authority"} {
		all = append(all, hwtest.Subject{Kind: kind, Test: s.certificate(kind)})
	}
	for _, kind := range []devices.Kind{"journal", "picture_decoder", "certificate_back_office"} {
		if len(s.cli.Device) > 0 { // else that no kiosk runs is told once
			all = append(all, hwtest.Subject{Kind: kind, Test: func(_ context.Context, tell func(hwtest.Check)) {
				tell(hwtest.Skipped(kind, "state", devices.Say(saysAskKiosk)))
			}})
		}
	}
	return append(all, hwtest.Subject{Kind: hwtest.KindKiosk, Test: s.noKiosk})
}

// noKiosk says that no kiosk runs, and why none would start, where the configuration tells.
func (s *station) noKiosk(_ context.Context, tell func(hwtest.Check)) {
	reason, remedy := s.whyNoKiosk()
	for _, c := range hwtest.KioskIll(reason, remedy) {
		tell(c)
	}
}

// whyNoKiosk is why no kiosk runs: what would keep one from starting, as far as that can be seen from here, or else that none was started.
func (s *station) whyNoKiosk() (reason, remedy devices.Message) {
	v, picture := s.settings.Verify, s.settings.Devices.Pad.Picture
	if v.Policy != "" {
		if _, err := verify.LoadPolicy(v.Policy); err != nil {
			return devices.Say(saysWouldNot).With("policy", v.Policy).With(devices.Detail, err.Error()), devices.Say(explainPolicy).With("policy", v.Policy)
		}
	}
	refused := func(setting string, err error) (devices.Message, devices.Message) {
		return devices.Say(saysRefuses).With("setting", setting).With(devices.Detail, err.Error()), devices.Say(correctSetting).With("setting", setting)
	}
	finder, err := portrait.NewFinder(v.Cascades)
	if err != nil {
		return refused("verify.cascades", err)
	}
	finder.Close()
	if _, err := padsheet.New(picture); err != nil {
		return refused("devices.signature_pad.picture", err)
	}
	return devices.Say(saysNoKiosk).With("socket", s.settings.Socket), devices.Say(startKiosk)
}

// outbox looks into the journal.
func (s *station) outbox(ctx context.Context, tell func(hwtest.Check)) {
	wait, err := journal.Peek(ctx, s.settings.Journal(), s.cli.now())
	switch {
	case err == nil:
		tell(hwtest.Outbox(wait.Oldest, wait.CheckIns))
	case errors.Is(err, journal.ErrDamaged):
		tell(hwtest.Faulty(hwtest.KindOutbox, "oldest", devices.Say(saysDamaged), devices.Say(moveJournal)))
	default:
		tell(hwtest.Skipped(hwtest.KindOutbox, "oldest", unread(err)))
	}
}

// unread is why a file of the station could not be looked into.
func unread(err error) devices.Message {
	if errors.Is(err, fs.ErrPermission) {
		return devices.Say(hwtest.OtherUser)
	}
	return devices.Say(saysUnread).With(devices.Detail, err.Error())
}

func (s *station) trustStore(ctx context.Context, tell func(hwtest.Check)) {
	store, err := trust.OpenStore(s.settings.Verify.TrustStore)
	switch {
	case errors.Is(err, fs.ErrPermission):
		tell(hwtest.Skipped(hwtest.KindTrustStore, "state", unread(err)))
		return
	case err != nil:
		tell(hwtest.Faulty(hwtest.KindTrustStore, "state", unread(err), devices.Say(importTrustLists).With("folder", s.settings.Verify.TrustStore)))
		return
	}
	var r hwtest.Report
	r.Add(ctx, kiosk.TrustStatus(store.Age(s.cli.now())))
	tell(r.Checks[len(r.Checks)-1])
}

// certificate gives the checks of the certificates of one of the link's files.
func (s *station) certificate(kind devices.Kind) func(context.Context, func(hwtest.Check)) {
	return func(ctx context.Context, tell func(hwtest.Check)) {
		b := s.settings.BackOffice
		now := s.cli.now()
		r := hwtest.Report{At: now}
		for _, file := range link.Files(b.Certificate, b.Key, b.Authority) {
			if "certificate_"+file.Name == string(kind) {
				r.Add(ctx, kiosk.CertificateStatus(mutual.Read(file), now)...)
			}
		}
		for _, c := range r.Checks {
			tell(c)
		}
	}
}

// kiosk is what the running kiosk says. It is given more time than a device: it asks them all.
func (s *station) kiosk() hwtest.Subject {
	return hwtest.Subject{Kind: hwtest.KindKiosk, Limit: askTime, Test: func(ctx context.Context, tell func(hwtest.Check)) {
		said, err := ask(ctx, s.settings.Socket, s.cli.now)
		switch {
		case errors.Is(err, errHangs):
			said.Checks = hwtest.KioskIll(devices.Say(saysHangs), devices.Say(restartKiosk))
		case err != nil:
			reason := devices.Say(saysOdd).With("socket", s.settings.Socket).With(devices.Detail, err.Error())
			said.Checks = hwtest.KioskIll(reason, devices.Say(whoseSocket).With("socket", s.settings.Socket))
		}
		s.said <- answer{said.Station, err != nil}
		for _, c := range said.Checks {
			tell(c)
		}
	}}
}

// storeTime bounds the reading of a trust store, which may hold thousands of certificates.
const storeTime = 10 * time.Second

// askTime bounds the question to a running kiosk.
const askTime = 10 * time.Second
