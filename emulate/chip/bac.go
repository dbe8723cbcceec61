package chip

import (
	"bytes"
	"crypto/sha1"
	"crypto/subtle"
	"fmt"
	"io"
	"slices"
	"strings"
)

// basicAccess is Basic Access Control on the chip's side (Doc 9303-11, 4.3).
type basicAccess struct {
	keys      protection // K.Enc and K.MAC
	challenge []byte     // RND.IC, until it is used; nil when there is none
}

// Sizes of BAC's values in bytes (Doc 9303-11, 4.3.1).
const (
	challengeSize = 8  // RND.IC and RND.IFD
	keyingSize    = 16 // K.IC and K.IFD
	tokenSize     = 2*challengeSize + keyingSize
)

func newBasicAccess(mrz [sha1.Size]byte) basicAccess {
	return basicAccess{keys: TripleDES.protection(mrz[:keyingSize])}
}

// digest is SHA-1 over the MRZ information, document number, date of birth and date of expiry with their check digits:
// the key seed of Basic Access Control and the password of PACE (Doc 9303-11, 9.7.2 and 9.7.3).
func (k AccessKey) digest() ([sha1.Size]byte, error) {
	number := strings.TrimRight(k.DocumentNumber, "<")
	if len(number) == 0 || len(number) > 22 || len(k.BirthDate) != 6 || len(k.ExpiryDate) != 6 {
		return [sha1.Size]byte{}, fmt.Errorf("chip: access key has fields of the wrong length")
	}
	number += strings.Repeat("<", max(0, 9-len(number)))
	var information strings.Builder
	for _, field := range []string{number, k.BirthDate, k.ExpiryDate} {
		digit, err := checkDigit(field)
		if err != nil {
			return [sha1.Size]byte{}, err
		}
		information.WriteString(field)
		information.WriteByte(digit)
	}
	return sha1.Sum([]byte(information.String())), nil
}

// checkDigit weighs characters 7, 3, 1 (Doc 9303-3, 4.9).
func checkDigit(field string) (byte, error) {
	sum := 0
	for i, r := range []byte(field) {
		value := 0
		switch {
		case r >= '0' && r <= '9':
			value = int(r - '0')
		case r >= 'A' && r <= 'Z':
			value = int(r-'A') + 10
		case r != '<':
			return 0, fmt.Errorf("chip: access key has a character that no MRZ has")
		}
		sum += value * [...]int{7, 3, 1}[i%3]
	}
	return '0' + byte(sum%10), nil
}

// getChallenge is GET CHALLENGE (Doc 9303-11, 4.3.4.1). Outside the eMRTD application there is nothing to open.
func (c *Chip) getChallenge(command command) response {
	switch {
	case c.options.PACEOnly:
		return response{status: swSecurityStatus}
	case command.p1 != 0 || command.p2 != 0:
		return response{status: swWrongParameters}
	case len(command.data) != 0 || command.expected != challengeSize && !command.maximum:
		return response{status: swWrongLength}
	case !c.selected.application:
		return response{status: swConditionsOfUse}
	}
	challenge := make([]byte, challengeSize)
	if _, err := io.ReadFull(c.options.Random, challenge); err != nil {
		return response{status: swNoDiagnosis}
	}
	c.basic.challenge = challenge
	return response{data: bytes.Clone(challenge), status: swSuccess}
}

// externalAuthenticate is EXTERNAL AUTHENTICATE with mutual authentication and key establishment (Doc 9303-11, 4.3.4.2
// and 4.3.1). A challenge serves for one attempt.
func (c *Chip) externalAuthenticate(command command) response {
	challenge := c.basic.challenge
	c.basic.challenge = nil
	switch {
	case command.p1 != 0 || command.p2 != 0:
		return response{status: swWrongParameters}
	case len(command.data) != tokenSize+macSize || command.expected < tokenSize+macSize:
		return response{status: swWrongLength}
	case challenge == nil || c.session != nil:
		return response{status: swConditionsOfUse}
	}
	token, mac := command.data[:tokenSize], command.data[tokenSize:]
	if subtle.ConstantTimeCompare(mac, c.basic.keys.token(token)) != 1 {
		c.failed = true
		return response{status: swVerificationFailed}
	}
	s := c.basic.keys.decrypt(nil, token) // RND.IFD, RND.IC, K.IFD
	random, mine, keying := s[:challengeSize], s[challengeSize:2*challengeSize], s[2*challengeSize:]
	if !bytes.Equal(mine, challenge) {
		return response{status: swVerificationFailed}
	}
	own := make([]byte, keyingSize)
	if _, err := io.ReadFull(c.options.Random, own); err != nil {
		return response{status: swNoDiagnosis}
	}
	answer := c.basic.keys.encrypt(nil, bytes.Join([][]byte{challenge, random, own}, nil))
	c.failed = false
	seed := make([]byte, keyingSize)
	subtle.XORBytes(seed, keying, own)
	c.session = newSession(TripleDES.protection(seed))
	c.session.counter = slices.Concat(challenge[4:], random[4:]) // low halves (Doc 9303-11, 9.8.6.3)
	return response{data: append(answer, c.basic.keys.token(answer)...), status: swSuccess}
}
