package elyctis

import (
	"testing"

	"pgregory.net/rapid"
)

func TestMessagesAreFoundHoweverTheyArrive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 0, maxData).Draw(t, "data")
		stream := append([]byte("\xff\x00\xfe"), encode(cmdInquire, data)...)
		var d decoder
		for len(stream) > 0 {
			n := rapid.IntRange(1, len(stream)).Draw(t, "bytes")
			d.add(stream[:n])
			stream = stream[n:]
			m, complete, err := d.next()
			if err != nil || complete != (len(stream) == 0) {
				t.Fatalf("%v, %v with %d bytes to come", complete, err, len(stream))
			}
			if complete && (m.command != cmdInquire || string(m.data) != string(data)) {
				t.Fatalf("%q", m.data)
			}
		}
	})
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte("\x00I\x00\x03\r\r\rC\x00\x01\x01"), 3)
	f.Add([]byte("I\xff\xff"), 1)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		size = min(max(size, 1), 64)
		var d decoder
		for len(stream) > 0 {
			n := min(size, len(stream))
			d.add(stream[:n])
			stream = stream[n:]
			for {
				m, complete, err := d.next()
				if len(m.data) > maxData || len(d.bytes) > headSize+maxData+size {
					t.Fatalf("%d bytes, %d kept", len(m.data), len(d.bytes))
				}
				if !complete && err == nil {
					break
				}
			}
		}
	})
}
