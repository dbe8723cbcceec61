package console_test

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

// addCaseworkers gives each caseworker of the office an account by the caseworker's id, with what the office file says.
func (s *site) addCaseworkers(t *testing.T) {
	t.Helper()
	for _, w := range s.Office.Caseworkers {
		roles := []staff.Role{staff.Counter}
		if s.Office.Leads(w.ID) {
			roles = append(roles, staff.Leader)
		}
		s.addAccount(t, store.Account{Name: w.ID, Caseworker: w.ID, Roles: roles})
	}
}

// addAccount adds an account with the tests' password, or sets that of one that an office kept.
func (s *site) addAccount(t *testing.T, a store.Account) {
	t.Helper()
	hash, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	a.ID = "account-of-" + a.Name
	err = s.Store.AddAccount(t.Context(), "@test", a, hash, noon)
	if errors.Is(err, store.ErrAccountExists) {
		err = errors.Join(s.Store.SetPassword(t.Context(), a.Name, hash), s.Store.GiveRoles(t.Context(), func(string) []staff.Role { return a.Roles }))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// onlyLead leaves the lead to one caseworker.
func (s *site) onlyLead(t *testing.T, name string) {
	t.Helper()
	all, err := s.Store.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if a.Name == name || a.Caseworker == "" {
			continue
		}
		if err := s.Store.SetRoles(t.Context(), "@test", a.ID, []staff.Role{staff.Counter}, noon); err != nil {
			t.Fatal(err)
		}
	}
}

// withEveryRole adds an account for each role that receives nobody.
func withEveryRole(t *testing.T, s *site) {
	t.Helper()
	for _, r := range []staff.Role{staff.Admin, staff.Auditor, staff.Technician} {
		s.addAccount(t, store.Account{Name: string(r), Roles: []staff.Role{r}})
	}
	s.onlyLead(t, "brandt")
}

// shownPassword is the one that a page shows.
var shownPassword = regexp.MustCompile(`id="password">([A-Z0-9]{20})<`)

func TestAnAdministratorAddsAnAccountThatCanSignIn(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	withEveryRole(t, s)
	admin := s.signedIn(t, "admin")
	page := admin.post("/accounts", url.Values{"name": {"review"}, "role": {"auditor", "technician"}})
	made := shownPassword.FindStringSubmatch(page.body)
	if page.status != http.StatusOK || made == nil {
		t.Fatalf("status %d: %s", page.status, page.body)
	}
	if again := admin.get("/accounts"); strings.Contains(again.body, made[1]) {
		t.Error("the password is shown a second time")
	}
	b := s.browser(t)
	if r := b.try("review", made[1], ""); r.status != http.StatusSeeOther {
		t.Fatalf("the new account signs in: %d", r.status)
	}
	for path, want := range map[string]int{"/log": http.StatusOK, "/stations": http.StatusOK, "/accounts": http.StatusForbidden, "/": http.StatusSeeOther} {
		if r := b.get(path); r.status != want {
			t.Errorf("%s: %d, want %d", path, r.status, want)
		}
	}
	log, err := s.Store.Log(t.Context(), store.LogFilter{Name: "@admin", Action: store.ActionAccountAdded}, 9)
	if err != nil || len(log) != 1 || log[0].File == "" {
		t.Errorf("what the administrator did is kept as %+v, %v", log, err)
	}
}

func TestAnAccountThatCannotBeIsRefusedWithAWord(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	withEveryRole(t, s)
	admin := s.signedIn(t, "admin")
	before, err := s.Store.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		form   url.Values
		status int
		says   string
	}{
		"a name that exists":       {url.Values{"name": {"brandt"}, "role": {"auditor"}}, http.StatusConflict, "gibt es schon"},
		"a caseworker who has one": {url.Values{"name": {"b2"}, "caseworker": {"brandt"}, "role": {"counter"}}, http.StatusConflict, "gibt es schon"},
		"no name":                  {url.Values{"role": {"auditor"}}, http.StatusBadRequest, "1 bis 40 Zeichen"},
		"script as a name":         {url.Values{"name": {"<script>alert(1)</script>"}, "role": {"auditor"}}, http.StatusBadRequest, "1 bis 40 Zeichen"},
		"no role":                  {url.Values{"name": {"x"}}, http.StatusBadRequest, "mindestens eine Aufgabe"},
		"a role that is none":      {url.Values{"name": {"x"}, "role": {"owner"}}, http.StatusBadRequest, "mindestens eine Aufgabe"},
		"a counter without a desk": {url.Values{"name": {"x"}, "role": {"counter"}}, http.StatusBadRequest, "nur für Konten der Sachbearbeitung"},
		"somebody unknown":         {url.Values{"name": {"x"}, "caseworker": {"nobody"}, "role": {"counter"}}, http.StatusBadRequest, "nicht in der Amtsdatei"},
	} {
		r := admin.post("/accounts", c.form)
		if r.status != c.status || !strings.Contains(r.body, c.says) || strings.Contains(r.body, "<script>alert") || shownPassword.MatchString(r.body) {
			t.Errorf("%s: %d, without %q", name, r.status, c.says)
		}
	}
	after, err := s.Store.Accounts(t.Context())
	if err != nil || len(after) != len(before) {
		t.Errorf("there are %d accounts, %v; want %d", len(after), err, len(before))
	}
}

