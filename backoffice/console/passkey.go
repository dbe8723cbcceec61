package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/foyer-station/foyer/backoffice/client"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

// ceremonyTime is how long somebody may look for a passkey.
const ceremonyTime = 5 * time.Minute

// CheckOrigin says whether passkeys can be made for an origin: "https://" and a host name, or http://localhost, with a port or
// without. A browser makes none for an IP address (Web Authentication, 5.1.3).
func CheckOrigin(origin string) error {
	_, err := relyingParty("check", origin)
	return err
}

// relyingParty is who an authenticator makes passkeys for; nil where there is no origin.
func relyingParty(name, origin string) (*webauthn.WebAuthn, error) {
	if origin == "" {
		return nil, nil
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || net.ParseIP(u.Hostname()) != nil || u.Path != "" || u.RawQuery != "" || u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost") {
		return nil, fmt.Errorf("%q is not https:// and a host name", origin)
	}
	party, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{origin},
		AttestationPreference:  protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementDiscouraged, UserVerification: protocol.VerificationPreferred},
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys for %q: %w", origin, err)
	}
	return party, nil
}

// passkeyHolder is an account as package webauthn asks about it.
type passkeyHolder struct {
	account store.Account
	name    string
	keys    []webauthn.Credential
}

func (h passkeyHolder) WebAuthnID() []byte                         { return []byte(h.account.ID) }
func (h passkeyHolder) WebAuthnName() string                       { return h.account.Name }
func (h passkeyHolder) WebAuthnDisplayName() string                { return h.name }
func (h passkeyHolder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (c *Console) passkeyHolder(r *http.Request, v viewer) (passkeyHolder, error) {
	h := passkeyHolder{account: v.account, name: v.Name}
	kept, err := c.store.Passkeys(r.Context(), v.account.ID)
	if err != nil {
		return h, err
	}
	for _, p := range kept {
		var key webauthn.Credential
		if err := json.Unmarshal(p.Credential, &key); err != nil {
			return h, fmt.Errorf("read passkey: %w", err)
		}
		h.keys = append(h.keys, key)
	}
	return h, nil
}

// ceremony is what a session has begun with an authenticator.
type ceremony struct {
	Adds bool // a passkey; otherwise one is shown
	At   time.Time
	Data webauthn.SessionData
}

// mayAdd says whether a viewer may add a passkey: never who still has to show a second factor.
func (v viewer) mayAdd() bool { return !v.partial || !v.account.SecondFactor }

// beginPasskey begins to add a passkey, or to show one, and tells the browser what to ask the authenticator.
func (c *Console) beginPasskey(adds bool) handler {
	return func(w http.ResponseWriter, r *http.Request, v viewer) {
		if c.party == nil || adds && !v.mayAdd() || !adds && !v.partial {
			http.Error(w, "not now", http.StatusConflict)
			return
		}
		holder, err := c.passkeyHolder(r, v)
		if err != nil {
			c.fail(w, err)
			return
		}
		if !adds && len(holder.keys) == 0 {
			http.Error(w, "this account has no passkey", http.StatusConflict)
			return
		}
		asked, data, err := c.ask(holder, adds)
		if err != nil {
			c.fail(w, err)
			return
		}
		kept, err := json.Marshal(ceremony{adds, c.now(), *data})
		if err == nil {
			err = c.store.BeginCeremony(r.Context(), v.token[:], kept)
		}
		if err != nil {
			c.fail(w, err)
			return
		}
		writeJSON(w, asked)
	}
}

// ask is what an authenticator is asked, and what its answer has to agree with.
func (c *Console) ask(h passkeyHolder, adds bool) (asked any, data *webauthn.SessionData, err error) {
	if !adds {
		asked, data, err = c.party.BeginLogin(h)
		return asked, data, err
	}
	asked, data, err = c.party.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	return asked, data, err
}

// finishPasskey takes the authenticator's answer to what this session began, once and in time, and proves the session by it.
func (c *Console) finishPasskey(adds bool) handler {
	return func(w http.ResponseWriter, r *http.Request, v viewer) {
		if c.party == nil || adds && !v.mayAdd() || !adds && !v.partial {
			http.Error(w, "not now", http.StatusConflict)
			return
		}
		answer, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "too long", http.StatusBadRequest)
			return
		}
		try, wait := c.throttle.Reserve(staff.Caller{Name: v.account.ID, Browser: "second factor"}, c.now())
		if wait > 0 {
			http.Error(w, "too many tries", http.StatusTooManyRequests)
			return
		}
		err = c.takePasskey(r, v, adds, answer)
		switch {
		case errors.Is(err, errPasskey), errors.Is(err, store.ErrUsed), errors.Is(err, store.ErrNotFound):
			c.refused.Warn(c.log, "passkey refused", "client", c.mark(client.Of(r, c.trusted)))
			http.Error(w, "this passkey does not prove anything here", http.StatusUnauthorized)
		case err != nil:
			try.Return()
			c.fail(w, err)
		default:
			try.Succeeded()
			if c.prove(w, r, v, store.ProofPasskey) {
				w.WriteHeader(http.StatusNoContent)
			}
		}
	}
}

// errPasskey says that an answer is not that of an authenticator to what was asked.
var errPasskey = errors.New("the answer does not prove a passkey")

// takePasskey verifies an answer and keeps the passkey, or what has changed of it.
func (c *Console) takePasskey(r *http.Request, v viewer, adds bool, answer []byte) error {
	kept, err := c.store.TakeCeremony(r.Context(), v.token[:])
	if err != nil {
		return err
	}
	var began ceremony
	if err := json.Unmarshal(kept, &began); err != nil {
		return fmt.Errorf("read ceremony: %w", err)
	}
	if began.Adds != adds || c.now().Sub(began.At) > ceremonyTime {
		return errPasskey
	}
	holder, err := c.passkeyHolder(r, v)
	if err != nil {
		return err
	}
	key, err := c.verify(holder, began, answer)
	if err != nil {
		return err
	}
	credential, err := json.Marshal(key)
	if err != nil {
		return err
	}
	p := store.Passkey{ID: key.ID, Credential: credential}
	if adds {
		return c.store.AddPasskey(r.Context(), v.ID, v.account.ID, p, c.now())
	}
	return c.store.UpdatePasskey(r.Context(), v.account.ID, p)
}

// verify verifies an answer. One whose count of signatures does not grow comes from a copy (Web Authentication, 6.1.1).
func (c *Console) verify(h passkeyHolder, began ceremony, answer []byte) (*webauthn.Credential, error) {
	if began.Adds {
		parsed, err := protocol.ParseCredentialCreationResponseBody(bytes.NewReader(answer))
		if err != nil {
			return nil, errPasskey
		}
		key, err := c.party.CreateCredential(h, began.Data, parsed)
		if err != nil {
			return nil, errPasskey
		}
		return key, nil
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(bytes.NewReader(answer))
	if err != nil {
		return nil, errPasskey
	}
	key, err := c.party.ValidateLogin(h, began.Data, parsed)
	if err != nil || key.Authenticator.CloneWarning {
		return nil, errPasskey
	}
	return key, nil
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(value) // a browser that went meanwhile is no failure
}
