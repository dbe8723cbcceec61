package console_test

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/console"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
)

// behindProxy is a site that stands behind a proxy on loopback.
func behindProxy(t *testing.T, log io.Writer) *site {
	t.Helper()
	return openAs(t, atNoon, setup{log: log, Settings: console.Settings{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
}

// try signs in from an address that a trusted proxy tells; empty for none.
func (b *browser) try(name, password, from string) answer {
	b.t.Helper()
	return b.do(http.MethodPost, "/sign-in", url.Values{"name": {name}, "password": {password}}, func(r *http.Request) {
		if from != "" {
			r.Header.Set("X-Forwarded-For", from)
		}
	})
}

func TestGuessesAtOnceAllCount(t *testing.T) {
	s := open(t, atNoon)
	statuses := make(chan int, 120)
	var all sync.WaitGroup
	for range 120 {
		b := s.browser(t)
		all.Go(func() { statuses <- b.try("brandt", "a guess of many", "").status })
	}
	all.Wait()
	close(statuses)
	count := map[int]int{}
	for status := range statuses {
		count[status]++
	}
	// A machine that is too busy to look at a guess in time gives it back.
	looked, putOff := count[http.StatusUnauthorized], count[http.StatusServiceUnavailable]
	if looked > 5 || looked+putOff < 5 || looked+putOff+count[http.StatusTooManyRequests] != 120 {
		t.Errorf("of 120 guesses at once %v were answered", count)
	}
}

func TestWhoMustWaitIsToldHowLong(t *testing.T) {
	b := open(t, atNoon).browser(t)
	for range 5 {
		b.try("brandt", "guess", "")
	}
	r := b.try("brandt", password, "")
	seconds, err := strconv.Atoi(r.header.Get("Retry-After"))
	if r.status != http.StatusTooManyRequests || err != nil || seconds < 1 || seconds > 60 {
		t.Errorf("status %d, Retry-After %q", r.status, r.header.Get("Retry-After"))
	}
	if !strings.Contains(r.body, fmt.Sprintf("Zu viele Versuche. Nächster Versuch in %d s.", seconds)) {
		t.Errorf("the page does not say so: %s", r.body)
	}
}

func TestTyposBehindAProxyLockNobodyElse(t *testing.T) {
	s := behindProxy(t, nil)
	clumsy := s.browser(t)
	for range 6 {
		clumsy.try("brandt", "typo", "192.0.2.1")
	}
	if r := clumsy.try("brandt", password, "192.0.2.1"); r.status != http.StatusTooManyRequests {
		t.Errorf("where the typos were made: %d", r.status)
	}
	for name, from := range map[string]string{"yilmaz": "192.0.2.1", "okafor": "192.0.2.2", "brandt": "192.0.2.3"} {
		if r := s.browser(t).try(name, password, from); r.status != http.StatusSeeOther {
			t.Errorf("%s from %s: %d", name, from, r.status)
		}
	}
}

func TestTyposBehindAProxyThatTellsNothingLockNobodyElse(t *testing.T) {
	s := behindProxy(t, nil)
	for range 6 {
		s.browser(t).try("brandt", "typo", "")
	}
	if r := s.browser(t).try("yilmaz", password, ""); r.status != http.StatusSeeOther {
		t.Errorf("a colleague: %d", r.status)
	}
}

func TestNobodyIsLockedOutOfABrowserThatIsKnown(t *testing.T) {
	s := behindProxy(t, nil)
	brandt := s.browser(t)
	if r := brandt.try("brandt", password, "192.0.2.1"); r.status != http.StatusSeeOther {
		t.Fatalf("first: %d", r.status)
	}
	brandt.post("/sign-out", url.Values{})
	locked := false
	for n := range 120 { // strangers, one of them where brandt is
		r := s.browser(t).try("brandt", "guess", fmt.Sprintf("192.0.2.%d", 1+n))
		locked = locked || r.status == http.StatusTooManyRequests
	}
	if !locked {
		t.Error("120 strangers may guess at one name")
	}
	if r := brandt.try("brandt", password, "192.0.2.1"); r.status != http.StatusSeeOther {
		t.Errorf("brandt, in her browser: %d", r.status)
	}
	other := s.browser(t)
	other.jar.SetCookies(other.secure(), brandt.jar.Cookies(brandt.secure()))
	for range 5 {
		other.try("brandt", "guess", "198.51.100.1")
	}
	if r := other.try("brandt", "guess", "198.51.100.2"); r.status != http.StatusTooManyRequests {
		t.Errorf("a stolen cookie gives more tries: %d", r.status)
	}
}

func TestAColleaguesOwnSignInGivesNoMoreGuessesAtAnother(t *testing.T) {
	shared := open(t, atNoon).browser(t)
	shared.signIn("okafor")
	shared.signIn("brandt")
	looked := 0
	for range 3 {
		for range 5 {
			if shared.try("okafor", "a guess of brandt's", "").status == http.StatusUnauthorized {
				looked++
			}
		}
		shared.signIn("brandt")
	}
	if looked != 5 {
		t.Errorf("%d guesses at a colleague were looked at in the browser that they share, not 5", looked)
	}
}

func TestWhatAnUntrustedPeerForwardsIsNotBelieved(t *testing.T) {
	s := open(t, atNoon)
	statuses := map[int]int{}
	for n := range 10 {
		statuses[s.browser(t).try("brandt", "guess", fmt.Sprintf("192.0.2.%d", n)).status]++
	}
	if statuses[http.StatusUnauthorized] != 5 {
		t.Errorf("by lies about its address it has %v", statuses)
	}
}

func TestRefusedSignInsAreLoggedWithoutNamesAndAddresses(t *testing.T) {
	var log checkintest.Log
	s := behindProxy(t, &log)
	b := s.browser(t)
	for range 6 {
		b.try("brandt", "a secret guess", "192.0.2.77")
	}
	b.try("my password in the wrong field", "x", "192.0.2.77")
	b.try("okafor", "x", "2001:db8:7:7::1")
	b.post("/sign-out", url.Values{})
	text := log.String()
	if n := strings.Count(text, "sign-in refused"); n != 8 {
		t.Errorf("%d lines for 8 refusals", n)
	}
	for _, want := range []string{"status=401", "status=429", "account=true", "account=false"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	for _, secret := range []string{"brandt", "okafor", "secret", "wrong field", "192.0.2", "2001:db8", "127.0.0.1"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log says %q:\n%s", secret, text)
		}
	}
	marks := map[string]int{}
	for line := range strings.Lines(text) {
		_, mark, _ := strings.Cut(line, "client=")
		marks[strings.Fields(mark)[0]]++
	}
	if len(marks) != 2 {
		t.Errorf("two clients have the marks %v", marks)
	}
}

func TestAFloodOfRefusalsDoesNotFillTheLog(t *testing.T) {
	var log checkintest.Log
	b := behindProxy(t, &log).browser(t)
	for range 300 {
		b.try("brandt", "guess", "192.0.2.1")
	}
	if n := strings.Count(log.String(), "sign-in refused"); n < 10 || n > 100 {
		t.Errorf("%d lines for 300 refusals", n)
	}
}

func TestNamesAreTakenAsKeyboardsWriteThem(t *testing.T) {
	s := open(t, atNoon)
	for _, name := range []string{"Brandt", " brandt ", "BRANDT"} {
		if r := s.browser(t).try(name, password, ""); r.status != http.StatusSeeOther {
			t.Errorf("%q: %d", name, r.status)
		}
	}
	// What looks like a name is none, and another spelling gives no more tries.
	for _, name := range []string{"brаndt", "brandt\u200b", "ｂｒａｎｄｔ", "brandt\x00", strings.Repeat("b", 3000), ""} {
		if r := s.browser(t).try(name, password, ""); r.status != http.StatusUnauthorized {
			t.Errorf("%.20q: %d", name, r.status)
		}
	}
	statuses := map[int]int{}
	for _, name := range []string{"yilmaz", "Yilmaz", "YILMAZ", "yilmaz ", " yilmaz", "yIlmaz", "yilmaZ"} {
		statuses[s.browser(t).try(name, "guess", "").status]++
	}
	if statuses[http.StatusUnauthorized] != 5 {
		t.Errorf("by spelling the name in seven ways it has %v", statuses)
	}
}

func TestAnEndlessPasswordIsRefusedWithoutMuchWork(t *testing.T) {
	s := open(t, atNoon)
	for _, length := range []int{257, 3000, 1 << 20} {
		begun := time.Now()
		r := s.browser(t).try("brandt", strings.Repeat("x", length), "")
		if r.status != http.StatusUnauthorized || time.Since(begun) > 10*time.Second {
			t.Errorf("%d bytes: %d after %v", length, r.status, time.Since(begun))
		}
	}
}

func TestAnotherSiteCannotSignAnybodyInOrOut(t *testing.T) {
	s := open(t, atNoon)
	foreign := []func(*http.Request){
		func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "https://elsewhere.example")
		},
		func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "null") },
	}
	b := s.signedIn(t, "brandt")
	for i, change := range foreign {
		r := s.browser(t).do(http.MethodPost, "/sign-in", url.Values{"name": {"okafor"}, "password": {password}}, change)
		if r.status != http.StatusForbidden || r.header.Get("Set-Cookie") != "" {
			t.Errorf("%d: it signs in: %d", i, r.status)
		}
		if r := b.do(http.MethodPost, "/sign-out", url.Values{}, change); r.status != http.StatusForbidden {
			t.Errorf("%d: it signs out: %d", i, r.status)
		}
	}
	if r := b.get("/"); r.status != http.StatusOK {
		t.Errorf("brandt is signed out: %d", r.status)
	}
	if r := b.get("/sign-out"); r.status != http.StatusMethodNotAllowed {
		t.Errorf("a link signs out: %d", r.status)
	}
}

