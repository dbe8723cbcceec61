package console_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/console"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

// Who may do what, by the names of accounts. It is written down twice, here and beside the routes: they must say the same.
const (
	everybody  = "strangers reception brandt admin auditor technician"
	signedIn   = "reception brandt admin auditor technician"
	counters   = "reception brandt"
	leads      = "brandt"
	admins     = "admin"
	auditors   = "auditor"
	maintained = "admin technician"
)

// mayUse says of everything that the console serves who may use it.
func mayUse() map[string]string {
	return map[string]string{
		"GET /assets/": everybody, "GET /sign-in": everybody, "POST /sign-in": everybody, "POST /sign-out": everybody, "POST /language": everybody,
		"GET /second-factor": signedIn, "POST /second-factor/code": signedIn, "POST /second-factor/secret": signedIn,
		"POST /second-factor/passkey/add": signedIn, "POST /second-factor/passkey/added": signedIn,
		"POST /second-factor/passkey/show": signedIn, "POST /second-factor/passkey/shown": signedIn,
		"POST /session": signedIn, "GET /session/events": signedIn,
		"GET /{$}": counters, "GET /events": counters, "POST /next": counters,
		"GET /visitor/{id}": counters, "GET /visitor/{id}/events": counters, "GET /visitor/{id}/file/{n}": counters, "GET /visitor/{id}/file/{n}/view": counters,
		"POST /visitor/{id}/call": counters, "POST /visitor/{id}/done": counters, "POST /visitor/{id}/no-show": counters, "POST /visitor/{id}/return": counters,
		"POST /visitor/{id}/near": counters, "POST /visitor/{id}/recall": counters, "POST /visitor/{id}/skip": counters, "POST /visitor/{id}/come-back": counters,
		"POST /visitor/{id}/park": counters, "POST /visitor/{id}/share": leads, // and whoever has parked the visitor
		"POST /visitor/{id}/transfer": counters,
		"GET /desk":                   counters, "GET /desk/events": counters, "POST /desk/walk-in": counters, "POST /desk/undo": counters, "POST /desk/away": counters,
		"POST /desk/home": counters, "POST /desk/back": counters, "POST /desk/alarm": counters, "POST /desk/alarm/{who}/end": counters,
		"POST /desk/close": leads, "POST /desk/reopen": leads,
		"POST /look":                everybody,
		"POST /visitor/{id}/decide": counters, "POST /visitor/{id}/correct": counters, "POST /visitor/{id}/note": counters,
		"POST /visitor/{id}/help": counters, "POST /visitor/{id}/coming": leads,
		"GET /waiting": counters, "GET /waiting/{queue}": counters, "GET /waiting/{queue}/rows": counters,
		"POST /left/{id}/dismiss": leads, "POST /left/{id}/readmit": leads, "POST /denied/{station}/set-aside": leads,
		"POST /denied/{station}/dismiss": leads, "POST /erasing/confirm": leads,
		"GET /log": auditors, "POST /log": auditors,
		"GET /stations": maintained,
		"GET /accounts": admins, "POST /accounts": admins, "POST /accounts/{id}/roles": admins, "POST /accounts/{id}/password": admins,
		"POST /accounts/{id}/disable": admins, "POST /accounts/{id}/enable": admins, "POST /accounts/{id}/remove": admins, "POST /accounts/{id}/reset-2fa": admins,
	}
}

