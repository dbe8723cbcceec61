package emrtd

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

func TestTheDirectoryListsApplications(t *testing.T) {
	passport, signature := unhex(t, "A0000002471001"), unhex(t, "A000000167455349474E")
	file := slices.Concat(
		wrap(tagApplication, wrap(tagAID, passport), wrap(tagLabel, []byte("LDS1")), wrap(0x51, []byte("path"))),
		wrap(0x42, []byte("issuer")),
		wrap(tagApplication, wrap(tagLabel, nil), wrap(tagAID, signature)),
		wrap(tagAID, passport),
		make([]byte, 20),
	)
	applications, err := ParseDIR(file)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprint([]Application{{passport, "LDS1"}, {signature, ""}, {passport, ""}})
	if got := fmt.Sprint(applications); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestADirectoryThatIsNoneIsAnError(t *testing.T) {
	aid := wrap(tagAID, []byte("A0000"))
	for name, file := range map[string][]byte{
		"cut off":             {tagApplication, 9, tagAID},
		"template cut off":    wrap(tagApplication, []byte{tagAID, 7, 1}),
		"no identifier":       wrap(tagApplication, wrap(tagLabel, []byte("LDS1"))),
		"short identifier":    wrap(tagApplication, wrap(tagAID, []byte("A000"))),
		"long identifier":     wrap(tagAID, make([]byte, 17)),
		"nonsense":            bytes.Repeat([]byte{0xFF}, 9),
		"endless":             bytes.Repeat(wrap(tagApplication, aid), maxApplications+1),
		"a template too many": append(wrap(tagApplication, aid), tagApplication),
	} {
		if applications, err := ParseDIR(file); err == nil {
			t.Errorf("%s: %d applications", name, len(applications))
		}
	}
}

func FuzzDIR(f *testing.F) {
	f.Add(wrap(tagApplication, wrap(tagAID, []byte("A0000")), wrap(tagLabel, []byte("LDS1"))))
	f.Fuzz(func(t *testing.T, file []byte) {
		applications, err := ParseDIR(file)
		if err != nil && applications != nil || len(applications) > maxApplications {
			t.Errorf("%d applications, %v", len(applications), err)
		}
		for _, a := range applications {
			if len(a.AID) < minAID || len(a.AID) > maxAID || len(a.Label) > len(file) {
				t.Errorf("%+v", a)
			}
		}
	})
}
