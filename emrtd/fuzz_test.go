package emrtd

import (
	"bytes"
	"context"
	"encoding/hex"
	"testing"
)

func FuzzTLV(f *testing.F) {
	f.Add([]byte{0x61, 0x03, 0x01, 0x02, 0x03, 0xFF})
	f.Add([]byte{0x7F, 0x61, 0x82, 0x00, 0x01, 0x00})
	f.Add([]byte{0x5F, 0x1F, 0x83, 0xFF, 0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, value, rest, err := nextTLV(b)
		if err == nil && len(value)+len(rest) > len(b)-2 {
			t.Errorf("%d and %d bytes out of %d", len(value), len(rest), len(b))
		}
	})
}

func FuzzDG1(f *testing.F) {
	f.Add(wrap(tagDG1, wrap(tagMRZ, bytes.Repeat([]byte("<"), 88))))
	f.Fuzz(func(t *testing.T, file []byte) {
		lines, err := ParseDG1(file)
		if err == nil && len(lines) != 2 && len(lines) != 3 {
			t.Errorf("%d lines", len(lines))
		}
	})
}

func FuzzCOM(f *testing.F) {
	f.Add([]byte("\x60\x14\x5F\x01\x040106\x5F\x36\x06040000\x5C\x02\x61\x75"))
	f.Fuzz(func(t *testing.T, file []byte) {
		com, err := ParseCOM(file)
		if err != nil {
			return
		}
		if len(com.DataGroups) > 16 {
			t.Errorf("%d data groups", len(com.DataGroups))
		}
		for _, number := range com.DataGroups {
			if number < 1 || number > 16 {
				t.Errorf("data group %d", number)
			}
		}
	})
}

func FuzzDG2(f *testing.F) {
	f.Add(testDG2(testRecord(testFace(2, testJPEG), testFace(0, testJPEG2000))))
	f.Fuzz(func(t *testing.T, file []byte) {
		faces, err := ParseDG2(file)
		if err != nil {
			return
		}
		total := 0
		for _, face := range faces {
			total += len(face.Image)
		}
		if len(faces) == 0 || total > len(file) {
			t.Errorf("%d faces of %d bytes out of %d", len(faces), total, len(file))
		}
	})
}

// FuzzAnswers lets a chip answer as it likes, at a command of its choice and from then on.
func FuzzAnswers(f *testing.F) {
	for from := range 8 {
		f.Add(from, []byte{0x90, 0x00})
		f.Add(from, []byte{0x69, 0x82})
		f.Add(from, append([]byte{0x87, 0x09, 0x01, 1, 2, 3, 4, 5, 6, 7, 8, 0x99, 2, 0x90, 0, 0x8E, 8}, "checksum\x90\x00"...))
	}
	f.Fuzz(func(t *testing.T, from int, answer []byte) {
		chip := newTestChip(t, testFiles(300))
		chip.instead = func(n int) ([]byte, error, bool) { return answer, nil, n > from }
		reading, err := Read(context.Background(), chip, exampleKey, Options{})
		if err == nil && from < reading.Commands {
			t.Error("an answer that anybody could give was taken for the chip's")
		}
	})
}

// FuzzAuthenticatedFiles lets a chip that knows the key state what it likes about its files.
func FuzzAuthenticatedFiles(f *testing.F) {
	f.Add([]byte{0x75, 0x82, 0x7F, 0xFB}, uint16(statusOK))
	f.Add([]byte{0x75, 0x00}, uint16(statusEndOfFile))
	f.Fuzz(func(t *testing.T, data []byte, status uint16) {
		if len(data) > 200 {
			return
		}
		chip := newTestChip(t, testFiles(300))
		chip.plain = func(n int, given []byte, ok uint16) ([]byte, uint16) {
			if len(given) == 0 {
				return nil, ok
			}
			return data, status
		}
		reading, _ := Read(context.Background(), chip, exampleKey, Options{})
		for name, file := range reading.Files {
			if len(file) > MaxFileSize {
				t.Errorf("%s of %d bytes", name, len(file))
			}
		}
	})
}

// FuzzPACE lets a chip answer as it likes, from one step of PACE on.
func FuzzPACE(f *testing.F) {
	for from := range 8 {
		f.Add(from, []byte{0x90, 0x00})
		f.Add(from, []byte{0x63, 0xC1})
		f.Add(from, []byte("\x7C\x04\x80\x02\x00\x00\x90\x00"))
	}
	for _, exchange := range exampleG1().script {
		if answer, err := hex.DecodeString(exchange.answer); err == nil {
			f.Add(4, answer)
		}
	}
	f.Fuzz(func(t *testing.T, from int, answer []byte) {
		chip := newPACEChip(t, Options{}, paceInfo(6, cipherAES128, 8))
		chip.instead = func(n int) ([]byte, error, bool) { return answer, nil, n > from }
		reading, err := Read(context.Background(), chip, exampleKey, Options{})
		if err == nil && from < reading.Commands {
			t.Error("an answer that anybody could give was taken for the chip's")
		}
	})
}