func TestWhatIsDoneToAnAccountEndsItsOpenPages(t *testing.T) {
	t.Parallel()
	s, _ := lively(t)
	withEveryRole(t, s)
	admin := s.signedIn(t, "admin")
	for _, step := range []struct {
		act, ended, says string
		form             url.Values
		status           int
	}{
		{"roles", "roles", "andere Aufgaben", url.Values{"role": {"counter"}}, http.StatusSeeOther},
		{"password", "password", "neues Passwort", url.Values{}, http.StatusOK},
		{"disable", "disabled", "gesperrt", url.Values{}, http.StatusSeeOther},
		{"remove", "removed", "gibt es nicht mehr", url.Values{}, http.StatusSeeOther},
	} {
		b := s.browser(t)
		s.addAccount(t, store.Account{Name: "okafor", Caseworker: "okafor"}) // sets the password again
		if step.act == "remove" {
			if r := admin.post("/accounts/account-of-okafor/enable", url.Values{}); r.status != http.StatusSeeOther {
				t.Errorf("enable: %d", r.status)
			}
		}
		b.signIn("okafor")
		page := b.listen("/events")
		page.next(t, "beat")
		if r := admin.post("/accounts/account-of-okafor/"+step.act, step.form); r.status != step.status {
			t.Errorf("%s: %d", step.act, r.status)
		}
		page.wantEnded(t, step.ended)
		r := b.get("/")
		if to := r.header.Get("Location"); to != "/sign-in?why="+step.ended || !strings.Contains(b.get(to).body, step.says) {
			t.Errorf("after %s it leads to %s, which does not say %q", step.act, to, step.says)
		}
		if signsIn := s.browser(t).try("okafor", password, "").status == http.StatusSeeOther; signsIn != (step.act == "roles") {
			t.Errorf("after %s okafor signs in with the old password: %v", step.act, signsIn)
		}
	}
}

func TestNobodyChangesTheirOwnAccountOrOneThatIsGone(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	withEveryRole(t, s)
	admin := s.signedIn(t, "admin")
	for _, act := range []string{"roles", "password", "disable", "enable", "remove"} {
		if r := admin.post("/accounts/account-of-admin/"+act, url.Values{"role": {"auditor"}}); r.status != http.StatusConflict {
			t.Errorf("%s of one's own: %d", act, r.status)
		}
		if r := admin.post("/accounts/none/"+act, url.Values{"role": {"auditor"}}); r.status != http.StatusNotFound {
			t.Errorf("%s of nobody: %d", act, r.status)
		}
	}
	if r := admin.get("/accounts"); r.status != http.StatusOK {
		t.Errorf("the administrator is out: %d", r.status)
	}
}

