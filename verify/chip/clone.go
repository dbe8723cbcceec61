package chip

import (
	"errors"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// What the checks against copies have in common. A copy has every signed file of the chip that it was made from and lacks
// the private keys; so it fails, refuses to be asked, or hides that it could be asked. The first is a failure. The others are
// left undetermined, which, where no other protocol proves the chip, keeps the document from being genuine.

// original answers whether the chip is no copy, by all protocols that its signed files list. It need prove itself by one of
// them (BSI TR-03135-1, 5.6.4.1), so that it does no harm where another could not be carried out; but none may fail.
func (x *examination) original() answer {
	protocols := []answer{x.ca(), x.aa(), x.cam()}
	for _, result := range []verify.Result{
		verify.Failed, verify.Passed, verify.Undetermined, verify.Aborted, verify.NotPerformed,
	} {
		for _, a := range protocols {
			if a.result == result {
				return a
			}
		}
	}
	if a, missing := x.needSOD(); missing {
		return a
	}
	return notSupported(verify.Because(codeNoProtocol))
}

// The protocols by which a chip proves that it is no copy, as catalogues have words for them.
const (
	protocolActive = "active_authentication"
	protocolChip   = "chip_authentication"
)

// needsChip answers a check against copies of files that were saved earlier.
func needsChip() answer { return notPerformed(verify.Because(codeNeedsChip)) }

// unasked answers a check against copies where the chip could have been asked and was not.
func (x *examination) unasked(protocol string) answer {
	if x.Chip == verify.ChipTorn {
		return aborted(verify.Because(codeTornBefore).With("protocol", protocol))
	}
	return notPerformed(verify.Because(codeNotAsked).With("protocol", protocol))
}

// proved answers a check against copies that the chip stood. How much that is worth depends on who signed for its keys, and
// it is worth nothing where a defect list says that such keys, of the documents of one of these signers, are in wrong hands
// (BSI TR-03135-1, 5.8.2.1.3 and 5.8.2.1.4).
func (x *examination) proved(how answer, compromised pki.DefectKind, signers ...*pki.Certificate) answer {
	for _, signer := range signers {
		if d, known := x.defectOf(signer, compromised); known {
			return failed(verify.Because(codeCompromised), append(how.reasons, defectReason(d))...)
		}
	}
	if _, err := x.issuer(); err != nil {
		how.reasons = append(how.reasons, verify.Because(codeSignerUnknown))
	}
	return how
}

// refused answers a check against copies where the chip did not do what its signed files offer. A copy may do so, for want
// of the key; but chips refuse for other reasons too, and a refusal tests no key. It proves nothing, which keeps a document that
// nothing else proves from being genuine.
func (x *examination) refused(protocol string, err error) answer {
	var refusal *emrtd.StatusError
	authentic := !errors.Is(err, emrtd.ErrSecureMessaging) // else anyone on the link may have said it
	switch {
	case errors.As(err, &refusal) && authentic:
		return undetermined(verify.Because(codeAARefused).With("protocol", protocol).With(verify.Detail, refusal.Error()))
	case x.Chip == verify.ChipTorn:
		return aborted(verify.Because(codeTornDuring).With("protocol", protocol))
	}
	return undetermined(verify.Because(codeUnfinished).With("protocol", protocol).With(verify.Detail, err.Error()))
}
