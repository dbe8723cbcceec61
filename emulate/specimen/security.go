package specimen

import (
	"crypto"
	"io"
	"slices"

	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/emulate/specimen/lds"
)

// security is what a person's chip knows beside Basic Access Control, and how old its data structure is.
type security struct {
	version lds.Version
	pace    []chip.PACEInfo
	// paceOnly is a chip without Basic Access Control.
	paceOnly bool
	can      string
	// static is the key for chip authentication and the chip authentication mapping, without its private half; a chip
	// that has neither gives it no cipher.
	static chip.ChipAuthenticationKey
	active activeAuthentication
}

// activeAuthentication is with what keys a chip does active authentication.
type activeAuthentication byte

const (
	noActiveAuthentication activeAuthentication = iota
	activeRSA                                   // 1536 bits, SHA-256
	activeECDSA                                 // NIST P-256, SHA-256
)

// Identifiers of standardized domain parameters (Doc 9303-11, 9.5.1, table 12).
const (
	modp1024        = 0
	modp2048        = 2 // with a subgroup of 256 bits
	nistP256        = 12
	brainpoolP256r1 = 13
)

// The chips of the people of Utopia, which differ as those in the field do.
var (
	chipLindqvist = security{version: lds.LDS18,
		pace:   []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: brainpoolP256r1}},
		static: chip.ChipAuthenticationKey{Parameters: brainpoolP256r1, Ciphers: []chip.Cipher{chip.AES128}}}
	chipMoravec = security{version: lds.LDS17}
	// A chip with the chip authentication mapping has another mapping too (Doc 9303-11, 4.4), and the static key has the
	// identifier of its domain parameters (9.2.1).
	chipBenali = security{version: lds.LDS18,
		pace: []chip.PACEInfo{
			{Mapping: chip.ChipAuthenticationMapping, Cipher: chip.AES128, Parameters: brainpoolP256r1},
			{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: brainpoolP256r1},
		},
		static: chip.ChipAuthenticationKey{ID: brainpoolP256r1, Parameters: brainpoolP256r1, Ciphers: []chip.Cipher{chip.AES128}}}
	chipSzeles = security{version: lds.LDS18, active: activeRSA,
		pace: []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: nistP256}}}
	chipDelacruz = security{version: lds.LDS18, active: activeECDSA,
		pace: []chip.PACEInfo{{Mapping: chip.IntegratedMapping, Cipher: chip.AES128, Parameters: brainpoolP256r1}}}
	chipYildirim = security{version: lds.LDS18, paceOnly: true, can: "604317",
		pace:   []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES256, Parameters: brainpoolP256r1}},
		static: chip.ChipAuthenticationKey{Parameters: brainpoolP256r1, Ciphers: []chip.Cipher{chip.AES256}}}
	chipTanaka = security{version: lds.LDS18,
		pace: []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: modp2048}},
		static: chip.ChipAuthenticationKey{
			Parameters: modp2048, Encoding: chip.ExplicitParameters, Ciphers: []chip.Cipher{chip.AES128}}}
	chipKovalenko = security{version: lds.LDS17, active: activeRSA,
		static: chip.ChipAuthenticationKey{
			Parameters: modp1024, Encoding: chip.ExplicitParameters, Ciphers: []chip.Cipher{chip.TripleDES}}}
)

// first says whether the chip is one of the first: without any protocol, and with the data groups that must be there.
func (s security) first() bool { return len(s.pace) == 0 && len(s.keyChecks()) == 0 }

// mapsByKey says whether the chip offers the chip authentication mapping.
func (s security) mapsByKey() bool { return slices.ContainsFunc(s.pace, needsKey) }

// needsKey says whether a variant of PACE is the chip authentication mapping.
func needsKey(i chip.PACEInfo) bool { return i.Mapping == chip.ChipAuthenticationMapping }

// options are the chip's, its private keys drawn from the stream.
func (s security) options(stream io.Reader) (chip.Options, error) {
	o := chip.Options{PACE: s.pace, PACEOnly: s.paceOnly, CAN: s.can}
	var err error
	if static := s.static; len(static.Ciphers) > 0 {
		if static.Private, err = chip.NewPrivateKey(static.Parameters, stream); err != nil {
			return o, err
		}
		o.ChipAuthentication = []chip.ChipAuthenticationKey{static}
	}
	switch s.active {
	case activeRSA:
		o.ActiveAuthentication, err = activeRSAKey(stream)
	case activeECDSA:
		o.ActiveAuthentication, err = activeECDSAKey(stream)
	}
	return o, err
}

func activeRSAKey(stream io.Reader) (chip.ActiveAuthenticationKey, error) {
	private, err := lds.RSAKey(stream, 1536)
	return chip.RSAKey{Private: private, Hash: crypto.SHA256}, err
}

func activeECDSAKey(stream io.Reader) (chip.ActiveAuthenticationKey, error) {
	private, err := chip.NewPrivateKey(nistP256, stream)
	return chip.ECDSAKey{Parameters: nistP256, Private: private, Hash: crypto.SHA256}, err
}

// mappingInfos are what EF.CardSecurity has: the variants of PACE, and the key of the chip authentication mapping
// (Doc 9303-10, 3.11.4; Doc 9303-11, 9.2.11).
func mappingInfos(o chip.Options) ([][]byte, error) {
	infos := paceInfos(o)
	for _, key := range o.ChipAuthentication {
		key.Ciphers = nil
		public, err := key.SecurityInfos()
		if err != nil {
			return nil, err
		}
		infos = append(infos, public...)
	}
	return infos, nil
}

// securityInfos are what DG14 has: everything that the chip knows (Doc 9303-11, 9.2.11).
func securityInfos(o chip.Options) ([][]byte, error) {
	infos := paceInfos(o)
	for _, key := range o.ChipAuthentication {
		static, err := key.SecurityInfos()
		if err != nil {
			return nil, err
		}
		infos = append(infos, static...)
	}
	if key, ok := o.ActiveAuthentication.(chip.ECDSAKey); ok {
		infos = append(infos, key.SecurityInfo())
	}
	return infos, nil
}

func paceInfos(o chip.Options) (infos [][]byte) {
	for _, info := range o.PACE {
		infos = append(infos, info.SecurityInfo())
	}
	return infos
}
