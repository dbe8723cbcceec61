package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestATraceTellsTheLengthsOfEveryKindOfCommand(t *testing.T) {
	for apdu, want := range map[string][2]string{
		"00A4040C":                       {"-", "-"},
		"0084000008":                     {"-", "8"},
		"00B0000000":                     {"-", "256"},
		"00A4020C02011E":                 {"2", "-"},
		"0082000003AABBCC28":             {"3", "40"},
		"00820000 03 AABBCC 00":          {"3", "256"},
		"00B00000 00 0FA0":               {"-", "4000"},
		"00B00000 00 0000":               {"-", "65536"},
		"0CB00000 00 0003 AABBCC":        {"3", "-"},
		"0CB00000 00 0003 AABBCC 0FA0":   {"3", "4000"},
		"0CB00000 00 0003 AABBCC 0000":   {"3", "65536"},
		"00B1":                           {"-", "-"},
		"0CB00000 00 0102" + long(0x102): {"258", "-"},
	} {
		raw, err := hex.DecodeString(strings.ReplaceAll(apdu, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if lc, le := lengths(raw); lc != want[0] || le != want[1] {
			t.Errorf("%.40s: Lc %s, Le %s; want %s, %s", apdu, lc, le, want[0], want[1])
		}
	}
}

func long(n int) string { return strings.Repeat("EE", n) }

// deaf is a chip that answers once.
type deaf struct{ answers [][]byte }

func (d *deaf) Transmit(context.Context, []byte) ([]byte, error) {
	if len(d.answers) == 0 {
		return nil, errors.New("gone")
	}
	answer := d.answers[0]
	d.answers = d.answers[1:]
	return answer, nil
}

func TestATraceHoldsNoData(t *testing.T) {
	var out bytes.Buffer
	clock := time.Unix(0, 0)
	trace := &tracing{card: &deaf{[][]byte{{0xCA, 0xFE, 0x90, 0x00}}}, out: &out, now: func() time.Time {
		clock = clock.Add(1500 * time.Microsecond)
		return clock
	}}
	for range 2 {
		_, _ = trace.Transmit(t.Context(), []byte{0x00, 0x82, 0x00, 0x00, 0x02, 0xBE, 0xEF, 0x00})
	}
	want := "   1  00 82 00 00  Lc 2     Le 256    9000      2 bytes      1.500 ms\n" +
		"   2  00 82 00 00  Lc 2     Le 256    none      0 bytes      1.500 ms\n"
	if out.String() != want {
		t.Errorf("%s", out.String())
	}
}
