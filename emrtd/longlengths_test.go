package emrtd

import (
	"bytes"
	"encoding/asn1"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/cryptobyte"
)

// lengthForms are the ways of BER to write a length (ITU-T X.690, 8.1.3) that are not DER's, by how many bytes it takes.
var lengthForms = map[string]func(n int) []byte{
	"81": func(n int) []byte { return []byte{0x81, byte(n)} },
	"82": func(n int) []byte { return []byte{0x82, byte(n >> 8), byte(n)} },
	"83": func(n int) []byte { return []byte{0x83, 0, byte(n >> 8), byte(n)} },
	"84": func(n int) []byte { return []byte{0x84, 0, 0, byte(n >> 8), byte(n)} },
}

// relengthen writes the outermost levels of a file anew, with lengths in another form.
func relengthen(t testing.TB, file []byte, levels int, length func(int) []byte) []byte {
	t.Helper()
	var out []byte
	for rest := file; len(rest) > 0; {
		tag, header, size, err := tlvHeader(rest)
		if err != nil {
			t.Fatal(err)
		}
		value := rest[header : header+size]
		if levels > 1 && tag&0x20 != 0 && tag < 0x100 {
			value = relengthen(t, value, levels-1, length)
		}
		tagLength := 1
		if tag > 0xFF {
			tagLength = 2
		}
		out = slices.Concat(out, rest[:tagLength], length(len(value)), value)
		rest = rest[header+size:]
	}
	return out
}

// comparable is what SecurityInfos say, without what they are computed with.
func comparable(infos *SecurityInfos) []string {
	var all []string
	for _, i := range infos.PACE {
		all = append(all, i.Protocol.String(), i.String())
	}
	for _, i := range infos.ChipAuthentication {
		all = append(all, i.Protocol.String())
	}
	for _, k := range infos.ChipAuthenticationKeys {
		all = append(all, k.Protocol.String(), string(k.public.encode()))
	}
	for _, i := range infos.ActiveAuthentication {
		all = append(all, i.SignatureAlgorithm.String())
	}
	return all
}

// everyKind is SecurityInfos with an entry of each kind.
func everyKind(t *testing.T) []byte {
	t.Helper()
	active := securityInfo(idActiveAuthentication, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 3})
	})
	agreement := securityInfo(idSmartcard+".3.2.2", func(b *cryptobyte.Builder) { b.AddASN1Int64(1) })
	return wrap(0x31, paceInfo(2, cipherAES128, 13), agreement, unhex(t, chipKeyInfo), active)
}

func TestSecurityInfosAreTheSameInLengthsOfAnyForm(t *testing.T) {
	der := everyKind(t)
	want, err := ParseSecurityInfos(der)
	if err != nil || len(comparable(want)) != 6 || len(want.Unusable) > 0 {
		t.Fatalf("%+v, %v", want, err)
	}
	for form, length := range lengthForms {
		for levels := 1; levels <= 9; levels += 2 {
			set := relengthen(t, der, levels, length)
			for what, parse := range map[string]func() (*SecurityInfos, error){
				"EF.CardAccess": func() (*SecurityInfos, error) { return ParseSecurityInfos(set) },
				"padded":        func() (*SecurityInfos, error) { return ParseSecurityInfos(slices.Concat(set, make([]byte, 9))) },
				"DG14":          func() (*SecurityInfos, error) { return ParseDG14(slices.Concat([]byte{0x6E}, length(len(set)), set)) },
				"DG14, padded": func() (*SecurityInfos, error) {
					return ParseDG14(slices.Concat([]byte{0x6E}, length(len(set)+2), set, []byte{0, 0}))
				},
			} {
				got, err := parse()
				if err != nil {
					t.Errorf("%s, %d levels of %s: %v", what, levels, form, err)
				} else if diff := cmp.Diff(comparable(want), comparable(got)); diff != "" {
					t.Errorf("%s, %d levels of %s: %s", what, levels, form, diff)
				}
			}
		}
	}
	content := der[3:]
	indefinite := slices.Concat([]byte{0x6E, 0x80, 0x31, 0x80}, content, []byte{0, 0, 0, 0})
	if got, err := ParseDG14(indefinite); err != nil || !slices.Equal(comparable(got), comparable(want)) {
		t.Errorf("indefinite lengths: %v", err)
	}
}

