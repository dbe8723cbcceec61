package main

import (
	"slices"
	"testing"
)

func TestImportsAgainstThePlanAreDefects(t *testing.T) {
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"mrz", "verify", false},
		{"verify", "mrz", true},
		{"verify", "emrtd", true},
		{"verify/chip", "emrtd/pki", true},
		{"verify/chip", "verify/trust", true},
		{"verify/trust", "emrtd/pki", true},
		{"verify/trust", "verify/chip", false},
		{"verify/trust", "verify/picture", false},
		{"verify/trust", "verify", false},
		{"verify/trust/trusttest", "verify/trust", true},
		{"verify/trust/trusttest", "verify/chip", false},
		{"backoffice/console", "verify/trust", false},
		{"verify", "devices", false},
		{"kiosk", "devices", true},
		{"kiosk", "inspection", true},
		{"inspection", "devices", true},
		{"inspection", "kiosk", false},
		{"inspection", "proto/foyer/station/v1", false},
		{"cmd/doccheck", "inspection", true},
		{"cmd/doccheck", "kiosk", false},
		{"devices/stu", "emulate/usb", false},
		{"backoffice", "verify", true},
		{"backoffice/console", "verify/page", false},
		{"backoffice", "kiosk", false},
		{"emulate/chip", "emrtd", false},
		{"emulate/specimen", "mrz", true},
		{"cmd/emulate", "emulate/usb", true},
		{"ui", "emulate/specimen", false},
		{"kiosk", "ui", false},
		{"kiosk/flow", "kiosk/journal", false},
		{"kiosk/flow", "mrz", false},
		{"kiosk/link", "kiosk/journal", true},
		{"backoffice/store", "backoffice/console", false},
		{"backoffice/store", "backoffice/sqlite", true},
		{"backoffice/console", "backoffice/intake", false},
		{"nowhere", "mrz", false},
	} {
		defects := check([]pkg{{ImportPath: module + c.from, Imports: []string{module + c.to}}})
		if (len(defects) == 0) != c.allowed {
			t.Errorf("%s imports %s: %q", c.from, c.to, defects)
		}
	}
}

func TestLibrariesStayInTheirRooms(t *testing.T) {
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"ui/theme", "fyne.io/fyne/v2", true},
		{"ui", "fyne.io/fyne/v2/app", false},
		{"cmd/kiosk", "fyne.io/fyne/v2/app", true},
		{"kiosk", "fyne.io/fyne/v2", false},
		{"verify/page", "gocv.io/x/gocv", true},
		{"verify/picture", "gocv.io/x/gocv", true},
		{"verify", "gocv.io/x/gocv", false},
		{"kiosk", "github.com/google/gousb", false},
	} {
		defects := check([]pkg{{ImportPath: module + c.from, Imports: []string{c.to}}})
		if (len(defects) == 0) != c.allowed {
			t.Errorf("%s imports %s: %q", c.from, c.to, defects)
		}
	}
}

func TestTheBackOfficeMustNotLinkOpenCVAtAnyDepth(t *testing.T) {
	defects := check([]pkg{{ImportPath: module + "cmd/backoffice", Deps: []string{"fmt", "gocv.io/x/gocv"}}})
	if !slices.Equal(defects, []string{"cmd/backoffice links gocv.io/"}) {
		t.Errorf("%q", defects)
	}
}

func TestNamesThatSayNothingAndInitAreDefects(t *testing.T) {
	if d := check([]pkg{{ImportPath: module + "kiosk/util", Name: "util"}}); len(d) != 1 {
		t.Errorf("%q", d)
	}
	if !declaresInit([]byte("package a\nfunc init() {}\n")) || declaresInit([]byte("package a\n// func init() is not here\n")) {
		t.Error("init must be found where it is declared, and only there")
	}
}
