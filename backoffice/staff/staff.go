// Package staff checks who signs in: passwords are kept as argon2id hashes, and guessing is slowed down.
package staff

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// argon2id with 19 MiB, two passes and one lane (OWASP Password Storage Cheat Sheet).
const (
	memory  = 19 << 10 // KiB
	passes  = 2
	lanes   = 1
	saltLen = 16
	keyLen  = 32
)

// The lengths of a password. NIST SP 800-63B-4, 3.1.1.2 asks for 15 characters where it is the only factor; what is
// longer than the upper bound only keeps the machine busy.
const (
	MinPassword = 15
	MaxPassword = 256 // bytes
)

// ErrPassword says that a password is too short or too long to be set.
var ErrPassword = errors.New("password must have at least 15 characters and at most 256 bytes")

var header = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, memory, passes, lanes)

// Hash makes the hash of a password as a PHC string. It takes some 25 ms and 19 MiB.
func Hash(password string) (string, error) {
	if utf8.RuneCountInString(password) < MinPassword || len(password) > MaxPassword {
		return "", ErrPassword
	}
	salt := make([]byte, saltLen)
	rand.Read(salt)
	return header + encode(salt) + "$" + encode(derive(password, salt)), nil
}

// Matches says whether a hash made by Hash is the password's. It takes as long as Hash, whatever the hash.
func Matches(hash, password string) bool {
	parts, _ := strings.CutPrefix(hash, header)
	saltText, keyText, _ := strings.Cut(parts, "$")
	salt, saltErr := decode(saltText)
	key, keyErr := decode(keyText)
	if len(password) > MaxPassword {
		password = ""
	}
	same := subtle.ConstantTimeCompare(derive(password, salt), key) == 1
	return same && saltErr == nil && keyErr == nil
}

func derive(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, passes, memory, lanes, keyLen)
}

func encode(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

func decode(s string) ([]byte, error) { return base64.RawStdEncoding.DecodeString(s) }
