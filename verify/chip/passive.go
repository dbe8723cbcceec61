package chip

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// signature answers whether EF.SOD is signed by the certificate that it holds.
func (x *examination) signature() answer {
	if x.hearsay != nil {
		return answer{verify.Passed, verify.WithDeviations("signed by "+x.hearsay.Subject, x.sod.Deviations()...) + "; " + errUnissued.Error()}
	}
	if a, missing := x.needSigner(); missing {
		return a
	}
	err := x.sodSignature()
	switch {
	case err == nil:
		return answer{verify.Passed, verify.WithDeviations("signed by "+x.signer.Subject, x.sod.Deviations()...)}
	case errors.Is(err, pki.ErrSignature):
		return x.malformed("EF.SOD is not what its signer signed: "+err.Error(), pki.DefectSODInvalid)
	}
	return unreadable(err)
}

// chain answers whether a trusted CSCA issued the signer, for signing documents, and whether the signer was valid when it
// signed.
func (x *examination) chain() answer {
	if a, missing := x.needSigner(); missing {
		return a
	}
	issuer, err := x.issuer()
	a := x.chainOf(x.sod.SignedData, x.signer, issuer, err)
	if a.result == verify.Passed {
		a.reason = verify.WithDeviations(a.reason, x.signer.DeviationsUnder(issuer)...)
	}
	return a
}

// chainOf is chain for any file that is signed as EF.SOD is, with what the search for its signer's issuer came to.
func (x *examination) chainOf(signed *pki.SignedData, signer, issuer *pki.Certificate, err error) answer {
	switch {
	case err == nil && !signer.SignsDocuments():
		return answer{verify.Undetermined, "the signer's certificate was issued for something else than signing documents"}
	case err == nil:
		return x.validityAtSigning(signed, signer, issuer)
	case errors.Is(err, pki.ErrSignature):
		return answer{verify.Failed, "the signer's certificate: " + err.Error()}
	}
	return answer{verify.Undetermined, err.Error()}
}

// validityAtSigning judges the signer's days: by the day of signing where the file states it, else by the day of the
// examination. A day outside them contradicts no signature, and is what a clock shows that was not set; the document is not
// believed for it.
func (x *examination) validityAtSigning(file *pki.SignedData, signer, issuer *pki.Certificate) answer {
	signed, stated := file.SigningTime()
	day := x.Day.Format(time.DateOnly)
	switch {
	case !issuer.ValidOnDayOf(signer.NotBefore):
		return answer{verify.Undetermined, "the CSCA was not valid on the day from which the signer is, " +
			signer.NotBefore.Format(time.DateOnly)}
	case stated && !signer.ValidOnDayOf(signed):
		return answer{verify.Undetermined, "signed on " + signed.Format(time.DateOnly) + ", when the signer was not valid"}
	case stated && signed.After(x.Day.Add(24*time.Hour)):
		return answer{verify.Undetermined, "signed on " + signed.Format(time.DateOnly) + ", which is after " + day}
	case stated:
		return answer{verify.Passed, fmt.Sprintf("issued by %s; the signer was valid when it signed, on %s",
			issuerName(issuer), signed.Format(time.DateOnly))}
	case !signer.ValidOn(x.Day):
		return answer{verify.Undetermined, "it is not stated when the signer signed, and it is not valid on " + day}
	}
	return answer{verify.Passed, fmt.Sprintf("issued by %s; it is not stated when the signer signed, it is valid on %s",
		issuerName(issuer), day)}
}

// issuerName names an issuer in a reason, with how its certificate deviates.
func issuerName(issuer *pki.Certificate) string {
	if deviation := issuer.IssuerDeviation(); deviation != "" {
		return issuer.Subject + " (" + deviation + ")"
	}
	return issuer.Subject
}

