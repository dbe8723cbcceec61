package emrtd

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// errNoStaticKey says that DG14 speaks of chip authentication and has no key for it that can be used.
var errNoStaticKey = errors.New("DG14 has no key for chip authentication that can be used here")

// maxStaticKeys is how many requests for chip authentication a chip is sent at most. Each may cost it two sessions.
const maxStaticKeys = 6

// chipAuthenticationVersion is the version of chip authentication that there is (ICAO Doc 9303-11, 9.2.5).
const chipAuthenticationVersion = 1

// staticKey is a public key of the chip and how it is asked for it.
type staticKey struct {
	ChipAuthenticationPublicKeyInfo
	cipher cipherID
	named  int // by what identifier the chip is asked for it, or NoID
	// otherVersion says that its entry in DG14 is of a version that there is not.
	otherVersion bool
	// certain says that DG14 leaves no doubt which key the chip takes when it is asked so, and what it does with it.
	certain bool
}

// String names the key by its protocol and, where it has one, its identifier.
func (k staticKey) String() string {
	agreement := map[int]string{arcDH: "DH", arcECDH: "ECDH"}[k.agreement()]
	cipher := map[cipherID]string{cipher3DES: "3DES", cipherAES128: "AES-128", cipherAES192: "AES-192", cipherAES256: "AES-256"}[k.cipher]
	if k.named == NoID {
		return agreement + " with " + cipher
	}
	return fmt.Sprintf("%s with %s, key %d", agreement, cipher, k.named)
}

// denied is what it means that the chip agreed to the key and does not hold it.
func (k staticKey) denied() error {
	if !k.certain {
		return errUnclearKey
	}
	return ErrNotChipsKey
}

// staticKeys are the requests that chip authentication may begin with, the best first: that with the strongest cipher, then elliptic curves
// before residues, the largest field. Offered says that the chip has chip authentication at all; the error why there is no
// key to do it with.
func (s *SecurityInfos) staticKeys() (keys []staticKey, offered bool, err error) {
	for _, key := range s.ChipAuthenticationKeys {
		for _, info := range s.infosFor(key) {
			for _, request := range s.requestsFor(key, info) {
				if !slices.ContainsFunc(keys, request.same) {
					keys = append(keys, request)
				}
			}
		}
	}
	if len(keys) == 0 {
		offered = len(s.ChipAuthentication)+len(s.ChipAuthenticationKeys) > 0
		return nil, offered, errors.Join(append([]error{errNoStaticKey}, s.Unusable...)...)
	}
	slices.SortStableFunc(keys, func(a, b staticKey) int {
		if a.otherVersion != b.otherVersion {
			return map[bool]int{true: 1, false: -1}[a.otherVersion]
		}
		return cmp.Or(
			cmp.Compare(b.cipher, a.cipher),
			cmp.Compare(b.group.publicTag(), a.group.publicTag()), // 84 is DH, 86 ECDH
			cmp.Compare(b.group.fieldPrime().BitLen(), a.group.fieldPrime().BitLen()),
		)
	})
	return keys[:min(len(keys), maxStaticKeys)], true, nil
}

// same says whether the chip would be asked for the same key alike: an entry may stand there twice.
func (k staticKey) same(o staticKey) bool {
	sameKey := k.KeyID == o.KeyID && k.agreement() == o.agreement() && bytes.Equal(k.public.encode(), o.public.encode())
	return sameKey && k.cipher == o.cipher && k.named == o.named && k.otherVersion == o.otherVersion
}

// infosFor are the entries that say what a key is used with: those of its key agreement that have its identifier; else
// those that are no other key's, for some issuers give the identifier to one of the two only. Without an entry it is
// Triple-DES: some documents leave it out (ICAO Doc 9303-11, 8.5).
func (s *SecurityInfos) infosFor(key ChipAuthenticationPublicKeyInfo) []ChipAuthenticationInfo {
	var own, free []ChipAuthenticationInfo
	for _, info := range s.ChipAuthentication {
		agreement, _ := info.arcs()
		switch {
		case agreement != key.agreement():
		case info.KeyID == key.KeyID:
			own = append(own, info)
		case !slices.ContainsFunc(s.ChipAuthenticationKeys, func(k ChipAuthenticationPublicKeyInfo) bool {
			return k.KeyID == info.KeyID && k.agreement() == agreement
		}):
			free = append(free, info)
		}
	}
	switch {
	case len(own) > 0:
		return own
	case len(free) > 0:
		return free
	}
	return []ChipAuthenticationInfo{implied(key)}
}

// implied is the entry that a key has where there is none.
func implied(key ChipAuthenticationPublicKeyInfo) ChipAuthenticationInfo {
	protocol := append(slices.Clone(key.Protocol[:len(key.Protocol)-2]), arcChipAuthentication, key.agreement(), int(cipher3DES))
	return ChipAuthenticationInfo{Protocol: protocol, Version: chipAuthenticationVersion, KeyID: key.KeyID, implied: true}
}

// requestsFor are the requests for a key with what an entry says, none where that is not known here: by the key's own
// identifier; where that might be missing, by the entry's; and where there is but one key, without. Entries of another
// version than 1, the one that there is, come last.
func (s *SecurityInfos) requestsFor(key ChipAuthenticationPublicKeyInfo, info ChipAuthenticationInfo) (requests []staticKey) {
	_, c := info.arcs()
	if c < cipher3DES || c > cipherAES256 {
		return nil
	}
	alone := s.keys <= 1
	names := []int{key.KeyID}
	if alone || key.KeyID == NoID {
		names = append(names, info.KeyID)
	}
	if alone {
		names = append(names, NoID)
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		other := info.Version != chipAuthenticationVersion
		requests = append(requests, staticKey{key, c, name, other, !other && (alone || s.isOnly(key) && name == key.KeyID)})
	}
	return requests
}

// isOnly says whether a key has an identifier that no other of its kind has.
func (s *SecurityInfos) isOnly(key ChipAuthenticationPublicKeyInfo) bool {
	same := 0
	for _, k := range s.ChipAuthenticationKeys {
		if k.KeyID == key.KeyID {
			same++
		}
	}
	return key.KeyID != NoID && same == 1
}

// Arcs below id-CA and id-PK (ICAO Doc 9303-11, 9.2.7).
const (
	arcDH   = 1
	arcECDH = 2
)

// arcs are the last two of the protocol.
func (i ChipAuthenticationInfo) arcs() (agreement int, c cipherID) {
	last := i.Protocol[len(i.Protocol)-2:]
	return last[0], cipherID(last[1])
}

// agreement is the arc of the key agreement that the key serves.
func (i ChipAuthenticationPublicKeyInfo) agreement() int {
	if isElliptic(i.group) {
		return arcECDH
	}
	return arcDH
}

// mechanism is the content of the protocol's object identifier, below id-CA.
func (k staticKey) mechanism() []byte {
	return append([]byte("\x04\x00\x7F\x00\x07\x02\x02\x03"), byte(k.agreement()), byte(k.cipher))
}

// reference is the data object that names the private key, where it is asked for by an identifier.
func (k staticKey) reference() []byte {
	if k.named == NoID {
		return nil
	}
	return appendTLV(nil, tagPrivateKey, unsigned(k.named)...)
}
