package hil_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/accessis"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/stu"
	emulated "github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/usb"
)

// lines are the machine-readable zone of ICAO Doc 9303-4, appendix B.
var lines = []string{
	"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
	"L898902C36UTO7408122F1204159ZE184226B<<<<<10",
}

// pad is a signature pad in a port, with a hand at it.
type pad struct {
	*usb.Pad
	*socket
}

func (p pad) Act(ctx context.Context) error {
	return p.Sign(ctx, [][]emulated.Point{{{X: 0.25, Y: 0.25, Pressure: 0.5}, {X: 0.75, Y: 0.75, Pressure: 1}}})
}

func (p pad) Heal() {
	p.Break(usb.Healthy)
	p.BreakControl(usb.Healthy)
}

func plugPad(all *ports) func(*testing.T) pad {
	return func(t *testing.T) pad {
		t.Helper()
		p, s := plug(t, all, usb.NewPad, func(p *usb.Pad) *usb.Device { return p.Device })
		return pad{p, s}
	}
}

// sign captures until the pen has touched at the end of the stroke.
func sign(ctx context.Context, device devices.Device) error {
	ctx, done := context.WithCancel(ctx)
	defer done()
	p := device.(*stu.Pad)
	return p.Capture(ctx, func(s devices.Sample) {
		if s.Down && s.Pressure == p.Size().MaxPressure {
			done()
		}
	})
}

// openPad opens a pad with one driver, which makes its key once: in an emulated machine that takes seconds.
func openPad() func(context.Context) (devices.Device, error) {
	pads := stu.New(stu.Config{})
	return func(ctx context.Context) (devices.Device, error) {
		p, err := pads.Open(ctx)
		if err != nil {
			return nil, err
		}
		return p, nil
	}
}

// reader is a document reader in a port, with a document at it.
type reader struct {
	*usb.Reader
	*socket
}

func (r reader) Act(context.Context) error {
	if !r.Swipe(lines...) {
		return errors.New("reading is not enabled")
	}
	return nil
}

func (r reader) Heal() {
	r.Break(usb.Healthy)
	r.BreakControl(usb.Healthy)
}

func plugReader(all *ports, make func(string) *usb.Reader) func(*testing.T) reader {
	return func(t *testing.T) reader {
		t.Helper()
		r, s := plug(t, all, make, func(r *usb.Reader) *usb.Device { return r.Device })
		return reader{r, s}
	}
}

// read reads a document and wants it to be the specimen.
func read(ctx context.Context, device devices.Device) error {
	got, err := device.(*accessis.Reader).ReadMRZ(ctx)
	if err == nil && !slices.Equal(got, lines) {
		err = fmt.Errorf("read %q", got)
	}
	return err
}

func openReader(ctx context.Context) (devices.Device, error) {
	r, err := accessis.Open(ctx)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func TestTheDriversPassTheirSuiteOnARealKernel(t *testing.T) {
	inMachine(t)
	all := &ports{}
	t.Run("signature pad", devicestest.Driver[pad]{
		Open: openPad(), Plug: plugPad(all), Use: sign, Cycles: 10,
		Faults: []devicestest.Fault[pad]{
			{Name: "stall", Break: func(p pad) { p.Break(usb.Stall) }, Want: devices.ErrProtocol, Seen: true},
			{Name: "garbage before a sample", Break: func(p pad) { p.Break(usb.Garbage) }},
		},
	}.Run)
	for name, make := range map[string]func(string) *usb.Reader{
		"document reader": usb.NewReader, "older document reader": usb.NewOldReader, "document reader behind a keyboard and a mouse": usb.NewCompositeReader,
	} {
		t.Run(name, devicestest.Driver[reader]{
			Open: openReader, Plug: plugReader(all, make), Use: read, Cycles: 10,
			Faults: []devicestest.Fault[reader]{
				{Name: "stall", Break: func(r reader) { r.Break(usb.Stall) }, Want: devices.ErrProtocol, Seen: true},
				{Name: "garbage before a document", Break: func(r reader) { r.Break(usb.Garbage) }},
			},
		}.Run)
	}
}

func TestTheKernelHasItsDeviceBackWhenOursIsClosed(t *testing.T) {
	inMachine(t)
	p := plugPad(&ports{})(t)
	device, err := openPad()(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	if p.bound() {
		t.Error("the kernel's driver still holds the pad that ours has open")
	}
	if err := device.Close(); err != nil {
		t.Fatal(err)
	}
	until(t, "the kernel's driver has the pad back", p.bound)
}

func TestUdevGivesTheNodesToTheStationsGroup(t *testing.T) {
	inMachine(t)
	group, err := user.LookupGroup("foyer")
	if err != nil {
		t.Fatal(err)
	}
	all := &ports{}
	for name, node := range map[string]string{
		"signature pad": plugPad(all)(t).node(), "document reader": plugReader(all, usb.NewReader)(t).node(), "older one": plugReader(all, usb.NewOldReader)(t).node(),
	} {
		about, err := os.Stat(node)
		if err != nil {
			t.Fatal(err)
		}
		if gid := about.Sys().(*syscall.Stat_t).Gid; strconv.Itoa(int(gid)) != group.Gid || about.Mode().Perm() != 0o660 {
			t.Errorf("%s: %s belongs to group %d, mode %o", name, node, gid, about.Mode().Perm())
		}
	}
}

// TestHelperOpensThePad is run by TestWhoIsNotInTheGroupMayNotOpenTheDevice, as somebody else.
func TestHelperOpensThePad(t *testing.T) {
	if os.Getenv("FOYER_HIL_AS") == "" {
		t.Skip("a part of TestWhoIsNotInTheGroupMayNotOpenTheDevice")
	}
	device, err := stu.New(stu.Config{Encryption: stu.Off}).Open(limited(t))
	if err == nil {
		device.Close()
	}
	fmt.Printf("permitted: %v, forbidden: %v\n", err == nil, errors.Is(err, os.ErrPermission))
}

func TestWhoIsNotInTheGroupMayNotOpenTheDevice(t *testing.T) {
	inMachine(t)
	group, err := user.LookupGroup("foyer")
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(group.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	plugPad(&ports{})(t)
	const nobody = 65534
	for want, groups := range map[string][]uint32{
		"permitted: true, forbidden: false": {uint32(gid)},
		"permitted: false, forbidden: true": {},
	} {
		c := exec.CommandContext(limited(t), "/proc/self/exe", "-test.run", "^TestHelperOpensThePad$")
		c.Env = append(os.Environ(), "FOYER_HIL_AS=nobody")
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody, Groups: groups}}
		if said, err := c.CombinedOutput(); err != nil || !strings.Contains(string(said), want) {
			t.Errorf("in the groups %v: %v, %s; want %q", groups, err, said, want)
		}
	}
}
