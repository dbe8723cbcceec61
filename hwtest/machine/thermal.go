package machine

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Temperature is the hottest zone of a computer, by how near it is to its limit; degrees Celsius.
type Temperature struct {
	Zone    string // what its driver calls it: "x86_pkg_temp"
	Celsius float64
	Limit   float64 // where the computer begins to slow itself down, or to stop
}

// usualLimit is where the processors of small computers begin to slow down that do not say it: 85 °C is the lower of what the makers
// of commercial and industrial parts name.
const usualLimit = 85

// ErrNoSensor says that the computer shows no temperature: a virtual one has none.
var ErrNoSensor = errors.New("no thermal zone")

// Temperature reads the thermal zones (Linux, Documentation/driver-api/thermal/sysfs-api.rst): millidegrees, with the points at
// which something happens.
func (m Machine) Temperature() (Temperature, error) {
	zones, err := filepath.Glob(m.path("sys/class/thermal/thermal_zone*"))
	if err != nil {
		return Temperature{}, err
	}
	var hottest Temperature
	found := false
	for _, zone := range zones {
		t, ok := temperatureOf(zone)
		if ok && (!found || t.Celsius-t.Limit > hottest.Celsius-hottest.Limit) {
			hottest, found = t, true
		}
	}
	if !found {
		return hottest, ErrNoSensor
	}
	return hottest, nil
}

// temperatureOf leaves out a zone that cannot be read, as one of a part that sleeps, or shows what no computer has.
func temperatureOf(zone string) (t Temperature, ok bool) {
	const coldest, hottest = -50, 200
	if t.Celsius, ok = degrees(filepath.Join(zone, "temp")); !ok || t.Celsius < coldest || t.Celsius > hottest {
		return t, false
	}
	t.Zone, t.Limit = line(filepath.Join(zone, "type")), usualLimit
	points, _ := filepath.Glob(filepath.Join(zone, "trip_point_*_type")) // the pattern is well-formed
	for _, point := range points {
		if kind := line(point); kind != "passive" && kind != "hot" && kind != "critical" {
			continue
		}
		if limit, ok := degrees(strings.TrimSuffix(point, "type") + "temp"); ok && limit > 0 && limit < t.Limit {
			t.Limit = limit
		}
	}
	return t, true
}

func degrees(path string) (float64, bool) {
	millidegrees, err := strconv.Atoi(line(path))
	return float64(millidegrees) / 1000, err == nil
}

// line is what a file of /sys says; empty where it cannot be read.
func line(path string) string {
	text, _ := os.ReadFile(path)
	return strings.TrimSpace(string(text))
}
