package machine

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Package is a Debian package; Version is empty where it is not installed.
type Package struct{ Name, Version string }

// Software is what the station's programs stand on.
type Software struct {
	Kernel   string // "6.1.0-40-amd64"
	System   string // "Debian GNU/Linux 12 (bookworm)"
	Packages []Package
}

// Software tells of the system, and of the packages that are named. Where no package is known at all, as on another
// distribution, there are none.
func (m Machine) Software(names ...string) (Software, error) {
	s := Software{System: m.system()}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return s, fmt.Errorf("ask for the kernel's version: %w", err)
	}
	s.Kernel = unix.ByteSliceToString(u.Release[:])
	var err error
	s.Packages, err = m.packages(names)
	return s, err
}

// system reads os-release(5).
func (m Machine) system() string {
	text, _ := os.ReadFile(m.path("etc/os-release"))
	for row := range strings.Lines(string(text)) {
		if name, is := strings.CutPrefix(row, "PRETTY_NAME="); is {
			return strings.Trim(strings.TrimSpace(name), `"'`)
		}
	}
	return ""
}

// packages reads dpkg's status (deb-control(5), dpkg(1)): paragraphs with fields, of which three count here.
func (m Machine) packages(names []string) ([]Package, error) {
	file, err := os.Open(m.path("var/lib/dpkg/status"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer file.Close()
	versions, fields := map[string]string{}, map[string]string{}
	note := func() {
		if name := fields["Package"]; slices.Contains(names, name) && strings.HasSuffix(fields["Status"], " installed") {
			versions[name] = fields["Version"]
		}
		clear(fields)
	}
	const longest = 1 << 20 // a field of one line
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, longest)
	for lines.Scan() {
		name, value, is := strings.Cut(lines.Text(), ": ")
		switch {
		case lines.Text() == "":
			note()
		case is && (name == "Package" || name == "Status" || name == "Version"):
			fields[name] = value
		}
	}
	note()
	var all []Package
	for _, name := range names {
		all = append(all, Package{name, versions[name]})
	}
	return all, lines.Err()
}
