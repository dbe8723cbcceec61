package mrz_test

import (
	"strings"
	"testing"

	"github.com/foyer-station/foyer/mrz"
	"github.com/google/go-cmp/cmp"
)

func TestEveryFormatTellsWhatItAllowsAtEveryPlace(t *testing.T) {
	for _, f := range mrz.Formats() {
		for line, n := range f.Lengths() {
			for column := range n {
				if f.Allowed(line, column) == "" {
					t.Errorf("%s: nothing is allowed in line %d, column %d", f, line, column)
				}
			}
			if f.Allowed(line, n) != "" || f.Allowed(line, -1) != "" {
				t.Errorf("%s: line %d has no end", f, line)
			}
		}
		if f.Allowed(len(f.Lengths()), 0) != "" || f.Allowed(-1, 0) != "" {
			t.Errorf("%s has too many lines", f)
		}
	}
	if f := mrz.Format("TD9"); f.Lengths() != nil || f.Digits() != nil || f.Allowed(0, 0) != "" {
		t.Error("an unknown format has a geometry")
	}
}

func TestAPlaceAllowsNoMoreThanTheStandard(t *testing.T) {
	for _, c := range []struct {
		format       mrz.Format
		line, column int
		want         string
	}{
		{mrz.MRVA, 0, 0, "V"},
		{mrz.TD1, 0, 0, "ACI"},
		{mrz.TD3, 1, 9, "0123456789"},
		{mrz.TD3, 1, 13, "0123456789<"},
		{mrz.TD3, 1, 20, "FMX<"},
		{mrz.TD3, 1, 42, "0123456789<"},
		{mrz.TD3, 0, 43, "ABCDEFGHIJKLMNOPQRSTUVWXYZ<"},
		{mrz.FRID, 0, 3, "R"},
		{mrz.CHDL, 0, 8, "<"},
	} {
		if got := c.format.Allowed(c.line, c.column); got != c.want {
			t.Errorf("%s, line %d, column %d: %q, want %q", c.format, c.line, c.column, got, c.want)
		}
	}
}

func TestCheckDigitsStandInsideTheZoneAndOverIt(t *testing.T) {
	for _, f := range mrz.Formats() {
		for _, d := range f.Digits() {
			if allowed := f.Allowed(d.At.Line, d.At.Column); !strings.HasPrefix(allowed, "0123456789") || len(allowed) > 11 {
				t.Errorf("%s: %q may stand for the check digit of %s", f, allowed, d.ID)
			}
			for _, r := range d.Over {
				if r.Length < 1 || f.Allowed(r.Line, r.From) == "" || f.Allowed(r.Line, r.From+r.Length-1) == "" {
					t.Errorf("%s: %s is computed over %+v", f, d.ID, r)
				}
			}
		}
	}
}

func TestTheGeometryIsTheCallersToChange(t *testing.T) {
	mrz.TD3.Lengths()[0] = 0
	mrz.TD3.Digits()[0].Over[0].Length = 0
	if d := cmp.Diff([]int{44, 44}, mrz.TD3.Lengths()); d != "" {
		t.Error(d)
	}
	if mrz.TD3.Digits()[0].Over[0].Length != 9 {
		t.Error("a caller changed the format for all")
	}
}

func TestAFormatTellsWhereItsNamesAndStatesStand(t *testing.T) {
	for _, c := range []struct {
		format mrz.Format
		field  string
		want   []mrz.Range
	}{
		{mrz.TD1, "names", []mrz.Range{{Line: 2, From: 0, Length: 30}}},
		{mrz.FRID, "names", []mrz.Range{{Line: 0, From: 5, Length: 25}, {Line: 1, From: 13, Length: 14}}},
		{mrz.TD3, "issuing_state", []mrz.Range{{Line: 0, From: 2, Length: 3}}},
		{mrz.MRVB, "nationality", []mrz.Range{{Line: 1, From: 10, Length: 3}}},
		{mrz.FRID, "nationality", nil},
		{mrz.TD3, "shoe size", nil},
		{"TD9", "names", nil},
	} {
		if d := cmp.Diff(c.want, c.format.Ranges(c.field)); d != "" {
			t.Errorf("%s, %s: %s", c.format, c.field, d)
		}
	}
}
