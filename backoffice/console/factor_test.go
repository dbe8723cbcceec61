package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/foyer-station/foyer/backoffice/console"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

func newSealer(t *testing.T) *staff.Sealer {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := staff.NewSealer([]age.Identity{identity})
	if err != nil {
		t.Fatal(err)
	}
	return sealer
}

// guarded is a site where administrators and leads need a second factor; brandt leads.
func guarded(t *testing.T) (*site, *clock) {
	t.Helper()
	c := &clock{at: noon}
	settings := console.Settings{Beat: 200 * time.Millisecond, Sealer: newSealer(t), SecondFactor: []staff.Role{staff.Admin, staff.Leader}}
	s := openAs(t, c.now, setup{Settings: settings})
	withEveryRole(t, s)
	return s, c
}

var (
	shownSecret   = regexp.MustCompile(`id="secret">([A-Z2-7]{32})<`)
	shownSealed   = regexp.MustCompile(`name="sealed" value="([^"]+)"`)
	shownRecovery = regexp.MustCompile(`<li>([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})</li>`)
)

// unescape undoes what a template does to a plus sign in an attribute.
func unescape(text string) string { return strings.ReplaceAll(text, "&#43;", "+") }

// enrol sets up a second factor in a browser, and gives the secret and the recovery codes.
func (b *browser) enrol(at time.Time) (secret string, recovery []string) {
	b.t.Helper()
	page := b.get("/second-factor")
	found, sealed := shownSecret.FindStringSubmatch(page.body), shownSealed.FindStringSubmatch(page.body)
	if found == nil || sealed == nil {
		b.t.Fatalf("no secret is shown: %d, %s", page.status, page.body)
	}
	r := b.post("/second-factor/secret", url.Values{"code": {codeOf(b.t, found[1], at)}, "sealed": {unescape(sealed[1])}})
	for _, code := range shownRecovery.FindAllStringSubmatch(r.body, -1) {
		recovery = append(recovery, code[1])
	}
	if r.status != http.StatusOK || len(recovery) != 10 {
		b.t.Fatalf("it is not set up: %d, %s", r.status, r.body)
	}
	return found[1], recovery
}

