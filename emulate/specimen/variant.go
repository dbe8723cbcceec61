package specimen

import (
	"fmt"
	"slices"
)

// Variant is what is wrong with a document, or not.
type Variant string

// Honest documents. Only UnknownSigner, NoChip and DeadChip leave something unproved.
const (
	Genuine       Variant = "genuine"        // in the person's own format
	Card          Variant = "card"           // genuine, made as a card (TD1) whatever the person carries
	Expired       Variant = "expired"        // genuine, and out of date for half a year
	UnknownSigner Variant = "unknown-signer" // genuine, under a CSCA of which the trust store has not heard yet
	NoChip        Variant = "no-chip"
	DeadChip      Variant = "dead-chip" // it answers in the field, and not as an ePassport
)

// Forgeries.
const (
	Forged          Variant = "forged"           // a name altered on the page, and another face put there
	AlteredMRZ      Variant = "altered-mrz"      // a name altered on the page: every check digit agrees and the chip opens
	WrongDigit      Variant = "wrong-digit"      // a composite check digit that does not agree
	PhotoSwap       Variant = "photo-swap"       // another face on the page
	BrightPaper     Variant = "bright-paper"     // printed on paper that glows
	WrongInk        Variant = "wrong-ink"        // printed with an ink that vanishes in the infrared
	WrongHash       Variant = "wrong-hash"       // another face on the page and in DG2; EF.SOD as it was
	ForgedSignature Variant = "forged-signature" // as WrongHash, and EF.SOD made anew with a key of the forger's own
	Cloned          Variant = "cloned-chip"      // a genuine chip's files on another chip, which has other private keys
	RevokedSigner   Variant = "revoked-signer"   // signed with a stolen key, whose certificate the issuer has taken back
	StrippedClone   Variant = "stripped-clone"   // as Cloned, and the files left out that tell which keys there must be
)

// Variants are all of them, the honest ones first.
func Variants() []Variant {
	return []Variant{Genuine, Card, Expired, UnknownSigner, NoChip, DeadChip,
		Forged, AlteredMRZ, WrongDigit, PhotoSwap, BrightPaper, WrongInk, WrongHash, ForgedSignature,
		Cloned, StrippedClone, RevokedSigner}
}

// ParseVariant finds a variant by its name.
func ParseVariant(name string) (Variant, error) {
	if v := Variant(name); slices.Contains(Variants(), v) {
		return v, nil
	}
	return "", fmt.Errorf("no variant %q; there are %v", name, Variants())
}
