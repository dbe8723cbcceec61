package selftest_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/proto/selftest"
)

// lines are one of each kind, as they are written.
var lines = []string{
	`{"event":"begins","version":1,"level":"interactive"}`,
	`{"event":"waits","reason":{"key":"borrow.visitor","text":{"en":"a visitor is there"}}}`,
	`{"event":"borrowed"}`,
	`{"event":"testing","device":"camera","name":{"de":"Kamera","en":"camera"}}`,
	`{"event":"asks","device":"sound","name":{"en":"sound"},"id":1,"do":{"key":"ask.x","params":{"value":"7"},"text":{"en":"which?"}},"choices":[{"id":"7","text":{"en":"seven"}}]}`,
	`{"event":"checked","check":{"id":"camera.face","device":"camera","name":{"en":"camera"},"result":"passed","mark":"well","state":"online","condition":{"en":"well"}}}`,
	`{"event":"tested","device":"camera"}`,
	`{"event":"found","check":{"id":"camera.face","device":"camera","name":{"en":"camera"},"result":"failed","mark":"ill","state":"hw_error","condition":{"en":"ill"},"value":3,"unit":"seconds","max":2}}`,
	`{"event":"ends","totals":{"checks":1,"ill":1,"soon":0,"well":0,"untested":0,"healthy":false}}`,
	`{"event":"fails","reason":{"key":"borrow.ended","text":{"en":"the kiosk has ended"}}}`,
	`{"event":"alive"}`,
}

func TestEveryKindOfEventIsReadAsItIsWritten(t *testing.T) {
	for _, line := range lines {
		e, err := selftest.ParseEvent([]byte(line))
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if again, ok := selftest.Line(e); !ok || string(again) != line+"\n" {
			t.Errorf("%s is written as %s", line, again)
		}
	}
}

func TestWhatAnEventLacksOrHasTooMuchOfIsRefused(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, line := range map[string]string{
		"nothing":             ``,
		"no object":           `7`,
		"two objects":         `{"event":"alive"}{"event":"alive"}`,
		"an unknown event":    `{"event":"explodes"}`,
		"an unknown field":    `{"event":"alive","command":"rm"}`,
		"no version":          `{"event":"begins","level":"internal"}`,
		"a question of none":  `{"event":"asks","device":"camera","name":{"en":"camera"},"do":{"key":"ask.face","text":{"en":"look"}}}`,
		"a device that lies":  `{"event":"tested","device":"../camera"}`,
		"a text that goes on": `{"event":"testing","device":"camera","name":{"en":"` + long + `"}}`,
		"a text with a bell":  `{"event":"testing","device":"camera","name":{"en":"\u0007"}}`,
		"a text turned round": `{"event":"testing","device":"camera","name":{"en":"\u202e"}}`,
		"an unknown mark":     `{"event":"found","check":{"id":"a.b","device":"a","name":{},"result":"passed","mark":"fine","state":"online","condition":{}}}`,
		"no text":             "{\"event\":\"testing\",\"device\":\"camera\",\"name\":{\"en\":\"\xff\"}}",
		"choices without end": `{"event":"asks","device":"a","name":{"en":"a"},"id":1,"do":{"key":"a","text":{}},"choices":[` + strings.TrimSuffix(strings.Repeat(`{"id":"a","text":{"en":"a"}},`, 50), ",") + `]}`,
		"a line without end":  strings.Repeat(" ", selftest.MaxLine+1),
	} {
		if e, err := selftest.ParseEvent([]byte(line)); !errors.Is(err, selftest.ErrMalformed) {
			t.Errorf("%s is taken for %+v, %v", name, e, err)
		}
	}
}

func TestAnswersAreReadStrictly(t *testing.T) {
	for _, line := range []string{
		`{"answer":"go_on","to":1}`, `{"answer":"skip","to":2}`, `{"answer":"choose","to":3,"choice":"7"}`, `{"answer":"stop"}`,
	} {
		a, err := selftest.ParseAnswer([]byte(line))
		if again, ok := selftest.Line(a); err != nil || !ok || string(again) != line+"\n" {
			t.Errorf("%s: %s, %v", line, again, err)
		}
	}
	for _, line := range []string{
		`{"answer":"go_on"}`, `{"answer":"choose","to":1}`, `{"answer":"dance"}`, `[]`, `{"answer":"stop"} x`,
	} {
		if a, err := selftest.ParseAnswer([]byte(line)); !errors.Is(err, selftest.ErrMalformed) {
			t.Errorf("%s is taken for %+v, %v", line, a, err)
		}
	}
}

func TestATextIsGivenInEnglishWhereALanguageIsMissing(t *testing.T) {
	text := selftest.Text{"de": "Kamera", "en": "camera"}
	if text.In("de") != "Kamera" || text.In("uk") != "camera" || (selftest.Text{"de": "x"}).In("en") != "x" || (selftest.Text{}).In("en") != "" {
		t.Error("another language")
	}
}

func FuzzEvent(f *testing.F) {
	for _, line := range lines {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := selftest.ParseEvent(line)
		if err != nil {
			return
		}
		again, ok := selftest.Line(e)
		if !ok { // what is escaped takes more room
			return
		}
		if _, err := selftest.ParseEvent(bytes.TrimSpace(again)); err != nil {
			t.Errorf("%q is written as %q: %v", line, again, err)
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"answer":"choose","to":3,"choice":"7"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if a, err := selftest.ParseAnswer(line); err == nil {
			if again, ok := selftest.Line(a); !ok {
				t.Errorf("%q is written as %q", line, again)
			}
		}
	})
}
