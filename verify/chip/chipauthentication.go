package chip

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// chipAuthentication answers whether the chip has proved that it holds the private key of a public key in DG14 (ICAO
// Doc 9303-11, 6.2).
func (x *examination) chipAuthentication() answer {
	const protocol = "chip authentication"
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
		return unreadable(fmt.Errorf("DG14: %w", errors.Join(infos.Unusable...)))
	case len(infos.ChipAuthenticationKeys) == 0:
		return answer{verify.NotSupported, "DG14, which is signed, has no key for " + protocol}
	case proof == nil:
		return x.unasked(protocol)
	case proof.Err != nil && !copied:
		return x.refused(protocol, proof.Err)
	case !slices.ContainsFunc(infos.ChipAuthenticationKeys, usesKey):
		return answer{verify.Undetermined, "the key that the chip was asked for is not in DG14"}
	case copied:
		return answer{verify.Failed, "the chip does not hold the private key of DG14, which is signed: it is a copy"}
	}
	how := "the chip holds the private key of DG14, which is signed"
	if proof.Refused != nil {
		how += "; it refused what DG14 lists as well: " + oneLine(proof.Refused)
	}
	how = verify.WithDeviations(how, infos.KeyDeviations(proof.KeyID)...)
	return x.proved(how, pki.DefectChipAuthKeyRevoked, x.signer)
}

// oneLine is an error for a reason: what was joined is parted by semicolons.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

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
		return nil, unreadable(err)
	}
	return infos, answer{}
}
