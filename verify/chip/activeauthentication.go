package chip

import (
	"crypto"
	"errors"
	"slices"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// activeAuthentication answers whether the chip has signed a challenge with the private key of the public key in DG15 (ICAO
// Doc 9303-11, 6.1).
func (x *examination) activeAuthentication() answer {
	const protocol = protocolActive
	proof := x.Proofs.ActiveAuthentication
	if x.Chip == "" && proof == nil {
		return needsChip()
	}
	if a, missing := x.needSigned(15); missing {
		return a
	}
	key, err := x.Proofs.DG15(x.Files[dataGroup(15)])
	switch {
	case err != nil:
		return unreadable(dataGroup(15), err)
	case proof == nil:
		return x.unasked(protocol)
	case proof.Err != nil:
		return x.refused(protocol, proof.Err)
	}
	stated, deviations, a, missing := x.activeHashes()
	if missing && !key.NamesHash() {
		return a
	}
	more, err := key.Check(proof.Challenge, proof.Response, stated...)
	switch {
	case errors.Is(err, pki.ErrSignature):
		return failed(verify.Because(codeSignsNot))
	case err != nil:
		return unreadable(dataGroup(15), err)
	}
	how := passed(verify.Because(codeSigns), slices.Concat(deviations, verify.Deviations(more))...)
	return x.proved(how, pki.DefectActiveAuthKeyRevoked, x.signer)
}

// activeHashes are the hash functions of active authentication by ECDSA that the signed DG14 states (ICAO Doc 9303-11,
// 6.1.2.3 and 9.2.4), and in what the statement deviates; none where it states none that is known here, or where EF.SOD
// lists no DG14. Where EF.SOD lists one that is not there or not what was signed, it is missing: what it states is not
// guessed at.
func (x *examination) activeHashes() (stated []crypto.Hash, deviations []verify.Reason, a answer, missing bool) {
	infos, a, missing := x.needDG14()
	if missing {
		return nil, nil, a, a.result != verify.NotSupported
	}
	for _, info := range infos.ActiveAuthentication {
		hash, plain := pki.ECDSAHash(info.SignatureAlgorithm.String())
		if hash == 0 {
			return nil, nil, a, false // it may be the one that is used
		}
		if !plain && deviations == nil {
			deviations = []verify.Reason{verify.Because(codePlainFormat)}
		}
		stated = append(stated, hash)
	}
	return stated, deviations, a, false
}
