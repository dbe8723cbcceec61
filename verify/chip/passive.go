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

// isoDay is how reasons write a day.
const isoDay = "2006-01-02"

// lastDataGroup is the highest number of a data group (ICAO Doc 9303-10, 4.7).
const lastDataGroup = 16

// signature answers whether EF.SOD is signed by the certificate that it holds.
func (x *examination) signature() answer {
	if a, missing := x.needSigner(); missing {
		return a
	}
	err := x.sod.Verify()
	switch {
	case err == nil:
		return answer{verify.Passed, "signed by " + x.signer.Subject}
	case errors.Is(err, pki.ErrSignature):
		return answer{verify.Failed, "EF.SOD is not what its signer signed: " + err.Error()}
	}
	return unreadable(err)
}

// chain answers whether a trusted CSCA issued the signer, for signing documents, and whether the signer was valid when it
// signed.
func (x *examination) chain() answer {
	if a, missing := x.needSigner(); missing {
		return a
	}
	issuer, err := x.trust.issuerOf(x.signer)
	switch {
	case err == nil && !x.signer.SignsDocuments():
		return answer{verify.Undetermined, "the signer's certificate was issued for something else than signing documents"}
	case err == nil:
		return x.validity(issuer)
	case errors.Is(err, pki.ErrSignature):
		return answer{verify.Failed, err.Error()}
	}
	return answer{verify.Undetermined, err.Error()}
}

// validity judges the signer's days: by the day of signing where EF.SOD states it, else by the day of the examination.
func (x *examination) validity(issuer *pki.Certificate) answer {
	signed, stated := x.sod.SigningTime()
	day := x.Day.Format(isoDay)
	switch {
	case !issuer.ValidOn(x.signer.NotBefore):
		return answer{verify.Undetermined, "the CSCA was not valid on the day from which the signer is, " +
			x.signer.NotBefore.Format(isoDay)}
	case stated && !x.signer.ValidOn(signed):
		return answer{verify.Failed, "signed on " + signed.Format(isoDay) + ", when the signer was not valid"}
	case stated && signed.After(x.Day.Add(24*time.Hour)):
		return answer{verify.Undetermined, "signed on " + signed.Format(isoDay) + ", which is after " + day}
	case stated:
		return answer{verify.Passed, fmt.Sprintf("issued by %s; the signer was valid when it signed, on %s",
			issuer.Subject, signed.Format(isoDay))}
	case !x.signer.ValidOn(x.Day):
		return answer{verify.Undetermined, "EF.SOD does not state when it was signed, and the signer is not valid on " + day}
	}
	return answer{verify.Passed, fmt.Sprintf("issued by %s; EF.SOD does not state when it was signed, the signer is valid on %s",
		issuer.Subject, day)}
}

// hashes answers whether every data group that was read is the one that was signed. One wrong hash is a failure,
// whatever is missing beside it; to pass, DG1 and DG2 must have been read.
func (x *examination) hashes() answer {
	if a, missing := x.needSOD(); missing {
		return a
	}
	var right, wrong []string
	for number := 1; number <= lastDataGroup; number++ {
		name := fmt.Sprintf("DG%d", number)
		file, there := x.Files[name]
		if !there {
			continue
		}
		hash := x.sod.Object.Hash.New()
		hash.Write(file)
		if bytes.Equal(hash.Sum(nil), x.sod.Object.Hashes[number]) {
			right = append(right, name)
		} else {
			wrong = append(wrong, name)
		}
	}
	if len(wrong) > 0 {
		return answer{verify.Failed, strings.Join(wrong, ", ") + ": not the hash that EF.SOD states"}
	}
	for _, name := range []string{emrtd.FileDG1, emrtd.FileDG2} {
		if !slices.Contains(right, name) {
			return x.without(name)
		}
	}
	return answer{verify.Passed, strings.Join(right, ", ") + ": the hash that EF.SOD states"}
}

// contents answers whether EF.COM, which nobody signs, lists what EF.SOD does.
func (x *examination) contents() answer {
	file, there := x.Files[emrtd.FileCOM]
	if !there {
		return x.without(emrtd.FileCOM)
	}
	if a, missing := x.needSOD(); missing {
		return a
	}
	com, err := emrtd.ParseCOM(file)
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
