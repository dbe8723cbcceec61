package display_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/display"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

const beat = 150 * time.Millisecond

// lobby is an office with its displays on loopback.
type lobby struct {
	*checkintest.BackOffice
	station *checkintest.Station
	url     string
	spoken  *recorder
	stop    func() // ends the displays' server
}

// recorder stands for a voice, and remembers what was said.
type recorder struct {
	mu   sync.Mutex
	said []string
}

func (r *recorder) Say(_ context.Context, voice, text string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, voice+": "+text)
	return []byte("RIFF"), nil
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.said)
}

func open(t *testing.T) *lobby {
	t.Helper()
	l := &lobby{BackOffice: checkintest.Start(t, time.Now, io.Discard), spoken: &recorder{}}
	l.station = l.Station(t, "utopia", "station-1")
	l.serve(t, l.spoken, "127.0.0.1:0")
	return l
}

// serve serves displays until the test ends, or stop is called.
func (l *lobby) serve(t *testing.T, speaker display.Speaker, at string) {
	t.Helper()
	d, err := display.New(l.Office, l.Store, speaker, display.Settings{Beat: beat}, time.Now, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	l.url = "http://" + listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Serve(ctx, listener, nil, 10*time.Second) }()
	l.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the displays ended with %v", err)
		}
	})
	t.Cleanup(l.stop)
}

