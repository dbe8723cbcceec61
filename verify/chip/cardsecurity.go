package chip

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
)

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
	switch {
	case missing:
		return a
	case listsMapping(infos):
		return undetermined(verify.Because(codeNotByMapping))
	}
	return notSupported(verify.Because(codeNoMapping))
}

// listsMapping says whether chip authentication mapping is among the variants of PACE.
func listsMapping(infos *emrtd.SecurityInfos) bool {
	return slices.ContainsFunc(infos.PACE, func(i emrtd.PACEInfo) bool { return i.String() == accessMapped })
}

// mappingBorneOut answers whether the document, by what EF.SOD's signer signed, is one with chip authentication mapping.
// Nothing in EF.CardSecurity says to which document it belongs, so that a copy could come with that of another document and
// with its key. DG14 repeats what opens the chip (ICAO Doc 9303-11, 9.2). One that lists no protocol at all, or is not
// there, contradicts nothing: there is none that a copy would get around.
func (x *examination) mappingBorneOut() answer {
	infos, a, missing := x.needDG14()
	active := x.sod != nil && x.sod.Object.Hashes[15] != nil
	switch {
	case missing && a.result != verify.NotSupported:
		return a
	case !missing && listsMapping(infos):
		return answer{result: verify.Passed}
	case active || !missing && listsProtocol(infos):
		return undetermined(verify.Because(codeMappingOther))
	}
	return passed(verify.Because(codeNotRepeating))
}

// listsProtocol says whether there is a way to open the chip, or to prove it, that this reader knows.
func listsProtocol(infos *emrtd.SecurityInfos) bool {
	return len(infos.PACE)+len(infos.PACEDomainParameters)+len(infos.ChipAuthentication)+len(infos.ChipAuthenticationKeys)+
		len(infos.ActiveAuthentication)+len(infos.Unusable) > 0
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
			return x.provedByMapping(infos)
		}
		copied = copied || errors.Is(err, emrtd.ErrNotChipsKey)
		silent = silent || errors.Is(err, emrtd.ErrNoMappingData)
	}
	switch {
	case copied:
		return failed(verify.Because(codeNotHeld).With("file", emrtd.FileCardSecurity))
	case silent:
		return undetermined(verify.Because(codeSilent))
	}
	return undetermined(verify.Because(codeNoSuchKey))
}

// provedByMapping answers for a chip that holds the private key of EF.CardSecurity.
func (x *examination) provedByMapping(infos *signedInfos) answer {
	how := passed(verify.Because(codeHolds).With("file", emrtd.FileCardSecurity), verify.Deviations(infos.deviations)...)
	a := x.mappingBorneOut()
	if a.result != verify.Passed {
		return answer{a.result, append(a.reasons, how.reasons...)}
	}
	how.reasons = append(how.reasons, a.reasons...)
	return x.proved(how, pki.DefectChipAuthKeyRevoked, x.signer, infos.signer)
}

// signedInfos is what EF.CardSecurity lists, who signed it, and what is let pass in the signature.
type signedInfos struct {
	*emrtd.SecurityInfos
	signer     *pki.Certificate
	deviations []pki.Deviation
}

// needCardSecurity gives what EF.CardSecurity lists; or, where nobody who is trusted vouches for that file or it is
// unreadable, the answer of a check that rests on it. Its signer must be of the country of EF.SOD's: else a chip of one
// country could prove itself for the files of another.
func (x *examination) needCardSecurity() (*signedInfos, answer, bool) {
	infos, a := x.cardSecurity()
	return infos, a, infos == nil
}

func (x *examination) readCardSecurity(ctx context.Context) (*signedInfos, answer) {
	file, there := x.Files[emrtd.FileCardSecurity]
	if !there {
		return nil, x.without(emrtd.FileCardSecurity)
	}
	signed, signer, err := parseCardSecurity(ctx, file)
	if err != nil {
		return nil, unreadable(emrtd.FileCardSecurity, fmt.Errorf("EF.CardSecurity: %w", err))
	}
	err = signed.Verify()
	switch {
	case errors.Is(err, pki.ErrSignature):
		return nil, x.malformed(verify.Because(codeCardSigned).With(verify.Detail, err.Error()), pki.DefectCardSecurityMalformed)
	case err != nil:
		return nil, unreadable(emrtd.FileCardSecurity, fmt.Errorf("EF.CardSecurity: %w", err))
	}
	if a := x.trustedCardSigner(signed, signer); a.result != verify.Passed {
		return nil, answer{a.result, append([]verify.Reason{verify.Because(codeCardSigner)}, a.reasons...)}
	}
	infos, err := emrtd.ParseSecurityInfos(signed.Content)
	if err != nil {
		return nil, unreadable(emrtd.FileCardSecurity, fmt.Errorf("EF.CardSecurity: %w", err))
	}
	return &signedInfos{infos, signer, signed.Deviations()}, answer{}
}

// trustedCardSigner answers whether the signer of EF.CardSecurity is to be believed, for which no other check asks.
func (x *examination) trustedCardSigner(signed *pki.SignedData, signer *pki.Certificate) answer {
	path, err := x.trust.CertificationPath(signer)
	issuer := first(path)
	if a := x.chainOf(signed, signer, issuer, err); a.result != verify.Passed {
		return a
	}
	if r := x.trust.Revocation(signer, issuer, x.Day); r.Status == trust.StatusRevoked {
		return answer{verify.Undetermined, revocationReasons(r)}
	}
	if x.signer == nil || !sameCountry(pki.CountriesOf(signer, path...), pki.CountriesOf(x.signer, x.ancestors()...)) {
		return undetermined(verify.Because(codeStranger))
	}
	return answer{result: verify.Passed}
}

func parseCardSecurity(ctx context.Context, file []byte) (*pki.SignedData, *pki.Certificate, error) {
	signed, err := pki.ParseSignedData(file)
	if err != nil {
		return nil, nil, err
	}
	context.AfterFunc(ctx, signed.GiveUp)
	if signed.ContentType != pki.SecurityInfosType {
		return nil, nil, fmt.Errorf("%w: content type %s", pki.ErrMalformed, verify.Quote(signed.ContentType, maxOID))
	}
	signer, err := signed.SignerCertificate()
	return signed, signer, err
}
