package main

import (
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/wording"
	"github.com/foyer-station/foyer/kiosk/config"
)

// A technician at the screen reads what a check is called, and not its id.
func TestEveryCheckHasATitleInEachLanguage(t *testing.T) {
	names := map[string]devices.Kind{}
	var d config.Devices
	d.MRZReader.Driver = "access-is"
	for _, s := range append(acting(d, time.Now), asking(d, nil, &cli{}, nil, nil)...) {
		for _, name := range s.Checks {
			names[name] = s.Kind
		}
	}
	for _, name := range []string{
		"lamps", "paper", "cover", "free", "writable", "available", "offset", "synchronised", "highest", "kiosk", "packages", "reachable", "tls", "oldest",
	} { // of those that are internal
		names[name] = hwtest.KindDisk
	}
	german, english := words(t, "de"), words(t, "en")
	for name, kind := range names {
		c := hwtest.Done(kind, name)
		if title := c.Worded(german, time.Now()).Title; title == name {
			t.Errorf("%s is called %q in German", c.ID, title)
		}
		if title := c.Worded(english, time.Now()).Title; title == "" || strings.Contains(title, "_") {
			t.Errorf("%s is called %q in English", c.ID, title)
		}
	}
}

func words(t *testing.T, language string) *wording.Catalogue {
	t.Helper()
	c, err := wording.Load(language)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
