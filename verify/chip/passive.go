package chip

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// signature answers whether EF.SOD is signed by the certificate that it holds.
func (x *examination) signature() answer {
	if x.hearsay != nil {
		return passed(verify.Because(codeSigned).With("subject", x.hearsay.Subject), append(verify.Deviations(x.sod.Deviations()), verify.Because(codeUnissued))...)
	}
	if a, missing := x.needSigner(); missing {
		return a
	}
	err := x.sodSignature()
	switch {
	case err == nil:
		return passed(verify.Because(codeSigned).With("subject", x.signer.Subject), verify.Deviations(x.sod.Deviations())...)
	case errors.Is(err, pki.ErrSignature):
		return x.malformed(verify.Because(codeSignedWrong).With(verify.Detail, err.Error()), pki.DefectSODInvalid)
	}
	return unreadable(emrtd.FileSOD, err)
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
		a.reasons = append(a.reasons, verify.Deviations(x.signer.DeviationsUnder(issuer))...)
	}
	return a
}

// chainOf is chain for any file that is signed as EF.SOD is, with what the search for its signer's issuer came to.
func (x *examination) chainOf(signed *pki.SignedData, signer, issuer *pki.Certificate, err error) answer {
	switch {
	case err == nil && !signer.SignsDocuments():
		return undetermined(verify.Because(codePurpose))
	case err == nil:
		return x.validityAtSigning(signed, signer, issuer)
	case errors.Is(err, pki.ErrSignature):
		return failed(issuerReason(err))
	}
	return undetermined(issuerReason(err))
}

// validityAtSigning judges the signer's days: by the day of signing where the file states it, else by the day of the
// examination. A day outside them contradicts no signature, and is what a clock shows that was not set; the document is not
// believed for it.
func (x *examination) validityAtSigning(file *pki.SignedData, signer, issuer *pki.Certificate) answer {
	signed, stated := file.SigningTime()
	var besides []verify.Reason
	if deviation := issuer.IssuerDeviation(); deviation != "" {
		besides = append(besides, verify.Deviation(deviation))
	}
	switch {
	case !issuer.ValidOnDayOf(signer.NotBefore):
		return undetermined(verify.Because(codeCSCAInvalid).With("day", isoDay(signer.NotBefore)))
	case stated && !signer.ValidOnDayOf(signed):
		return undetermined(verify.Because(codeSignerInvalid).With("signed", isoDay(signed)))
	case stated && signed.After(x.Day.Add(24*time.Hour)):
		return undetermined(verify.Because(codeSignedLater).With("signed", isoDay(signed)).With("day", isoDay(x.Day)))
	case stated:
		return passed(verify.Because(codeIssued).With("subject", issuer.Subject).With("signed", isoDay(signed)), besides...)
	case !signer.ValidOn(x.Day):
		return undetermined(verify.Because(codeInvalidToday).With("day", isoDay(x.Day)))
	}
	return passed(verify.Because(codeIssuedUndated).With("subject", issuer.Subject).With("day", isoDay(x.Day)), besides...)
}

// validity answers whether the signer and its CSCA are valid on the day of the examination (BSI TR-03135-1, 5.6.4.3.4).
// That they were when the document was signed is part of chain; today they need not be.
func (x *examination) validity() answer {
	if a, missing := x.needSigner(); missing {
		return a
	}
	from, until, day := isoDay(x.signer.NotBefore), isoDay(x.signer.NotAfter), isoDay(x.Day)
	issuer, err := x.issuer()
	switch {
	case !x.signer.ValidOn(x.Day):
		return failed(verify.Because(codeExpired).With("from", from).With("until", until).With("day", day))
	case err != nil:
		return undetermined(verify.Because(codeIssuerUnknown).With("from", from).With("until", until))
	case !issuer.ValidOn(x.Day):
		return failed(verify.Because(codeIssuerExpired).With("from", from).With("until", until).With("day", day))
	}
	return passed(verify.Because(codeValid).With("from", from).With("until", until).With("csca", isoDay(issuer.NotAfter)))
}

// hashes answers whether every data group that was read is the one that was signed. One wrong hash that nothing excuses is
// a failure, whatever is missing beside it; to pass, DG1 and DG2 must have been read, and no data group that nobody signed.
// Such a one contradicts nothing, and is believed by nothing: what rests on a data group asks needSigned, or this check.
func (x *examination) hashes() answer {
	if a, missing := x.needSOD(); missing {
		return a
	}
	var right, wrong, unlisted []string
	var besides []verify.Reason
	for number := 1; number <= pki.LastDataGroup; number++ {
		name := dataGroup(number)
		file, there := x.Files[name]
		if !there {
			continue
		}
		d, excused := x.excuse(number)
		listed := x.sod.Object.Hashes[number] != nil
		switch {
		case listed && x.hashAgrees(number, file):
			right = append(right, name)
			if x.behind[name] {
				besides = append(besides, verify.Because(codeBehind).With("file", name))
			}
		case listed && excused:
			besides = append(besides, verify.Because(codeHashExcused).With("file", name), defectReason(d))
		case listed:
			wrong = append(wrong, name)
		case excused:
			besides = append(besides, verify.Because(codeNoneExcused).With("file", name), defectReason(d))
		default:
			unlisted = append(unlisted, name)
		}
	}
	switch {
	case len(wrong) > 0 && x.sod.Object.HashGuessed:
		return undetermined(verify.Because(codeHashGuessed).With("files", wrong...))
	case len(wrong) > 0:
		return failed(verify.Because(codeHashWrong).With("files", wrong...))
	case len(unlisted) > 0:
		return undetermined(verify.Because(codeHashNone).With("files", unlisted...))
	}
	for _, name := range []string{emrtd.FileDG1, emrtd.FileDG2} {
		if !slices.Contains(right, name) {
			return x.without(name)
		}
	}
	return passed(verify.Because(codeHashes).With("files", right...), besides...)
}

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
		return unreadable(emrtd.FileCOM, err)
	}
	listed := slices.Compact(slices.Sorted(slices.Values(com.DataGroups)))
	signed := slices.Sorted(maps.Keys(x.sod.Object.Hashes))
	if !slices.Equal(listed, signed) {
		return failed(verify.Because(codeListsDiffer).With("com", dataGroups(listed)...).With("sod", dataGroups(signed)...))
	}
	if version := x.sod.Object.LDSVersion; version != "" && version != com.LDSVersion {
		return failed(verify.Because(codeVersions).With("com", com.LDSVersion).With("sod", version))
	}
	return passed(verify.Because(codeListsAgree).With("groups", dataGroups(signed)...))
}

// dataGroups name data groups.
func dataGroups(numbers []int) (names []string) {
	for _, number := range numbers {
		names = append(names, dataGroup(number))
	}
	return names
}
