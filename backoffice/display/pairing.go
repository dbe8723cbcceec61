package display

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

const (
	// By the prefix __Host- (RFC 6265bis, 4.1.3.2) a browser takes the cookie from this host alone.
	tokenCookie = "__Host-display"
	tokenTime   = 400 * 24 * time.Hour // the longest that RFC 6265bis, 5.5 lets a cookie live; it begins anew whenever the page is loaded
	codeLength  = 16                   // characters of base32: 80 bits
)

// CodeTime is how long a new code pairs a display.
const CodeTime = 24 * time.Hour

// NewCode makes a code that pairs one display once, and the hash by which the store knows it.
func NewCode() (code string, codeSHA256 []byte) {
	text := rand.Text()[:codeLength]
	sum := sha256.Sum256([]byte(text))
	return strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:]}, "-"), sum[:]
}

// plainCode is a code however it was typed.
func plainCode(typed string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(typed))
}

// pairingPage asks for a code.
type pairingPage struct {
	Office string
	Wrong  bool // the last code was none
}

// display is the one whose token came with a request; store.ErrNotFound when it is no display's, any more.
func (d *Displays) display(r *http.Request) (store.Display, error) {
	cookie, err := r.Cookie(tokenCookie)
	if err != nil {
		return store.Display{}, store.ErrNotFound
	}
	sum := sha256.Sum256([]byte(cookie.Value))
	return d.store.Display(r.Context(), sum[:])
}

func (d *Displays) showPairing(w http.ResponseWriter, r *http.Request) {
	_, err := d.display(r)
	switch {
	case err == nil:
		http.Redirect(w, r, "/", http.StatusSeeOther) // a display that always starts with its pairing link
	case errors.Is(err, store.ErrNotFound):
		d.render(w, http.StatusOK, "pair", pairingPage{Office: d.office.Name})
	default:
		d.fail(w, err)
	}
}

// pair takes a code, in a form and never in an address, and gives the browser a token for it.
func (d *Displays) pair(w http.ResponseWriter, r *http.Request) {
	if !d.pairing.AllowN(d.now(), 1) {
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many tries", http.StatusTooManyRequests)
		return
	}
	code, token := plainCode(r.PostFormValue("code")), rand.Text()
	codeSum, tokenSum := sha256.Sum256([]byte(code)), sha256.Sum256([]byte(token))
	paired, err := d.store.PairDisplay(r.Context(), codeSum[:], tokenSum[:], d.now())
	if errors.Is(err, store.ErrNotFound) {
		d.render(w, http.StatusForbidden, "pair", pairingPage{d.office.Name, true})
		return
	}
	if err != nil {
		d.fail(w, err)
		return
	}
	d.log.Info("a display was paired", "display", paired.Name)
	keep(w, token)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// keep has the browser keep its token.
func keep(w http.ResponseWriter, token string) {
	http.SetCookie(w, &http.Cookie{
		Name: tokenCookie, Value: token, Path: "/", MaxAge: int(tokenTime.Seconds()),
		HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode,
	})
}
