package pki

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestBERIsNormalised(t *testing.T) {
	for name, c := range map[string]struct{ ber, der string }{
		"indefinite length":              {"3080 020101 0000", "3003 020101"},
		"indefinite lengths, nested":     {"3080 A080 0500 0000 0000", "3004 A002 0500"},
		"octet string in pieces":         {"2480 0402AABB 0401CC 0000", "0403 AABBCC"},
		"pieces of definite length":      {"2405 0401AA 0400", "0401 AA"},
		"pieces in pieces":               {"2480 2480 0401AA 0000 0401BB 0000", "0402 AABB"},
		"no pieces":                      {"2480 0000", "0400"},
		"a length longer than it may be": {"3083000006 04810100 0500", "3005 040100 0500"},
		"an octet string inside is left": {"3080 0404 24800000 0000", "3006 0404 24800000"},
		"what follows is left out":       {"0500 FFFF", "0500"},
	} {
		der, err := normalise(unhex(t, c.ber))
		if err != nil || !bytes.Equal(der, unhex(t, c.der)) {
			t.Errorf("%s: %X, %v", name, der, err)
		}
	}
}

func TestWhatIsNotBERIsRefused(t *testing.T) {
	for name, ber := range map[string]string{
		"nothing":                         "",
		"no length":                       "30",
		"cut":                             "3003 0201",
		"cut length":                      "3082 01",
		"no end":                          "3080 020101",
		"half an end":                     "3080 020101 00",
		"another end":                     "3080 0001 00",
		"primitive without a length":      "0480 0000",
		"a piece that is no octet string": "2480 020101 0000",
		"a tag of several octets":         "1F8100 00",
		"a length beyond reason":          "30 88 FFFFFFFFFFFFFFFF",
		"deeper than anything is":         strings.Repeat("3080", 40) + strings.Repeat("0000", 40),
	} {
		if der, err := normalise(unhex(t, ber)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %X, %v", name, der, err)
		}
	}
	if _, err := normalise(make([]byte, maxInput+1)); !errors.Is(err, ErrMalformed) {
		t.Error(err)
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// element is an element of DER and one way to write it in BER.
type element struct{ der, ber []byte }

// draw makes an element with elements up to depth deep in it.
func draw(t *rapid.T, depth int) element {
	kind := rapid.IntRange(0, 2).Draw(t, "kind")
	if kind == 0 || depth == 0 {
		content := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "content")
		der := appendElement(nil, 0x04, content)
		if !rapid.Bool().Draw(t, "in pieces") {
			return element{der, der}
		}
		at := rapid.IntRange(0, len(content)).Draw(t, "at")
		ber := append([]byte{0x24, 0x80}, appendElement(appendElement(nil, 0x04, content[:at]), 0x04, content[at:])...)
		return element{der, append(ber, 0, 0)}
	}
	var der, ber []byte
	for range rapid.IntRange(0, 3).Draw(t, "children") {
		child := draw(t, depth-1)
		der, ber = append(der, child.der...), append(ber, child.ber...)
	}
	if rapid.Bool().Draw(t, "indefinite") {
		return element{appendElement(nil, 0x30, der), append(append([]byte{0x30, 0x80}, ber...), 0, 0)}
	}
	return element{appendElement(nil, 0x30, der), appendElement(nil, 0x30, ber)}
}

func TestHoweverBERIsWrittenItsDERIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := draw(t, 6)
		for _, in := range [][]byte{e.ber, e.der} {
			if der, err := normalise(in); err != nil || !bytes.Equal(der, e.der) {
				t.Fatalf("%X came out as %X, %v; want %X", in, der, err, e.der)
			}
		}
	})
}

func FuzzBER(f *testing.F) {
	f.Add([]byte{0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 0xAA, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00})
	f.Add([]byte{0x30, 0x82, 0x00, 0x02, 0x05, 0x00})
	f.Fuzz(func(t *testing.T, ber []byte) {
		der, err := normalise(ber)
		if err != nil {
			return
		}
		if again, err := normalise(der); err != nil || !bytes.Equal(again, der) {
			t.Errorf("%X came out as %X, and that as %X, %v", ber, der, again, err)
		}
	})
}
