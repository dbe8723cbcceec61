package hwtest

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest/machine"
)

// Limits of a station's computer.
const (
	// enoughDisk is what a station's volume must have free, in bytes: 384 MiB that wiping check-ins needs, and 256 MiB for check-ins that
	// wait, as the kiosk has it (kiosk/journal, kiosk).
	enoughDisk = 640 << 20
	// enoughMemory is what programs must still be able to have, in bytes. A kiosk needs 700 MB, and for a moment twice that
	// (packaging/systemd/foyer-kiosk.service).
	enoughMemory = 700 << 20
	// littleMemory is what a kiosk that runs may leave: a page's pictures take 150 MB.
	littleMemory = 256 << 20
	// recently is for how long a kiosk that fell and was started again is told of.
	recently = 24 * time.Hour
)

// OtherUser says that only the station's user can tell.
const OtherUser devices.Key = "test.other_user"

// What is said of the computer.
const (
	saysUnknown      devices.Key = "computer.unknown" // detail; it cannot be told
	saysDiskFull     devices.Key = "disk.full"        // free, needed; MB
	saysReadOnly     devices.Key = "disk.read_only"
	saysNotWritable  devices.Key = "disk.not_writable" // folder, detail
	saysNoFolder     devices.Key = "disk.no_folder"    // folder
	saysLittleMemory devices.Key = "memory.little"     // free, needed; MB
	saysNotKept      devices.Key = "clock.not_kept"    // no time server keeps it
	saysHot          devices.Key = "temperature.high"  // value, limit, zone
	saysNoSensor     devices.Key = "temperature.no_sensor"
	saysFell         devices.Key = "restart.failed"     // cause, at
	saysFailed       devices.Key = "restart.down"       // cause
	saysNoSystemd    devices.Key = "restart.nobody"     // systemd does not answer, or knows no kiosk
	saysNotInstalled devices.Key = "software.missing"   // names
	saysNoPackages   devices.Key = "software.no_dpkg"   // another distribution
	makeRoom         devices.Key = "remedy.make_room"   // folder
	mountWritable    devices.Key = "remedy.mount"       // folder
	chownFolder      devices.Key = "remedy.chown"       // folder
	makeFolder       devices.Key = "remedy.make_folder" // folder
	freeMemory       devices.Key = "remedy.free_memory"
	setTimeServers   devices.Key = "remedy.time_servers"
	coolDown         devices.Key = "remedy.cool_down"
	seeWhyItFell     devices.Key = "remedy.see_why_it_fell"
)

// InstallPackages is the remedy where Debian packages are missing.
const InstallPackages devices.Key = "remedy.install" // names

// Computer are the subjects of a station's computer. What kiosk says is known of a running one.
type Computer struct {
	Machine  machine.Machine
	StateDir string   // of the station: on its volume check-ins are kept. Empty leaves the disk out
	Running  bool     // a kiosk runs, and has its memory already
	Unit     string   // the kiosk's, as "foyer-kiosk.service"
	Packages []string // that a station needs
	Now      func() time.Time
}

// Subjects are disk, memory, clock, temperature, restart and software.
func (c Computer) Subjects() []Subject {
	all := []Subject{
		{Kind: KindMemory, Checks: []string{"available"}, Test: c.memory},
		{Kind: KindClock, Checks: []string{"synchronised"}, Test: c.synchronised},
		{Kind: KindTemperature, Checks: []string{"highest"}, Test: c.temperature},
		{Kind: KindRestart, Checks: []string{"kiosk"}, Test: c.restart},
		{Kind: KindSoftware, Checks: []string{"packages"}, Test: c.software},
	}
	if c.StateDir != "" {
		all = append([]Subject{{Kind: KindDisk, Checks: []string{"free", "writable"}, Test: c.disk}}, all...)
	}
	return all
}

// unknown is a check of which nothing could be found out.
func (c Check) unknown(err error) Check {
	return c.because(Undetermined, devices.Say(saysUnknown).With(devices.Detail, err.Error()), devices.Message{})
}

func (c Computer) disk(_ context.Context, tell func(Check)) {
	free, folder := passed(KindDisk, "free"), c.StateDir
	free.Path = folder
	d, err := c.Machine.Disk(folder)
	writable := passed(KindDisk, "writable")
	if errors.Is(err, fs.ErrNotExist) {
		said, remedy := devices.Say(saysNoFolder).With("folder", folder), devices.Say(makeFolder).With("folder", folder)
		tell(free.because(Failed, said, remedy))
		tell(writable.because(NotPerformed, said, devices.Message{}))
		return
	} else if err != nil {
		tell(free.unknown(err))
		return
	}
	free = free.measured(Measure{Value: float64(d.Free), Unit: Bytes, Min: new(float64(enoughDisk))})
	if !free.Measure.within() {
		said := devices.Say(saysDiskFull).With("free", megabytes(d.Free)).With("needed", megabytes(enoughDisk))
		free = free.because(Failed, said, devices.Say(makeRoom).With("folder", folder))
	}
	tell(free)
	tell(c.writable(writable, d))
}

