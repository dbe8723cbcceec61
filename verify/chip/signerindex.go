package chip

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
// number, or key identifier; and by serial number alone, for one whose issuer is named otherwise than in its certificate. It
// holds some 70 bytes for a certificate, and what is found is read from the file.
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

// maxSigners bounds how many certificates are read for one EF.SOD: a directory is a stranger's, who may name thousands alike.
const maxSigners = 32

// signerID is what a signer is named by: issuer and serial number, or key identifier where serial is nil. A certificate has
// all of them, or no keyID.
type signerID struct {
	issuer string
	serial *big.Int
	keyID  []byte
}

// means says whether the certificate with these identifiers is the one that is named.
func (id signerID) means(c signerID) bool {
	if id.serial == nil {
		return len(id.keyID) > 0 && bytes.Equal(id.keyID, c.keyID)
	}
	return id.issuer == c.issuer && id.sharesSerial(c)
}

func (id signerID) sharesSerial(c signerID) bool { return id.serial.Cmp(c.serial) == 0 }

// What certificates are found by, hashed.

func (x *signerIndex) byIssuer(id signerID) uint64 {
	return maphash.Comparable(x.seed, [2]string{id.issuer, serialText(id.serial)})
}

func (x *signerIndex) bySerial(id signerID) uint64 {
	return maphash.String(x.seed, serialText(id.serial))
}

func (x *signerIndex) byKeyID(id signerID) uint64 { return maphash.Bytes(x.seed, id.keyID) }

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
	x.places = slices.Grow(x.places, 3*len(certificates))
	for _, der := range certificates {
		p := place{file: file, offset: offset, length: uint32(len(der))}
		offset += p.length
		issuer, serial, keyID, ok := reader.Read(der)
		if !ok {
			continue
		}
		c := signerID{issuer, serial, keyID}
		keys := []uint64{x.byIssuer(c), x.bySerial(c), x.byKeyID(c)}
		if len(keyID) == 0 {
			keys = keys[:2]
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

// signersOf gives the certificates, in DER, that may be that of EF.SOD's signer; where none is named as the signer is, those
// of the same serial number: issuers spell their names in more than one way.
func (s *Store) signersOf(sod *pki.SignedData) [][]byte {
	var id signerID
	id.issuer, id.serial, id.keyID = sod.SignerID()
	if len(s.signers.places) == 0 {
		return nil
	}
	if id.serial == nil {
		return s.readSigners(s.signers.at(s.signers.byKeyID(id), maxSigners), id.means)
	}
	found := s.readSigners(s.signers.at(s.signers.byIssuer(id), maxSigners), id.means)
	if len(found) == 0 {
		found = s.readSigners(s.signers.at(s.signers.bySerial(id), maxSigners), id.sharesSerial)
	}
	return found
}

// vouched are those of the certificates that a CSCA of the store issued.
func (s *Store) vouched(certificates [][]byte) (issued [][]byte) {
	for _, der := range certificates {
		c, err := pki.ParseCertificate(der)
		if err != nil {
			continue
		}
		if _, err := s.issuerOf(c); err == nil {
			issued = append(issued, der)
		}
	}
	return issued
}

// readSigners reads the certificates at those places that are meant. A file that cannot be read, or is not what it was when
// the store was opened, has none.
func (s *Store) readSigners(places []place, meant func(signerID) bool) [][]byte {
	var found [][]byte
	var reader pki.IdentifierReader
	for _, p := range places {
		der, err := s.readPlace(p)
		if err != nil {
			continue
		}
		if issuer, serial, keyID, ok := reader.Read(der); ok && meant(signerID{issuer, serial, keyID}) {
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
