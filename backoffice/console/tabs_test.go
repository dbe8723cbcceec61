package console_test

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/foyer-station/foyer/backoffice/console"
	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/emulate/specimen"
)

// tab opens another tab of the same browser.
func tab(t *testing.T, ctx context.Context) context.Context {
	t.Helper()
	other, end := chromedp.NewContext(ctx)
	t.Cleanup(end)
	browsertest.Do(t, other, "open a tab", chromedp.EmulateViewport(1280, 800))
	return other
}

const isLive = `#link[data-state="live"]`

// eventually evaluates a script until it gives a text that will do. A page that is being left cannot be asked, and is
// asked again.
func eventually(t *testing.T, ctx context.Context, what, script string, will func(text string) bool) string {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		var text string
		err := chromedp.Run(ctx, chromedp.Evaluate(script, &text))
		if err == nil && will(text) {
			return text
		}
		if ctx.Err() != nil || time.Since(begun) > time.Minute {
			t.Fatalf("%s: %v; it is %.2000s", what, err, text)
		}
	}
}

// says waits until the page says a text, and gives all that it says then.
func says(t *testing.T, ctx context.Context, text string) string {
	t.Helper()
	return eventually(t, ctx, text, `document.body?.innerText ?? ""`, func(all string) bool { return strings.Contains(all, text) })
}

// nothingOf fails if a page that is there says or holds anything of the visitor.
func nothingOf(t *testing.T, ctx context.Context, what, surname string) {
	t.Helper()
	all := eventually(t, ctx, what, `document.readyState === "complete" ? document.documentElement.outerHTML : ""`, func(all string) bool { return all != "" })
	if strings.Contains(strings.ToLower(all), strings.ToLower(surname)) {
		t.Errorf("%s still holds %q", what, surname)
	}
	for _, secret := range []string{"A-1", "/file/"} { // in small letters the ticket may stand in an id, by chance
		if strings.Contains(all, secret) {
			t.Errorf("%s still holds %q", what, secret)
		}
	}
}

func TestSigningOutInOneTabBlanksTheOthersInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := chrome(t)
	s := open(t, time.Now)
	c := utopian(t, "lindqvist", specimen.Genuine, checkintest.Genuine(time.Now().Add(-4*time.Minute)))
	id := s.send(t, c)
	surname := c.Record.Persons[0].Surname
	visitor := s.url + "/visitor/" + id
	browsertest.Do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("brandt"))

	file, picture1, before := tab(t, ctx), tab(t, ctx), tab(t, ctx)
	browsertest.Do(t, file, "a visitor's file", chromedp.Navigate(visitor), chromedp.WaitVisible(isLive))
	browsertest.Do(t, picture1, "a picture as the browser opens one by itself", chromedp.Navigate(visitor+"/file/0"), chromedp.WaitVisible(isLive), chromedp.WaitVisible("main.picture img"))
	picture(t, picture1, "1-picture", false)
	browsertest.Do(t, before, "a file that was left", chromedp.Navigate(visitor), chromedp.WaitVisible(isLive), chromedp.Navigate(s.url), chromedp.WaitVisible(isLive))
	if all := says(t, file, surname); !strings.Contains(all, surname) {
		t.Fatalf("the file does not name %s", surname)
	}

	begun := time.Now()
	browsertest.Do(t, ctx, "sign out", press(`form[action="/sign-out"] button`))
	for what, page := range map[string]context.Context{"the file": file, "the picture": picture1, "the other list": before, "the tab that signed out": ctx} {
		says(t, page, "Sie haben sich abgemeldet.")
		nothingOf(t, page, what, surname)
	}
	t.Logf("all tabs were blank %v after the click", time.Since(begun).Round(time.Millisecond))
	picture(t, file, "2-blank", false)
	for what, page := range map[string]context.Context{"back to the file": before, "back from the picture": picture1, "back in the first tab": ctx} {
		browsertest.Do(t, page, what, chromedp.Evaluate(`setTimeout(() => { document.title = "before"; history.back(); }, 0)`, nil))
		eventually(t, page, what, `document.title`, func(title string) bool { return title != "before" })
		nothingOf(t, page, what, surname)
	}
}

func TestAnIdleTabLocksItselfInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := chrome(t)
	clock := &clock{at: time.Now()}
	s := openAs(t, clock.now, setup{Settings: console.Settings{Beat: 500 * time.Millisecond}})
	c := utopian(t, "lindqvist", specimen.Genuine, checkintest.Genuine(time.Now().Add(-4*time.Minute)))
	id := s.send(t, c)
	browsertest.Do(t, ctx, "open a file", chromedp.Navigate(s.url), signInAs("brandt"), chromedp.Navigate(s.url+"/visitor/"+id), chromedp.WaitVisible(isLive))
	clock.pass(console.UsualIdle - 50*time.Second)
	browsertest.Do(t, ctx, "the warning", chromedp.WaitVisible("#warning"))
	picture(t, ctx, "1-warning", false)
	browsertest.Do(t, ctx, "a key", chromedp.KeyEvent(kb.Shift), chromedp.WaitNotVisible("#warning"))
	clock.pass(console.UsualIdle - 50*time.Second)
	browsertest.Do(t, ctx, "the next warning", chromedp.WaitVisible("#warning"))
	clock.pass(50 * time.Second)
	says(t, ctx, "länger nicht benutzt")
	nothingOf(t, ctx, "the locked page", c.Record.Persons[0].Surname)
	picture(t, ctx, "2-locked", false)
}

