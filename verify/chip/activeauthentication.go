package chip

import (
	"crypto"
	"errors"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// activeAuthentication answers whether the chip has signed a challenge with the private key of the public key in DG15 (ICAO
// Doc 9303-11, 6.1).
func (x *examination) activeAuthentication() answer {
	const protocol = "active authentication"
	proof := x.Proofs.ActiveAuthentication
	if x.Chip == "" && proof == nil {
		return needsChip()
	}
	if a, missing := x.needSigned(15); missing {
		return a
	}
	key, err := pki.ParseDG15(x.Files[dataGroup(15)])
	switch {
	case err != nil:
		return unreadable(err)
	case proof == nil:
		return x.unasked(protocol)
	case proof.Err != nil:
		return x.refused(protocol, proof.Err)
	}
	err = key.Check(proof.Challenge, proof.Response, x.activeHash())
	switch {
	case errors.Is(err, pki.ErrSignature):
		return answer{verify.Failed, "the chip did not sign with the private key of DG15, which is signed: it is a copy"}
	case err != nil:
		return unreadable(err)
	}
	return x.proved("the chip signed with the private key of DG15, which is signed", pki.DefectActiveAuthKeyRevoked)
}

// activeHash is the hash function of active authentication by ECDSA, which the signed DG14 must name (ICAO Doc 9303-11,
// 6.1.2.3 and 9.2.4); 0 where it does not. A signature with RSA names its own.
func (x *examination) activeHash() crypto.Hash {
	infos, _, missing := x.needDG14()
	if missing || len(infos.ActiveAuthentication) != 1 {
		return 0
	}
	switch infos.ActiveAuthentication[0].SignatureAlgorithm.String() { // ecdsa-plain-signatures (BSI TR-03111, 5.2.1)
	case "0.4.0.127.0.7.1.1.4.1.1":
		return crypto.SHA1
	case "0.4.0.127.0.7.1.1.4.1.2":
		return crypto.SHA224
	case "0.4.0.127.0.7.1.1.4.1.3":
		return crypto.SHA256
	case "0.4.0.127.0.7.1.1.4.1.4":
		return crypto.SHA384
	case "0.4.0.127.0.7.1.1.4.1.5":
		return crypto.SHA512
	}
	return 0
}
