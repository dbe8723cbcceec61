package kiosk

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/holder"
	"github.com/foyer-station/foyer/kiosk/journal"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
	"github.com/foyer-station/foyer/proto/mutual"
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

// Bounds of what a technician waits for ([devices.Within]); hwtest gives up after ten seconds.
const (
	deviceTime = 1500 * time.Millisecond
	answerTime = 3 * time.Second // of the loop that serves visitors, and of the window
)

// ofDevices asks all devices at once: one that is silent does not hide the others.
func ofDevices(ctx context.Context, places []place) []*technicianv1.DeviceStatus {
	ctx, cancel := devices.Within(ctx, deviceTime)
	defer cancel()
	all := make([]*technicianv1.DeviceStatus, len(places))
	var asking sync.WaitGroup
	for i, p := range places {
		asking.Go(func() {
			health, info := p.Health(ctx), p.Info()
			if ctx.Err() != nil && health.State == devices.StateOnline { // whoever gives up, has not heard
				health = devices.HealthOf(&devices.Error{Kind: p.Kind(), Op: "ask", Err: devices.ErrTimeout})
			}
			all[i] = statusOf(string(p.Kind()), holder.Named(ctx, health))
			all[i].Model, all[i].Serial, all[i].Firmware, all[i].Path = info.Model, info.Serial, info.Firmware, info.Path
		})
	}
	asking.Wait()
	sayOnce(all)
	return all
}

func statusOf(kind string, h devices.Health) *technicianv1.DeviceStatus {
	return also(&technicianv1.DeviceStatus{Kind: kind, State: string(h.State), Reason: wireOf(h.Reason), Remedy: wireOf(h.Remedy)}, h.Also...)
}

// answerer is a display that can tell whether it is drawn; package ui's can.
type answerer interface {
	Answers(ctx context.Context) error
}

// hangs says what does not come round, or nil. It may be called from any goroutine.
func (s *Station) hangs(ctx context.Context) *technicianv1.DeviceStatus {
	remedy := devices.Say(restartKiosk)
	ctx, cancel := devices.Within(ctx, answerTime)
	defer cancel()
	if s.Answers(ctx) != nil {
		return ill(serving, devices.Say(saysLoopHangs), remedy)
	}
	if window, ok := s.config.Display.(answerer); ok && window.Answers(ctx) != nil {
		return ill(serving, devices.Say(saysScreenHangs), remedy)
	}
	return nil
}

// outOfService says why visitors cannot check in; nil where they can. Disk is what is the matter with the journal: it holds the
// numbers.
func (s *Station) outOfService(numbers int, disk error) *technicianv1.DeviceStatus {
	if s.open.Load() {
		return nil
	}
	reason, remedy := saysOutOfService, seeOfficeFirst
	switch {
	case disk != nil && numbers == 0:
		reason, remedy = saysNoJournal, seeJournal
	case s.config.Link.Office() == nil:
		reason = saysNoOffice
	case numbers == 0:
		reason = saysNoNumbers
	default:
		remedy = seeLog
	}
	d := ill(serving, devices.Say(reason), devices.Say(remedy))
	if by := s.config.Link.CutOffBy(); !by.IsZero() {
		return also(d, devices.Say(saysCutOff), relayed(by))
	}
	return d
}

// enoughRoom is what a station must have left for check-ins that wait, in bytes: a day's ordinary ones of some megabytes, or one of
// the largest.
const enoughRoom = 256 << 20

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
		d := ill(keeping, devices.Say(saysLittleRoom).With("left", strconv.FormatInt(room>>20, 10)), devices.Say(makeRoom))
		d.State = string(devices.StateDegraded)
		return d
	}
	reason, remedy := saysUnwritable, seeDisk
	switch {
	case errors.Is(err, journal.ErrFull):
		reason, remedy = saysJournalFull, makeRoom
	case errors.Is(err, journal.ErrDamaged):
		reason, remedy = saysDamaged, moveJournal
	case errors.Is(err, journal.ErrNoNumber):
		reason, remedy = saysNumberMissing, seeOfficeFirst
	}
	d := ill(keeping, devices.Say(reason), devices.Say(remedy))
	if count > 0 {
		return also(d, devices.Say(saysLost).With("count", strconv.Itoa(count)))
	}
	return d
}

// decoderStatus is nil unless this computer kept the last picture of a chip from being decoded.
func (s *Station) decoderStatus() *technicianv1.DeviceStatus {
	if !s.undecoded.Load() {
		return nil
	}
	return ill(pictureDecoder, devices.Say(saysUndecoded), devices.Say(freeForDecoder))
}

// CertificateStatus is how long certificates last, one for each.
func CertificateStatus(all []mutual.Certificate, now time.Time) []*technicianv1.DeviceStatus {
	var told []*technicianv1.DeviceStatus
	for _, c := range all {
		level, reason, remedy := c.Judge(now)
		state := map[mutual.Level]devices.State{
			mutual.Well: devices.StateOnline, mutual.Soon: devices.StateDegraded, mutual.Ill: devices.StateHWError,
		}[level]
		d := ill(certificate+c.Name, relayed(reason), relayed(remedy))
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
