package devices

import (
	"context"
	"errors"
	"image"
	"sync"
)

// Shared is one device that has several roles: a full-page reader reads the MRZ, takes pictures of the page and speaks to the chip, over
// one handle. The first role to be opened opens it, the last to be closed closes it, and all have one identity and one illness: what a
// use through one role found out is told of in each ([Slot.Health]). When a role lets go of a device that is ill or gone, it is closed for
// all of them, as opening it anew is what may mend it; the others' places notice, and open it again.
//
// A driver of such a device implements the interface of each role ([MRZReader], [PageImager], [ChipReader]) on one type, whose
// methods may be called at the same time from as many goroutines as it has roles.
type Shared[D Device] struct {
	open func(context.Context) (D, error)
	turn chan struct{} // holds one while a role opens or closes it
	unit *unit[D]      // nil while it is closed; of who has the turn
}

// unit is one device while it is open.
type unit[D Device] struct {
	device D

	mu     sync.Mutex
	roles  int            // that hold it
	ailing bool           // its last look showed it ill or gone
	spent  bool           // it is closed
	faults map[Kind]error // of the last use through each role
}

// NewShared shares what open opens. Nothing is opened yet.
func NewShared[D Device](open func(context.Context) (D, error)) *Shared[D] {
	return &Shared[D]{open: open, turn: make(chan struct{}, 1)}
}

// Hold is one role's part in a shared device; a role's interface is implemented by a type that embeds it. It implements [Device].
type Hold[D Device] struct {
	shared *Shared[D]
	unit   *unit[D]
	kind   Kind
	closed context.Context // ends when Close is called
	end    context.CancelFunc
	once   sync.Once
	err    error // of Close
}

// Hold opens the device for a role, or takes part in it where it is open. Errors are those of opening it.
func (s *Shared[D]) Hold(ctx context.Context, role Kind) (*Hold[D], error) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, &Error{Kind: role, Op: "open", Err: ctx.Err()}
	}
	defer func() { <-s.turn }()
	if s.unit == nil {
		device, err := s.open(ctx)
		if err != nil {
			return nil, err
		}
		s.unit = &unit[D]{device: device, faults: map[Kind]error{}}
	}
	s.unit.mu.Lock()
	s.unit.roles++
	s.unit.mu.Unlock()
	h := &Hold[D]{shared: s, unit: s.unit, kind: role}
	h.closed, h.end = context.WithCancel(context.Background())
	return h, nil
}

// Info is the device's, in this role.
func (h *Hold[D]) Info() Info {
	info := h.unit.device.Info()
	info.Kind = h.kind
	return info
}

// Health is the device's own. One that another role has closed is [StateNoDevice] until it is opened again.
func (h *Hold[D]) Health(ctx context.Context) Health {
	if h.isOver() {
		return HealthOf(&Error{Kind: h.kind, Op: "ask", Err: ErrClosed})
	}
	health := h.unit.device.Health(ctx)
	h.unit.mu.Lock()
	defer h.unit.mu.Unlock()
	h.unit.ailing = health.State == StateNoDevice || health.State == StateHWError
	return health
}

func (h *Hold[D]) isOver() bool {
	h.unit.mu.Lock()
	defer h.unit.mu.Unlock()
	return h.unit.spent || h.closed.Err() != nil
}

// Close ends this role's calls, and gives the device back.
func (h *Hold[D]) Close() error {
	h.once.Do(func() {
		h.end()
		h.err = h.shared.giveBack(h.unit, h.kind)
	})
	return h.err
}

// giveBack closes the device with its last role, or with the first that lets go of it because it is ill.
func (s *Shared[D]) giveBack(u *unit[D], role Kind) error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	u.mu.Lock()
	u.roles--
	delete(u.faults, role)
	closes := !u.spent && (u.roles == 0 || u.ailing)
	u.spent = u.spent || closes
	u.mu.Unlock()
	if !closes {
		return nil
	}
	s.unit = nil
	return u.device.Close()
}

// Use makes a call of this role: it ends when the role is closed, with ErrClosed, though the device may stay open for others.
func (h *Hold[D]) Use(ctx context.Context, op string, call func(context.Context, D) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.closed, cancel)()
	if h.isOver() {
		return &Error{Kind: h.kind, Op: op, Err: ErrClosed}
	}
	err := call(ctx, h.unit.device)
	if err != nil && h.closed.Err() != nil && errors.Is(err, context.Canceled) {
		err = &Error{Kind: h.kind, Op: op, Err: ErrClosed}
	}
	return err
}

// tell notes how this role's last use ended, nil for well, for the other roles.
func (h *Hold[D]) tell(fault error) {
	h.unit.mu.Lock()
	defer h.unit.mu.Unlock()
	if fault == nil {
		delete(h.unit.faults, h.kind)
	} else {
		h.unit.faults[h.kind] = fault
	}
}

// elsewhere is another role whose last use failed, and how; nil if none did.
func (h *Hold[D]) elsewhere() (role Kind, fault error) {
	h.unit.mu.Lock()
	defer h.unit.mu.Unlock()
	for kind, err := range h.unit.faults {
		if kind != h.kind && (role == "" || kind < role) {
			role, fault = kind, err
		}
	}
	return role, fault
}

// role is what a slot asks of a device that has others.
type role interface {
	tell(fault error)
	elsewhere() (Kind, error)
}

// MRZReaderOf opens the device as the station's document reader.
func MRZReaderOf[D MRZReader](s *Shared[D]) func(context.Context) (MRZReader, error) {
	return func(ctx context.Context) (MRZReader, error) {
		h, err := s.Hold(ctx, KindMRZReader)
		if err != nil {
			return nil, err
		}
		return mrzRole[D]{h}, nil
	}
}

type mrzRole[D MRZReader] struct{ *Hold[D] }

// ReadMRZ implements [MRZReader].
func (r mrzRole[D]) ReadMRZ(ctx context.Context) (lines []string, err error) {
	err = r.Use(ctx, "read mrz", func(ctx context.Context, device D) error {
		lines, err = device.ReadMRZ(ctx)
		return err
	})
	return lines, err
}

// PageImagerOf opens the device as the station's page imager.
func PageImagerOf[D PageImager](s *Shared[D]) func(context.Context) (PageImager, error) {
	return func(ctx context.Context) (PageImager, error) {
		h, err := s.Hold(ctx, KindPageImager)
		if err != nil {
			return nil, err
		}
		return pageRole[D]{h}, nil
	}
}

type pageRole[D PageImager] struct{ *Hold[D] }

// Page implements [PageImager].
func (r pageRole[D]) Page(ctx context.Context, light Light) (picture *image.RGBA, dpi int, err error) {
	err = r.Use(ctx, "page", func(ctx context.Context, device D) error {
		picture, dpi, err = device.Page(ctx, light)
		return err
	})
	return picture, dpi, err
}

// ChipReaderOf opens the device as the station's chip reader. A chip that is in use outlives its role, not the device.
func ChipReaderOf[D ChipReader](s *Shared[D]) func(context.Context) (ChipReader, error) {
	return func(ctx context.Context) (ChipReader, error) {
		h, err := s.Hold(ctx, KindChipReader)
		if err != nil {
			return nil, err
		}
		return chipRole[D]{h}, nil
	}
}

type chipRole[D ChipReader] struct{ *Hold[D] }

// Connect implements [ChipReader].
func (r chipRole[D]) Connect(ctx context.Context) (chip Chip, err error) {
	err = r.Use(ctx, "connect", func(ctx context.Context, device D) error {
		chip, err = device.Connect(ctx)
		return err
	})
	return chip, err
}
