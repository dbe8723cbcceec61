// Package staff checks who signs in: passwords are kept as argon2id hashes, and guessing is slowed down.
package staff

import (
	"errors"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

// The lengths of a password. NIST SP 800-63B-4, 3.1.1.2 asks for 15 characters where it is the only factor; what is
// longer than the upper bound only keeps the machine busy.
const (
	MinPassword = 15
	MaxPassword = 256 // bytes
)

// ErrPassword says that a password is too short or too long to be set.
var ErrPassword = errors.New("password must have at least 15 characters and at most 256 bytes")

// work is argon2id with 19 MiB, two passes and one lane (OWASP Password Storage Cheat Sheet).
func work() argon2id.Params {
	return argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// Hash makes the hash of a password as a PHC string. It takes some 25 ms and 19 MiB.
func Hash(password string) (string, error) {
	if utf8.RuneCountInString(password) < MinPassword || len(password) > MaxPassword {
		return "", ErrPassword
	}
	w := work()
	return argon2id.CreateHash(password, &w)
}

// nobodys is a hash as Hash makes them, with a salt and a key of zeros.
const nobodys = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$" +
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// Matches says whether a hash made by Hash is the password's. It takes as long as Hash, whatever the hash: one that Hash
// has not made, as of a name that nobody has, is compared with another and matches nothing.
func Matches(hash, password string) bool {
	params, _, _, err := argon2id.DecodeHash(hash)
	ours := err == nil && *params == work()
	if !ours {
		hash = nobodys
	}
	if len(password) > MaxPassword {
		password = ""
	}
	same, err := argon2id.ComparePasswordAndHash(password, hash)
	return ours && same && err == nil
}
