package pki_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// tagged is a message in EF.SOD's tag with a length of four octets that says another than the message has.
func tagged(message []byte, off int) []byte {
	n := len(message) + off
	return append([]byte{0x77, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, message...)
}

func TestEFSODIsTakenWithoutItsTagAndWithWhatReadersPutBehindIt(t *testing.T) {
	m := message(t, newSigner(t, nil))
	m.SignSorted, m.Type = true, pkitest.SecurityObjectType
	bare, zeros := m.Encode(t), make([]byte, 300)
	whole := asSOD(bare)
	for name, c := range map[string]struct {
		file []byte
		want []pki.Deviation
	}{
		"as it should be":                             {whole, nil},
		"without its tag":                             {bare, []pki.Deviation{pki.DeviationNoTag}},
		"without its tag, and padded":                 {slices.Concat(bare, zeros), []pki.Deviation{pki.DeviationNoTag, pki.DeviationZeros}},
		"padded":                                      {slices.Concat(whole, zeros), []pki.Deviation{pki.DeviationZeros}},
		"padded within its tag":                       {asSOD(slices.Concat(bare, zeros)), []pki.Deviation{pki.DeviationZeros}},
		"a length that counts zeros which are not":    {tagged(bare, 300), []pki.Deviation{pki.DeviationTagLength}},
		"a length that counts more than is there":     {slices.Concat(tagged(bare, 300), zeros[:80]), []pki.Deviation{pki.DeviationTagLength, pki.DeviationZeros}},
		"a length that is too short":                  {tagged(bare, -7), []pki.Deviation{pki.DeviationTagLength}},
		"a length of zero":                            {tagged(bare, -len(bare)), []pki.Deviation{pki.DeviationTagLength}},
		"a length that is too short, and padded":      {slices.Concat(tagged(bare, -7), zeros), []pki.Deviation{pki.DeviationTagLength, pki.DeviationZeros}},
		"an indefinite length that ends nowhere":      {slices.Concat([]byte{0x77, 0x80}, bare), []pki.Deviation{pki.DeviationTagLength}},
		"something else behind it":                    {slices.Concat(whole, []byte("x")), []pki.Deviation{pki.DeviationBehind}},
		"something else behind it, in its tag":        {asSOD(slices.Concat(bare, []byte("x"))), []pki.Deviation{pki.DeviationBehind}},
		"something else behind it, without its tag":   {slices.Concat(bare, zeros, []byte("x")), []pki.Deviation{pki.DeviationNoTag, pki.DeviationBehind}},
		"in BER, and padded":                          {slices.Concat(asSOD(inBER(t, bare)), zeros), []pki.Deviation{pki.DeviationZeros}},
		"in BER, padded behind a length that is long": {slices.Concat(tagged(inBER(t, bare), 10), zeros[:4]), []pki.Deviation{pki.DeviationTagLength, pki.DeviationZeros}},
	} {
		sod, err := pki.ParseSOD(c.file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := sod.Verify(); err != nil || !slices.Equal(sod.Deviations(), c.want) {
			t.Errorf("%s: %q, %v", name, sod.Deviations(), err)
		}
	}
	for name, file := range map[string][]byte{
		"nothing": nil, "a tag": {0x77}, "a tag and the begin of a length": {0x77, 0x84, 1}, "zeros": zeros, "an empty tag": {0x77, 0},
		"cut short": whole[:len(whole)-1], "cut short without its tag": bare[:len(bare)-1], "cut short and padded": slices.Concat(bare[:len(bare)-400], zeros),
		"in another tag": slices.Concat([]byte{0x6F}, whole[1:]),
	} {
		if sod, err := pki.ParseSOD(file); err == nil && sod.Verify() == nil || err != nil && !errors.Is(err, pki.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
