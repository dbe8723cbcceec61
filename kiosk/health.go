package kiosk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/journal"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
	"github.com/foyer-station/foyer/proto/mutual"
	"github.com/foyer-station/foyer/verify/picture"
)

// The kinds by which what is no device stands among the devices: it wants a technician like them.
const (
	trustStore     = "trust_store"
	backOffice     = "back_office"
	serving        = "kiosk"           // whether visitors are served; told when they are not
	keeping        = "journal"         // whether check-ins are kept; told when they are not
	pictureDecoder = "picture_decoder" // whether pictures of chips are decoded; told when none was
	certificate    = "certificate_"
)

// Bounds of what a technician waits for; hwtest gives up after ten seconds.
const (
	deviceTime = 4 * time.Second
	answerTime = 3 * time.Second // of the loop that serves visitors, and of the window
)

// ofDevices asks all devices at once: one that is silent does not hide the others.
func ofDevices(ctx context.Context, places []place) []*technicianv1.DeviceStatus {
	ctx, cancel := context.WithTimeout(ctx, deviceTime)
	defer cancel()
	all := make([]*technicianv1.DeviceStatus, len(places))
	var asking sync.WaitGroup
	for i, p := range places {
		asking.Go(func() {
			health, info := p.Health(ctx), p.Info()
			all[i] = statusOf(string(p.Kind()), health)
			all[i].Model, all[i].Serial, all[i].Firmware, all[i].Path = info.Model, info.Serial, info.Firmware, info.Path
		})
	}
	asking.Wait()
	sayOnce(all)
	return all
}

func statusOf(kind string, h devices.Health) *technicianv1.DeviceStatus {
	return &technicianv1.DeviceStatus{Kind: kind, State: string(h.State), Reason: wireOf(h.Reason), Remedy: wireOf(h.Remedy)}
}

// wireOf is a message as it goes over the socket.
func wireOf(m devices.Message) *technicianv1.Message {
	if m.IsZero() {
		return nil
	}
	said := &technicianv1.Message{Key: string(m.Key)}
	for _, p := range m.Params {
		said.Params = append(said.Params, &technicianv1.Param{Name: p.Name, Value: p.Value})
	}
	return said
}

func ill(kind, reason, remedy string) *technicianv1.DeviceStatus {
	return &technicianv1.DeviceStatus{Kind: kind, State: string(devices.StateHWError), Reason: technicianv1.Plain(reason), Remedy: technicianv1.Plain(remedy)}
}

// answerer is a display that can tell whether it is drawn; package ui's can.
type answerer interface {
	Answers(ctx context.Context) error
}

// hangs says what does not come round, or nil. It may be called from any goroutine.
func (s *Station) hangs(ctx context.Context) *technicianv1.DeviceStatus {
	const remedy = "systemctl restart foyer-kiosk, and keep its log: journalctl -u foyer-kiosk"
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if s.Answers(ctx) != nil {
		return ill(serving, "the kiosk hangs: the loop that serves visitors does not come round", remedy)
	}
	if window, ok := s.config.Display.(answerer); ok && window.Answers(ctx) != nil {
		return ill(serving, "the kiosk hangs: its screen is not drawn", remedy)
	}
	return nil
}

// outOfService says why visitors cannot check in; nil where they can. Disk is what is the matter with the journal: it holds the
// numbers.
func (s *Station) outOfService(numbers int, disk error) *technicianv1.DeviceStatus {
	if s.open.Load() {
		return nil
	}
	l := s.config.Link
	reason, remedy := "out of service", "see to the back office first: without it no numbers come"
	switch {
	case disk != nil && numbers == 0:
		reason, remedy = reason+": its journal cannot be used", "see to the journal first"
	case l.Office() == nil:
		reason += ": the back office has not been heard of yet"
	case numbers == 0:
		reason += ": no ticket numbers are left for today"
	default:
		remedy = "look at the station's log"
	}
	if by := l.CutOffBy(); by != "" {
		reason += "; it is cut off: " + by
	}
	return ill(serving, reason, remedy)
}

// enoughRoom is what a station must have left for check-ins that wait, in bytes: a day's ordinary ones of some megabytes, or one of
// the largest.
const enoughRoom = 256 << 20

const makeRoom = "make room on the volume of the station's state folder: df -h, journalctl --vacuum-size=100M"

// losses are the check-ins that could not be kept.
type losses struct {
	mu    sync.Mutex
	count int // since one was kept
	last  error
}

func (l *losses) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = err
	if l.count++; err == nil {
		l.count = 0
	}
}

// health is nil where check-ins are kept; disk is what a write to the journal came to just now, and room what check-ins may
// take of it, in bytes.
func (l *losses) health(disk error, room int64) *technicianv1.DeviceStatus {
	l.mu.Lock()
	count, err := l.count, l.last
	l.mu.Unlock()
	if disk != nil {
		err = disk
	}
	switch {
	case err == nil && room >= enoughRoom:
		return nil
	case err == nil:
		d := ill(keeping, fmt.Sprintf("the disk has only %d MB left for check-ins", room>>20), makeRoom)
		d.State = string(devices.StateDegraded)
		return d
	}
	reason, remedy := "the journal cannot be written", "look at the station's log, and at the disk: dmesg, smartctl"
	switch {
	case errors.Is(err, journal.ErrFull):
		reason, remedy = "the disk is full", makeRoom
	case errors.Is(err, journal.ErrDamaged):
		reason, remedy = "the journal is damaged", "stop the kiosk, move the journal away and keep it, start the kiosk"
	case errors.Is(err, journal.ErrNoNumber):
		reason, remedy = "no ticket number was left", "see to the back office: without it no numbers come"
	}
	if count > 0 {
		reason += fmt.Sprintf("; %d check-ins could not be kept, and their visitors were sent to staff", count)
	}
	return ill(keeping, reason, remedy)
}

// decoderStatus is nil unless this computer kept the last picture of a chip from being decoded.
func (s *Station) decoderStatus() *technicianv1.DeviceStatus {
	if !s.undecoded.Load() {
		return nil
	}
	return ill(pictureDecoder, picture.ErrDecoder.Error()+": portraits of chips are neither compared nor shown",
		"look at the station's log; see to free memory and processes, to /proc, and that the unit allows seccomp")
}

// CertificateStatus is how long certificates last, one for each.
func CertificateStatus(all []mutual.Certificate, now time.Time) []*technicianv1.DeviceStatus {
	var told []*technicianv1.DeviceStatus
	for _, c := range all {
		level, reason, remedy := c.Judge(now)
		state := map[mutual.Level]devices.State{
			mutual.Well: devices.StateOnline, mutual.Soon: devices.StateDegraded, mutual.Ill: devices.StateHWError,
		}[level]
		d := ill(certificate+c.Name, reason, remedy)
		d.State = string(state)
		if d.Path = c.Path; !c.NotAfter.IsZero() {
			d.Expires = c.NotAfter.Unix()
		}
		told = append(told, d)
	}
	return told
}

// certificates are those of the files, and the one that the back office showed last.
func (s *Station) certificates() []mutual.Certificate {
	all := mutual.Read(s.config.Certificates...)
	if shown := s.config.Link.OfficeCertificate(); shown != nil {
		all = append(all, mutual.Of(backOffice, shown))
	}
	return all
}