// An entry that nobody here knows may hold what is no DER at all; the others are still read.
func TestAnEntryThatIsNotUnderstoodSpoilsNoOther(t *testing.T) {
	strange := wrap(0x30, wrap(0x06, []byte{0x2A, 0x03}), []byte{0x7F, 0x21, 0x05, 'x'})
	der := wrap(0x31, paceInfo(2, cipherAES128, 13), strange)
	if infos, err := ParseSecurityInfos(der); err != nil || len(infos.PACE) != 1 {
		t.Errorf("EF.CardAccess: %v", err)
	}
	if infos, err := ParseDG14(wrap(0x6E, der)); err != nil || len(infos.PACE) != 1 {
		t.Errorf("DG14: %v", err)
	}
}

func TestNumbersInSecurityInfosMayBeLongerThanTheyNeedOrLeftOut(t *testing.T) {
	protocol := wrap(0x06, unhex(t, "04007F00070202030202"))
	for what, c := range map[string]struct {
		rest        []byte
		version, id int
	}{
		"as the standard has it": {unhex(t, "020101020107"), 1, 7},
		"longer":                 {unhex(t, "02020001020400000007"), 1, 7},
		"no identifier":          {unhex(t, "020101"), 1, NoID},
		"no version":             {nil, 0, NoID},
	} {
		infos, err := ParseSecurityInfos(wrap(0x31, wrap(0x30, protocol, c.rest)))
		if err != nil || len(infos.ChipAuthentication) != 1 {
			t.Errorf("%s: %+v, %v", what, infos, err)
			continue
		}
		if got := infos.ChipAuthentication[0]; got.Version != c.version || got.KeyID != c.id {
			t.Errorf("%s: %+v", what, got)
		}
	}
	for _, rest := range []string{"0201FF", "02050100000000", "0200", "02010102018F"} {
		infos, err := ParseSecurityInfos(wrap(0x31, wrap(0x30, protocol, unhex(t, rest))))
		if err != nil || len(infos.ChipAuthentication) != 0 || len(infos.Unusable) != 1 {
			t.Errorf("%s: %+v, %v", rest, infos, err)
		}
	}
}

func TestFilesOfTheApplicationMayHaveLongLengthsToo(t *testing.T) {
	lines := strings.Repeat("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", 2)
	dg1 := wrap(tagDG1, wrap(tagMRZ, []byte(lines)))
	com := unhex(t, "60145F0104303130365F36063034303030305C026175")
	dg11 := wrap(tagDG11, field(0x5F0E, "ERIKSSON<<ANNA"))
	dg12 := wrap(tagDG12, field(0x5F19, "UTOPIA"))
	for form, length := range lengthForms {
		for levels := 1; levels <= 2; levels++ {
			long := func(file []byte) []byte { return slices.Concat(relengthen(t, file, levels, length), []byte{0, 0}) }
			if got, err := ParseDG1(long(dg1)); err != nil || strings.Join(got, "") != lines {
				t.Errorf("DG1, %s: %v", form, err)
			}
			if got, err := ParseCOM(long(com)); err != nil || !slices.Equal(got.DataGroups, []int{1, 2}) {
				t.Errorf("EF.COM, %s: %v", form, err)
			}
			if got, err := ParseDG11(long(dg11)); err != nil || got.FullName != "ERIKSSON<<ANNA" {
				t.Errorf("DG11, %s: %v", form, err)
			}
			if got, err := ParseDG12(long(dg12)); err != nil || got.Authority != "UTOPIA" {
				t.Errorf("DG12, %s: %v", form, err)
			}
		}
	}
}

func TestAFileOfLongLengthsIsReadWhole(t *testing.T) {
	for form, length := range lengthForms {
		file := slices.Concat([]byte{0x6E}, length(300), bytes.Repeat([]byte{7}, 300))
		if form == "81" { // which cannot state so much
			continue
		}
		if got := headerLength(file); got != 1+len(length(300)) {
			t.Errorf("%s: a header of %d bytes", form, got)
		}
		if size, err := dataGroup(14).size(file); err != nil || size != len(file) {
			t.Errorf("%s: %d bytes, %v", form, size, err)
		}
	}
}
