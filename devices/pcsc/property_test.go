package pcsc

import "testing"

// Answers of readers as the PC/SC specification has them: part 10, 2.2 (features), and 2.6.14 (properties).
var (
	// FEATURE_IFD_PIN_PROPERTIES, FEATURE_GET_TLV_PROPERTIES.
	features = []byte{0x0A, 4, 0x42, 0x33, 0x00, 0x0A, 0x12, 4, 0x42, 0x33, 0x00, 0x12}
	// wLcdLayout, bEntryValidationCondition, idVendor and idProduct stand before dwMaxAPDUDataSize.
	before = []byte{0x01, 2, 0x00, 0x00, 0x02, 1, 0x07, 0x0B, 2, 0x6B, 0x07, 0x0C, 2, 0x22, 0x54}
)

func TestAReaderTellsTheLongestResponseThatItCarries(t *testing.T) {
	for name, test := range map[string]struct {
		property []byte
		want     int
	}{
		"extended length":             {[]byte{0x0A, 4, 0x00, 0x00, 0x01, 0x00}, 65538},
		"some of it":                  {[]byte{0x0A, 4, 0x00, 0x08, 0x00, 0x00}, 2050},
		"short length":                {[]byte{0x0A, 4, 0x00, 0x00, 0x00, 0x00}, 258},
		"short length, said by 256":   {[]byte{0x0A, 4, 0x00, 0x01, 0x00, 0x00}, 258},
		"more than there is":          {[]byte{0x0A, 4, 0xFF, 0xFF, 0xFF, 0xFF}, 65538},
		"nothing":                     {nil, 0},
		"a number of two bytes":       {[]byte{0x0A, 2, 0x00, 0x08}, 0},
		"a number that is cut off":    {[]byte{0x0A, 4, 0x00, 0x08}, 0},
		"a property that is cut off":  {[]byte{0x0A}, 0},
		"it behind one that has none": {[]byte{0x09, 0, 0x0A, 4, 0x00, 0x10, 0x00, 0x00}, 4098},
	} {
		if got := longestResponse(append(before[:len(before):len(before)], test.property...)); got != test.want {
			t.Errorf("%s: %d bytes, want %d", name, got, test.want)
		}
	}
}

func TestTheControlCodeOfAFeatureIsFound(t *testing.T) {
	if code, there := controlCode(features, getTLVProperties); !there || code != 0x42330012 {
		t.Errorf("%08X %v", code, there)
	}
	for name, answer := range map[string][]byte{"none": nil, "another": features[:6], "cut off": features[:10]} {
		if code, there := controlCode(answer, getTLVProperties); there {
			t.Errorf("%s: %08X", name, code)
		}
	}
}

func FuzzWhatAReaderTellsOfItselfIsBounded(f *testing.F) {
	f.Add(features)
	f.Add(append(before[:len(before):len(before)], 0x0A, 4, 0x00, 0x00, 0x01, 0x00))
	f.Fuzz(func(t *testing.T, answer []byte) {
		controlCode(answer, getTLVProperties)
		if n := longestResponse(answer); n != 0 && (n < maxShortData+minResponse || n > maxResponse) {
			t.Errorf("%d bytes", n)
		}
	})
}
