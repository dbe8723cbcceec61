package console

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice/client"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

const (
	// hashTime is how long a sign-in waits for its password to be looked at before it is asked to come again.
	hashTime = 5 * time.Second
	// maxName is longer than the name of anybody; what is longer is one name to the throttle.
	maxName = 40
)

// errBusy says that too many sign in at once.
var errBusy = errors.New("too many passwords to check at once")

type signInPage struct {
	frame
	Name   string
	To     string // the page to go to
	Notice string // key of a text; empty for none
	Wait   int    // seconds until another try; 0 for none
	Bad    bool   // the notice tells of a failure
}

// AtPassword says that the password is what has to be typed: the name stands there already.
func (p signInPage) AtPassword() bool { return p.Name != "" }

func (c *Console) showSignIn(w http.ResponseWriter, r *http.Request) {
	page := signInPage{frame: c.frame(r, viewer{Language: language(r)}), To: localPath(r.URL.Query().Get("to"))}
	if why := store.Ending(r.URL.Query().Get("why")); slices.Contains(endings(), why) {
		page.Notice = "ended." + string(why)
	}
	c.render(w, http.StatusOK, "sign-in", page)
}

func endings() []store.Ending {
	return []store.Ending{
		store.EndedBySigningOut, store.EndedByAnother, store.EndedByPassword, store.EndedByIdling, store.EndedByTime,
		store.EndedByRoles, store.EndedByDisabling, store.EndedByReset, store.EndedByRemoval, endedByOffice,
	}
}

// signIn takes a try before it looks at the password: of tries that come together none is free.
func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	caller, err := c.caller(r)
	if err != nil {
		c.fail(w, err)
		return
	}
	try, wait := c.throttle.Reserve(caller, c.now())
	if try == nil {
		c.refuse(w, r, http.StatusTooManyRequests, "signin.locked", caller, wait)
		return
	}
	matched, err := c.matches(r.Context(), caller, r.PostFormValue("password"))
	switch {
	case errors.Is(err, errBusy):
		try.Return()
		c.refuse(w, r, http.StatusServiceUnavailable, "signin.busy", caller, hashTime)
	case err != nil:
		try.Return()
		c.fail(w, err)
	case matched == "":
		c.refuse(w, r, http.StatusUnauthorized, "signin.wrong", caller, 0)
	default:
		try.Succeeded()
		c.beginSession(w, r, caller, matched)
	}
}

// caller is who tries to sign in. Names have no capital letters; keyboards of telephones begin with one.
func (c *Console) caller(r *http.Request) (staff.Caller, error) {
	name := strings.ToLower(strings.TrimSpace(r.PostFormValue("name")))
	if len(name) > maxName {
		name = ""
	}
	caller := staff.Caller{Name: name, Client: client.Of(r, c.trusted)}
	former, err := r.Cookie(browserCookie)
	if err != nil {
		return caller, nil
	}
	token := hash(former.Value)
	id, err := c.store.KnownBrowser(r.Context(), token[:], name, c.now())
	caller.Browser = string(id)
	return caller, err
}

// refuse shows the sign-in again and says why. The log gets neither the name, which may be a password in the wrong field,
// nor the address: a mark that is the same for the same client until the next start tells one guesser from many.
func (c *Console) refuse(w http.ResponseWriter, r *http.Request, status int, notice string, caller staff.Caller, wait time.Duration) {
	_, err := c.store.Account(r.Context(), caller.Name)
	c.refused.Warn(c.log, "sign-in refused", "status", status, "account", err == nil, "known_browser", caller.Browser != "", "client", c.mark(caller.Client))
	page := signInPage{frame: c.frame(r, viewer{Language: language(r)}), Name: r.PostFormValue("name"), To: localPath(r.PostFormValue("to")), Notice: notice, Bad: true}
	if wait > 0 {
		page.Wait = int(math.Ceil(wait.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(page.Wait))
	}
	c.render(w, status, "sign-in", page)
}

func (c *Console) mark(client netip.Prefix) string {
	mac := hmac.New(sha256.New, c.marking[:])
	mac.Write([]byte(client.String()))
	return hex.EncodeToString(mac.Sum(nil)[:4])
}

// matches gives the hash that the password matched, or nothing. A name that does not exist takes as long as one that does.
func (c *Console) matches(ctx context.Context, caller staff.Caller, password string) (string, error) {
	kept, err := c.store.PasswordHash(ctx, caller.Name)
	unknown := errors.Is(err, store.ErrNotFound)
	if err != nil && !unknown {
		return "", err
	}
	if unknown {
		kept = c.nobody
	}
	// A flood of strangers does not stand in front of staff before browsers of theirs.
	hashing := c.hashing.strangers
	if caller.Browser != "" {
		hashing = c.hashing.known
	}
	waiting, cancel := context.WithTimeout(ctx, hashTime)
	defer cancel()
	select {
	case hashing <- struct{}{}:
	case <-waiting.Done():
		return "", errBusy
	}
	defer func() { <-hashing }()
	if !staff.Matches(kept, password) || unknown {
		return "", nil
	}
	account, err := c.store.Account(ctx, caller.Name)
	if _, here := c.holder(account); err != nil || !here {
		return "", err
	}
	return kept, nil
}

// beginSession begins a session under a token of its own, in place of the one that the browser had, and makes the browser
// known.
func (c *Console) beginSession(w http.ResponseWriter, r *http.Request, caller staff.Caller, passwordHash string) {
	now := c.now()
	session, browser := rand.Text(), rand.Text()
	sessionHash, browserHash, former := hash(session), hash(browser), [sha256.Size]byte{}
	if before, err := r.Cookie(browserCookie); err == nil {
		former = hash(before.Value)
	}
	err := c.endSession(r, store.EndedByAnother)
	if err == nil {
		err = c.store.BeginSession(r.Context(), sessionHash[:], caller.Name, passwordHash, now, now.Add(sessionTime))
	}
	if errors.Is(err, store.ErrNotFound) { // the password was changed meanwhile
		c.refuse(w, r, http.StatusUnauthorized, "signin.wrong", caller, 0)
		return
	}
	if err == nil {
		err = c.store.RememberBrowser(r.Context(), former[:], browserHash[:], caller.Name, now, now.Add(browserTime))
	}
	if err != nil {
		c.fail(w, err)
		return
	}
	http.SetCookie(w, cookie(sessionCookie, session, sessionTime))
	http.SetCookie(w, cookie(browserCookie, browser, browserTime))
	http.Redirect(w, r, localPath(r.PostFormValue("to")), http.StatusSeeOther)
}

func (c *Console) chooseLanguage(w http.ResponseWriter, r *http.Request) {
	tag := r.PostFormValue("language")
	if !c.pages.speaks(tag) {
		http.Error(w, "unknown language", http.StatusBadRequest)
		return
	}
	http.SetCookie(w, cookie(languageCookie, tag, 365*24*time.Hour))
	http.Redirect(w, r, localPath(r.PostFormValue("path")), http.StatusSeeOther)
}

// localPath keeps a redirect on this site. It is written anew, since browsers take a backslash for a slash and leave out
// tabs and line breaks.
func localPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/") {
		return "/"
	}
	return (&url.URL{Path: path.Clean(u.Path)}).EscapedPath()
}

func language(r *http.Request) string {
	if cookie, err := r.Cookie(languageCookie); err == nil && cookie.Value == "en" {
		return "en"
	}
	return "de"
}
