package staff

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

const (
	secretSize = 20               // bytes; RFC 4226, 4, R6 recommends 160 bits
	codeTime   = 30 * time.Second // RFC 6238, 5.2
	codeDigits = otp.DigitsSix
	// recoveryCodes are how many an account gets, each with 80 bits.
	recoveryCodes, recoveryLength = 10, 16
)

// ErrSealed says that what was to be opened is no secret of this account, or was sealed under another office's key.
var ErrSealed = errors.New("not a secret of this account that the office's key opens")

// Sealer seals the secrets of second factors under the office's key.
type Sealer struct {
	recipient  age.Recipient
	identities []age.Identity
}

// NewSealer makes a sealer that opens what is sealed to any of some identities, and seals to the first, which is X25519's.
func NewSealer(identities []age.Identity) (*Sealer, error) {
	if len(identities) == 0 {
		return nil, errors.New("no identity to seal to")
	}
	present, ok := identities[0].(*age.X25519Identity)
	if !ok {
		return nil, errors.New("the first identity is not an X25519 identity")
	}
	return &Sealer{present.Recipient(), identities}, nil
}

// Seal seals a secret that opens for this account alone. An account's id has no line break.
func (s *Sealer) Seal(account, secret string) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, s.recipient)
	if err == nil {
		_, err = io.WriteString(w, account+"\n"+secret)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("seal secret: %w", err)
	}
	return sealed.Bytes(), nil
}

// Open opens what Seal has sealed for this account; ErrSealed for anything else.
func (s *Sealer) Open(account string, sealed []byte) (secret string, err error) {
	const most = 1 << 10
	r, err := age.Decrypt(bytes.NewReader(sealed), s.identities...)
	if err != nil {
		return "", ErrSealed
	}
	text, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return "", ErrSealed
	}
	secret, ok := strings.CutPrefix(string(text), account+"\n")
	if !ok {
		return "", ErrSealed
	}
	return secret, nil
}

// NewSecret makes a secret of one-time codes, in base32 as people type it.
func NewSecret() string {
	secret := make([]byte, secretSize)
	rand.Read(secret)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// SecretURL is what an authenticator app reads of a QR code: otpauth://totp/.
func SecretURL(issuer, name, secret string) (string, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("secret of one-time codes: %w", err)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: name, Secret: raw, Digits: codeDigits, Period: uint(codeTime / time.Second)})
	if err != nil {
		return "", fmt.Errorf("secret of one-time codes: %w", err)
	}
	return key.URL(), nil
}

// CodeAt is the one-time code of a secret at a moment (RFC 6238: SHA-1, 30 seconds, six digits), and the time step that it is of.
func CodeAt(secret string, at time.Time) (code string, step int64, err error) {
	step = at.Unix() / int64(codeTime/time.Second)
	code, err = codeOf(secret, step)
	return code, step, err
}

func codeOf(secret string, step int64) (string, error) {
	return hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: codeDigits, Algorithm: otp.AlgorithmSHA1})
}

// StepOf finds the time step that a code is of: the present one, or the one before or after it, since clocks differ (RFC 6238, 5.2).
// It does not know whether the code was taken before.
func StepOf(secret, code string, now time.Time) (step int64, ok bool) {
	present := now.Unix() / int64(codeTime/time.Second)
	for _, at := range []int64{present - 1, present, present + 1} {
		want, err := codeOf(secret, at)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = at, true
		}
	}
	return step, ok
}

// NewRecoveryCodes makes codes that each take the place of a second factor once: XXXX-XXXX-XXXX-XXXX.
func NewRecoveryCodes() (codes []string) {
	for range recoveryCodes {
		c := rand.Text()[:recoveryLength]
		codes = append(codes, strings.Join([]string{c[:4], c[4:8], c[8:12], c[12:]}, "-"))
	}
	return codes
}

// HashRecovery is the hash of an account's recovery code, however its letters, spaces and hyphens are written. A code has so many bits
// that no salt and no work make it harder to guess.
func HashRecovery(account, code string) []byte {
	plain := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))
	sum := sha256.Sum256([]byte(account + "\n" + plain))
	return sum[:]
}

// IsCode says whether something typed is a one-time code rather than a recovery code; typed is what is left without spaces.
func IsCode(text string) (typed string, is bool) {
	typed = strings.ReplaceAll(strings.TrimSpace(text), " ", "")
	return typed, len(typed) == codeDigits.Length()
}