// validity answers whether the signer and its CSCA are valid on the day of the examination (BSI TR-03135-1, 5.6.4.3.4).
// That they were when the document was signed is part of chain; today they need not be.
func (x *examination) validity() answer {
	if a, missing := x.needSigner(); missing {
		return a
	}
	days := fmt.Sprintf("%s to %s", x.signer.NotBefore.Format(time.DateOnly), x.signer.NotAfter.Format(time.DateOnly))
	issuer, err := x.issuer()
	switch {
	case !x.signer.ValidOn(x.Day):
		return answer{verify.Failed, "the signer is valid from " + days + ", not on " + x.Day.Format(time.DateOnly)}
	case err != nil:
		return answer{verify.Undetermined, "the signer is valid from " + days + "; its CSCA is not known"}
	case !issuer.ValidOn(x.Day):
		return answer{verify.Failed, "the signer is valid from " + days + "; its CSCA is not on " + x.Day.Format(time.DateOnly)}
	}
	return answer{verify.Passed, "the signer is valid from " + days + ", its CSCA until " + issuer.NotAfter.Format(time.DateOnly)}
}

// hashes answers whether every data group that was read is the one that was signed. One wrong hash that nothing excuses is
// a failure, whatever is missing beside it; to pass, DG1 and DG2 must have been read, and no data group that nobody signed.
// Such a one contradicts nothing, and is believed by nothing: what rests on a data group asks needSigned, or this check.
func (x *examination) hashes() answer {
	if a, missing := x.needSOD(); missing {
		return a
	}
	var right, wrong, unlisted, excuses []string
	for number := 1; number <= pki.LastDataGroup; number++ {
		name := dataGroup(number)
		file, there := x.Files[name]
		if !there {
			continue
		}
		why, excused := x.excuse(number)
		listed := x.sod.Object.Hashes[number] != nil
		switch {
		case listed && x.hashAgrees(number, file):
			right = append(right, name)
			if x.behind[name] {
				excuses = append(excuses, "; deviates: something that nobody signs stood behind "+name+", and is left out")
			}
		case listed && excused:
			excuses = append(excuses, "; "+name+": not the hash, "+why)
		case listed:
			wrong = append(wrong, name)
		case excused:
			excuses = append(excuses, "; "+name+noHash+", "+why)
		default:
			unlisted = append(unlisted, name+noHash)
		}
	}
	switch {
	case len(wrong) > 0 && x.sod.Object.HashGuessed:
		return answer{verify.Undetermined, strings.Join(wrong, ", ") +
			": not the hash that EF.SOD states, by the function of its length; the one that EF.SOD states has another"}
	case len(wrong) > 0:
		return answer{verify.Failed, strings.Join(wrong, ", ") + ": not the hash that EF.SOD states"}
	case len(unlisted) > 0:
		return answer{verify.Undetermined, strings.Join(unlisted, "; ")}
	}
	for _, name := range []string{emrtd.FileDG1, emrtd.FileDG2} {
		if !slices.Contains(right, name) {
			return x.without(name)
		}
	}
	return answer{verify.Passed, strings.Join(right, ", ") + ": the hash that EF.SOD states" + strings.Join(excuses, "")}
}

// noHash says of a data group that nobody signed it.
const noHash = ": EF.SOD lists no hash for it"

// hashAgrees says whether a data group has the hash that EF.SOD, which is there, states for it.
func (x *examination) hashAgrees(number int, file []byte) bool {
	hash := x.sod.Object.Hash.New()
	hash.Write(file)
	return bytes.Equal(hash.Sum(nil), x.sod.Object.Hashes[number])
}

// dataGroup names a data group, 1 to 16.
func dataGroup(number int) string { return fmt.Sprintf("DG%d", number) }

// contents answers whether EF.COM, which nobody signs, lists what EF.SOD does.
func (x *examination) contents() answer {
	file, there := x.Files[emrtd.FileCOM]
	if !there {
		return x.without(emrtd.FileCOM)
	}
	if a, missing := x.needSOD(); missing {
		return a
	}
	com, err := x.Proofs.COM(file)
	if err != nil {
		return unreadable(err)
	}
	listed := slices.Compact(slices.Sorted(slices.Values(com.DataGroups)))
	signed := slices.Sorted(maps.Keys(x.sod.Object.Hashes))
	if !slices.Equal(listed, signed) {
		return answer{verify.Failed, fmt.Sprintf("EF.COM lists data groups %v, EF.SOD %v", listed, signed)}
	}
	if version := x.sod.Object.LDSVersion; version != "" && version != com.LDSVersion {
		return answer{verify.Failed, fmt.Sprintf("EF.COM states LDS version %q, EF.SOD %q", com.LDSVersion, version)}
	}
	return answer{verify.Passed, fmt.Sprintf("both list data groups %v", signed)}
}
