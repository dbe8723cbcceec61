package console

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"

	"github.com/foyer-station/foyer/backoffice/client"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

// needsFactor says whether the password alone does not sign in the holder of an account.
func (c *Console) needsFactor(a store.Account) bool {
	return a.SecondFactor || slices.ContainsFunc(a.Roles, func(r staff.Role) bool { return slices.Contains(c.factors, r) })
}

// Partial says that a second factor is still missing.
func (v viewer) Partial() bool { return v.partial }

type codePage struct {
	frame
	To       string // the page to go to
	Notice   string // key of a text; empty for none
	Wait     int    // seconds until another try; 0 for none
	Codes    bool   // there is a secret, or a recovery code is left
	Passkeys int    // passkeys
}

type setupPage struct {
	frame
	To, Notice string
	Has        bool // a second factor, which a new one replaces
	Recovery   int  // recovery codes that are left
	Passkeys   int  // passkeys
	CanAdd     bool // a passkey, as far as the server is concerned
	Secret     string
	Sealed     string // the secret, for this account alone, until a code of it comes back
	QR         qrCode
}

type donePage struct {
	frame
	To    string
	Codes []string // shown now and never again
}

// qrCode is a QR code as a path of squares.
type qrCode struct {
	Path string
	Side int // with the quiet zone of four modules (ISO/IEC 18004, 6.3.8)
}

