package chip

import (
	"fmt"
	"strconv"
	"strings"
)

// Quirks of the way in.
const (
	// ApplicationPreselected comes into the field with the eMRTD application selected, and not the master file.
	ApplicationPreselected Quirk = "application-preselected"
	// NoMasterFile answers 6D00 to the selection of the master file, in either form, as Vietnamese identity cards do.
	NoMasterFile Quirk = "no-master-file"
	// PACEWithoutParameterID leaves the identifier of the domain parameters out of every PACEInfo in EF.CardAccess, as a
	// Spanish passport does, though they are standardized ones (Doc 9303-11, 9.2.1, wants it there).
	PACEWithoutParameterID Quirk = "pace-without-parameter-id"
	// PACEParametersUnknown has 99 there, which stands for nothing.
	PACEParametersUnknown Quirk = "pace-parameters-unknown"
	// PACEVersion1 states version 1 in every PACEInfo in EF.CardAccess, and means 2 (Doc 9303-11, 9.2.1).
	PACEVersion1 Quirk = "pace-version-1"
	// PACEVersion1Beside has every PACEInfo in EF.CardAccess twice: in version 1, then in version 2.
	PACEVersion1Beside Quirk = "pace-version-1-beside"
	// PACETwice has every PACEInfo in EF.CardAccess twice.
	PACETwice Quirk = "pace-twice"
	// PACEUnknownBeside has a protocol below id-PACE in EF.CardAccess, before the others, that there is not.
	PACEUnknownBeside Quirk = "pace-unknown-beside"
	// PACELonger has another element behind the last of every PACEInfo in EF.CardAccess.
	PACELonger Quirk = "pace-longer"
)

// Kinds of quirk that come with a status word, which stands behind the kind.
const (
	cardAccessAfterMF  = "card-access-after-mf"
	paceRefusedOnce    = "pace-refused-once"
	nonceRefusedOnce   = "pace-nonce-refused-once"
	paceVariantRefused = "pace-variant-refused"
	dropsSessionWith   = "drops-session-with"
)

// CardAccessAfterMF answers status to all that concerns EF.CardAccess until the master file has been selected.
func CardAccessAfterMF(status uint16) Quirk { return withStatus(cardAccessAfterMF, status) }

// PACERefusedOnce answers status to the first MSE:Set AT for PACE since the chip came into the field.
func PACERefusedOnce(status uint16) Quirk { return withStatus(paceRefusedOnce, status) }

// NonceRefusedOnce answers status to the first GENERAL AUTHENTICATE of PACE since the chip came into the field.
func NonceRefusedOnce(status uint16) Quirk { return withStatus(nonceRefusedOnce, status) }

// PACEVariantRefused answers status to MSE:Set AT for the first variant of PACE that the chip offers, if it offers several.
func PACEVariantRefused(status uint16) Quirk { return withStatus(paceVariantRefused, status) }

// DropsSessionWith ends secure messaging over a read that asks for more than the file has left, and says so by status,
// without secure messaging's data objects; and likewise with whatever else it refuses by that status word.
func DropsSessionWith(status uint16) Quirk { return withStatus(dropsSessionWith, status) }

func withStatus(kind string, status uint16) Quirk { return Quirk(fmt.Sprintf("%s-%04x", kind, status)) }

// accessQuirks are those of this file, by the status words that they are known with.
func accessQuirks() []Quirk {
	all := []Quirk{
		ApplicationPreselected, NoMasterFile, PACEWithoutParameterID, PACEParametersUnknown, PACEVersion1, PACEVersion1Beside,
		PACETwice, PACEUnknownBeside, PACELonger, NonceRefusedOnce(swSecurityStatus),
	}
	for _, status := range []uint16{swFileNotFound, swSecurityStatus, swConditionsOfUse, swNoCurrentFile} {
		all = append(all, CardAccessAfterMF(status))
	}
	for _, status := range []uint16{swSecurityStatus, swVerificationFailed, swConditionsOfUse, swObjectsIncorrect} {
		all = append(all, PACERefusedOnce(status))
	}
	for _, status := range []uint16{swWrongData, swReferenceNotFound} {
		all = append(all, PACEVariantRefused(status))
	}
	for _, status := range []uint16{
		swConditionsOfUse, swSecurityStatus, swClassNotSupported, swInstructionNotSupported, swNoDiagnosis, swWrongData,
		swVerificationFailed, 0x6800, 0x6881,
	} {
		all = append(all, DropsSessionWith(status))
	}
	return all
}

// status gives the status word of a quirk of a kind.
func (q Quirk) status(kind string) (status uint16, is bool) {
	digits, is := strings.CutPrefix(string(q), kind+"-")
	number, err := strconv.ParseUint(digits, 16, 16)
	return uint16(number), is && err == nil && len(digits) == 4
}

// hasStatus says whether a quirk is one that comes with a status word, whichever.
func (q Quirk) hasStatus() bool {
	for _, kind := range []string{cardAccessAfterMF, paceRefusedOnce, nonceRefusedOnce, paceVariantRefused, dropsSessionWith} {
		if _, is := q.status(kind); is {
			return true
		}
	}
	return false
}

// statusOf is the status word by which the chip has a quirk of a kind.
func (o Options) statusOf(kind string) (status uint16, has bool) {
	for _, quirk := range o.Quirks {
		if status, has = quirk.status(kind); has {
			return status, true
		}
	}
	return 0, false
}

// atStart is what is selected when the chip comes into the field.
func (o Options) atStart() selection { return selection{application: o.has(ApplicationPreselected)} }

// withholds is the status word that the chip has instead of a file which it gives later.
func (c *Chip) withholds(file *elementaryFile) (status uint16, yes bool) {
	status, has := c.options.statusOf(cardAccessAfterMF)
	return status, has && file != nil && file.id == cardAccessID && !c.selected.master
}

// refusesVariant is the status word by which quirks refuse a variant of PACE.
func (c *Chip) refusesVariant(info PACEInfo) uint16 {
	if status, has := c.options.statusOf(paceRefusedOnce); has && !c.refused.variant {
		c.refused.variant = true
		return status
	}
	offered := c.options.PACE
	if status, has := c.options.statusOf(paceVariantRefused); has && len(offered) > 1 && info == offered[0] {
		return status
	}
	return swSuccess
}

// refusesNonce is the status word by which a quirk refuses PACE's first step.
func (c *Chip) refusesNonce() uint16 {
	if status, has := c.options.statusOf(nonceRefusedOnce); has && !c.refused.nonce {
		c.refused.nonce = true
		return status
	}
	return swSuccess
}

// drops says whether a status word ends secure messaging and goes out in clear.
func (o Options) drops(status uint16) bool {
	dropped, has := o.statusOf(dropsSessionWith)
	return has && status == dropped
}
