package chip

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// tagDG14 is the tag of DG14 (ICAO Doc 9303-10, 4.7.14).
const tagDG14 asn1.Tag = 0x6E

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
	return x.proved("the chip holds the private key of DG14, which is signed", pki.DefectChipAuthKeyRevoked)
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
	input := cryptobyte.String(x.Files[dataGroup(14)])
	var set cryptobyte.String
	if !input.ReadASN1(&set, tagDG14) {
		return nil, unreadable(errors.New("DG14: not in its tag"))
	}
	infos, err := emrtd.ParseSecurityInfos(set)
	if err != nil {
		return nil, unreadable(fmt.Errorf("DG14: %w", err))
	}
	return infos, answer{}
}
