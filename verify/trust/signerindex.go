package trust

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"math/big"
	"os"
	"slices"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// signerIndex finds certificates of document signers in the store's files by what an EF.SOD names them by: issuer and serial
// number, or key identifier; and by serial number, issuer or country alone, for one that is named otherwise than in its
// certificate. It holds some 120 bytes for a certificate, and what is found is read from the file.
type signerIndex struct {
	seed   maphash.Seed
	files  []string // SHA-256
	places []place  // by what they are found by
}

// place is where a certificate stands.
type place struct {
	found  uint64 // hash of what it is found by
	file   uint32 // in files
	offset uint32 // in the file, which [maxImport] bounds
	length uint32
}

// means says whether the certificate with these identifiers is the one that is named.
func means(id, c pki.Identifiers) bool {
	if id.Serial == nil {
		return len(id.KeyID) > 0 && bytes.Equal(id.KeyID, c.KeyID)
	}
	return id.Issuer == c.Issuer && id.Serial.Cmp(c.Serial) == 0
}

// What certificates are found by, hashed.

func (x *signerIndex) byIssuerAndSerial(id pki.Identifiers) uint64 {
	return maphash.Comparable(x.seed, [2]string{id.Issuer, serialText(id.Serial)})
}

func (x *signerIndex) bySerial(id pki.Identifiers) uint64 {
	return maphash.String(x.seed, serialText(id.Serial))
}

func (x *signerIndex) byKeyID(id pki.Identifiers) uint64 { return maphash.Bytes(x.seed, id.KeyID) }

func (x *signerIndex) byIssuer(issuer string) uint64 {
	return maphash.Comparable(x.seed, [2]string{issuer, "an issuer"})
}

func (x *signerIndex) byCountry(country string) uint64 {
	return maphash.Comparable(x.seed, [2]string{country, "a country"})
}

// serialText writes a serial number such that equal ones are equal, and others are not.
func serialText(serial *big.Int) string { return string(append(serial.Bytes(), byte(serial.Sign()))) }

// add takes in the certificates of a file.
func (x *signerIndex) add(id string, certificates [][]byte) {
	if x.seed == (maphash.Seed{}) {
		x.seed = maphash.MakeSeed()
	}
	var reader pki.IdentifierReader
	file, offset := uint32(len(x.files)), uint32(0)
	x.files = append(x.files, id)
	x.places = slices.Grow(x.places, 5*len(certificates))
	for _, der := range certificates {
		p := place{file: file, offset: offset, length: uint32(len(der))}
		offset += p.length
		id, ok := reader.Read(der)
		if !ok {
			continue
		}
		keys := []uint64{x.byIssuerAndSerial(id), x.bySerial(id), x.byIssuer(id.Issuer), x.byCountry(id.Country), x.byKeyID(id)}
		if len(id.KeyID) == 0 {
			keys = keys[:4]
		}
		for _, p.found = range keys {
			x.places = append(x.places, p)
		}
	}
	slices.SortFunc(x.places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.found, b.found), cmp.Compare(a.file, b.file), cmp.Compare(a.offset, b.offset))
	})
}

// at gives at most so many places of what is found by that hash.
func (x *signerIndex) at(found uint64, atMost int) []place {
	first, _ := slices.BinarySearchFunc(x.places, found, func(p place, found uint64) int { return cmp.Compare(p.found, found) })
	places := x.places[first:min(first+atMost, len(x.places))]
	end := slices.IndexFunc(places, func(p place) bool { return p.found != found })
	if end >= 0 {
		places = places[:end]
	}
	return places
}

// SignersNamed gives the certificates, in DER, that directories have of whom a file that is signed names as its signer; where there are
// none, those of the same serial number: issuers spell their names in more than one way. At most so many are read: a directory is a
// stranger's, who may name thousands alike. Nobody vouches for them.
func (s *Store) SignersNamed(signed *pki.SignedData, atMost int) [][]byte {
	id := signed.SignerID()
	if len(s.signers.places) == 0 {
		return nil
	}
	named := func(c pki.Identifiers) bool { return means(id, c) }
	if id.Serial == nil {
		return s.readSigners(s.signers.at(s.signers.byKeyID(id), atMost), named)
	}
	found := s.readSigners(s.signers.at(s.signers.byIssuerAndSerial(id), atMost), named)
	if len(found) == 0 {
		found = s.readSigners(s.signers.at(s.signers.bySerial(id), atMost), func(c pki.Identifiers) bool { return id.Serial.Cmp(c.Serial) == 0 })
	}
	return found
}

// SignersOf gives the certificates, in DER, that directories have of whom a file that is signed names as the issuer of its signer, then
// those of that issuer's country and of these countries, each once and at most so many; more says that there are others. Countries are
// as [pki.CountryCode] gives them. Nobody vouches for them.
func (s *Store) SignersOf(signed *pki.SignedData, atMost int, countries ...string) (found [][]byte, more bool) {
	id := signed.SignerID()
	if len(s.signers.places) == 0 {
		return nil, false
	}
	places := s.signers.at(s.signers.byIssuer(id.Issuer), atMost+1)
	for _, country := range slices.Compact(append([]string{id.Country}, countries...)) {
		if country != "" {
			places = slices.Concat(places, s.signers.at(s.signers.byCountry(country), atMost+1))
		}
	}
	places = once(places)
	return s.readSigners(places[:min(len(places), atMost)], func(pki.Identifiers) bool { return true }), len(places) > atMost
}

// once gives the places in their order, each once, whatever they were found by.
func once(places []place) []place {
	var each []place
	seen := map[place]bool{}
	for _, p := range places {
		if p.found = 0; !seen[p] {
			seen[p] = true
			each = append(each, p)
		}
	}
	return each
}

// readSigners reads the certificates at those places that are meant. A file that cannot be read, or is not what it was when
// the store was opened, has none.
func (s *Store) readSigners(places []place, meant func(pki.Identifiers) bool) [][]byte {
	var found [][]byte
	var reader pki.IdentifierReader
	for _, p := range places {
		der, err := s.readPlace(p)
		if err != nil {
			continue
		}
		if id, ok := reader.Read(der); ok && meant(id) {
			found = append(found, der)
		}
	}
	return found
}

// readPlace reads what stands at a place.
func (s *Store) readPlace(p place) ([]byte, error) {
	file, err := os.Open(s.path(s.signers.files[p.file], kindSigners))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	der := make([]byte, p.length)
	_, err = file.ReadAt(der, int64(p.offset))
	return der, err
}
