package specimen

import (
	"fmt"
	"image"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/emulate/specimen/face"
	"github.com/foyer-station/foyer/emulate/specimen/lds"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// authority issues the documents of Utopia, as their pages say too.
const authority = "Ministry of Arrivals"

// NewChip makes the document's chip, from the files and the options that the specimen has by now. It is an error where
// Chip is not ChipRead.
func (s *Specimen) NewChip() (*chip.Chip, error) {
	if s.Chip != verify.ChipRead {
		return nil, fmt.Errorf("specimen %s, %s: its chip is %s", s.Person.ID, s.Variant, s.Chip)
	}
	p := s.Person
	return chip.New(s.Files, chip.AccessKey{
		DocumentNumber: p.DocumentNumber,
		BirthDate:      strings.ReplaceAll(p.BirthDate[2:], "-", ""),
		ExpiryDate:     p.Expiry.Format("060102"),
	}, s.ChipOptions)
}

// personalise puts files and keys into the chip. That of a document of which the page alone was forged is genuine.
func (m *Maker) personalise(s *Specimen, lines []string, shown *image.RGBA, quirks []chip.Quirk) (err error) {
	p := s.Person
	if s.ChipOptions, err = p.security.options(m.chipKeys(p, "issued")); err != nil {
		return err
	}
	s.ChipOptions = s.ChipOptions.With(quirks...)
	signed, err := s.dataGroups(lines)
	if err != nil {
		return err
	}
	held := maps.Clone(signed)
	if s.Variant == WrongHash || s.Variant == ForgedSignature {
		if held[2], err = dg2(p, shown); err != nil {
			return err
		}
		held[2] = s.ChipOptions.Issue(map[int][]byte{2: held[2]})[2]
	}
	if s.Variant == ForgedSignature {
		signed = held
	}
	if err := m.write(s, held, signed); err != nil {
		return err
	}
	return m.copyChip(s, quirks)
}

// chipKeys is what the private keys of a person's chip are drawn from.
func (m *Maker) chipKeys(p Person, chip string) io.Reader {
	return lds.KeyStream(m.seed, "chip of "+p.ID+", "+chip)
}

// dataGroups are those that the issuer personalises, by number (Doc 9303-10, 4.7); the first chips had two.
func (s *Specimen) dataGroups(lines []string) (map[int][]byte, error) {
	p := s.Person
	portrait, err := dg2(p, s.portrait)
	if err != nil {
		return nil, err
	}
	groups := map[int][]byte{1: lds.DG1(lines), 2: portrait}
	if p.security.first() {
		return s.ChipOptions.Issue(groups), nil
	}
	details, err := s.detailGroups()
	if err != nil {
		return nil, err
	}
	maps.Copy(groups, details)
	infos, err := securityInfos(s.ChipOptions)
	if err != nil {
		return nil, err
	}
	if len(infos) > 0 {
		groups[14] = chip.EncodeDG14(infos...)
	}
	if key := s.ChipOptions.ActiveAuthentication; key != nil {
		groups[15] = key.DG15()
	}
	return s.ChipOptions.Issue(groups), nil
}

func dg2(p Person, portrait *image.RGBA) ([]byte, error) {
	data, err := face.JPEG(portrait)
	if err != nil {
		return nil, err
	}
	return lds.DG2(lds.Portrait{JPEG: data, Width: portrait.Rect.Dx(), Height: portrait.Rect.Dy(), Sex: p.Sex})
}

// write makes the chip's files: the data groups that it holds, and what the issuer says of those that were signed.
func (m *Maker) write(s *Specimen, held, signed map[int][]byte) error {
	p := s.Person
	signer, err := m.signer(p, s.Variant)
	if err != nil {
		return err
	}
	s.Files = map[string][]byte{}
	for number, content := range held {
		s.Files[fmt.Sprintf("DG%d", number)] = content
	}
	s.Files["EF.COM"] = s.contents()
	if !p.security.first() {
		s.Files["EF.DIR"] = lds.DIR()
	}
	if p.security.mapsByKey() {
		infos, err := mappingInfos(s.ChipOptions)
		if err != nil {
			return err
		}
		if s.Files["EF.CardSecurity"], err = signer.CardSecurity(chip.EncodeSecurityInfos(infos...), p.Issued); err != nil {
			return err
		}
	}
	s.Files["EF.SOD"], err = signer.SOD(p.security.version, signed, p.Issued)
	return err
}

// contents is EF.COM over the data groups among the files.
func (s *Specimen) contents() []byte {
	var groups []int
	for number := 1; number <= 16; number++ {
		if s.Files[fmt.Sprintf("DG%d", number)] != nil {
			groups = append(groups, number)
		}
	}
	return lds.COM(s.Person.security.version, groups...)
}

// signer is who signs the chip; a forger shows the genuine certificate and has only a key of his own.
func (m *Maker) signer(p Person, v Variant) (lds.Signer, error) {
	documentType := "P"
	if p.Format == mrz.TD1 {
		documentType = "ID"
	}
	switch v {
	case UnknownSigner:
		return m.next.Signer(p.signature, documentType, p.Issued, p.Expiry)
	case RevokedSigner:
		return m.known.Compromised(p.signature, documentType, p.Issued, p.Expiry)
	}
	signer, err := m.known.Signer(p.signature, documentType, p.Issued, p.Expiry)
	if err != nil || v != ForgedSignature {
		return signer, err
	}
	forger, err := m.next.Signer(p.signature, documentType, p.Issued, p.Expiry)
	signer.Key = forger.Key
	return signer, err
}

// copyChip makes a copy of the chip where the variant is about one: everything that can be read, and none of the private
// keys.
func (m *Maker) copyChip(s *Specimen, quirks []chip.Quirk) (err error) {
	switch s.Variant {
	case Cloned: // to a chip that runs every protocol, with keys of its own
		s.ChipOptions, err = s.Person.security.options(m.chipKeys(s.Person, "copied"))
		s.ChipOptions = s.ChipOptions.With(quirks...)
	case StrippedClone: // to one that runs none, and does not tell that there were any
		for _, name := range []string{"DG14", "DG15", "EF.CardSecurity"} {
			delete(s.Files, name)
		}
		s.Files["EF.COM"] = s.contents()
		s.ChipOptions.PACE = slices.DeleteFunc(slices.Clone(s.ChipOptions.PACE), needsKey)
		s.ChipOptions.ChipAuthentication, s.ChipOptions.ActiveAuthentication = nil, nil
	}
	return err
}
