package specimen

import (
	"maps"

	"github.com/foyer-station/foyer/verify"
)

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
func (s security) want(v Variant) Want {
	w := Want{Verdict: verify.Genuine, Validity: verify.Valid, Checks: sound()}
	maps.Copy(w.Checks, s.protocolChecks())
	switch v {
	case Expired:
		w.Validity = verify.Expired
		w.Checks["mrz.expiry"] = verify.Failed
	case UnknownSigner:
		s.distrust(&w)
		w.unproved("chip.pa.chain")
	case NoChip:
		w.Verdict, w.Checks = verify.Unverified, chipless(verify.NotSupported)
	case DeadChip:
		w.Verdict, w.Checks = verify.Unverified, chipless(verify.Undetermined)
	case Forged:
		w.fails("cross.dg1_mrz", "cross.portrait_dg2")
	case AlteredMRZ:
		w.fails("cross.dg1_mrz")
	case WrongDigit:
		w.fails("mrz.check_digits")
		delete(w.Checks, "cross.dg1_mrz") // it may compare lines or fields
	case PhotoSwap:
		w.fails("cross.portrait_dg2")
	case BrightPaper:
		w.fails("optical.uv.dullness")
	case WrongInk:
		w.fails("optical.ir.b900")
	case WrongHash:
		w.fails("chip.pa.hashes")
	case ForgedSignature:
		w.fails("chip.pa.signature")
		for id := range s.protocolChecks() { // nobody vouches for the keys
			delete(w.Checks, id)
		}
	case RevokedSigner:
		s.distrust(&w)
		w.fails("chip.pa.revocation")
	case Cloned:
		if keys := s.keyChecks(); len(keys) > 0 {
			w.fails(keys...)
		}
	case StrippedClone:
		s.strip(&w)
	}
	return w
}

// fails says that checks fail without which a document is doubtful.
func (w *Want) fails(ids ...string) {
	w.Verdict = verify.Doubtful
	for _, id := range ids {
		w.Checks[id] = verify.Failed
	}
}

// unproved says that checks cannot be decided without which a document is not genuine.
func (w *Want) unproved(ids ...string) {
	w.Verdict = verify.Unverified
	for _, id := range ids {
		w.Checks[id] = verify.Undetermined
	}
}

// protocolChecks are those of the chip's protocols as a genuine chip passes them.
func (s security) protocolChecks() map[string]verify.Result {
	supported := func(has bool) verify.Result {
		if has {
			return verify.Passed
		}
		return verify.NotSupported
	}
	ca, aa, cam := len(s.static.Ciphers) > 0, s.active != noActiveAuthentication, s.mapsByKey()
	return map[string]verify.Result{
		"chip.card_access": supported(len(s.pace) > 0),
		"chip.original":    supported(ca || aa || cam),
		"chip.ca":          supported(ca),
		"chip.aa":          supported(aa),
		"chip.cam":         supported(cam),
	}
}

// keyChecks are those that only the holder of a private key passes.
func (s security) keyChecks() (ids []string) {
	for _, id := range []string{"chip.original", "chip.ca", "chip.aa", "chip.cam"} {
		if s.protocolChecks()[id] == verify.Passed {
			ids = append(ids, id)
		}
	}
	return ids
}

// distrust leaves undecided what rests on EF.CardSecurity: who signed EF.SOD, and is not to be trusted, has signed it too.
func (s security) distrust(w *Want) {
	if s.mapsByKey() {
		w.unproved("chip.card_access", "chip.cam")
	}
}

// strip says what comes of a chip that keeps back DG14 and DG15. The signed EF.SOD lists them, so that what rests on them
// is not believed to be absent. Of the first chips nothing is kept back: a copy cannot be told from them.
func (s security) strip(w *Want) {
	if s.first() {
		return
	}
	w.Checks["chip.com_sod"] = verify.Failed
	w.unproved("chip.card_access", "chip.original", "chip.ca", "chip.cam")
	if s.active != noActiveAuthentication {
		w.unproved("chip.aa")
	}
}