func TestAnAuditorReadsWhoDidWhatAndSeesNoPicture(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	withEveryRole(t, s)
	id := s.send(t, checkintest.Genuine(noon))
	brandt := s.signedIn(t, "brandt")
	brandt.get("/visitor/" + id)
	brandt.get("/visitor/" + id + "/file/0")
	brandt.post("/visitor/"+id+"/call", url.Values{})
	auditor := s.signedIn(t, "auditor")
	page := auditor.get("/log")
	for _, want := range []string{"02.03.2026, 12:00:00", "Jana Brandt", "geöffnet", "aufgerufen", "A-1", id, "document-1-page-1-visible", "@auditor"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	for _, secret := range []string{"Eriksson", "L898902C3", "<img src=\"/visitor", `href="/visitor`} {
		if strings.Contains(page.body, secret) {
			t.Errorf("the log says %q", secret)
		}
	}
	for name, c := range map[string]struct {
		form url.Values
		rows int
	}{
		"by ticket":      {url.Values{"check-in": {" A-1 "}}, 3},
		"by action":      {url.Values{"check-in": {id}, "action": {"called"}}, 1},
		"by who":         {url.Values{"who": {"@auditor"}}, 1},
		"by day":         {url.Values{"day": {"2026-03-02"}, "check-in": {id}}, 3},
		"by another day": {url.Values{"day": {"2026-03-03"}}, 0},
		"by nonsense":    {url.Values{"who": {"<script>"}}, 0},
	} {
		r := auditor.post("/log", c.form)
		if got := strings.Count(r.body, "<tr><td>"); r.status != http.StatusOK || got != c.rows {
			t.Errorf("%s: status %d, %d rows, want %d", name, r.status, got, c.rows)
		}
	}
	for _, form := range []url.Values{{"day": {"yesterday"}}, {"before": {"-1"}}, {"before": {"x"}}} {
		if r := auditor.post("/log", form); r.status != http.StatusBadRequest {
			t.Errorf("%v: %d", form, r.status)
		}
	}
}

func TestTheLogGoesOnPageByPage(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	withEveryRole(t, s)
	const entries = 120
	for n := range entries {
		e := store.Entry{At: noon.Add(time.Duration(n) * time.Second), Name: "yilmaz", Action: store.ActionConfirmed}
		if err := s.Store.Audit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	auditor := s.signedIn(t, "auditor")
	older := regexp.MustCompile(`name="before" value="([0-9]+)"`)
	form, rows := url.Values{"who": {"yilmaz"}}, []int{}
	for {
		r := auditor.post("/log", form)
		rows = append(rows, strings.Count(r.body, "<tr><td>"))
		next := older.FindStringSubmatch(r.body)
		if next == nil || len(rows) > 5 {
			break
		}
		form.Set("before", next[1])
	}
	if !slices.Equal(rows, []int{50, 50, 20}) {
		t.Errorf("the pages have %v rows", rows)
	}
}

// A form that answers with a page, and not with a way on, is carried out once, and what it says is seen.
func TestAnAdministratorSeesTheNewPasswordInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := chrome(t)
	s := open(t, time.Now)
	withEveryRole(t, s)
	browsertest.Do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("admin"), chromedp.Navigate(s.url+"/accounts"), chromedp.WaitVisible(`input[name="name"]`, chromedp.ByQuery))
	var password string
	browsertest.Do(t, ctx, "add an account", chromedp.SendKeys(`form[action="/accounts"] input[name="name"]`, "review", chromedp.ByQuery), chromedp.Click(`form[action="/accounts"] input[value="auditor"]`, chromedp.ByQuery),
		press(`form[action="/accounts"] button`), chromedp.Text("#password", &password, chromedp.ByQuery))
	if b := s.browser(t); b.try("review", password, "").status != http.StatusSeeOther {
		t.Errorf("with the password that is shown, %q, nobody signs in", password)
	}
	if log, err := s.Store.Log(t.Context(), store.LogFilter{Name: "@admin", Action: store.ActionAccountAdded}, 9); err != nil || len(log) != 1 {
		t.Errorf("it was added %d times, %v", len(log), err)
	}
}