func TestEightTabsAllOpenOverHTTP1InTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := chrome(t)
	s := open(t, time.Now)
	browsertest.Do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("brandt"))
	for range 6 {
		browsertest.Do(t, tab(t, ctx), "another", chromedp.Navigate(s.url), chromedp.WaitVisible(isLive))
	}
	last := tab(t, ctx)
	browsertest.Do(t, last, "the last", chromedp.Navigate(s.url), chromedp.WaitVisible(isLive))
	says(t, ctx, "Diese wurde zur Seite gelegt")
	picture(t, ctx, "1-aside", false)
	browsertest.Do(t, ctx, "show again", press(`[data-why="aside"] a`), chromedp.WaitVisible(isLive))
	c := checkintest.Genuine(time.Now())
	s.send(t, c)
	browsertest.Do(t, last, "somebody comes", chromedp.WaitVisible("#call-"+c.ID))
}

func TestATabThatIsCutOffGoesBlankInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := patientChrome(t)
	opened := time.Now() // by the console's clock, which stands still: the session does not end, however long it takes to open a file
	s := openAs(t, func() time.Time { return opened }, setup{Settings: console.Settings{Idle: 6 * time.Second, Beat: 500 * time.Millisecond}})
	c := utopian(t, "lindqvist", specimen.Genuine, checkintest.Genuine(time.Now().Add(-4*time.Minute)))
	id := s.send(t, c)
	browsertest.Do(t, ctx, "open a file", chromedp.Navigate(s.url), signInAs("brandt"), chromedp.Navigate(s.url+"/visitor/"+id), chromedp.WaitVisible(isLive))
	s.end()
	says(t, ctx, "zu lange nicht erreichbar")
	nothingOf(t, ctx, "the page", c.Record.Persons[0].Surname)
	picture(t, ctx, "1-unreachable", false)
}

func TestATabThatWasCutOffWhenItsSessionEndedGoesBlankInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := patientChrome(t)
	s := open(t, time.Now)
	c := utopian(t, "lindqvist", specimen.Genuine, checkintest.Genuine(time.Now().Add(-4*time.Minute)))
	id := s.send(t, c)
	browsertest.Do(t, ctx, "open a file", chromedp.Navigate(s.url), signInAs("brandt"), chromedp.Navigate(s.url+"/visitor/"+id), chromedp.WaitVisible(isLive))
	s.end()
	err := <-s.ended
	s.ended <- err
	browsertest.Do(t, ctx, "the connection is lost", chromedp.WaitVisible(`#link[data-state="lost"]`))
	hash, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.SetPassword(t.Context(), "brandt", hash); err != nil {
		t.Fatal(err)
	}
	s.again(t)
	says(t, ctx, "ein neues Passwort gesetzt")
	nothingOf(t, ctx, "the page", c.Record.Persons[0].Surname)
}

// again serves the site's store by a new console at the same address, as after a restart.
func (s *site) again(t *testing.T) {
	t.Helper()
	var err error
	if s.console, err = console.New(s.Office, s.Store, s.Vault, console.Settings{}, time.Now, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	s.serveOn(t, listener, nil)
}

func TestALivePageOverTLSIsNeverLostInTheBrowser(t *testing.T) {
	ctx := chrome(t)
	s := openAs(t, time.Now, setup{tls: certified(t)})
	browsertest.Do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("brandt"), chromedp.Evaluate(`
		window.states = [];
		new MutationObserver(() => states.push(document.getElementById("link").dataset.state))
			.observe(document.getElementById("link"), { attributes: true, attributeFilter: ["data-state"] });
		window.protocol = performance.getEntriesByType("navigation")[0].nextHopProtocol`, nil))
	begun := time.Now()
	t.Parallel() // the minute passes while the others are tested
	var states []string
	var protocol string
	browsertest.Do(t, ctx, "a minute and some", chromedp.Sleep(time.Until(begun.Add(65*time.Second))), chromedp.Evaluate(`states.filter((s) => s !== "live")`, &states),
		chromedp.Evaluate(`protocol`, &protocol))
	if len(states) > 0 || protocol != "h2" {
		t.Errorf("over %s the page was %v", protocol, states)
	}
	c := checkintest.Genuine(time.Now())
	s.send(t, c)
	browsertest.Do(t, ctx, "then somebody comes", chromedp.WaitVisible("#call-"+c.ID))
	if kept, _, err := s.Store.CheckIn(t.Context(), c.ID); err != nil || kept.State != store.Waiting {
		t.Errorf("the visitor is %s, %v", kept.State, err)
	}
}
