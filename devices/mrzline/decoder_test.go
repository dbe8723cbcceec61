package mrzline

import "testing"

func FuzzDecoder(f *testing.F) {
	f.Add([]byte("\x02P<UTO\rL898\r\x03"))
	f.Add([]byte("\x02\x010000#SCNTRG1\x06;\x03P<UTO\r"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var d decoder
		for len(stream) > 0 {
			n := min(7, len(stream))
			complete, err := d.add(stream[:n])
			stream = stream[n:]
			if len(d.text) > maxText+1 || d.lineFrom > len(d.text) {
				t.Fatalf("%d bytes kept, the line from %d", len(d.text), d.lineFrom)
			}
			if complete || err != nil {
				d = decoder{}
			}
		}
	})
}
