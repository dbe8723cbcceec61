package escpos

import (
	"testing"

	"github.com/foyer-station/foyer/devices"
)

func TestAnIdentityIsReadHoweverItIsWritten(t *testing.T) {
	for text, want := range map[string]devices.Info{
		"\x00\x26MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;": {Model: "EPSON TM-T20II"},
		"\xFF\xFFMANUFACTURER:Star;MODEL:mC-Print3;SERN:12;":      {Model: "Star mC-Print3", Serial: "12"},
		"\x00\x00mdl: POS58 ;sn:\x01\x02;":                        {Model: "POS58"},
		"\x00\x02":                                                {Model: unknownModel},
		"\x00":                                                    {Model: unknownModel},
		"":                                                        {Model: unknownModel},
		"\x00\x40MFG:EPSON;;;:;MDL:":                              {Model: unknownModel},
	} {
		want.Kind = devices.KindTicketPrinter
		if got := parseDeviceID([]byte(text)); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func FuzzDeviceID(f *testing.F) {
	f.Add([]byte("\x00\x26MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;"))
	f.Add([]byte("\xFF\xFF;:;SN:\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		i := parseDeviceID(data)
		for _, text := range []string{i.Model, i.Serial} {
			if len(text) > 2*maxText+1 || printable(text) != text && len(text) <= maxText {
				t.Errorf("%q", text)
			}
		}
	})
}