// send checks a visitor in, and gives the ticket.
func (l *lobby) send(t *testing.T, c *checkintest.CheckIn) string {
	t.Helper()
	request, _, err := l.station.Send(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return request.Ticket
}

// admit takes a visitor in as the office's own intake would, with a ticket of the test's choice, and gives the id.
func (l *lobby) admit(t *testing.T, c store.CheckIn) string {
	t.Helper()
	now := time.Now()
	c.ID, c.Day = checkintest.Staff(now).ID, l.Office.Day(now)
	a := store.Admission{CheckIn: c, Today: c.Day, At: now, Request: []byte("request")}
	if err := l.Store.Admit(t.Context(), a, func([]store.Queued) store.Placement { return store.Placement{} }); err != nil {
		t.Fatal(err)
	}
	return c.ID
}

func (l *lobby) call(t *testing.T, caseworker, id string, at time.Time) {
	t.Helper()
	if err := l.Store.Call(t.Context(), caseworker, id, at); err != nil {
		t.Fatal(err)
	}
}

// screen is a display's browser.
type screen struct {
	t      *testing.T
	url    string
	cookie *http.Cookie
}

func (s *screen) do(method, path string, form url.Values) (*http.Response, string) {
	s.t.Helper()
	r := s.begin(s.t.Context(), method, path, form)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return r, string(body)
}

func (s *screen) begin(ctx context.Context, method, path string, form url.Values) *http.Response {
	s.t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if s.cookie != nil {
		request.AddCookie(s.cookie)
	}
	r, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// add adds a display, and gives its code.
func (l *lobby) add(t *testing.T, name string, rooms ...string) string {
	t.Helper()
	code, sum := display.NewCode()
	if err := l.Store.AddDisplay(t.Context(), name, rooms, sum, time.Now().Add(display.CodeTime)); err != nil {
		t.Fatal(err)
	}
	return code
}

// paired is a display that was added and paired.
func (l *lobby) paired(t *testing.T, name string, rooms ...string) *screen {
	t.Helper()
	s := &screen{t: t, url: l.url}
	r, _ := s.do(http.MethodPost, "/pair", url.Values{"code": {l.add(t, name, rooms...)}})
	if r.StatusCode != http.StatusSeeOther || len(r.Cookies()) != 1 {
		t.Fatalf("pairing: status %d", r.StatusCode)
	}
	s.cookie = r.Cookies()[0]
	return s
}

func (s *screen) page() string {
	s.t.Helper()
	r, body := s.do(http.MethodGet, "/", nil)
	if r.StatusCode != http.StatusOK {
		s.t.Fatalf("the board: status %d", r.StatusCode)
	}
	return body
}

func TestADisplayShowsTheLastCallAndTheFourBefore(t *testing.T) {
	l := open(t)
	var tickets []string
	for n := range 6 {
		c := checkintest.Appointment(time.Now())
		tickets = append(tickets, l.send(t, c))
		l.call(t, "brandt", c.ID, time.Now().Add(time.Duration(n-6)*time.Minute))
		if err := l.Store.Finish(t.Context(), "brandt", c.ID, store.Done, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	page := l.paired(t, "lobby").page()
	last, rest, _ := strings.Cut(page, `class="before"`)
	if !strings.Contains(last, ">"+tickets[5]+"<") || !strings.Contains(last, ">204<") {
		t.Errorf("the last call is not the largest:\n%s", last)
	}
	at := 0
	for _, ticket := range []string{tickets[4], tickets[3], tickets[2], tickets[1]} {
		next := strings.Index(rest[at:], ">"+ticket+"<")
		if next < 0 {
			t.Fatalf("%s is missing, or not in its place:\n%s", ticket, rest)
		}
		at += next
	}
	if strings.Contains(page, ">"+tickets[0]+"<") {
		t.Error("the sixth call is shown too")
	}
}

func TestADisplayOfSomeRoomsShowsTheirCallsAlone(t *testing.T) {
	l := open(t)
	here, elsewhere := checkintest.Appointment(time.Now()), checkintest.Appointment(time.Now())
	shown, hidden := l.send(t, here), l.send(t, elsewhere)
	l.call(t, "brandt", here.ID, time.Now())
	l.call(t, "okafor", elsewhere.ID, time.Now())
	for rooms, want := range map[string][2]bool{"204": {true, false}, "112,204": {true, true}, "given-up": {false, false}} {
		page := l.paired(t, "rooms", strings.Split(rooms, ",")...).page()
		if got := [2]bool{strings.Contains(page, ">"+shown+"<"), strings.Contains(page, ">"+hidden+"<")}; got != want {
			t.Errorf("the display of rooms %s shows %v; want %v", rooms, got, want)
		}
	}
}

func TestTwoVisitorsWithOneNumberAreToldApart(t *testing.T) {
	l := open(t)
	at := time.Now().Add(-time.Hour)
	for n, station := range []string{"station-1", "station-2"} {
		id := l.admit(t, store.CheckIn{Station: station, ConfirmedAt: at.Add(time.Duration(n) * time.Minute), Ticket: "A-7"})
		l.call(t, []string{"brandt", "okafor"}[n], id, time.Now())
	}
	page := l.paired(t, "lobby").page()
	for n, station := range []string{"station-1", "station-2"} {
		if of := l.Office.Local(at.Add(time.Duration(n)*time.Minute)).Format("15:04") + ", " + station; !strings.Contains(page, of) {
			t.Errorf("%q does not stand there:\n%s", of, page)
		}
	}
}

// stream reads a display's events until it has seen enough.
func (s *screen) stream(enough func(event, data string) bool) (all string, ended bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	r := s.begin(ctx, http.MethodGet, "/events", nil)
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return fmt.Sprint("status ", r.StatusCode), true
	}
	lines := bufio.NewScanner(r.Body)
	var event, data string
	for lines.Scan() {
		line := lines.Text()
		all += line + "\n"
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			event, data = name, ""
		} else if text, ok := strings.CutPrefix(line, "data: "); ok {
			data += text + "\n"
		} else if line == "" && enough(event, data) {
			return all, false
		}
	}
	return all, true
}

func TestACallArrivesAtADisplayThatIsOpen(t *testing.T) {
	l := open(t)
	s := l.paired(t, "lobby")
	c := checkintest.Appointment(time.Now())
	ticket := l.send(t, c)
	called := false
	if all, ended := s.stream(func(event, data string) bool {
		if event == "beat" && !called {
			called = true
			l.call(t, "brandt", c.ID, time.Now())
		}
		return event == "board" && strings.Contains(data, ">"+ticket+"<") && strings.Contains(data, "data-fresh")
	}); ended {
		t.Errorf("the stream ended with\n%s", all)
	}
}

func TestOnlyACallOfNowRings(t *testing.T) {
	l := open(t)
	c := checkintest.Appointment(time.Now())
	l.send(t, c)
	l.call(t, "brandt", c.ID, time.Now().Add(-time.Minute))
	if page := l.paired(t, "lobby").page(); strings.Contains(page, "data-fresh") {
		t.Errorf("a call of a minute ago rings at a display that has just come:\n%s", page)
	}
}

func TestAWordOfACallIsSaidInTheVisitorsLanguage(t *testing.T) {
	l := open(t)
	var want []string
	for _, say := range []struct{ language, caseworker, said string }{
		{"de", "brandt", "de: Nummer A %s, bitte in Zimmer 204."},
		{"en", "yilmaz", "en-gb: Number A %s, please go to room 207."},
		{"ar", "okafor", "ar: الرقم A %s، يُرجى التوجه إلى الغرفة 112."},
		{"uk", "reception", "uk: Номер A %s, будь ласка. Куди йти, показано на екрані."},
	} {
		c := checkintest.Appointment(time.Now())
		c.Language = say.language
		_, number, _ := strings.Cut(l.send(t, c), "-")
		l.call(t, say.caseworker, c.ID, time.Now())
		want = append(want, fmt.Sprintf(say.said, number))
	}
	s := l.paired(t, "lobby")
	_, keys := s.do(http.MethodGet, "/", nil)
	for part := range strings.SplitSeq(keys, `data-call="`) {
		if key, _, ok := strings.Cut(part, `"`); ok && len(key) == 24 {
			if r, _ := s.do(http.MethodGet, "/speech/"+key, nil); r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "audio/wav" {
				t.Errorf("%s: status %d, %s", key, r.StatusCode, r.Header.Get("Content-Type"))
			}
		}
	}
	slices.Reverse(want) // the last call first
	if said := l.spoken.all(); !slices.Equal(said, want) {
		t.Errorf("said\n%q\nwant\n%q", said, want)
	}
	if r, _ := s.do(http.MethodGet, "/speech/"+strings.Repeat("0", 24), nil); r.StatusCode != http.StatusNotFound {
		t.Errorf("something else is said on request: status %d", r.StatusCode)
	}
}

func TestADisplayIsPairedByACodeThatIsGoodOnce(t *testing.T) {
	l := open(t)
	stranger := &screen{t: t, url: l.url}
	if r, _ := stranger.do(http.MethodGet, "/", nil); r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/pair" {
		t.Errorf("a stranger sees the board: %d", r.StatusCode)
	}
	code := l.add(t, "lobby")
	typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
	r, body := stranger.do(http.MethodPost, "/pair", url.Values{"code": {typed}})
	if r.StatusCode != http.StatusSeeOther || len(r.Cookies()) != 1 || !r.Cookies()[0].HttpOnly || !r.Cookies()[0].Secure || r.Cookies()[0].Name != "__Host-display" {
		t.Fatalf("status %d, cookies %v, %s", r.StatusCode, r.Cookies(), body)
	}
	if r, _ := stranger.do(http.MethodPost, "/pair", url.Values{"code": {code}}); r.StatusCode != http.StatusForbidden || len(r.Cookies()) != 0 {
		t.Errorf("the code again: status %d", r.StatusCode)
	}
	paired := &screen{t: t, url: l.url, cookie: r.Cookies()[0]}
	if r, _ := paired.do(http.MethodGet, "/pair", nil); r.Header.Get("Location") != "/" {
		t.Error("a display that starts with its link is asked for a code again")
	}
	all, err := l.Store.Display(t.Context(), []byte(paired.cookie.Value))
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the token itself is kept: %+v, %v", all, err)
	}
}

