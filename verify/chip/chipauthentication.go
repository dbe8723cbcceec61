package chip

import (
	"errors"
	"fmt"
	"slices"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// chipAuthentication answers whether the chip has proved that it holds the private key of a public key in DG14 (ICAO
// Doc 9303-11, 6.2).
func (x *examination) chipAuthentication() answer {
	const protocol = protocolChip
	proof := x.Proofs.ChipAuthentication
	if x.Chip == "" && proof == nil {
		return needsChip()
	}
	infos, a, missing := x.needDG14()
	if missing {
		return a
	}
	usesKey := func(k emrtd.ChipAuthenticationPublicKeyInfo) bool { return k.KeyID == proof.KeyID }
	copied := proof != nil && errors.Is(proof.Err, emrtd.ErrNotChipsKey)
	switch {
	case len(infos.ChipAuthenticationKeys) == 0 && len(infos.Unusable) > 0:
		return unreadable(dataGroup(14), fmt.Errorf("DG14: %w", errors.Join(infos.Unusable...)))
	case len(infos.ChipAuthenticationKeys) == 0:
		return notSupported(verify.Because(codeNoProtocolKey).With("protocol", protocol))
	case proof == nil:
		return x.unasked(protocol)
	case proof.Err != nil && !copied:
		return x.refused(protocol, proof.Err)
	case !slices.ContainsFunc(infos.ChipAuthenticationKeys, usesKey):
		return undetermined(verify.Because(codeKeyNotListed))
	case copied:
		return failed(verify.Because(codeNotHeld).With("file", dataGroup(14)))
	}
	how := passed(verify.Because(codeHolds).With("file", dataGroup(14)))
	if proof.Refused != nil {
		how.reasons = append(how.reasons, verify.Because(codeOtherRefused).With(verify.Detail, proof.Refused.Error()))
	}
	how.reasons = append(how.reasons, fileDeviations(dataGroup(14), infos.KeyDeviations(proof.KeyID))...)
	return x.proved(how, pki.DefectChipAuthKeyRevoked, x.signer)
}

// needDG14 gives what DG14 lists; or, where nobody vouches for that file or it is unreadable, the answer of a check that
// rests on it.
func (x *examination) needDG14() (*emrtd.SecurityInfos, answer, bool) {
	infos, a := x.dg14()
	return infos, a, infos == nil
}

func (x *examination) readDG14() (*emrtd.SecurityInfos, answer) {
	if a, missing := x.needSigned(14); missing {
		return nil, a
	}
	infos, err := x.Proofs.DG14(x.Files[dataGroup(14)])
	if err != nil {
		return nil, unreadable(dataGroup(14), err)
	}
	return infos, answer{}
}
