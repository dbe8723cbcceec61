package console_test

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/foyer-station/foyer/backoffice/console"
	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

const password = "correct horse battery"

var noon = time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)

var passwordHash = sync.OnceValues(func() (string, error) { return staff.Hash(password) })

// site is a console on loopback, with a station to send check-ins.
type site struct {
	*checkintest.BackOffice
	console *console.Console
	station *checkintest.Station
	url     string
	end     func()     // tells the console to end
	ended   chan error // what it ended with
}

func open(t *testing.T, now func() time.Time) *site {
	t.Helper()
	return openAs(t, now, setup{})
}

// setup is how a site is to be otherwise than usual.
type setup struct {
	console.Settings
	tls *tls.Config
	log io.Writer
	dir string // with what an office kept; empty for a new one
}

func openAs(t *testing.T, now func() time.Time, as setup) *site {
	t.Helper()
	s := &site{BackOffice: checkintest.StartIn(t, cmp.Or(as.dir, t.TempDir()), now, io.Discard, intake.Options{})}
	s.station = s.Station(t, "utopia", "station-1")
	s.addCaseworkers(t)
	if as.log == nil {
		as.log = t.Output()
	}
	var err error
	s.console, err = console.New(s.Office, s.Store, s.Vault, as.Settings, now, slog.New(slog.NewTextHandler(as.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	s.console.Outdated = s.Service.OutdatedStations
	s.serve(t, as.tls)
	return s
}

func atNoon() time.Time { return noon }

// browser is an HTTP client that keeps cookies and asks for pages. Over plain HTTP a Go client would not send back the
// Secure cookies, as browsers do on loopback, so the jar's are put in by hand.
type browser struct {
	t    *testing.T
	site *site
	jar  http.CookieJar
	http http.Client
}

func (s *site) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, site: s, jar: jar, http: http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

func (s *site) signedIn(t *testing.T, name string) *browser {
	t.Helper()
	b := s.browser(t)
	b.signIn(name)
	return b
}

func (b *browser) signIn(name string) {
	b.t.Helper()
	if r := b.post("/sign-in", url.Values{"name": {name}, "password": {password}}); r.status != http.StatusSeeOther {
		b.t.Fatalf("sign-in of %s: status %d", name, r.status)
	}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (b *browser) request(method, path string, form url.Values) *http.Request {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.site.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range b.jar.Cookies(b.secure()) {
		request.AddCookie(c)
	}
	return request
}

// secure is the site as the jar sees it.
func (b *browser) secure() *url.URL {
	b.t.Helper()
	u, err := url.Parse(b.site.url)
	if err != nil {
		b.t.Fatal(err)
	}
	u.Scheme = "https"
	return u
}

func (b *browser) do(method, path string, form url.Values, change func(*http.Request)) answer {
	b.t.Helper()
	request := b.request(method, path, form)
	if change != nil {
		change(request)
	}
	response, err := b.http.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.jar.SetCookies(b.secure(), response.Cookies())
	return answer{response.StatusCode, response.Header, string(body)}
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	return b.do(http.MethodGet, path, nil, nil)
}

func (b *browser) post(path string, form url.Values) answer {
	b.t.Helper()
	return b.do(http.MethodPost, path, form, nil)
}

func (s *site) send(t *testing.T, c *checkintest.CheckIn) string {
	t.Helper()
	if _, _, err := s.station.Send(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return c.ID
}

func TestNothingIsShownToStrangers(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	id := s.send(t, checkintest.Genuine(noon))
	b := s.browser(t)
	for _, path := range []string{"/", "/visitor/" + id, "/visitor/" + id + "/file/0"} {
		if r := b.get(path); r.status != http.StatusSeeOther || r.header.Get("Location") != "/sign-in" {
			t.Errorf("%s: %d, %s", path, r.status, r.header.Get("Location"))
		}
	}
	for _, path := range []string{"/events", "/visitor/" + id + "/events", "/visitor/" + id + "/file/0"} {
		r := b.do(http.MethodGet, path, nil, func(r *http.Request) { r.Header.Set("Accept", "*/*") })
		if r.status != http.StatusUnauthorized {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	for _, path := range []string{"/next", "/visitor/" + id + "/call", "/visitor/" + id + "/done"} {
		b.post(path, url.Values{})
	}
	if kept, _, err := s.Store.CheckIn(t.Context(), id); err != nil || kept.State != store.Waiting {
		t.Errorf("a stranger moved the visitor: %s, %v", kept.State, err)
	}
}

func TestTheSessionCookieStaysWithTheBrowser(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.browser(t)
	cookie := b.post("/sign-in", url.Values{"name": {"brandt"}, "password": {password}}).header.Get("Set-Cookie")
	for _, want := range []string{"__Host-session=", "HttpOnly", "Secure", "SameSite=Strict", "Path=/", "Max-Age=36000"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("%s is missing in %s", want, cookie)
		}
	}
	if r := b.get("/"); r.status != http.StatusOK || !strings.Contains(r.body, "Jana Brandt") {
		t.Fatalf("signed in, and got %d", r.status)
	}
	b.post("/sign-out", url.Values{})
	if r := b.get("/"); r.status != http.StatusSeeOther {
		t.Errorf("after signing out: %d", r.status)
	}
}

func TestAnotherSiteCannotActForStaff(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "brandt")
	id := s.send(t, checkintest.Genuine(noon))
	r := b.do(http.MethodPost, "/next", url.Values{}, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
	if r.status != http.StatusForbidden {
		t.Errorf("a request from another site: %d", r.status)
	}
	if kept, _, _ := s.Store.CheckIn(t.Context(), id); kept.State != store.Waiting {
		t.Errorf("the visitor is %s", kept.State)
	}
	if r := b.post("/language", url.Values{"language": {"en"}, "path": {"//elsewhere.example"}}); r.header.Get("Location") != "/" {
		t.Errorf("led to %s", r.header.Get("Location"))
	}
}

func TestPagesAreKeptNowhereAndRunOnlyTheirOwnScripts(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "brandt")
	id := s.send(t, checkintest.Genuine(noon))
	for _, path := range []string{"/", "/visitor/" + id, "/visitor/" + id + "/file/0", "/sign-in"} {
		r := b.get(path)
		if r.status != http.StatusOK || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, Cache-Control %q", path, r.status, r.header.Get("Cache-Control"))
		}
		csp := r.header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		for _, inline := range []string{"<script>", " style=", " onclick=", "<style"} {
			if strings.Contains(r.body, inline) {
				t.Errorf("%s contains %q", path, inline)
			}
		}
	}
}

func TestTheWaitingListNamesNobody(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	s.send(t, checkintest.Genuine(noon))
	s.send(t, checkintest.Doubtful(noon))
	body := s.signedIn(t, "brandt").get("/").body
	for _, want := range []string{"A-1", "A-2", "Aufenthaltstitel", "Ukrainisch", "Echt", "Zweifelhaft", "abgelaufen"} {
		if !strings.Contains(body, want) {
			t.Errorf("the list does not say %q", want)
		}
	}
	for _, secret := range []string{"Eriksson", "Anna", "L898902C3", "1974"} {
		if strings.Contains(body, secret) {
			t.Errorf("the list says %q", secret)
		}
	}
}

func TestThePicturesAreTheBytesThatWereSubmitted(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	c := checkintest.Genuine(noon)
	c.Add(checkintest.ChipPortrait(1, "image/jp2"), []byte("JPEG 2000"))
	id := s.send(t, c)
	b := s.signedIn(t, "brandt")
	for n, f := range c.Record.Files {
		r := b.get(fmt.Sprintf("/visitor/%s/file/%d", id, n))
		if r.status != http.StatusOK || r.body != string(c.Contents[f.Name]) || r.header.Get("Content-Type") != f.MediaType {
			t.Errorf("%s: %d, %s, %d bytes", f.Name, r.status, r.header.Get("Content-Type"), len(r.body))
		}
		shown := f.MediaType == "image/png" || f.MediaType == "image/jpeg"
		if saved := strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment"); saved == shown {
			t.Errorf("%s (%s) is saved instead of shown: %v", f.Name, f.MediaType, saved)
		}
	}
	if body := b.get("/visitor/" + id).body; !strings.Contains(body, "JPEG 2000") {
		t.Error("the page does not say why the chip's picture is not shown")
	}
	for _, n := range []string{"99", "-1", "x"} {
		if r := b.get("/visitor/" + id + "/file/" + n); r.status != http.StatusNotFound {
			t.Errorf("file %s: %d", n, r.status)
		}
	}
}

func TestWhoOpenedWhichFileIsKept(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	id := s.send(t, checkintest.Genuine(noon))
	b := s.signedIn(t, "yilmaz")
	b.get("/visitor/" + id)
	b.get("/visitor/" + id + "/file/0")
	trail, err := s.Store.AuditTrail(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Entry{
		{At: noon, Name: "yilmaz", Action: store.ActionOpened, CheckIn: id},
		{At: noon, Name: "yilmaz", Action: store.ActionOpened, CheckIn: id, File: "document-1-page-1-visible"},
	}
	if !slices.Equal(trail, want) {
		t.Errorf("kept %+v", trail)
	}
}

func TestEveryCheckIsShownWithItsReasonTheFailedFirst(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	c := checkintest.Doubtful(noon)
	id := s.send(t, c)
	body := s.signedIn(t, "okafor").get("/visitor/" + id).body
	for _, check := range c.Record.Documents[0].Checks {
		if !strings.Contains(body, check.Reason) {
			t.Errorf("%s: its reason is not shown", check.Id)
		}
	}
	_, list, _ := strings.Cut(body, `class="card checks"`)
	failed, passed := strings.Index(list, `class="failed"`), strings.Index(list, `class="passed"`)
	if failed < 0 || passed < failed {
		t.Errorf("the first failed check stands at %d, the first passed one at %d", failed, passed)
	}
	if !strings.Contains(body, "Das Dokument muss von einem Menschen geprüft werden") {
		t.Error("the page does not say why the visitor is here")
	}
}

func TestAVisitorWhoseDataCannotBeReadIsAnnouncedAsSuch(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	c := checkintest.Genuine(noon)
	c.Contents["person-1-portrait"] = []byte("not what the record says")
	page := s.signedIn(t, "okafor").get("/visitor/" + s.send(t, c))
	if page.status != http.StatusOK || !strings.Contains(page.body, "nicht lesbar") || strings.Contains(page.body, "um Hilfe gebeten") {
		t.Errorf("status %d: %s", page.status, page.body)
	}
}

func TestAVisitGoesItsWay(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	id := s.send(t, checkintest.Genuine(noon))
	brandt, yilmaz := s.signedIn(t, "brandt"), s.signedIn(t, "yilmaz")
	for _, step := range []struct {
		who      *browser
		path, to string
		state    store.State
	}{
		{yilmaz, "/next", "/?notice=nobody", store.Waiting},
		{brandt, "/next", "/visitor/" + id, store.Called},
		{yilmaz, "/visitor/" + id + "/call", "/?notice=taken", store.Called},
		{brandt, "/visitor/" + id + "/return", "/", store.Waiting},
		{yilmaz, "/visitor/" + id + "/call", "/visitor/" + id, store.Called},
		{brandt, "/visitor/" + id + "/done", "/?notice=taken", store.Called},
		{yilmaz, "/visitor/" + id + "/no-show", "/", store.NoShow},
		{yilmaz, "/visitor/" + id + "/return", "/", store.Waiting},
		{brandt, "/next", "/visitor/" + id, store.Called},
		{brandt, "/next", "/?notice=nobody", store.Called},
		{brandt, "/visitor/" + id + "/done", "/", store.Done},
	} {
		r := step.who.post(step.path, url.Values{})
		kept, _, err := s.Store.CheckIn(t.Context(), id)
		if err != nil || r.header.Get("Location") != step.to || kept.State != step.state {
			t.Errorf("%s led to %s and the visitor is %s, %v; want %s and %s",
				step.path, r.header.Get("Location"), kept.State, err, step.to, step.state)
		}
		if r := step.who.get(step.to); r.status != http.StatusOK {
			t.Errorf("%s: %d", step.to, r.status)
		}
	}
}

func TestAnErasedFileIsGone(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	id := s.send(t, checkintest.Genuine(noon))
	if err := s.Vault.Erase(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b := s.signedIn(t, "brandt")
	for _, path := range []string{"/visitor/" + id, "/visitor/" + id + "/file/0", "/visitor/none"} {
		if r := b.get(path); r.status != http.StatusNotFound || !strings.Contains(r.body, "gelöscht") {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	if r := b.get("/visitor/none/events"); r.status != http.StatusNoContent {
		t.Errorf("a browser that watches it is answered %d and will come again", r.status)
	}
}

func TestEveryPageSpeaksBothLanguages(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	ids := []string{
		s.send(t, checkintest.Genuine(noon)), s.send(t, checkintest.Doubtful(noon)), s.send(t, checkintest.Family(noon)),
		s.send(t, checkintest.Appointment(noon)), s.send(t, checkintest.Staff(noon)),
	}
	b := s.signedIn(t, "brandt")
	b.post("/next", url.Values{})
	for tag, word := range map[string]string{"de": "Abmelden", "en": "Sign out"} {
		b.post("/language", url.Values{"language": {tag}, "path": {"/"}})
		for _, path := range append([]string{"/", "/visitor/none"}, ids...) {
			if !strings.HasPrefix(path, "/") {
				path = "/visitor/" + path
			}
			r := b.get(path)
			if r.status >= 500 || !strings.Contains(r.body, word) || !strings.Contains(r.body, `<html lang="`+tag) {
				t.Errorf("%s in %s: %d", path, tag, r.status)
			}
		}
	}
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	keys := func(tag string) []string {
		texts := map[string]string{}
		if _, err := toml.DecodeFile("text/"+tag+".toml", &texts); err != nil {
			t.Fatal(err)
		}
		for key, text := range texts {
			if text == "" {
				t.Errorf("%s says nothing for %q", tag, key)
			}
		}
		return slices.Sorted(maps.Keys(texts))
	}
	if de, en := keys("de"), keys("en"); !slices.Equal(de, en) {
		t.Errorf("keys differ:\n%v\n%v", de, en)
	}
}

func TestWhatStandsInADocumentCannotScriptThePage(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	c := checkintest.Genuine(noon)
	const attack = `<script src="//evil.example"></script>`
	c.Record.Persons[0].Surname = attack
	c.Record.Documents[0].Checks[0].Reason = attack
	c.Record.Documents[0].Checks[0].Category = attack
	c.Language = "x-unknown"
	body := s.signedIn(t, "brandt").get("/visitor/" + s.send(t, c)).body
	if strings.Contains(body, attack) || !strings.Contains(body, "&lt;script") {
		t.Error("markup from a document is markup on the page")
	}
}