func TestForgedAndOversizeRequestsAreRefused(t *testing.T) {
	l := open(t)
	real := l.paired(t, "lobby")
	sum := sha256.Sum256([]byte(real.cookie.Value))
	for _, token := range []string{"", "x", strings.Repeat("A", 26), string(sum[:8]), real.cookie.Value + "A", real.cookie.Value[:25], "' OR 1=1 --"} {
		forged := &screen{t: t, url: l.url, cookie: &http.Cookie{Name: real.cookie.Name, Value: url.QueryEscape(token)}}
		for _, path := range []string{"/events", "/chime.wav", "/speech/0"} {
			if r, _ := forged.do(http.MethodGet, path, nil); r.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s with token %q: status %d", path, token, r.StatusCode)
			}
		}
		if r, _ := forged.do(http.MethodGet, "/", nil); r.Header.Get("Location") != "/pair" {
			t.Errorf("the board with token %q: status %d", token, r.StatusCode)
		}
	}
	if r, _ := real.do(http.MethodPost, "/pair", url.Values{"code": {strings.Repeat("A", 1<<20)}}); r.StatusCode == http.StatusOK || r.StatusCode == http.StatusSeeOther {
		t.Errorf("a code of a megabyte: status %d", r.StatusCode)
	}
	refused := false
	for range 40 {
		r, _ := real.do(http.MethodPost, "/pair", url.Values{"code": {"AAAA-AAAA-AAAA-AAAA"}})
		refused = refused || r.StatusCode == http.StatusTooManyRequests
	}
	if !refused {
		t.Error("forty tries at once are taken")
	}
	if page := real.page(); !strings.Contains(page, "board") {
		t.Error("the display suffers from it")
	}
}