func TestASessionThatWasPlantedIsNotTaken(t *testing.T) {
	s := open(t, atNoon)
	b := s.browser(t)
	const planted = "PLANTEDPLANTEDPLANTEDPLANT"
	b.jar.SetCookies(b.secure(), []*http.Cookie{{Name: "__Host-session", Value: planted, Path: "/"}, {Name: "__Host-browser", Value: planted, Path: "/"}})
	b.signIn("brandt")
	for _, c := range b.jar.Cookies(b.secure()) {
		if c.Value == planted {
			t.Errorf("%s is the planted one", c.Name)
		}
	}
	thief := s.browser(t)
	thief.jar.SetCookies(thief.secure(), []*http.Cookie{{Name: "__Host-session", Value: planted, Path: "/"}})
	if r := thief.get("/"); r.status != http.StatusSeeOther {
		t.Errorf("who planted it is signed in: %d", r.status)
	}
}

func TestARedirectStaysOnThisSite(t *testing.T) {
	b := open(t, atNoon).browser(t)
	for path, want := range map[string]string{
		"/visitor/1": "/visitor/1", "/sign-in": "/sign-in", "": "/", "//elsewhere.example": "/", "https://elsewhere.example/": "/",
		"/\\elsewhere.example": "/%5Celsewhere.example", "/\t/elsewhere.example": "/", "/%09/elsewhere.example": "/%09/elsewhere.example",
		"/%2F/elsewhere.example": "/elsewhere.example", "/.//elsewhere.example": "/elsewhere.example", "javascript:alert(1)": "/",
		"\\\\elsewhere.example": "/", "/\n/elsewhere.example": "/", "elsewhere.example": "/",
	} {
		r := b.post("/language", url.Values{"language": {"en"}, "path": {path}})
		if got := r.header.Get("Location"); r.status != http.StatusSeeOther || got != want {
			t.Errorf("%q leads to %q, not %q", path, got, want)
		}
	}
	r := b.do(http.MethodGet, "/", nil, func(r *http.Request) { r.Host = "elsewhere.example" })
	if got := r.header.Get("Location"); got != "/sign-in" {
		t.Errorf("by another Host it leads to %q", got)
	}
}

func TestGuessingAPasswordIsSlowedDown(t *testing.T) {
	s := open(t, atNoon)
	b := s.browser(t)
	for i := range 5 {
		if r := b.post("/sign-in", url.Values{"name": {"brandt"}, "password": {"guess"}}); r.status != http.StatusUnauthorized {
			t.Fatalf("try %d: %d", i, r.status)
		}
	}
	if r := b.post("/sign-in", url.Values{"name": {"brandt"}, "password": {password}}); r.status != http.StatusTooManyRequests {
		t.Errorf("try 6: %d", r.status)
	}
}
