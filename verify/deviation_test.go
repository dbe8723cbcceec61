package verify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/verify"
)

func TestAReasonTellsWhatDeviatesInAFewWords(t *testing.T) {
	long := strings.Repeat("x", 200)
	for want, got := range map[string]string{
		"signed by A":                           verify.WithDeviations[string]("signed by A"),
		"signed by A; deviates: b; c":           verify.WithDeviations("signed by A", "b", "c"),
		"deviates: b":                           verify.WithDeviations("", "b"),
		"a; deviates: " + long + "; and 2 more": verify.WithDeviations("a", long, long, "c"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func ExampleWithDeviations() {
	fmt.Println(verify.WithDeviations("signed by CN=DSC", "the signer is not named", "EF.SOD is filled up with zeros"))
	// Output: signed by CN=DSC; deviates: the signer is not named; EF.SOD is filled up with zeros
}