func codeOf(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, _, err := staff.CodeAt(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func (b *browser) session() string {
	b.t.Helper()
	for _, c := range b.jar.Cookies(b.secure()) {
		if c.Name == "__Host-session" {
			return c.Value
		}
	}
	return ""
}

func (b *browser) prove(code string) answer {
	b.t.Helper()
	return b.post("/second-factor/code", url.Values{"code": {code}, "to": {"/"}})
}

func TestWhoNeedsASecondFactorSetsItUpBeforeAnythingElse(t *testing.T) {
	t.Parallel()
	s, clock := guarded(t)
	b := s.signedIn(t, "brandt")
	if r := b.get("/"); r.status != http.StatusSeeOther || r.header.Get("Location") != "/second-factor" {
		t.Fatalf("with the password alone: %d, %s", r.status, r.header.Get("Location"))
	}
	before := b.session()
	page := b.get("/second-factor")
	if !strings.Contains(page.body, "braucht es einen zweiten Faktor") || strings.Contains(page.body, "<style") || !strings.Contains(page.body, `<svg class="qr"`) {
		t.Errorf("the page: %s", page.body)
	}
	secret, _ := b.enrol(clock.now())
	if r := b.get("/"); r.status != http.StatusOK {
		t.Errorf("with the second factor: %d", r.status)
	}
	if b.session() == before {
		t.Error("the session goes on under the same token")
	}
	thief := s.browser(t)
	thief.jar.SetCookies(thief.secure(), []*http.Cookie{{Name: "__Host-session", Value: before, Path: "/"}})
	if r := thief.get("/"); r.header.Get("Location") != "/sign-in?why=replaced" {
		t.Errorf("by the former token: %d, %s", r.status, r.header.Get("Location"))
	}
	accounts, err := s.Store.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept, err := s.Store.Factors(t.Context(), accounts[slices.IndexFunc(accounts, func(a store.Account) bool { return a.Name == "brandt" })].ID)
	if err != nil || strings.Contains(string(kept.Secret), secret) || kept.Recovery != 10 {
		t.Errorf("the secret is kept as %q, %v", kept.Secret, err)
	}
	if r := s.signedIn(t, "reception").get("/"); r.status != http.StatusOK {
		t.Errorf("who needs none: %d", r.status)
	}
}

func TestACodeSignsInOnce(t *testing.T) {
	t.Parallel()
	s, clock := guarded(t)
	secret, _ := s.signedIn(t, "brandt").enrol(clock.now())
	next := s.signedIn(t, "brandt")
	if r := next.get("/log"); r.header.Get("Location") != "/second-factor?to=%2Flog" {
		t.Errorf("it leads to %q", r.header.Get("Location"))
	}
	if r := next.prove(codeOf(t, secret, clock.now())); r.status != http.StatusUnauthorized {
		t.Errorf("the code with which it was set up: %d", r.status)
	}
	clock.pass(time.Minute)
	code := codeOf(t, secret, clock.now())
	before := next.session()
	if r := next.prove(code[:3] + " " + code[3:]); r.status != http.StatusSeeOther || r.header.Get("Location") != "/" || next.session() == before {
		t.Errorf("the next code: %d, to %s, or under the same token", r.status, r.header.Get("Location"))
	}
	if r := next.get("/"); r.status != http.StatusOK {
		t.Errorf("then: %d", r.status)
	}
	if r := s.signedIn(t, "brandt").prove(code); r.status != http.StatusUnauthorized || !strings.Contains(r.body, "schon benutzt") {
		t.Errorf("the same code a second time: %d", r.status)
	}
}

func TestARecoveryCodeSignsInOnce(t *testing.T) {
	t.Parallel()
	s, clock := guarded(t)
	_, recovery := s.signedIn(t, "brandt").enrol(clock.now())
	typed := strings.ToLower(strings.ReplaceAll(recovery[3], "-", " "))
	if r := s.signedIn(t, "brandt").prove(typed); r.status != http.StatusSeeOther {
		t.Errorf("a recovery code: %d", r.status)
	}
	if r := s.signedIn(t, "brandt").prove(recovery[3]); r.status != http.StatusUnauthorized {
		t.Errorf("a second time: %d", r.status)
	}
	admin := s.signedIn(t, "admin")
	admin.enrol(clock.now())
	other := s.signedIn(t, "admin")
	if r := other.prove(recovery[4]); r.status != http.StatusUnauthorized {
		t.Errorf("somebody else's: %d", r.status)
	}
}

func TestGuessingCodesIsSlowedDownWhereverItComesFrom(t *testing.T) {
	t.Parallel()
	s, clock := guarded(t)
	secret, _ := s.signedIn(t, "brandt").enrol(clock.now())
	clock.pass(time.Minute)
	statuses := map[int]int{}
	for range 4 { // browsers
		b := s.signedIn(t, "brandt")
		for range 3 {
			statuses[b.prove("000000").status]++
		}
	}
	if statuses[http.StatusUnauthorized] != 5 || statuses[http.StatusTooManyRequests] != 7 {
		t.Errorf("12 guesses were answered %v", statuses)
	}
	b := s.signedIn(t, "brandt")
	r := b.prove(codeOf(t, secret, clock.now()))
	if r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") == "" {
		t.Errorf("the right one at once: %d", r.status)
	}
	clock.pass(2 * time.Minute)
	if r := b.prove(codeOf(t, secret, clock.now())); r.status != http.StatusSeeOther {
		t.Errorf("after waiting: %d", r.status)
	}
}

func TestWithThePasswordAloneNothingIsServed(t *testing.T) {
	t.Parallel()
	s, clock := guarded(t)
	visitor := s.send(t, checkintest.Genuine(noon))
	s.signedIn(t, "brandt").enrol(clock.now())
	half := s.signedIn(t, "brandt")
	before := s.everything(t)
	for pattern, allowed := range mayUse() {
		if allowed == everybody || strings.HasSuffix(pattern, "/session/events") {
			continue
		}
		method, path := visitable(pattern, visitor)
		if strings.HasPrefix(path, "/second-factor") {
			continue
		}
		if r := half.soon(method, path, "text/html"); r.status != http.StatusSeeOther || !strings.HasPrefix(r.header.Get("Location"), "/second-factor") {
			t.Errorf("%s: %d, %s", pattern, r.status, r.header.Get("Location"))
		}
		if r := half.soon(method, path, "*/*"); r.status != http.StatusUnauthorized {
			t.Errorf("%s, as part of a page: %d", pattern, r.status)
		}
	}
	if page := half.get("/second-factor"); shownSecret.MatchString(page.body) {
		t.Error("whoever has the password alone is offered a new second factor")
	}
	if r := half.post("/second-factor/secret", url.Values{"code": {"1"}, "sealed": {""}}); r.status != http.StatusForbidden {
		t.Errorf("and sets one: %d", r.status)
	}
	if s.everything(t) != before {
		t.Error("something has changed")
	}
}

func TestASecretOfAnotherAccountOrOfNobodyIsNotSet(t *testing.T) {
	t.Parallel()
	s, clock := guarded(t)
	theirs := s.signedIn(t, "admin").get("/second-factor").body
	secret, sealed := shownSecret.FindStringSubmatch(theirs)[1], unescape(shownSealed.FindStringSubmatch(theirs)[1])
	b := s.signedIn(t, "brandt")
	code := codeOf(t, secret, clock.now())
	for name, form := range map[string]url.Values{
		"another account's": {"code": {code}, "sealed": {sealed}},
		"nothing":           {"code": {code}},
		"not base64":        {"code": {code}, "sealed": {"%%%"}},
		"too long":          {"code": {code}, "sealed": {strings.Repeat("A", 3000)}},
	} {
		if r := b.post("/second-factor/secret", form); r.status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, r.status)
		}
	}
	mine := b.get("/second-factor").body
	wrong := b.post("/second-factor/secret", url.Values{"code": {code}, "sealed": {unescape(shownSealed.FindStringSubmatch(mine)[1])}})
	again := shownSecret.FindStringSubmatch(wrong.body)
	if wrong.status != http.StatusBadRequest || again == nil || again[1] != shownSecret.FindStringSubmatch(mine)[1] {
		t.Errorf("after a wrong code the picture is another one: %d", wrong.status)
	}
	if r := b.get("/"); r.status != http.StatusSeeOther {
		t.Errorf("then: %d", r.status)
	}
}

func TestAnAdministratorResetsALostSecondFactor(t *testing.T) {
	t.Parallel()
	s, clock := guarded(t)
	brandt := s.signedIn(t, "brandt")
	brandt.enrol(clock.now())
	page := brandt.listen("/events")
	page.next(t, "beat")
	admin := s.signedIn(t, "admin")
	admin.enrol(clock.now())
	if body := admin.get("/accounts").body; !strings.Contains(body, "reset-2fa-account-of-brandt") || strings.Contains(body, "reset-2fa-account-of-okafor") {
		t.Error("the accounts do not say who has one")
	}
	if r := admin.post("/accounts/account-of-brandt/reset-2fa", url.Values{}); r.status != http.StatusSeeOther {
		t.Errorf("reset: %d", r.status)
	}
	page.wantEnded(t, "reset")
	if body := s.signedIn(t, "brandt").get("/second-factor").body; !shownSecret.MatchString(body) {
		t.Error("at the next sign-in no new one is offered")
	}
}
