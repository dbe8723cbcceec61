// Package pin has the PIN by which a technician gets into a station at its own screen: how it is kept, which ones are refused, and
// how guessing is slowed down.
//
// A PIN is 6 to 12 digits. The station's configuration has it as an argon2id string (RFC 9106), made by [Make] and by nothing else: one
// that asks for more work, or less, is refused by [Check] when the configuration is read. Six digits are found in a day by whoever has
// the string and a computer: where others have accounts at the station it takes eight or more. At the screen, [Lock] makes it years.
package pin

import (
	"crypto/subtle"
	"errors"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
)

// The lengths of a PIN.
const (
	MinDigits = 6
	MaxDigits = 12
)

var (
	// ErrDigits says that something is no PIN at all.
	ErrDigits = errors.New("a PIN has 6 to 12 digits")
	// ErrEasy says that a PIN is among the first that anybody tries.
	ErrEasy = errors.New("that PIN is easily guessed: one digit repeated, digits in order, or a date")
	// ErrForeign says that a string was not made by Make. It does not repeat the string, which may be a PIN.
	ErrForeign = errors.New("it is not a line made by hwtest pin")
)

// work is the second of the two ways that RFC 9106, 4 recommends: 64 MiB, three passes, four lanes.
func work() argon2id.Params {
	return argon2id.Params{Memory: 64 << 10, Iterations: 3, Parallelism: 4, SaltLength: 16, KeyLength: 32}
}

// Make makes the string of a PIN, given in ASCII digits, as a PHC string. It takes some 100 ms and 64 MiB. Its errors are ErrDigits and
// ErrEasy, and that the system has no random numbers.
func Make(digits []byte) (string, error) {
	if !isPIN(digits) {
		return "", ErrDigits
	}
	if easy(digits) {
		return "", ErrEasy
	}
	w := work()
	return argon2id.CreateHash(string(digits), &w)
}

// Check tells whether a string was made by Make, as far as can be seen without its PIN: ErrForeign.
func Check(made string) error {
	if params, _, _, err := argon2id.DecodeHash(made); err != nil || *params != work() {
		return ErrForeign
	}
	return nil
}

// matches tells whether a string is that of a PIN. It takes as long as Make, unless the string is not Make's: that matches nothing.
func matches(made string, digits []byte) bool {
	params, salt, key, err := argon2id.DecodeHash(made)
	if err != nil || *params != work() || !isPIN(digits) {
		return false
	}
	typed := argon2.IDKey(digits, salt, params.Iterations, params.Memory, params.Parallelism, params.KeyLength)
	return subtle.ConstantTimeCompare(typed, key) == 1
}

func isPIN(digits []byte) bool {
	for _, d := range digits {
		if d < '0' || d > '9' {
			return false
		}
	}
	return len(digits) >= MinDigits && len(digits) <= MaxDigits
}

// easy tells of digits that are all the same, that go up or down one by one, with 0 beside 9 and 1, and of dates as they are typed.
func easy(digits []byte) bool {
	step := (digits[1] - digits[0] + 10) % 10
	even := step <= 1 || step == 9
	for i := 1; i < len(digits); i++ {
		even = even && (digits[i]-digits[i-1]+10)%10 == step
	}
	return even || isDate(string(digits))
}

// isDate tells of a day in six or eight digits: day, month, year, in the order of Germany, of the United States or of ISO 8601.
func isDate(digits string) bool {
	layouts := []string{"020106", "010206", "060102"}
	if len(digits) == 8 {
		layouts = []string{"02012006", "01022006", "20060102"}
	}
	for _, layout := range layouts {
		day, err := time.Parse(layout, digits)
		if err == nil && (len(digits) == 6 || day.Year() >= 1900 && day.Year() < 2100) {
			return true
		}
	}
	return false
}
