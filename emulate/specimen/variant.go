package specimen

import (
	"fmt"
	"slices"

	"github.com/foyer-station/foyer/verify"
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
	StrippedClone   Variant = "stripped-clone"   // as Cloned, and the files left out that tell which keys there must be
)

// Variants are all of them, the honest ones first.
func Variants() []Variant {
	return []Variant{Genuine, Card, Expired, UnknownSigner, NoChip, DeadChip,
		Forged, AlteredMRZ, WrongDigit, PhotoSwap, BrightPaper, WrongInk, WrongHash, ForgedSignature}
}

// ParseVariant finds a variant by its name.
func ParseVariant(name string) (Variant, error) {
	if v := Variant(name); slices.Contains(Variants(), v) {
		return v, nil
	}
	return "", fmt.Errorf("no variant %q; there are %v", name, Variants())
}

// Want is what an examination of the specimen must come to under Foyer's own policy.
type Want struct {
	Verdict  verify.Verdict
	Validity verify.Validity
	// Checks are those that decide, by id. Checks that it does not name may end in any way that leads to the verdict.
	Checks map[string]verify.Result
}

// sound are the checks that any genuine document with a chip passes.
func sound() map[string]verify.Result {
	return map[string]verify.Result{
		"mrz.check_digits":    verify.Passed,
		"chip.access":         verify.Passed,
		"chip.pa.signature":   verify.Passed,
		"chip.pa.chain":       verify.Passed,
		"chip.pa.hashes":      verify.Passed,
		"cross.dg1_mrz":       verify.Passed,
		"cross.portrait_dg2":  verify.Passed,
		"optical.ir.b900":     verify.Passed,
		"optical.uv.dullness": verify.Passed,
	}
}

// chipless are the checks that a genuine document passes of which the chip cannot be read, and how that ends.
func chipless(access verify.Result) map[string]verify.Result {
	return map[string]verify.Result{
		"mrz.check_digits":    verify.Passed,
		"chip.access":         access,
		"optical.ir.b900":     verify.Passed,
		"optical.uv.dullness": verify.Passed,
	}
}

// want follows from verify/policy.toml: a mandatory or optional check that fails makes a document doubtful, a mandatory
// one that could not be carried out leaves it unverified.
func (v Variant) want() Want {
	w := Want{Verdict: verify.Genuine, Validity: verify.Valid, Checks: sound()}
	doubt := func(ids ...string) {
		w.Verdict = verify.Doubtful
		for _, id := range ids {
			w.Checks[id] = verify.Failed
		}
	}
	switch v {
	case Expired:
		w.Validity = verify.Expired
		w.Checks["mrz.expiry"] = verify.Failed
	case UnknownSigner:
		w.Verdict = verify.Unverified
		w.Checks["chip.pa.chain"] = verify.Undetermined
	case NoChip:
		w.Verdict, w.Checks = verify.Unverified, chipless(verify.NotSupported)
	case DeadChip:
		w.Verdict, w.Checks = verify.Unverified, chipless(verify.Undetermined)
	case Forged:
		doubt("cross.dg1_mrz", "cross.portrait_dg2")
	case AlteredMRZ:
		doubt("cross.dg1_mrz")
	case WrongDigit:
		doubt("mrz.check_digits")
		delete(w.Checks, "cross.dg1_mrz") // it may compare lines or fields
	case PhotoSwap:
		doubt("cross.portrait_dg2")
	case BrightPaper:
		doubt("optical.uv.dullness")
	case WrongInk:
		doubt("optical.ir.b900")
	case WrongHash:
		doubt("chip.pa.hashes")
	case ForgedSignature:
		doubt("chip.pa.signature")
	}
	return w
}
