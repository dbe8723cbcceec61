package verify

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/foyer-station/foyer/mrz"
)

// ExamineMRZ checks the printed zone in itself, mrz.check_digits and mrz.expiry, and says what it tells of the
// document's validity on ev.Day.
func ExamineMRZ(ev Evidence) ([]Check, Validity) {
	digits := Check{ID: "mrz.check_digits", Category: CategoryMRZ}
	expiry := Check{ID: "mrz.expiry", Category: CategoryMRZ}
	if len(ev.MRZ) == 0 {
		digits.Result, digits.Reason = NotPerformed, "no machine-readable zone was read"
		expiry.Result, expiry.Reason = NotPerformed, digits.Reason
		return []Check{digits, expiry}, ValidityUnknown
	}
	zone, err := mrz.Parse(ev.MRZ, ev.Day)
	if err != nil {
		digits.Result, digits.Reason = Undetermined, "the lines have the shape of no known zone"
		expiry.Result, expiry.Reason = Undetermined, digits.Reason
		return []Check{digits, expiry}, ValidityUnknown
	}
	digits.Result, digits.Reason = judgeDigits(zone)
	validity := validityOf(zone.Fields.ExpiryDate, ev.Day)
	expiry.Result, expiry.Reason = judgeExpiry(validity, zone.Fields)
	return []Check{digits, expiry}, validity
}

func judgeDigits(zone mrz.Zone) (Result, string) {
	var failed, unread []string
	for _, c := range zone.Checks() {
		switch c.Result {
		case mrz.Failed:
			failed = append(failed, strings.ReplaceAll(c.ID, "_", " "))
		case mrz.Undetermined:
			unread = append(unread, strings.ReplaceAll(c.ID, "_", " "))
		}
	}
	result, reason, faults := Passed, "", zone.Faults()
	switch {
	case len(failed) > 0:
		result, reason = Failed, "does not agree: "+strings.Join(failed, ", ")
	case len(unread) > 0:
		result, reason = Undetermined, "could not be read: "+strings.Join(unread, ", ")
	case len(faults) > 0:
		result, reason = Undetermined, faultReason(faults[0])
	}
	return result, withDeviations(reason, zone)
}

// faultReason says where a zone has a fault.
func faultReason(f mrz.Fault) string {
	what := "characters stand where they must not"
	if f.Missing != "" {
		what = "the " + f.Missing + " is missing"
	}
	return fmt.Sprintf("%s: line %d, column %d", what, f.Line, f.Column)
}

// withDeviations adds to a reason the deviations of the zone: which field and where, not what stands there, for that may be
// personal data.
func withDeviations(reason string, zone mrz.Zone) string {
	var places []string
	for _, d := range zone.Deviations() {
		places = append(places, fmt.Sprintf("%s in line %d, column %d", strings.ReplaceAll(d.ID, "_", " "), d.Line, d.Column))
	}
	if len(places) > 0 {
		reason = cmp.Or(reason, "the digits agree")
	}
	return WithDeviations(reason, places...)
}

// validityOf compares an MRZ date with a day. A document is valid through the day on which it expires; of an unknown
// day or month the last one counts.
func validityOf(expiry string, day time.Time) Validity {
	if expiry == "" || strings.HasPrefix(expiry, "?") {
		return ValidityUnknown
	}
	last := strings.NewReplacer("-??", "-99").Replace(expiry)
	if day.Format(time.DateOnly) > last {
		return Expired
	}
	return Valid
}

// withoutEnd is how an expiry begins that says that there is none.
const withoutEnd = "9999-"

func judgeExpiry(v Validity, f mrz.Fields) (Result, string) {
	switch {
	case v == Valid && strings.HasPrefix(f.ExpiryDate, withoutEnd):
		return Passed, "the document is valid without end"
	case v == Valid:
		return Passed, ""
	case v == Expired:
		return Failed, "the document has expired"
	case f.CenturyUnknown():
		return Undetermined, "the century of the day of expiry cannot be told"
	}
	return Undetermined, "the zone gives no day of expiry"
}
