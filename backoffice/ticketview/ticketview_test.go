package ticketview_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/ticketview"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

const beat = 150 * time.Millisecond

// clock stands still until it is set forward.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// site is an office with its visitors' view on loopback.
type site struct {
	*checkintest.BackOffice
	clock   *clock
	station *checkintest.Station
	url     string
	log     *buffer
}

// buffer is a log that several goroutines write to.
type buffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func open(t *testing.T) *site {
	t.Helper()
	s := &site{clock: &clock{at: time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)}, log: &buffer{}}
	s.BackOffice = checkintest.Start(t, s.clock.Now, s.log)
	s.station = s.Station(t, "utopia", "station-1")
	v, err := ticketview.New(s.Office, s.Store, ticketview.Settings{Beat: beat}, s.clock.Now, slog.New(slog.NewTextHandler(s.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- v.Serve(ctx, listener, nil, 10*time.Second) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the view ended with %v", err)
		}
	})
	return s
}

// send checks a visitor in, and gives the ticket and its token.
func (s *site) send(t *testing.T, c *checkintest.CheckIn) (ticket, token string) {
	t.Helper()
	request, _, err := s.station.Send(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return request.Ticket, stationv1.TicketToken(c.ID)
}

func (s *site) call(t *testing.T, caseworker, id string) {
	t.Helper()
	if err := s.Store.Call(t.Context(), caseworker, id, s.clock.Now()); err != nil {
		t.Fatal(err)
	}
}

// do makes a request as a browser does that was led here by the page itself.
func (s *site) do(t *testing.T, method, path string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	r, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(body)
}

func (s *site) page(t *testing.T, token string) string {
	t.Helper()
	r, body := s.do(t, http.MethodGet, "/"+token)
	if r.StatusCode != http.StatusOK {
		t.Fatalf("status %d", r.StatusCode)
	}
	return body
}

func expect(t *testing.T, page string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(page, want) {
			t.Errorf("%q does not stand on the page:\n%s", want, page)
		}
	}
}

func in(language string, c *checkintest.CheckIn) *checkintest.CheckIn {
	c.Language = language
	return c
}

func TestAVisitorSeesThePlaceTheWaitAndThenTheRoom(t *testing.T) {
	s := open(t)
	for range 3 {
		s.send(t, checkintest.Appointment(s.clock.Now()))
	}
	c := in("en", checkintest.Appointment(s.clock.Now()))
	ticket, token := s.send(t, c)
	expect(t, s.page(t, token), `lang="en"`, ticket, `id="ahead">3<`, "15 to 30 minutes", "I need ten minutes", `http-equiv="refresh"`)
	s.call(t, "brandt", c.ID)
	called := s.page(t, token)
	expect(t, called, "Room 204", "It is your turn")
	if strings.Contains(called, "ten minutes") {
		t.Error("who is called may step away")
	}
}

func TestTheViewSpeaksTheVisitorsLanguage(t *testing.T) {
	s := open(t)
	for language, want := range map[string]string{
		"de": "Ihre Nummer", "en": "Your number", "ar": `dir="rtl"`, "uk": "Ваш номер", "tr": "Numaranız", "fa": "شمارهٔ شما", "ru": "Ваш номер",
		"fr": "Votre numéro", "de-AT": "Ihre Nummer", "xx": "Ihre Nummer", "": "Ihre Nummer",
	} {
		_, token := s.send(t, in(language, checkintest.Staff(s.clock.Now())))
		expect(t, s.page(t, token), want)
	}
}

func TestAVisitorWhoNeedsTenMinutesIsNotCalledAndKeepsThePlace(t *testing.T) {
	s := open(t)
	first, second := in("en", checkintest.Appointment(s.clock.Now())), checkintest.Appointment(s.clock.Now())
	_, token := s.send(t, first)
	s.send(t, second)
	everybody := []string{"brandt", "yilmaz", "okafor", "reception"}
	for range 2 { // twice is once
		r, _ := s.do(t, http.MethodPost, "/"+token+"/away")
		if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "../"+token {
			t.Fatalf("status %d to %s", r.StatusCode, r.Header.Get("Location"))
		}
	}
	until := s.Office.Local(s.clock.Now().Add(10 * time.Minute)).Format("15:04")
	expect(t, s.page(t, token), "You will not be called until", until, "I am back")
	if id, err := s.Store.CallNext(t.Context(), "brandt", everybody, s.clock.Now()); err != nil || id != second.ID {
		t.Errorf("called %s, %v; want the second", id, err)
	}
	s.do(t, http.MethodPost, "/"+token+"/back")
	expect(t, s.page(t, token), "I need ten minutes")
	for range 2 {
		s.do(t, http.MethodPost, "/"+token+"/away")
		s.clock.forward(11 * time.Minute)
	}
	s.do(t, http.MethodPost, "/"+token+"/away")
	if page := s.page(t, token); strings.Contains(page, "I need ten minutes") || strings.Contains(page, "I am back") {
		t.Errorf("a fourth time:\n%s", page)
	}
	if id, err := s.Store.CallNext(t.Context(), "yilmaz", everybody, s.clock.Now()); err != nil || id != first.ID {
		t.Errorf("called %s, %v; want the first", id, err)
	}
}

