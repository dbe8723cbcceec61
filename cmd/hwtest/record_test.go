package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/foyer-station/foyer/devices/usbmon"
)

// usbmon CAPTURE FILE BUS DEVICE is what a device file of usbmon gives to read(2) of the traffic that a capture has, as if it were that
// device's, between that of another one.
func busTraffic(ts *testscript.TestScript, _ bool, args []string) {
	file, err := os.Open(args[0])
	ts.Check(err)
	defer file.Close()
	events, err := usbmon.ReadAll(file)
	ts.Check(err)
	var all []byte
	for _, e := range events {
		for _, device := range []byte{9, 5} {
			e.Device, e.Bus = device, 1
			all = append(all, live(e)...)
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), all, 0o600))
}

// live is an event as a device file of usbmon has it.
func live(e usbmon.Event) []byte {
	head := make([]byte, 48)
	binary.LittleEndian.PutUint64(head, e.ID)
	head[8], head[9], head[10], head[11], head[12] = e.Kind, e.Transfer, e.Endpoint, e.Device, byte(e.Bus)
	if e.Kind != usbmon.Submitted || e.Transfer != usbmon.Control {
		head[14] = '-'
	}
	binary.LittleEndian.PutUint64(head[16:], uint64(e.At.Unix()))
	binary.LittleEndian.PutUint32(head[24:], uint32(e.At.Nanosecond()/1000))
	binary.LittleEndian.PutUint32(head[28:], uint32(e.Status))
	binary.LittleEndian.PutUint32(head[32:], e.Length)
	binary.LittleEndian.PutUint32(head[36:], uint32(len(e.Data)))
	copy(head[40:], e.Setup[:])
	return append(head, e.Data...)
}

// talk FILE KIND ENDPOINT DATA is a device file of usbmon with one transfer of device 5 on bus 1, interrupt or bulk, from the device or to it.
// DATA has the escapes of Go's strings.
func talk(ts *testscript.TestScript, _ bool, args []string) {
	endpoint, err := strconv.ParseUint(args[2], 0, 8)
	ts.Check(err)
	data := unescaped(ts, args[3])
	e := usbmon.Event{ID: 1, Kind: usbmon.Submitted, Transfer: usbmon.Bulk, Endpoint: byte(endpoint), Device: 5, Bus: 1, At: time.Now(), Length: uint32(len(data)), Data: data}
	if args[1] == "interrupt" {
		e.Transfer = usbmon.Interrupt
	}
	if endpoint&0x80 != 0 {
		e.Kind = usbmon.Completed
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), live(e), 0o600))
}

// carries CAPTURE DATA is a capture in which that data is, or with an exclamation mark is not.
func carries(ts *testscript.TestScript, not bool, args []string) {
	file, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer file.Close()
	events, err := usbmon.ReadAll(file)
	ts.Check(err)
	data := unescaped(ts, args[1])
	has := slices.ContainsFunc(events, func(e usbmon.Event) bool { return bytes.Contains(e.Data, data) })
	if len(events) == 0 || has == not {
		ts.Fatalf("%d events with %q: %v", len(events), data, has)
	}
}

func unescaped(ts *testscript.TestScript, text string) []byte {
	data, err := strconv.Unquote(`"` + text + `"`)
	ts.Check(err)
	return []byte(data)
}

// same CAPTURE FILE are two captures of the same traffic, of whichever device.
func same(ts *testscript.TestScript, _ bool, args []string) {
	var of [2][]usbmon.Event
	for i, path := range []string{args[0], ts.MkAbs(args[1])} {
		file, err := os.Open(path)
		ts.Check(err)
		defer file.Close()
		of[i], err = usbmon.ReadAll(file)
		ts.Check(err)
	}
	if len(of[0]) == 0 || len(of[0]) != len(of[1]) {
		ts.Fatalf("%d and %d events", len(of[0]), len(of[1]))
	}
	for i, e := range of[0] {
		other := of[1][i]
		after, otherAfter := e.At.Sub(of[0][0].At), other.At.Sub(of[1][0].At)
		if other.Device != 5 || string(e.Data) != string(other.Data) || e.Setup != other.Setup || after != otherAfter {
			ts.Fatalf("%+v\n%+v", e, other)
		}
	}
}
