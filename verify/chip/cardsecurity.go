package chip

import (
	"errors"
	"fmt"
	"slices"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// oidSecurityInfos is the content type of EF.CardSecurity, id-SecurityObject (ICAO Doc 9303-11, 9.2.8).
const oidSecurityInfos = "0.4.0.127.0.7.3.2.1"

// accessMapped is how PACE with chip authentication mapping is called.
const accessMapped = "PACE-ECDH-CAM"

// chipAuthenticationMapping answers whether the chip has proved by opening that it holds the private key of a public key in
// EF.CardSecurity (ICAO Doc 9303-11, 4.4.3.5).
func (x *examination) chipAuthenticationMapping() answer {
	switch {
	case x.Proofs.Mapping != nil:
		return x.verifyMapping()
	case x.Chip == "":
		return needsChip()
	}
	infos, a, missing := x.needDG14()
	mapped := func(i emrtd.PACEInfo) bool { return i.String() == accessMapped }
	switch {
	case missing:
		return a
	case slices.ContainsFunc(infos.PACE, mapped):
		return answer{verify.Undetermined,
			"DG14, which is signed, lists chip authentication mapping, and the chip did not open by it"}
	}
	return answer{verify.NotSupported, "DG14, which is signed, lists no chip authentication mapping"}
}

// verifyMapping judges the proof by the keys in EF.CardSecurity.
func (x *examination) verifyMapping() answer {
	infos, a, missing := x.needCardSecurity()
	if missing {
		return a
	}
	var copied, silent bool
	for _, key := range infos.ChipAuthenticationKeys {
		err := x.Proofs.Mapping.Verify(key)
		if err == nil {
			return x.proved("the chip holds the private key of EF.CardSecurity, which is signed"+a.reason, pki.DefectChipAuthKeyRevoked)
		}
		copied = copied || errors.Is(err, emrtd.ErrNotChipsKey)
		silent = silent || errors.Is(err, emrtd.ErrNoMappingData)
	}
	switch {
	case copied:
		return answer{verify.Failed, "the chip does not hold the private key of EF.CardSecurity, which is signed: it is a copy"}
	case silent:
		return answer{verify.Undetermined, "the chip opened by chip authentication mapping and did not send its proof"}
	}
	return answer{verify.Undetermined, "EF.CardSecurity has no key of the kind that the chip opened with"}
}

// needCardSecurity gives what EF.CardSecurity lists, and as the answer's reason what is let pass in its signature; or, where
// nobody who is trusted vouches for that file or it is unreadable, the answer of a check that rests on it. Its signer must be
// of the country of EF.SOD's: else a chip of one country could prove itself for the files of another.
func (x *examination) needCardSecurity() (*emrtd.SecurityInfos, answer, bool) {
	infos, a := x.cardSecurity()
	return infos, a, infos == nil
}

func (x *examination) readCardSecurity() (*emrtd.SecurityInfos, answer) {
	file, there := x.Files[emrtd.FileCardSecurity]
	if !there {
		return nil, x.without(emrtd.FileCardSecurity)
	}
	signed, signer, err := parseCardSecurity(file)
	if err != nil {
		return nil, unreadable(fmt.Errorf("EF.CardSecurity: %w", err))
	}
	err = signed.Verify()
	switch {
	case errors.Is(err, pki.ErrSignature):
		return nil, x.malformed("EF.CardSecurity is not what its signer signed: "+err.Error(), pki.DefectCardSecurityMalformed)
	case err != nil:
		return nil, unreadable(fmt.Errorf("EF.CardSecurity: %w", err))
	}
	if a := x.trustedCardSigner(signed, signer); a.result != verify.Passed {
		return nil, answer{a.result, "EF.CardSecurity: " + a.reason}
	}
	infos, err := emrtd.ParseSecurityInfos(signed.Content)
	if err != nil {
		return nil, unreadable(fmt.Errorf("EF.CardSecurity: %w", err))
	}
	return infos, answer{verify.Passed, told(signed.Slips())}
}

// trustedCardSigner answers whether the signer of EF.CardSecurity is to be believed, for which no other check asks.
func (x *examination) trustedCardSigner(signed *pki.SignedData, signer *pki.Certificate) answer {
	issuer, err := x.trust.issuerOf(signer)
	if a := x.chainOf(signed, signer, issuer, err); a.result != verify.Passed {
		return a
	}
	if revoked, _, why := x.trust.revocation(signer, issuer, x.Day); revoked {
		return answer{verify.Undetermined, why}
	}
	if x.signer == nil || signer.Country != x.signer.Country {
		return answer{verify.Undetermined, "not signed by the country that signed EF.SOD"}
	}
	return answer{verify.Passed, ""}
}

func parseCardSecurity(file []byte) (*pki.SignedData, *pki.Certificate, error) {
	signed, err := pki.ParseSignedData(file)
	if err != nil {
		return nil, nil, err
	}
	if signed.ContentType != oidSecurityInfos {
		return nil, nil, fmt.Errorf("%w: content type %s", pki.ErrMalformed, bounded(signed.ContentType, maxOID))
	}
	signer, err := signed.SignerCertificate()
	return signed, signer, err
}
