package intake

import (
	"regexp"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestEveryRestoreOfADayHasAPrefixOfItsOwn(t *testing.T) {
	form := regexp.MustCompile(`^[A-Z]{1,3}$`) // as a station takes it
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.StringMatching(`[A-Z]{1,3}`).Draw(t, "prefix")
		first := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "first"), 0)
		later := first.Add(time.Duration(rapid.Int64Range(2*134, 25*3600).Draw(t, "later")) * time.Second)
		a, b := restoredPrefix(plain, first), restoredPrefix(plain, later)
		if a == b || a == plain || b == plain || !form.MatchString(a) || !form.MatchString(b) {
			t.Fatalf("%s becomes %s at %v and %s at %v", plain, a, first, b, later)
		}
	})
}