func (c Computer) writable(check Check, d machine.Disk) Check {
	err := machine.Writable(c.StateDir)
	switch {
	case d.ReadOnly:
		return check.because(Failed, devices.Say(saysReadOnly), devices.Say(mountWritable).With("folder", c.StateDir))
	case errors.Is(err, machine.ErrNotOwner):
		return check.because(NotPerformed, devices.Say(OtherUser), devices.Message{})
	case err != nil:
		said := devices.Say(saysNotWritable).With("folder", c.StateDir).With(devices.Detail, err.Error())
		return check.because(Failed, said, devices.Say(chownFolder).With("folder", c.StateDir))
	}
	return check
}

func (c Computer) memory(_ context.Context, tell func(Check)) {
	check := passed(KindMemory, "available")
	m, err := c.Machine.Memory()
	if err != nil {
		tell(check.unknown(err))
		return
	}
	needed := int64(enoughMemory)
	if c.Running {
		needed = littleMemory
	}
	check = check.measured(Measure{Value: float64(m.Available), Unit: Bytes, Min: new(float64(needed))})
	check.Facts = []Fact{{"total", megabytes(m.Total) + " MB"}}
	if !check.Measure.within() {
		said := devices.Say(saysLittleMemory).With("free", megabytes(m.Available)).With("needed", megabytes(needed))
		check = check.soon(said, devices.Say(freeMemory))
	}
	tell(check)
}

func (c Computer) synchronised(_ context.Context, tell func(Check)) {
	check := passed(KindClock, "synchronised")
	kept, err := c.Machine.Synchronised()
	switch {
	case err != nil:
		check = check.unknown(err)
	case !kept:
		check = check.soon(devices.Say(saysNotKept), devices.Say(setTimeServers))
	}
	tell(check)
}

func (c Computer) temperature(_ context.Context, tell func(Check)) {
	check := passed(KindTemperature, "highest")
	t, err := c.Machine.Temperature()
	switch {
	case errors.Is(err, machine.ErrNoSensor):
		tell(check.because(NotSupported, devices.Say(saysNoSensor), devices.Message{}))
		return
	case err != nil:
		tell(check.unknown(err))
		return
	}
	check = check.measured(Measure{Value: t.Celsius, Unit: Celsius, Max: &t.Limit})
	check.Facts = []Fact{{"zone", t.Zone}}
	if !check.Measure.within() {
		said := devices.Say(saysHot).With("value", degrees(t.Celsius)).With("limit", degrees(t.Limit)).With("zone", t.Zone)
		check = check.soon(said, devices.Say(coolDown))
	}
	tell(check)
}

// restart tells why the kiosk was started last. One that ended by itself within a day is told of although it runs.
func (c Computer) restart(ctx context.Context, tell func(Check)) {
	check := passed(KindRestart, "kiosk")
	s, err := c.Machine.Service(ctx, c.Unit)
	if err != nil {
		check = check.because(NotPerformed, devices.Say(saysNoSystemd), devices.Message{})
		check.Facts = []Fact{{devices.Detail, err.Error()}}
		tell(check)
		return
	}
	check = check.measured(Measure{Value: float64(s.Restarts), Unit: Count})
	if !s.Since.IsZero() {
		check.Facts = append(check.Facts, Fact{"started", s.Since.UTC().Format(time.RFC3339)})
	}
	if s.Failed != "" {
		check.Facts = append(check.Facts, Fact{"failed", s.Failed})
	}
	switch {
	case s.Failed != "" && s.FailedAt.IsZero(): // it has not been started again, or nobody may read when
		check = check.soon(devices.Say(saysFailed).With("cause", s.Failed), devices.Say(seeWhyItFell))
	case !s.FailedAt.IsZero() && c.Now().Sub(s.FailedAt) < recently:
		said := devices.Say(saysFell).With("cause", s.Failed).With("at", s.FailedAt.Local().Format("15:04"))
		check = check.soon(said, devices.Say(seeWhyItFell))
	}
	tell(check)
}

func (c Computer) software(_ context.Context, tell func(Check)) {
	check := passed(KindSoftware, "packages")
	s, err := c.Machine.Software(c.Packages...)
	if err != nil {
		tell(check.unknown(err))
		return
	}
	check.Facts = []Fact{{"kernel", s.Kernel}, {"system", s.System}}
	var missing []string
	for _, p := range s.Packages {
		if p.Version == "" {
			missing = append(missing, p.Name)
			continue
		}
		check.Facts = append(check.Facts, Fact{p.Name, p.Version})
	}
	names := strings.Join(missing, " ")
	switch {
	case s.Packages == nil:
		check = check.because(NotSupported, devices.Say(saysNoPackages), devices.Message{})
	case names != "":
		check = check.because(Failed, devices.Say(saysNotInstalled).With("names", names), devices.Say(InstallPackages).With("names", names))
	}
	tell(check)
}

func megabytes(bytes int64) string { return strconv.FormatInt(bytes>>20, 10) }

func degrees(celsius float64) string { return strconv.FormatFloat(celsius, 'f', 0, 64) }
