package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

const (
	sessionCookie  = "session"
	languageCookie = "language"
	sessionTime    = 10 * time.Hour // a working day
)

// viewer is who looks at a page, and in which language.
type viewer struct {
	office.Caseworker
	Language string
}

// signedIn lets only signed-in staff pass. A page leads others to the sign-in; anything that a page loads by itself gets
// 401.
func (c *Console) signedIn(next func(http.ResponseWriter, *http.Request, viewer)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := c.session(r)
		switch {
		case err == nil:
			next(w, r, who)
		case !errors.Is(err, store.ErrNotFound):
			c.fail(w, err)
		case strings.Contains(r.Header.Get("Accept"), "text/html"):
			http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		default:
			http.Error(w, "sign in first", http.StatusUnauthorized)
		}
	}
}

// session is who sent the request; store.ErrNotFound when nobody is signed in, or the office has no such caseworker any
// more.
func (c *Console) session(r *http.Request) (viewer, error) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return viewer{}, store.ErrNotFound
	}
	name, err := c.store.Session(r.Context(), hash(cookie.Value), c.now())
	if err != nil {
		return viewer{}, err
	}
	caseworker, ok := c.office.Caseworker(name)
	if !ok {
		return viewer{}, store.ErrNotFound
	}
	return viewer{caseworker, language(r)}, nil
}

type signInPage struct {
	frame
	Name   string
	Wrong  bool
	Locked bool
}

func (c *Console) showSignIn(w http.ResponseWriter, r *http.Request) {
	c.render(w, http.StatusOK, "sign-in", signInPage{frame: c.frame(r, viewer{Language: language(r)})})
}

func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	name, password := r.PostFormValue("name"), r.PostFormValue("password")
	page := signInPage{frame: c.frame(r, viewer{Language: language(r)}), Name: name}
	address, _, _ := net.SplitHostPort(r.RemoteAddr)
	keys := []string{"name " + name, "address " + address}
	for _, key := range keys {
		if wait := c.throttle.Wait(key, c.now()); wait > 0 {
			page.Locked = true
			c.render(w, http.StatusTooManyRequests, "sign-in", page)
			return
		}
	}
	ok, err := c.matches(r.Context(), name, password)
	if err != nil {
		c.fail(w, err)
		return
	}
	if !ok {
		for _, key := range keys {
			c.throttle.Failed(key, c.now())
		}
		page.Wrong = true
		c.render(w, http.StatusUnauthorized, "sign-in", page)
		return
	}
	c.throttle.Succeeded(keys[0])
	c.beginSession(w, r, name)
}

// matches says whether the password is name's. A name that does not exist takes as long as one that does.
func (c *Console) matches(ctx context.Context, name, password string) (bool, error) {
	kept, err := c.store.PasswordHash(ctx, name)
	unknown := errors.Is(err, store.ErrNotFound)
	if err != nil && !unknown {
		return false, err
	}
	if unknown {
		kept = c.nobody
	}
	select {
	case c.hashing <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	defer func() { <-c.hashing }()
	_, known := c.office.Caseworker(name)
	return staff.Matches(kept, password) && !unknown && known, nil
}

func (c *Console) beginSession(w http.ResponseWriter, r *http.Request, name string) {
	token := rand.Text()
	now := c.now()
	if err := c.store.BeginSession(r.Context(), hash(token), name, now, now.Add(sessionTime)); err != nil {
		c.fail(w, err)
		return
	}
	setCookie(w, sessionCookie, token, sessionTime)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (c *Console) signOut(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(sessionCookie); err == nil {
		if err := c.store.EndSession(r.Context(), hash(cookie.Value)); err != nil {
			c.fail(w, err)
			return
		}
	}
	setCookie(w, sessionCookie, "", -1)
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

func (c *Console) chooseLanguage(w http.ResponseWriter, r *http.Request) {
	tag := r.PostFormValue("language")
	if !c.pages.speaks(tag) {
		http.Error(w, "unknown language", http.StatusBadRequest)
		return
	}
	setCookie(w, languageCookie, tag, 365*24*time.Hour)
	http.Redirect(w, r, localPath(r.PostFormValue("path")), http.StatusSeeOther)
}

// localPath keeps a redirect on this site.
func localPath(path string) string {
	if len(path) > 1 && path[0] == '/' && path[1] != '/' && path[1] != '\\' {
		return path
	}
	return "/"
}

func language(r *http.Request) string {
	if cookie, err := r.Cookie(languageCookie); err == nil && cookie.Value == "en" {
		return "en"
	}
	return "de"
}

func setCookie(w http.ResponseWriter, name, value string, lives time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(lives.Seconds()),
		HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode,
	})
}

func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
