package console

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

// By the prefix __Host- (RFC 6265bis, 4.1.3.2) a browser takes a cookie from this host alone, not from a neighbour of its
// domain who would plant one.
const (
	sessionCookie  = "__Host-session"
	browserCookie  = "__Host-browser"
	languageCookie = "__Host-language"
)

const (
	sessionTime = 10 * time.Hour // a working day
	browserTime = 90 * 24 * time.Hour
)

// endedByOffice is the ending of a session whose caseworker is not in the office file any more.
const endedByOffice store.Ending = "office"

// nobody is the error for a request without a session that lives, and says why it ended; empty where there was none.
type nobody struct{ why store.Ending }

// Error leaves the reason to the page that is shown.
func (nobody) Error() string { return "nobody is signed in" }

// viewer is who looks at a page, and in which language. Of an account that belongs to no caseworker the ID is its Actor, which is
// no caseworker's, and the name is the one to sign in with.
type viewer struct {
	office.Caseworker
	Language string
	account  store.Account
	partial  bool              // a second factor is still to be shown, or to be set up, before anything else
	token    [sha256.Size]byte // of the session, hashed
	left     time.Duration     // until the session ends unless its holder does something
}

// may says whether a viewer has a permission.
func (c *Console) may(v viewer, p staff.Permission) bool {
	return !v.partial && staff.May(v.account.Roles, p)
}

// working lets only signed-in staff pass, and takes the request for a sign that its sender is there.
func (c *Console) working(next handler) http.HandlerFunc {
	return c.watching(func(w http.ResponseWriter, r *http.Request, v viewer) {
		// To the second is near enough, and spares the database the pictures of a page.
		if c.idle-v.left >= time.Second {
			if err := c.store.Seen(r.Context(), v.token[:], c.now()); err != nil && r.Context().Err() == nil {
				c.log.Error("console session could not be extended", "error", err) // a full disk takes nobody's queue away
			}
		}
		next(w, r, v)
	})
}

// watching lets only signed-in staff pass. A page leads others to the sign-in; anything that a page loads by itself gets
// 401 and the ending.
func (c *Console) watching(next handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page := "/" // to come back to
		if r.Method == http.MethodGet {
			page = r.URL.Path
		}
		who, err := c.session(r)
		ended, isNobody := errors.AsType[nobody](err)
		switch {
		case err == nil:
			next(w, r, who)
		case !isNobody:
			c.fail(w, err)
		case strings.Contains(r.Header.Get("Accept"), "text/html"):
			http.Redirect(w, r, signInAfter(ended.why, page), http.StatusSeeOther)
		default:
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.WriteHeader(http.StatusUnauthorized)
			w.Write([]byte(ended.why))
		}
	}
}

// signInAfter is the sign-in, which says why a session ended. It leads back to a page only where the same person is likely to come
// back: whoever signs out leaves nothing of a visitor behind for the next.
func signInAfter(why store.Ending, page string) string {
	if why == "" {
		return "/sign-in"
	}
	query := url.Values{"why": {string(why)}}
	if page != "/" && (why == store.EndedByIdling || why == store.EndedByTime) {
		query.Set("to", page)
	}
	return "/sign-in?" + query.Encode()
}

// session is who sent the request, or nobody.
func (c *Console) session(r *http.Request) (viewer, error) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return viewer{}, nobody{}
	}
	token := hash(cookie.Value)
	now := c.now()
	found, err := c.store.Session(r.Context(), token[:])
	if errors.Is(err, store.ErrNotFound) {
		return viewer{}, nobody{}
	}
	if err != nil {
		return viewer{}, err
	}
	if why := found.Ending(now, c.idle); why != "" {
		return viewer{}, nobody{why}
	}
	who, ok := c.holder(found.Account)
	if !ok {
		return viewer{}, nobody{endedByOffice}
	}
	partial := found.Proof == "" && c.needsFactor(found.Account)
	return viewer{who, language(r), found.Account, partial, token, c.idle - now.Sub(found.Seen)}, nil
}

// holder is whose account it is; none where that is a caseworker whom the office file does not have any more.
func (c *Console) holder(a store.Account) (office.Caseworker, bool) {
	if a.Caseworker == "" {
		return office.Caseworker{ID: a.Actor(), Name: a.Name}, true
	}
	return c.office.Caseworker(a.Caseworker)
}

// stay is what a page sends while somebody works with it, so that reading a long file is no idling.
func (c *Console) stay(w http.ResponseWriter, _ *http.Request, _ viewer) {
	w.WriteHeader(http.StatusNoContent)
}

func (c *Console) signOut(w http.ResponseWriter, r *http.Request) {
	if err := c.endSession(r, store.EndedBySigningOut); err != nil {
		c.fail(w, err)
		return
	}
	http.SetCookie(w, cookie(sessionCookie, "", -time.Second))
	http.Redirect(w, r, "/sign-in?why="+string(store.EndedBySigningOut), http.StatusSeeOther)
}

// endSession ends the session of a request, if there is one, on each of its open pages.
func (c *Console) endSession(r *http.Request, why store.Ending) error {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	token := hash(cookie.Value)
	if err := c.store.EndSession(r.Context(), token[:], why); err != nil {
		return err
	}
	c.watchers.wake(token)
	return nil
}

func cookie(name, value string, lives time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(lives.Seconds()),
		HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode,
	}
}

func hash(token string) [sha256.Size]byte { return sha256.Sum256([]byte(token)) }