func drawQR(text string) (qrCode, error) {
	const quiet = 4
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return qrCode{}, fmt.Errorf("draw QR code: %w", err)
	}
	var path strings.Builder
	side := code.Bounds().Dx()
	for y := range side {
		for x := range side {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return qrCode{path.String(), side + 2*quiet}, nil
}

// showFactor asks for the second factor where one is to be shown, and offers one to be set up otherwise.
func (c *Console) showFactor(w http.ResponseWriter, r *http.Request, v viewer) {
	to := localPath(r.URL.Query().Get("to"))
	switch {
	case c.sealer == nil && !v.partial:
		http.NotFound(w, r)
	case c.sealer == nil:
		c.fail(w, errors.New("an account needs a second factor, and there is no key to seal one under"))
	case v.partial && v.account.SecondFactor:
		c.askFactor(w, r, v, http.StatusOK, codePage{To: to})
	default:
		c.offerSecret(w, r, v, http.StatusOK, setupPage{To: to, Secret: staff.NewSecret()})
	}
}

// askFactor asks for a second factor that the viewer has.
func (c *Console) askFactor(w http.ResponseWriter, r *http.Request, v viewer, status int, p codePage) {
	factors, err := c.store.Factors(r.Context(), v.account.ID)
	if err != nil {
		c.fail(w, err)
		return
	}
	if c.party != nil {
		keys, err := c.store.Passkeys(r.Context(), v.account.ID)
		if err != nil {
			c.fail(w, err)
			return
		}
		p.Passkeys = len(keys)
	}
	p.frame, p.Codes = c.frame(r, v), factors.Secret != nil || factors.Recovery > 0
	p.Path = "/second-factor"
	c.render(w, status, "factor-code", p)
}

// offerSecret shows a secret to be put into an authenticator.
func (c *Console) offerSecret(w http.ResponseWriter, r *http.Request, v viewer, status int, p setupPage) {
	factors, err := c.store.Factors(r.Context(), v.account.ID)
	if err != nil {
		c.fail(w, err)
		return
	}
	sealed, err := c.sealer.Seal(v.account.ID, p.Secret)
	if err != nil {
		c.fail(w, err)
		return
	}
	url, err := staff.SecretURL(c.office.Name, v.account.Name, p.Secret)
	if err == nil {
		p.QR, err = drawQR(url)
	}
	if err != nil {
		c.fail(w, err)
		return
	}
	keys, err := c.store.Passkeys(r.Context(), v.account.ID)
	if err != nil {
		c.fail(w, err)
		return
	}
	p.Passkeys, p.CanAdd = len(keys), c.party != nil
	p.frame, p.Has, p.Recovery, p.Sealed = c.frame(r, v), factors.Secret != nil, factors.Recovery, base64.StdEncoding.EncodeToString(sealed)
	p.Path = "/second-factor"
	c.render(w, status, "factor-setup", p)
}

// setSecret gives the viewer's account the secret that was shown, once a code proves that an authenticator has it. Who still has to show
// a second factor cannot replace it.
func (c *Console) setSecret(w http.ResponseWriter, r *http.Request, v viewer) {
	if c.sealer == nil || v.partial && v.account.SecondFactor {
		http.Error(w, "a second factor is missing", http.StatusForbidden)
		return
	}
	sealed, err := base64.StdEncoding.DecodeString(r.PostFormValue("sealed"))
	if err != nil {
		http.Error(w, "sealed is not what the page says", http.StatusBadRequest)
		return
	}
	secret, err := c.sealer.Open(v.account.ID, sealed)
	if err != nil {
		http.Error(w, "sealed is not what the page says", http.StatusBadRequest)
		return
	}
	to := localPath(r.PostFormValue("to"))
	code, _ := staff.IsCode(r.PostFormValue("code"))
	step, ok := staff.StepOf(secret, code, c.now())
	if !ok {
		c.offerSecret(w, r, v, http.StatusBadRequest, setupPage{To: to, Secret: secret, Notice: "factor.wrong.new"})
		return
	}
	codes := staff.NewRecoveryCodes()
	var hashes [][]byte
	for _, code := range codes {
		hashes = append(hashes, staff.HashRecovery(v.account.ID, code))
	}
	if err := c.store.SetSecret(r.Context(), v.ID, v.account.ID, sealed, step, hashes, c.now()); err != nil {
		c.fail(w, err)
		return
	}
	if !c.prove(w, r, v, store.ProofCode) {
		return
	}
	v.partial = false
	p := donePage{frame: c.frame(r, v), To: to, Codes: codes}
	p.Path = "/second-factor"
	c.render(w, http.StatusOK, "factor-done", p)
}

// proveByCode takes a one-time code, or a recovery code, of an account that has a second factor. As with passwords a try is taken
// before the code is looked at; they are counted by account, wherever they come from.
func (c *Console) proveByCode(w http.ResponseWriter, r *http.Request, v viewer) {
	if c.sealer == nil || !v.account.SecondFactor {
		http.Error(w, "this account has no second factor", http.StatusConflict)
		return
	}
	p := codePage{To: localPath(r.PostFormValue("to"))}
	try, wait := c.throttle.Reserve(staff.Caller{Name: v.account.ID, Browser: "second factor"}, c.now())
	if try == nil {
		p.Notice, p.Wait = "signin.locked", int(math.Ceil(wait.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(p.Wait))
		c.askFactor(w, r, v, http.StatusTooManyRequests, p)
		return
	}
	proof, err := c.takeCode(r, v)
	switch {
	case errors.Is(err, errWrongCode):
		c.refused.Warn(c.log, "second factor refused", "client", c.mark(client.Of(r, c.trusted)))
		p.Notice = "factor.wrong"
		c.askFactor(w, r, v, http.StatusUnauthorized, p)
	case err != nil:
		try.Return()
		c.fail(w, err)
	default:
		try.Succeeded()
		if c.prove(w, r, v, proof) {
			http.Redirect(w, r, p.To, http.StatusSeeOther)
		}
	}
}

// errWrongCode says that what was typed is no code of the account, or no more.
var errWrongCode = errors.New("wrong code")

func (c *Console) takeCode(r *http.Request, v viewer) (store.Proof, error) {
	typed, once := staff.IsCode(r.PostFormValue("code"))
	if !once {
		err := c.store.TakeRecovery(r.Context(), v.ID, v.account.ID, staff.HashRecovery(v.account.ID, typed), c.now())
		if errors.Is(err, store.ErrNotFound) {
			return "", errWrongCode
		}
		return store.ProofRecovery, err
	}
	factors, err := c.store.Factors(r.Context(), v.account.ID)
	if err != nil {
		return "", err
	}
	if factors.Secret == nil { // passkeys alone
		return "", errWrongCode
	}
	secret, err := c.sealer.Open(v.account.ID, factors.Secret)
	if err != nil {
		return "", err
	}
	step, ok := staff.StepOf(secret, typed, c.now())
	if !ok {
		return "", errWrongCode
	}
	err = c.store.TakeCode(r.Context(), v.account.ID, step)
	if errors.Is(err, store.ErrUsed) {
		return "", errWrongCode
	}
	return store.ProofCode, err
}

// prove continues the viewer's session under a token of its own, as at every gain of rights.
func (c *Console) prove(w http.ResponseWriter, r *http.Request, v viewer, proof store.Proof) bool {
	token := rand.Text()
	next, now := hash(token), c.now()
	err := c.store.ProveSession(r.Context(), v.token[:], next[:], proof, now)
	if errors.Is(err, store.ErrNotFound) { // it has ended meanwhile
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return false
	}
	if err != nil {
		c.fail(w, err)
		return false
	}
	// The page that proves the session is about to leave by itself; others of the former token notice within a beat.
	lives := sessionTime
	if found, err := c.store.Session(r.Context(), next[:]); err == nil {
		lives = found.Expires.Sub(now).Round(time.Second)
	}
	http.SetCookie(w, cookie(sessionCookie, token, lives))
	return true
}
