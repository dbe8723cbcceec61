package verify

import (
	"strings"
	"time"

	"github.com/foyer-station/foyer/mrz"
)

// Why the checks of the MRZ end as they do.
const (
	// CodeNoMRZ says that none was read.
	CodeNoMRZ      Code = "mrz.not_read"
	codeNoFormat   Code = "mrz.no_format"
	codeAgree      Code = "mrz.agree"
	codeDisagree   Code = "mrz.disagree"   // fields
	codeUnreadable Code = "mrz.unreadable" // fields
	codeFault      Code = "mrz.fault"      // line, column
	codeMissing    Code = "mrz.missing"    // field, line, column
	codeEndless    Code = "mrz.endless"
	codeExpired    Code = "mrz.expired"
	codeCentury    Code = "mrz.century"
	codeNoExpiry   Code = "mrz.no_expiry"

	codeDeviation Code = "deviation.mrz" // field, line, column
)

// ExamineMRZ checks the printed MRZ in itself, mrz.check_digits and mrz.expiry, and says what it tells of the document's validity on
// ev.Day.
func ExamineMRZ(ev Evidence) ([]Check, Validity) {
	digits := Check{ID: "mrz.check_digits", Category: CategoryMRZ}
	expiry := Check{ID: "mrz.expiry", Category: CategoryMRZ}
	if len(ev.MRZ) == 0 {
		digits.Result, digits.Reasons = NotPerformed, []Reason{Because(CodeNoMRZ)}
		expiry.Result, expiry.Reasons = NotPerformed, digits.Reasons
		return []Check{digits, expiry}, ValidityUnknown
	}
	zone, err := mrz.Parse(ev.MRZ, ev.Day)
	if err != nil {
		digits.Result, digits.Reasons = Undetermined, []Reason{Because(codeNoFormat)}
		expiry.Result, expiry.Reasons = Undetermined, digits.Reasons
		return []Check{digits, expiry}, ValidityUnknown
	}
	digits.Result, digits.Reasons = judgeDigits(zone)
	validity := validityOf(zone.Fields.ExpiryDate, ev.Day)
	expiry.Result, expiry.Reasons = judgeExpiry(validity, zone.Fields)
	return []Check{digits, expiry}, validity
}

func judgeDigits(zone mrz.Zone) (Result, []Reason) {
	var failed, unread []string
	for _, c := range zone.Checks() {
		switch c.Result {
		case mrz.Failed:
			failed = append(failed, c.ID)
		case mrz.Undetermined:
			unread = append(unread, c.ID)
		}
	}
	result, faults, deviations := Passed, zone.Faults(), mrzDeviations(zone)
	var why []Reason
	switch {
	case len(failed) > 0:
		result, why = Failed, []Reason{Because(codeDisagree).With("fields", failed...)}
	case len(unread) > 0:
		result, why = Undetermined, []Reason{Because(codeUnreadable).With("fields", unread...)}
	case len(faults) > 0:
		result, why = Undetermined, []Reason{faultReason(faults[0])}
	case len(deviations) > 0:
		why = []Reason{Because(codeAgree)}
	}
	return result, append(why, deviations...)
}

// faultReason says where an MRZ has a fault.
func faultReason(f mrz.Fault) Reason {
	if f.Missing != "" {
		return Because(codeMissing).With("field", strings.ReplaceAll(f.Missing, " ", "_")).WithNumber("line", f.Line).WithNumber("column", f.Column)
	}
	return Because(codeFault).WithNumber("line", f.Line).WithNumber("column", f.Column)
}

// mrzDeviations are the deviations of an MRZ: which field, and where.
func mrzDeviations(zone mrz.Zone) (all []Reason) {
	for _, d := range zone.Deviations() {
		all = append(all, Because(codeDeviation).With("field", d.ID).WithNumber("line", d.Line).WithNumber("column", d.Column))
	}
	return all
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

func judgeExpiry(v Validity, f mrz.Fields) (Result, []Reason) {
	switch {
	case v == Valid && strings.HasPrefix(f.ExpiryDate, withoutEnd):
		return Passed, []Reason{Because(codeEndless)}
	case v == Valid:
		return Passed, nil
	case v == Expired:
		return Failed, []Reason{Because(codeExpired)}
	case f.CenturyUnknown():
		return Undetermined, []Reason{Because(codeCentury)}
	}
	return Undetermined, []Reason{Because(codeNoExpiry)}
}