func TestALostDisplayIsEndedWhileItIsLive(t *testing.T) {
	l := open(t)
	s := l.paired(t, "lobby")
	removed := false
	all, ended := s.stream(func(event, _ string) bool {
		if event == "beat" && !removed {
			removed = true
			if err := l.Store.RemoveDisplay(t.Context(), "lobby"); err != nil {
				t.Fatal(err)
			}
		}
		return false
	})
	if !ended || !strings.Contains(all, "event: ended") {
		t.Errorf("the stream goes on:\n%s", all)
	}
	if r, _ := s.do(http.MethodGet, "/", nil); r.Header.Get("Location") != "/pair" {
		t.Errorf("the page: status %d", r.StatusCode)
	}
}

// Everything that a display can get in a run is searched for what nobody in the lobby may learn.
func TestNotAByteThatADisplayGetsIsPersonal(t *testing.T) {
	l := open(t)
	s := l.paired(t, "lobby")
	visitors := []*checkintest.CheckIn{checkintest.Family(time.Now()), checkintest.Doubtful(time.Now()), checkintest.Genuine(time.Now())}
	var got strings.Builder
	for n, c := range visitors {
		l.send(t, c)
		l.call(t, []string{"brandt", "okafor", "yilmaz"}[n], c.ID, time.Now())
	}
	all, _ := s.stream(func(event, _ string) bool { return event == "beat" })
	got.WriteString(all)
	for _, path := range []string{"/", "/pair", "/assets/display.js", "/assets/pair.js", "/assets/display.css", "/chime.wav"} {
		r, body := s.do(http.MethodGet, path, nil)
		fmt.Fprint(&got, r.Header, body)
	}
	got.WriteString(strings.Join(l.spoken.all(), "\n"))
	text := strings.ToLower(got.String())
	secrets := []string{"eriksson", "anna", "maria", "1974", "740812", "uto", "l898902c3", "rp1234567", "l555500d1",
		"doubtful", "genuine", "unverified", "collect-card", "residence-permit", "okafor", "chidi"}
	for _, c := range visitors {
		secrets = append(secrets, c.ID, strings.ToLower(stationv1.TicketToken(c.ID)))
	}
	for _, secret := range secrets {
		if at := strings.Index(text, secret); at >= 0 && secret != "uto" || at >= 0 && !strings.Contains(text[max(0, at-40):at+40], "utopia") && !strings.Contains(text[max(0, at-4):at+8], "auto") {
			t.Errorf("%q: %q", secret, text[max(0, at-60):min(len(text), at+60)])
		}
	}
}