func TestATokenWithoutAVisitTellsNothing(t *testing.T) {
	s := open(t)
	ended, yesterday := checkintest.Staff(s.clock.Now()), checkintest.Staff(s.clock.Now())
	_, done := s.send(t, ended)
	s.call(t, "brandt", ended.ID)
	if err := s.Store.Finish(t.Context(), "brandt", ended.ID, store.Done, s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	_, closed := s.send(t, yesterday)
	if _, err := s.Store.CloseDay(t.Context(), "", s.Office.Day(s.clock.Now().Add(24*time.Hour)), s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	never := stationv1.TicketToken("a check-in that never was")
	_, want := s.do(t, http.MethodGet, "/"+never)
	for _, path := range []string{"/" + done, "/" + closed, "/" + strings.ToLower(never), "/x", "/", "/" + strings.Repeat("A", 4000), "/%00", "/" + done + "/events",
		"/" + ended.ID, "/" + done + "/nothing"} {
		if r, body := s.do(t, http.MethodGet, path); r.StatusCode != http.StatusNotFound || body != want {
			t.Errorf("%.40s: status %d\n%s", path, r.StatusCode, body)
		}
	}
	for _, path := range []string{"/" + done + "/away", "/" + closed + "/back", "/" + never + "/away"} {
		if r, body := s.do(t, http.MethodPost, path); r.StatusCode != http.StatusNotFound || body != want {
			t.Errorf("%s: status %d", path, r.StatusCode)
		}
	}
	for _, said := range []string{"kein", "There is no visit", "لا توجد زيارة"} {
		expect(t, want, said)
	}
}

func TestAStrangerWhoGuessesIsHeldUpAndVisitorsAreNot(t *testing.T) {
	s := open(t)
	_, token := s.send(t, checkintest.Staff(s.clock.Now()))
	s.page(t, token)
	held := 0
	for n := range 100 {
		if r, _ := s.do(t, http.MethodGet, "/"+stationv1.TicketToken(fmt.Sprint(n))); r.StatusCode == http.StatusTooManyRequests {
			held++
		}
	}
	if held < 50 {
		t.Errorf("%d of 100 guesses were held up", held)
	}
	s.page(t, token) // from the same address
}

func TestARequestFromAnotherSiteSendsNobodyAway(t *testing.T) {
	s := open(t)
	_, token := s.send(t, in("en", checkintest.Staff(s.clock.Now())))
	request, err := http.NewRequest(http.MethodPost, s.url+"/"+token+"/away", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	r, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", r.StatusCode)
	}
	expect(t, s.page(t, token), "I need ten minutes")
	if r, _ := s.do(t, http.MethodGet, "/"+token+"/away"); r.StatusCode == http.StatusSeeOther {
		t.Error("a link sends somebody away")
	}
}

// events reads a page's events until it has seen enough.
func (s *site) events(t *testing.T, token string, enough func(event, data string) bool) (all string, ended bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/"+token+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var event, data string
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
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

func TestAnOpenPageHearsOfTheCallAndOfTheEnd(t *testing.T) {
	s := open(t)
	c := in("en", checkintest.Appointment(s.clock.Now()))
	_, token := s.send(t, c)
	called, finished := false, false
	all, ended := s.events(t, token, func(event, data string) bool {
		if event == "beat" && !called {
			called = true
			s.call(t, "yilmaz", c.ID)
		}
		if event == "view" && strings.Contains(data, "Room 207") && !finished {
			finished = true
			if err := s.Store.Finish(t.Context(), "yilmaz", c.ID, store.Done, s.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		return false
	})
	if !ended || !finished || !strings.Contains(all, "event: ended") {
		t.Errorf("heard\n%s", all)
	}
}

func TestOneTicketHasAFewLivePages(t *testing.T) {
	s := open(t)
	_, token := s.send(t, checkintest.Staff(s.clock.Now()))
	var all []*http.Response
	defer func() {
		for _, r := range all {
			r.Body.Close()
		}
	}()
	refused := 0
	for range 6 {
		r, err := http.Get(s.url + "/" + token + "/events")
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, r); r.StatusCode == http.StatusServiceUnavailable {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("%d of 6 are refused", refused)
	}
}

// Two visitors who differ in nothing but their documents see the same, byte for byte.
func TestTheViewDependsOnNoVerdictAndTellsNothingPersonal(t *testing.T) {
	var pages [2]string
	for n, make := range []func(time.Time) *checkintest.CheckIn{checkintest.Genuine, checkintest.Doubtful} {
		s := open(t)
		s.send(t, checkintest.Staff(s.clock.Now()))
		before := checkintest.Staff(s.clock.Now())
		before.Service = "residence-permit"
		s.send(t, before)
		c := make(s.clock.Now())
		c.Service, c.Language = "residence-permit", "en"
		_, token := s.send(t, c)
		waiting := s.page(t, token)
		all, _ := s.events(t, token, func(event, _ string) bool { return event == "beat" })
		s.do(t, http.MethodPost, "/"+token+"/away")
		text := waiting + all + s.page(t, token)
		s.call(t, "brandt", c.ID)
		text += s.page(t, token)
		pages[n] = strings.ReplaceAll(text, token, "TOKEN")
		for _, secret := range []string{"eriksson", "anna", "maria", "1974", "740812", "l898902c3", "doubtful", "genuine", "unverified", "expired", "brandt", c.ID, "station-1"} {
			if strings.Contains(strings.ToLower(pages[n]), secret) {
				t.Errorf("%q stands on a page", secret)
			}
		}
		if strings.Contains(s.log.String(), token) {
			t.Errorf("the token stands in the log:\n%s", s.log)
		}
	}
	if pages[0] != pages[1] {
		t.Errorf("who has a doubtful document sees\n%s\nand who has a genuine one\n%s", pages[1], pages[0])
	}
}
