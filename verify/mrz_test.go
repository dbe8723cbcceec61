package verify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

var today = time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)

// zoneChecks are the two checks of a zone and what it says of validity.
func zoneChecks(lines ...string) (digits, expiry verify.Check, validity verify.Validity) {
	checks, validity := verify.ExamineMRZ(verify.Evidence{MRZ: lines, Day: today})
	return checks[0], checks[1], validity
}

func TestTheCardOfAnOldPersonHasNotExpired(t *testing.T) {
	digits, expiry, validity := zoneChecks("IDBEL000590448<3012<<<<<<<<<<<", "4001016F5401015BEL<<<<<<<<<<<4", "SPECIMEN<<ANNA<<<<<<<<<<<<<<<<")
	if digits.Result != verify.Passed || expiry.Result != verify.Passed || validity != verify.Valid {
		t.Errorf("%+v %+v %s", digits, expiry, validity)
	}
}

func TestACardWithoutEndIsValidAndSaidToBe(t *testing.T) {
	lines, err := mrz.Compose(mrz.TD1, mrz.Fields{
		DocumentCode: "ID", IssuingState: "ESP", Surname: "ESPANOLA", DocumentNumber: "BAA000589", Nationality: "ESP",
		BirthDate: "1940-01-01", ExpiryDate: "9999-01-01",
	})
	if err != nil {
		t.Fatal(err)
	}
	digits, expiry, validity := zoneChecks(lines...)
	if digits.Result != verify.Passed || expiry.Result != verify.Passed || validity != verify.Valid {
		t.Errorf("%+v %+v %s", digits, expiry, validity)
	}
	if !strings.Contains(wordingtest.English(t, expiry), "indefinitely") || !strings.Contains(wordingtest.English(t, digits), "expiry date in line 2, column 9") {
		t.Errorf("%q, %q", wordingtest.English(t, expiry), wordingtest.English(t, digits))
	}
}

func TestAMonth13IsNoEvidenceAndDoesNotPass(t *testing.T) {
	digits, _, _ := zoneChecks("PPUTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7413128F3404159ZE184226B<<<<<16")
	if digits.Result != verify.Undetermined || !strings.Contains(wordingtest.English(t, digits), "line 2, column 16") {
		t.Errorf("%+v", digits)
	}
}

// A reason may stand where many read it: it says where, not what.
func TestWhatIsToleratedIsToldWithoutPersonalData(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		told  string
		never string
	}{
		"an unknown birthday":  {[]string{"PMCHEMUSTER<<VERENA<<<<<<<<<<<<<<<<<<<<<<<<<", "X000000001CHE6800006F3404159<<<<<<<<<<<<<<<8"}, "birth date in line 2, column 16", "68"},
		"a code of one issuer": {[]string{"MED<<MANNSENS<<MANNY<<<<<<<<<<<<<<<<", "6525845096USA7008038M2201018<<<<<<06"}, "document code in line 1, column 1", "MANNSENS"},
		"a code of a State":    {[]string{"ARD<<MUSTER<<VERENA<<<<<<<<<<<<<<<<<", "6525845096XXK7008038M2201018<<<<<<06"}, "nationality in line 2, column 11", "XXK"},
	} {
		digits, _, _ := zoneChecks(c.lines...)
		if digits.Result != verify.Passed || !strings.Contains(wordingtest.English(t, digits), c.told) || strings.Contains(wordingtest.English(t, digits), c.never) {
			t.Errorf("%s: %+v", name, digits)
		}
	}
}

func TestACardWhoseCenturyCannotBeToldIsNeitherValidNorExpired(t *testing.T) {
	for name, c := range map[string]struct {
		state, birth, printed string
		result                verify.Result
		validity              verify.Validity
		reason                string
	}{
		"of an old Spaniard":         {"ESP", "1940-01-01", "9999-01-01", verify.Passed, verify.Valid, "indefinitely"},
		"of an old Utopian":          {"UTO", "1940-01-01", "9999-01-01", verify.Passed, verify.Valid, "indefinitely"},
		"of a Spaniard of 61":        {"ESP", "1965-01-01", "9999-01-01", verify.Undetermined, verify.ValidityUnknown, "century"},
		"of a young Spaniard":        {"ESP", "1975-01-01", "9999-01-01", verify.Failed, verify.Expired, "expired"},
		"of a young Utopian to 2054": {"UTO", "1995-01-01", "2054-01-01", verify.Undetermined, verify.ValidityUnknown, "century"},
	} {
		lines, err := mrz.Compose(mrz.TD1, mrz.Fields{
			DocumentCode: "ID", IssuingState: c.state, Surname: "MUSTER", DocumentNumber: "BAA000589", Nationality: c.state,
			BirthDate: c.birth, ExpiryDate: c.printed,
		})
		if err != nil {
			t.Fatal(err)
		}
		digits, expiry, validity := zoneChecks(lines...)
		if digits.Result != verify.Passed || expiry.Result != c.result || validity != c.validity || !strings.Contains(wordingtest.English(t, expiry), c.reason) {
			t.Errorf("%s: %+v %+v %s", name, digits, expiry, validity)
		}
	}
}

func TestAZoneThatSaysNotWhoseOrWhichDocumentItIsDoesNotPass(t *testing.T) {
	for reason, lines := range map[string][]string{
		"the name is missing: line 3, column 1":            {"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", strings.Repeat("<", 30)},
		"the document number is missing: line 2, column 1": {"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "<<<<<<<<<0UTO7408122F3404159<<<<<<<<"},
	} {
		if digits, _, _ := zoneChecks(lines...); digits.Result != verify.Undetermined || wordingtest.English(t, digits) != reason {
			t.Errorf("%+v, want %q", digits, reason)
		}
	}
}

// The card of an old person of Belgium: 54 is 2054, and the day of expiry is judged beside the check digits.
func ExampleExamineMRZ() {
	checks, validity := verify.ExamineMRZ(verify.Evidence{Day: today, MRZ: []string{
		"IDBEL000590448<3012<<<<<<<<<<<", "4001016F5401015BEL<<<<<<<<<<<4", "SPECIMEN<<ANNA<<<<<<<<<<<<<<<<",
	}})
	for _, c := range checks {
		fmt.Println(c.ID, c.Result)
	}
	fmt.Println(validity)
	// Output:
	// mrz.check_digits passed
	// mrz.expiry passed
	// valid
}
