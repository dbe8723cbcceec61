package pcsc

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/ebfe/scard"

	"github.com/foyer-station/foyer/devices"
)

// handle is what is asked of a reader itself: a connection to it that needs no chip.
type handle interface {
	GetAttrib(scard.Attrib) ([]byte, error)
	Control(code uint32, in []byte) ([]byte, error)
}

const (
	// attributeTime bounds what a reader is asked while it is opened.
	attributeTime = time.Second
	// firmwareID is the property sFirmwareID (PC/SC part 10, 2.6.14).
	firmwareID = 0x08
	// maxText is how much of a text that a reader says of itself is kept, in characters.
	maxText = 64
)

// describe asks the reader what it is, directly (SCARD_SHARE_DIRECT): no chip is touched, and none that somebody uses is disturbed,
// for then the reader refuses. What a reader does not say stays what its name says, or empty.
func (r *Reader) describe(ctx context.Context) devices.Info {
	info := devices.Info{Kind: devices.KindChipReader, Model: modelOf(r.name), Serial: serialOf(r.name), Path: "pcsc " + r.name}
	ctx, cancel := context.WithTimeout(ctx, attributeTime)
	defer cancel()
	l, err := r.connect(ctx)
	if err != nil {
		return info
	}
	defer l.end(ctx)
	described, err := do(ctx, l, func() (devices.Info, error) {
		state, err := l.states([]slot{{name: r.name}}, 0)
		if err != nil || state[0].EventState&(scard.StateInuse|scard.StateExclusive) != 0 {
			return info, err
		}
		direct, err := l.context.Connect(r.name, scard.ShareDirect, 0)
		if err != nil {
			return info, err
		}
		defer direct.Disconnect(scard.LeaveCard)
		return described(info, direct), nil
	})
	if err != nil {
		return info
	}
	return described
}

// described adds what a reader says of itself (PC/SC part 3, 3.1.4: vendor, type, version as 0xMMmmbbbb little-endian, serial
// number; part 10: the firmware's own name).
func described(info devices.Info, of handle) devices.Info {
	text := func(id scard.Attrib) string {
		value, err := of.GetAttrib(id)
		if err != nil {
			return ""
		}
		return printable(value)
	}
	if model := text(scard.AttrVendorIfdType); model != "" {
		info.Model = strings.TrimSpace(text(scard.AttrVendorName) + " " + model)
	}
	if serial := text(scard.AttrVendorIfdSerialNo); serial != "" {
		info.Serial = serial
	}
	if version, err := of.GetAttrib(scard.AttrVendorIfdVersion); err == nil && len(version) == 4 {
		if v := binary.LittleEndian.Uint32(version); v != 0 {
			info.Firmware = fmt.Sprintf("%d.%02d", v>>24, v>>16&0xFF)
		}
	}
	if own := printable(findTLV(properties(of), firmwareID)); own != "" {
		info.Firmware = own
	}
	return info
}

// printable is a text that a reader says, as far as it can be shown.
func printable(said []byte) string {
	text, _, _ := strings.Cut(string(said), "\x00")
	text = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > maxText {
		text = string(runes[:maxText])
	}
	return strings.TrimSpace(text)
}
