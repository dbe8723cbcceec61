package console_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/console"
	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/staff"
)

// atLocalhost is a site where leads need a second factor, at an origin for which browsers make passkeys.
func atLocalhost(t *testing.T) *site {
	t.Helper()
	s := open(t, time.Now)
	withEveryRole(t, s)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	settings := console.Settings{Sealer: newSealer(t), SecondFactor: []staff.Role{staff.Leader}, Origin: "http://localhost:" + port}
	s.console, err = console.New(s.Office, s.Store, s.Vault, settings, time.Now, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	s.serveOn(t, listener, nil)
	s.url = settings.Origin
	return s
}

// authenticator gives a browser a security key that is always touched.
func authenticator(t *testing.T, ctx context.Context) webauthn.AuthenticatorID {
	t.Helper()
	var id webauthn.AuthenticatorID
	browsertest.Do(t, ctx, "plug a security key in", webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) (err error) {
		id, err = webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportUsb, AutomaticPresenceSimulation: true,
			HasUserVerification: true, IsUserVerified: true,
		}).Do(ctx)
		return err
	}))
	return id
}

// record keeps the last answer of the authenticator that this page sends.
const record = `(() => {
	const original = window.fetch;
	window.fetch = (path, options) => {
		if (path.endsWith("shown")) sessionStorage.setItem("answer", options.body);
		return original(path, options);
	};
})()`

func TestAPasskeySignsInInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := patientChrome(t) // which complains of the answer 401
	s := atLocalhost(t)
	s.send(t, checkintest.Genuine(time.Now()))
	key := authenticator(t, ctx)
	browsertest.Do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("brandt"), chromedp.WaitVisible("#passkey-go"))
	picture(t, ctx, "set-up", true)
	browsertest.Do(t, ctx, "set a passkey up", press("#passkey-go"), chromedp.WaitVisible("#everyone"))
	out := chromedp.Tasks{press(`form[action="/sign-out"] button`), chromedp.WaitVisible("#name")}
	browsertest.Do(t, ctx, "sign in again", out, signInAs("brandt"), chromedp.WaitVisible("#passkey-go"), chromedp.WaitNotPresent("#code"))
	bogus := webauthn.SetResponseOverrideBits(key)
	bogus.IsBogusSignature = true
	browsertest.Do(t, ctx, "a signature that is none", bogus, press("#passkey-go"), chromedp.WaitVisible("#passkey-wrong"))
	picture(t, ctx, "wrong", true)
	var answer string
	browsertest.Do(t, ctx, "show the passkey", webauthn.SetResponseOverrideBits(key), chromedp.Evaluate(record, nil), press("#passkey-go"), chromedp.WaitVisible("#everyone"),
		chromedp.Evaluate(`sessionStorage.getItem("answer")`, &answer))

	// What the authenticator answered is worth nothing in another session, before or after that asks for it.
	thief := s.signedIn(t, "brandt")
	replay := func() int { return thief.json("/second-factor/passkey/shown", answer).status }
	if status := replay(); status != http.StatusUnauthorized {
		t.Errorf("an answer to nothing: %d", status)
	}
	if r := thief.json("/second-factor/passkey/show", ""); r.status != http.StatusOK || !strings.Contains(r.body, "challenge") {
		t.Errorf("asked: %d, %s", r.status, r.body)
	}
	if status := replay(); status != http.StatusUnauthorized {
		t.Errorf("an answer to another question: %d", status)
	}
	for _, path := range []string{"add", "added"} {
		if r := thief.json("/second-factor/passkey/"+path, answer); r.status != http.StatusConflict {
			t.Errorf("%s with the password alone: %d", path, r.status)
		}
	}
	if r := thief.get("/"); r.status != http.StatusSeeOther {
		t.Errorf("then it is let in: %d", r.status)
	}
}

// json posts what a script would.
func (b *browser) json(path, body string) answer {
	b.t.Helper()
	return b.do(http.MethodPost, path, nil, func(r *http.Request) {
		r.Header.Set("Accept", "application/json")
		r.Header.Set("Content-Type", "application/json")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	})
}

func TestNonsenseIsNoPasskey(t *testing.T) {
	t.Parallel()
	s := atLocalhost(t)
	b := s.signedIn(t, "brandt")
	for name, body := range map[string]string{
		"nothing": "", "not JSON": "passkey", "no answer": "{}", "an endless one": strings.Repeat("[", 4000), "too long": strings.Repeat("x", 5000),
		"empty fields": `{"id":"","rawId":"","type":"public-key","response":{"clientDataJSON":"","attestationObject":""}}`,
	} {
		if r := b.json("/second-factor/passkey/add", ""); r.status != http.StatusOK {
			t.Fatalf("asked: %d", r.status)
		}
		if r := b.json("/second-factor/passkey/added", body); r.status != http.StatusUnauthorized && r.status != http.StatusBadRequest && r.status != http.StatusTooManyRequests {
			t.Errorf("%s: %d", name, r.status)
		}
	}
	if r := b.get("/"); r.status != http.StatusSeeOther {
		t.Errorf("then it is let in: %d", r.status)
	}
	if r := b.json("/second-factor/passkey/show", ""); r.status != http.StatusConflict {
		t.Errorf("whoever has no passkey is asked for one: %d", r.status)
	}
}

func TestAConsoleWithoutAnOriginHasNoPasskeys(t *testing.T) {
	t.Parallel()
	s, _ := guarded(t)
	b := s.signedIn(t, "brandt")
	if body := b.get("/second-factor").body; strings.Contains(body, `id="passkey"`) {
		t.Error("it offers one")
	}
	for _, path := range []string{"add", "added", "show", "shown"} {
		if r := b.json("/second-factor/passkey/"+path, "{}"); r.status != http.StatusConflict {
			t.Errorf("%s: %d", path, r.status)
		}
	}
}
