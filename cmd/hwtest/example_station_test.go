package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/config"
)

var example = filepath.Join("..", "..", "packaging", "station.example.toml")

func TestTheExampleStationIsValidAndNamesEverySetting(t *testing.T) {
	if _, err := config.Load(example); err != nil {
		t.Fatal(err)
	}
	meta, err := toml.DecodeFile(example, &map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, key := range meta.Keys() {
		if meta.Type(key...) != "Hash" {
			named = append(named, key.String())
		}
	}
	slices.Sort(named)
	if diff := cmp.Diff(settings("", reflect.TypeFor[config.Config]()), named); diff != "" {
		t.Errorf("settings that the example lacks (-) or invents (+):\n%s", diff)
	}
}

// settings gives the keys that a configuration can have, sorted.
func settings(prefix string, table reflect.Type) (keys []string) {
	for i := range table.NumField() {
		field := table.Field(i)
		key := prefix + field.Tag.Get("toml")
		if field.Tag.Get("toml") == "-" { // follows from others
			continue
		}
		if field.Anonymous { // its settings stand among the others
			keys = append(keys, settings(prefix, field.Type)...)
		} else if field.Type.Kind() == reflect.Struct {
			keys = append(keys, settings(key+".", field.Type)...)
		} else {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// TestTheManualNamesEverySetting: a row of its table names one, or several of which the later ones have the first's folder.
func TestTheManualNamesEverySetting(t *testing.T) {
	manual, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	quoted := regexp.MustCompile("`([a-z_.*]+)`")
	for line := range strings.Lines(string(manual)) {
		row := strings.SplitN(line, "|", 3)
		if len(row) < 3 || row[0] != "" {
			continue
		}
		folder := ""
		for _, name := range quoted.FindAllStringSubmatch(row[1], -1) {
			key := name[1]
			if dot := strings.LastIndex(key, "."); dot >= 0 {
				folder = key[:dot+1]
			} else {
				key = folder + key
			}
			named[key] = true
		}
	}
	for _, key := range settings("", reflect.TypeFor[config.Config]()) {
		if !named[key] && !named[key[:strings.LastIndex(key, ".")+1]+"*"] {
			t.Errorf("the manual says nothing of %s", key)
		}
	}
}

func TestThePackagesThatAreLookedForAreThoseThatTheManualInstalls(t *testing.T) {
	manual, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, command, _ := strings.Cut(string(manual), "\napt install ")
	command, _, _ = strings.Cut(command, "\nsed ")
	installed := strings.Fields(strings.ReplaceAll(command, "\\\n", " "))
	for _, p := range packages {
		if !slices.Contains(installed, p) {
			t.Errorf("the manual does not install %s", p)
		}
	}
}

func TestTheExampleStationShowsTheDefaults(t *testing.T) {
	got, err := config.Load(example)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	for name, pair := range map[string][2]any{
		"state_dir":       {want.StateDir, got.StateDir},
		"socket":          {want.Socket, got.Socket},
		"languages":       {want.Languages, got.Languages},
		"left_behind":     {want.LeftBehind, got.LeftBehind},
		"verify":          {want.Verify, got.Verify},
		"look_every":      {want.Devices.LookEvery, got.Devices.LookEvery},
		"power_cycle":     {want.Devices.PowerCycle, got.Devices.PowerCycle},
		"signature_pad":   {want.Devices.Pad, got.Devices.Pad},
		"document_reader": {want.Devices.MRZReader, got.Devices.MRZReader},
		"chip_reader":     {want.Devices.ChipReader, got.Devices.ChipReader},
		"dpi":             {want.Devices.PageImager.DPI, got.Devices.PageImager.DPI},
		"kept_dpi":        {want.Devices.PageImager.KeptDPI, got.Devices.PageImager.KeptDPI},
		"led_dir":         {want.Devices.PageImager.LEDDir, got.Devices.PageImager.LEDDir},
		"width":           {want.Devices.Printer.Width, got.Devices.Printer.Width},
		"technician":      {want.Technician, got.Technician},
		"timings":         {durations(kiosk.DefaultTimings(), inspection.DefaultTimings()), durations(got.Timings)},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s: the default (-) and the example (+) differ:\n%s", name, diff)
		}
	}
}

// durations gives the durations of structs by their lower-case names.
func durations(structs ...any) map[string]time.Duration {
	all := map[string]time.Duration{}
	for _, timings := range structs {
		v := reflect.ValueOf(timings)
		for i := range v.NumField() {
			all[strings.ToLower(v.Type().Field(i).Name)] = time.Duration(v.Field(i).Int())
		}
	}
	return all
}