// everything is what an office holds, as text: what an action may change.
func (s *site) everything(t *testing.T) string {
	t.Helper()
	queue, err := s.Store.Queue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	left, err := s.Store.LeftOver(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := s.Store.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	log, err := s.Store.Log(t.Context(), store.LogFilter{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := s.Store.PasswordHash(t.Context(), "okafor")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal([]any{queue, left, accounts, log, hash})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// visitable makes a path of a pattern, of a visitor and an account that there are.
func visitable(pattern, visitor string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	account := strings.HasPrefix(path, "/accounts/")
	for from, to := range map[string]string{"{$}": "", "{n}": "0", "{station}": "station-1", "{queue}": "okafor", "{who}": "okafor"} {
		path = strings.ReplaceAll(path, from, to)
	}
	if account {
		return method, strings.ReplaceAll(path, "{id}", "account-of-okafor")
	}
	return method, strings.ReplaceAll(path, "{id}", visitor)
}

func TestEveryPageAndActionIsForItsRolesAlone(t *testing.T) {
	t.Parallel()
	s := openAs(t, atNoon, setup{Settings: console.Settings{Sealer: newSealer(t)}})
	withEveryRole(t, s)
	visitor := s.send(t, checkintest.Genuine(noon))
	may := mayUse()
	if patterns := slices.Sorted(slices.Values(s.console.Patterns())); !slices.Equal(patterns, slices.Sorted(maps.Keys(may))) {
		t.Fatalf("not everything that is served is written down here: %v", patterns)
	}
	people := map[string]*browser{"strangers": s.browser(t)}
	for name := range strings.FieldsSeq(signedIn) {
		people[name] = s.signedIn(t, name)
	}
	// Who may not is refused, whatever it is, and nothing has changed.
	before := s.everything(t)
	for pattern, allowed := range may {
		for name, b := range people {
			if slices.Contains(strings.Fields(allowed), name) {
				continue
			}
			method, path := visitable(pattern, visitor)
			for _, accept := range []string{"text/html", "*/*"} {
				r := b.soon(method, path, accept)
				if want := refusal(name, path, accept); r.status != want {
					t.Errorf("%s by %s, who wants %s: %d, want %d", pattern, name, accept, r.status, want)
				}
			}
		}
	}
	if after := s.everything(t); after != before {
		t.Errorf("what was refused has changed something:\n%s\n%s", before, after)
	}
	// Who may is not refused. What ends a session comes last.
	last := []string{"POST /sign-in", "POST /sign-out"}
	for _, pattern := range append(slices.DeleteFunc(slices.Sorted(maps.Keys(may)), func(p string) bool { return slices.Contains(last, p) }), last...) {
		for name := range strings.FieldsSeq(may[pattern]) {
			method, path := visitable(pattern, visitor)
			r := people[name].soon(method, path, "text/html")
			if r.status == http.StatusForbidden || r.status >= 500 || strings.HasPrefix(r.header.Get("Location"), "/sign-in") && pattern != "POST /sign-out" {
				t.Errorf("%s by %s: %d, %s", pattern, name, r.status, r.header.Get("Location"))
			}
		}
	}
}

// refusal is the status of what somebody may not do. The front door leads staff without a queue to a page of theirs.
func refusal(name, path, accept string) int {
	switch {
	case name == "strangers" && accept == "text/html":
		return http.StatusSeeOther
	case name == "strangers":
		return http.StatusUnauthorized
	case path == "/":
		return http.StatusSeeOther
	}
	return http.StatusForbidden
}

// soon asks for something that may be a stream, and takes its first line for an answer.
func (b *browser) soon(method, path, accept string) answer {
	b.t.Helper()
	ctx, end := context.WithCancel(b.t.Context())
	defer end()
	var form url.Values
	if method == http.MethodPost {
		form = url.Values{"role": {"auditor"}, "language": {"de"}, "clock": {"1"}}
	}
	request := b.request(method, path, form).WithContext(ctx)
	request.Header.Set("Accept", accept)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := b.http.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	return answer{status: response.StatusCode, header: response.Header}
}

func TestARouteThatDoesNotSayWhoMayUseItIsNotServed(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	if err := s.console.RegisterFor(""); err == nil || !strings.Contains(err.Error(), "GET /new") {
		t.Errorf("it is registered: %v", err)
	}
	if err := s.console.RegisterFor(staff.Audit); err != nil {
		t.Error(err)
	}
}

func TestAnAccountWithoutARoleMayNothing(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	s.addAccount(t, store.Account{Name: "newcomer", Roles: []staff.Role{"a role of a later version"}})
	b := s.signedIn(t, "newcomer")
	for _, path := range []string{"/", "/log", "/accounts", "/stations"} {
		if r := b.get(path); r.status != http.StatusForbidden || !strings.Contains(r.body, "gehört nicht zu Ihren Aufgaben") {
			t.Errorf("%s: %d", path, r.status)
		}
	}
}

func TestEachRoleIsLedToItsOwnPage(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	withEveryRole(t, s)
	s.send(t, checkintest.Genuine(noon))
	for name, home := range map[string]string{"admin": "/accounts", "auditor": "/log", "technician": "/stations"} {
		b := s.signedIn(t, name)
		if r := b.get("/"); r.header.Get("Location") != home {
			t.Errorf("%s is led to %q", name, r.header.Get("Location"))
		}
		r := b.get(home)
		if r.status != http.StatusOK || !strings.Contains(r.body, `aria-current="page"`) || !strings.Contains(r.body, `<span class="person">`+name) {
			t.Errorf("%s: %d", home, r.status)
		}
		if strings.Contains(r.body, "A-1") {
			t.Errorf("%s shows %s a visitor's number", home, name)
		}
	}
}

func TestAPageThatOnlyWaitsEndsWithItsSession(t *testing.T) {
	t.Parallel()
	s := openAs(t, atNoon, setup{Settings: console.Settings{Beat: time.Hour}})
	withEveryRole(t, s)
	b := s.signedIn(t, "auditor")
	page := b.listen("/session/events")
	page.next(t, "beat")
	b.post("/sign-out", url.Values{})
	page.wantEnded(t, "signed_out")
}

func TestAfterASessionHasEndedOneReturnsToWhereOneWas(t *testing.T) {
	t.Parallel()
	s, clock := lively(t)
	id := s.send(t, checkintest.Genuine(noon))
	b := s.signedIn(t, "brandt")
	clock.pass(20 * time.Minute)
	to := b.get("/visitor/" + id).header.Get("Location")
	if want := "/sign-in?to=" + url.QueryEscape("/visitor/"+id) + "&why=idle"; to != want {
		t.Fatalf("it leads to %q, not %q", to, want)
	}
	page := b.get(to).body
	if !strings.Contains(page, `name="to" value="/visitor/`+id+`"`) || !strings.Contains(page, "länger nicht benutzt") {
		t.Errorf("the sign-in does not lead back, or does not say why: %s", page)
	}
	wrong := b.post("/sign-in", url.Values{"name": {"brandt"}, "password": {"a mistyped one"}, "to": {"/visitor/" + id}})
	if !strings.Contains(wrong.body, `name="to" value="/visitor/`+id+`"`) {
		t.Error("a mistyped password forgets where one was")
	}
	for to, want := range map[string]string{
		"/visitor/" + id: "/visitor/" + id, "": "/", "//elsewhere.example/": "/", "https://elsewhere.example": "/", `/\elsewhere.example`: "/%5Celsewhere.example",
	} {
		r := b.post("/sign-in", url.Values{"name": {"brandt"}, "password": {password}, "to": {to}})
		if r.status != http.StatusSeeOther || r.header.Get("Location") != want {
			t.Errorf("%q leads to %q", to, r.header.Get("Location"))
		}
	}
}

func TestAfterAWrongPasswordTheCursorIsOnThePassword(t *testing.T) {
	t.Parallel()
	b := open(t, atNoon).browser(t)
	cursor := func(page string) string {
		_, after, _ := strings.Cut(page, "<form method=\"post\" action=\"/sign-in\">")
		for line := range strings.Lines(after) {
			if strings.Contains(line, " autofocus") {
				_, id, _ := strings.Cut(line, `id="`)
				id, _, _ = strings.Cut(id, `"`)
				return id
			}
		}
		return ""
	}
	if at := cursor(b.get("/sign-in").body); at != "name" {
		t.Errorf("at first it is on %q", at)
	}
	if at := cursor(b.try("brandt", "mistyped", "").body); at != "password" {
		t.Errorf("then it is on %q", at)
	}
	if at := cursor(b.try("", "mistyped", "").body); at != "name" {
		t.Errorf("without a name it is on %q", at)
	}
}
