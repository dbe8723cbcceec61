package chip

import "strings"

// Telling is what a reader that gets along with a quirk has to say of it: one of the two.
type Telling struct {
	Words  string // that stand in a note, or in the reason of a check
	Silent string // why there is nothing to tell
}

// Telling is what is to be told of a quirk; nothing of one that nobody has thought about.
func (q Quirk) Telling() Telling {
	for kind, words := range statusTellings() {
		if strings.HasPrefix(string(q), kind+"-") {
			return words
		}
	}
	if words, there := tellings()[q]; there {
		return Telling{Words: words}
	}
	return Telling{Silent: silences()[q]}
}

// statusTellings are those of the kinds of quirk that come with a status word.
func statusTellings() map[string]Telling {
	const again = "was refused at first, and taken when it was asked for again"
	return map[string]Telling{
		cardAccessAfterMF:  {Silent: "EF.CardAccess lies in the master file, which a reader may have to select first (Doc 9303-10, 3.11)"},
		paceRefusedOnce:    {Words: again},
		nonceRefusedOnce:   {Words: again},
		paceVariantRefused: {Words: "was refused: select PACE"},
		dropsSessionWith:   {Words: "secure messaging was lost over"},
	}
}

// tellings are the words that a deviation is told by.
func tellings() map[Quirk]string {
	const (
		length      = "it refused a length"
		tooMuch     = "it announces longer answers than it gives"
		hidden      = "the chip gave no EF.CardAccess"
		byLength    = "the challenge was signed when"
		bySelection = "not by their short identifiers"
		stronger    = "it refused what DG14 lists as well"
		version     = "states version 1, not 2"
	)
	return map[Quirk]string{
		ReadsTo192: length, NakedWrongLength: length, NakedWrongLengthCounted: length,
		LosesStep: "secure messaging was lost over", ExtendedRefused: tooMuch, AnnouncesTooMuch: tooMuch,
		CardAccess6986: hidden, CardAccess6A82: hidden, NoShortIDs: bySelection, NoShortIDs6A82: bySelection,
		ClosedApplication: "the chip opened and gave no EF.SOD", NeedsReference: "with the reference of its only domain parameters",

		RefusesStrongest: stronger, RefusesStrongestLate: stronger, StaticKeyAlone: "does not say what the key is used with",
		IdentifierOnce: "differ in the identifier", StaticKeyVersion2: "states version 2, not 1",

		ActiveInDER: "a DER sequence", ActiveHashUnstated: "the hash function, which is not stated, is SHA-256",
		ActiveAsCertificates: "states the algorithm of certificates", ActiveExactLength: byLength, ActiveNeedsExtended: byLength,
		ActiveRecoversAll: "opens with 4A, not 6A", ActivePadded: "opens with 6B, not 6A",
		ActiveNumbersSHA1: "its trailer is not that of SHA-1", ActiveUnnumbered: "its trailer is not that of SHA-256",
		ActiveOffModulus: "n - s instead of s", ActiveAddsZero: "extra leading zeros",
		PortraitTooLong: "deviates: in DG2 the facial record states", LongLengths: "longer than in DER",

		PACEWithoutParameterID: "does not tell the domain parameters of PACE", PACEParametersUnknown: "which stand for nothing",
		PACEVersion1: version, PACEVersion1Beside: version, PACETwice: "is listed twice",
		PACEUnknownBeside: "protocols of PACE that are not known here", PACELonger: "has more elements than the standard",
	}
}

// silences are why there is nothing to tell: the standards allow it, or a reader need not come across it.
func silences() map[Quirk]string {
	const (
		lawful = "ISO/IEC 7816-4 leaves it to the card how much of an answer it gives at once, and how it says so"
		slow   = "no standard says how long a command takes"
		errors = "it shows behind a command that is refused, and as a session that is lost, which is told"
	)
	return map[Quirk]string{
		EmptyMaximum:     "a reader that asks for a definite length does not meet it",
		TruncatesMaximum: lawful, WarnsAtEnd: lawful, CorrectsLength: lawful, ShortCounts: lawful, GetResponse: lawful,
		ActiveCorrectsLength: lawful,
		ExtendedTears:        "it is the link that breaks, which whoever holds the reader tells",
		ExtendedUnannounced:  "what is not announced is not asked for",
		ProtectsDIR:          "EF.DIR may be protected, and a reader may wait (Doc 9303-10, 3.11.2)",
		RefusesLe:            "there are no data to ask for",
		DropsSession:         errors, KeepsSession: errors,
		SlowAfterFailure: slow, SlowPortrait: slow,
		ApplicationPreselected: "a reader selects what it needs",
		NoMasterFile:           "nothing that is read needs it selected",
		ActiveDropsZeros:       "it shows with one signature of 256",
	}
}
