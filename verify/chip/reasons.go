package chip

import (
	"errors"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
)

// Why a check of the chip ends as it does. Behind each code stand its parameters; file, source and protocol have words of their own.
const (
	codeStopped verify.Code = "chip.stopped"

	// How the reading ended.
	codeOpened         verify.Code = "chip.opened"
	codeOpenedTorn     verify.Code = "chip.opened_torn"
	codeTornClosed     verify.Code = "chip.torn_closed"
	codeKeyWrong       verify.Code = "chip.key_wrong"
	codeRefused        verify.Code = "chip.refused"
	codeElsewhere      verify.Code = "chip.elsewhere"
	codeNotGiven       verify.Code = "chip.not_given" // file
	codeAbsent         verify.Code = "chip.absent"
	codeDead           verify.Code = "chip.dead"
	codeTorn           verify.Code = "chip.torn" // file
	codeClosed         verify.Code = "chip.closed"
	codeNoKey          verify.Code = "chip.no_key"
	codeSeveral        verify.Code = "chip.several"
	codeUnavailable    verify.Code = "chip.unavailable"
	codeNoFile         verify.Code = "chip.no_file"         // file
	codeUnreadable     verify.Code = "chip.unreadable"      // file, cause, detail
	codeKeptBack       verify.Code = "chip.kept_back"       // file
	codeNotListed      verify.Code = "chip.not_listed"      // file
	codeNotSigned      verify.Code = "chip.not_signed"      // file
	codeNotVouched     verify.Code = "chip.not_vouched"     // file
	codeKnownDefect    verify.Code = "chip.known.defect"    // kind, publisher, day
	codeKnownGroups    verify.Code = "chip.known.groups"    // kind, groups, publisher, day
	codeKnownPeriod    verify.Code = "chip.known.period"    // from, until
	codeKnownRevoked   verify.Code = "chip.known.revoked"   // status, publisher, day
	codeKnownWithdrawn verify.Code = "chip.known.withdrawn" // publisher, day
	codeKnownDeviant   verify.Code = "chip.known.deviant"   // kind, publisher, day
	codeKnownGroup     verify.Code = "chip.known.group"     // kind, group, publisher, day
)

// Of the signature of EF.SOD and its signer.
const (
	codeSigned       verify.Code = "chip.sod.signed"       // subject
	codeSignedWrong  verify.Code = "chip.sod.signed_wrong" // detail
	codeMissing      verify.Code = "chip.signer.missing"
	codeHearsay      verify.Code = "chip.signer.hearsay"
	codeUnissued     verify.Code = "chip.signer.unissued"
	codeTooMany      verify.Code = "chip.signer.too_many"
	codeTooSlow      verify.Code = "chip.signer.too_slow"
	codeAuthority    verify.Code = "chip.signer.authority"
	codeSignerOther  verify.Code = "chip.signer.unreadable" // cause, detail
	codePurpose      verify.Code = "chip.signer.purpose"
	codeStranger     verify.Code = "chip.signer.stranger"
	codeNoIssuer     verify.Code = "chip.issuer.none"
	codeNoIssuersKey verify.Code = "chip.issuer.no_key"
	codeNoAncestor   verify.Code = "chip.issuer.no_ancestor"
	codeDistrusted   verify.Code = "chip.issuer.distrusted"  // subject, detail
	codeOtherKey     verify.Code = "chip.issuer.other_key"   // count
	codeChanged      verify.Code = "chip.issuer.changed"     // detail
	codeDigest       verify.Code = "chip.issuer.digest"      // detail
	codeUncheckable  verify.Code = "chip.issuer.uncheckable" // cause, detail

	codeCSCAInvalid    verify.Code = "chip.days.csca"          // day
	codeSignerInvalid  verify.Code = "chip.days.signer"        // signed
	codeSignedLater    verify.Code = "chip.days.later"         // signed, day
	codeIssued         verify.Code = "chip.days.issued"        // subject, signed
	codeInvalidToday   verify.Code = "chip.days.invalid_today" // day
	codeIssuedUndated  verify.Code = "chip.days.undated"       // subject, day
	codeExpired        verify.Code = "chip.validity.signer"    // from, until, day
	codeIssuerUnknown  verify.Code = "chip.validity.no_csca"   // from, until
	codeIssuerExpired  verify.Code = "chip.validity.csca"      // from, until, day
	codeValid          verify.Code = "chip.validity.valid"     // from, until, csca
	codeNoPeriod       verify.Code = "chip.key_period.none"
	codeNotBegun       verify.Code = "chip.key_period.not_begun" // from, until
	codeUndated        verify.Code = "chip.key_period.undated"   // from, until
	codeOutsidePeriod  verify.Code = "chip.key_period.outside"   // signed, from, until
	codeInPeriod       verify.Code = "chip.key_period.inside"    // signed, from, until
	codeCSCAPeriod     verify.Code = "deviation.chip.csca_period"
	codeRevoked        verify.Code = "chip.revocation.revoked"     // day, list
	codeRevokedFor     verify.Code = "chip.revocation.revoked_for" // day, cause, list
	codeNotRevoked     verify.Code = "chip.revocation.not_listed"  // list
	codeNoList         verify.Code = "chip.revocation.no_list"
	codeOutdatedList   verify.Code = "chip.revocation.outdated" // list
	codeUnknownRevoker verify.Code = "chip.revocation.unknown"
	codeStoreEmpty     verify.Code = "chip.trust_age.empty"
	codeStoreOld       verify.Code = "chip.trust_age.old"  // days
	codeStoreAge       verify.Code = "chip.trust_age.good" // days
)

// Of the data groups, and of what the document says against what was signed.
const (
	codeHashGuessed verify.Code = "chip.hashes.guessed"      // files
	codeHashWrong   verify.Code = "chip.hashes.wrong"        // files
	codeHashNone    verify.Code = "chip.hashes.none"         // files
	codeHashes      verify.Code = "chip.hashes.right"        // files
	codeHashExcused verify.Code = "chip.hashes.excused"      // file
	codeNoneExcused verify.Code = "chip.hashes.none_excused" // file
	codeBehind      verify.Code = "deviation.chip.behind"    // file
	codeListsDiffer verify.Code = "chip.com_sod.differ"      // com, sod
	codeVersions    verify.Code = "chip.com_sod.version"     // com, sod
	codeListsAgree  verify.Code = "chip.com_sod.agree"       // groups

	codeLineCount    verify.Code = "cross.lines"  // printed, chip
	codeLineLength   verify.Code = "cross.length" // line, printed, chip
	codeFieldDiffers verify.Code = "cross.field"  // field, printed, chip
	codeLineDiffers  verify.Code = "cross.line"   // line, column, printed, chip
	codePartlyRead   verify.Code = "cross.partly"
	codeSame         verify.Code = "cross.same"

	codeNoAuthority  verify.Code = "cross.country.no_authority" // state
	codeNoCountry    verify.Code = "cross.country.none"
	codeOtherCountry verify.Code = "cross.country.other" // state, country
	codeUnseen       verify.Code = "cross.country.unseen"
	codeCountry      verify.Code = "cross.country.same"  // state, country
	codeCountrySigns verify.Code = "cross.country.signs" // source
	codeStateSpelt   verify.Code = "cross.country.spelt" // state, standard
	codeNoTypes      verify.Code = "cross.type.none"
	codeNoKnownType  verify.Code = "cross.type.unknown" // types
	codeOtherType    verify.Code = "cross.type.other"   // code, types
	codeType         verify.Code = "cross.type.same"    // code, types
)

// Of access and of copies. A source is a signed file.
const (
	codeUnrepeatable verify.Code = "chip.card_access.unrepeatable"
	codeNoPACE       verify.Code = "chip.card_access.no_pace"      // source
	codeNotRepeated  verify.Code = "chip.card_access.not_repeated" // source
	codeNotGivenPACE verify.Code = "chip.card_access.not_given"    // source, listed
	codeEntries      verify.Code = "chip.card_access.entries"      // source
	codeMeantAlike   verify.Code = "chip.card_access.meant_alike"  // source, offered, listed
	codeOfferDiffers verify.Code = "chip.card_access.differs"      // source, offered, listed
	codeImplied      verify.Code = "chip.card_access.implied"      // source, offered, listed
	codeOfferSame    verify.Code = "chip.card_access.same"         // source, listed
	codeUnknownPACE  verify.Code = "deviation.chip.unknown_pace"

	codeNoProtocol    verify.Code = "chip.copy.no_protocol"
	codeNeedsChip     verify.Code = "chip.copy.needs_chip"
	codeTornBefore    verify.Code = "chip.copy.torn_before" // protocol
	codeNotAsked      verify.Code = "chip.copy.not_asked"   // protocol
	codeCompromised   verify.Code = "chip.copy.compromised"
	codeSignerUnknown verify.Code = "chip.copy.signer_unknown"
	codeAARefused     verify.Code = "chip.copy.refused"     // protocol, detail
	codeTornDuring    verify.Code = "chip.copy.torn_during" // protocol
	codeUnfinished    verify.Code = "chip.copy.unfinished"  // protocol, detail
	codeHolds         verify.Code = "chip.copy.holds"       // file
	codeNotHeld       verify.Code = "chip.copy.not_held"    // file
	codeSigns         verify.Code = "chip.copy.signs"
	codeSignsNot      verify.Code = "chip.copy.signs_not"
	codeOtherRefused  verify.Code = "chip.copy.other_refused" // detail
	codeNoProtocolKey verify.Code = "chip.copy.no_key"        // protocol
	codeKeyNotListed  verify.Code = "chip.copy.key_not_listed"
	codePlainFormat   verify.Code = "deviation.chip.plain_format"

	codeNotByMapping verify.Code = "chip.cam.not_opened"
	codeNoMapping    verify.Code = "chip.cam.not_listed"
	codeMappingOther verify.Code = "chip.cam.other_document"
	codeNotRepeating verify.Code = "chip.cam.not_repeated"
	codeSilent       verify.Code = "chip.cam.silent"
	codeNoSuchKey    verify.Code = "chip.cam.no_key"
	codeCardSigned   verify.Code = "chip.card_security.signed_wrong" // detail
	codeCardSigner   verify.Code = "chip.card_security.signer"
)

// answer is what a check comes to.
type answer struct {
	result  verify.Result
	reasons []verify.Reason // the first says why
}

func passed(why verify.Reason, besides ...verify.Reason) answer {
	return answer{verify.Passed, append([]verify.Reason{why}, besides...)}
}

func failed(why verify.Reason, besides ...verify.Reason) answer {
	return answer{verify.Failed, append([]verify.Reason{why}, besides...)}
}

func undetermined(why verify.Reason, besides ...verify.Reason) answer {
	return answer{verify.Undetermined, append([]verify.Reason{why}, besides...)}
}

func aborted(why verify.Reason) answer { return answer{verify.Aborted, []verify.Reason{why}} }

func notPerformed(why verify.Reason) answer { return answer{verify.NotPerformed, []verify.Reason{why}} }

func notSupported(why verify.Reason) answer { return answer{verify.NotSupported, []verify.Reason{why}} }

// unreadable answers a check whose file cannot be understood, which proves nothing.
func unreadable(file string, err error) answer {
	return undetermined(verify.Because(codeUnreadable).With("file", file).With("cause", causeOf(err)).With(verify.Detail, err.Error()))
}

// causeOf classes what a deeper package complains of, for people who do not read its English: "signature", "unsupported", "malformed"
// or "other".
func causeOf(err error) string {
	switch {
	case errors.Is(err, pki.ErrSignature):
		return "signature"
	case errors.Is(err, pki.ErrUnsupported):
		return "unsupported"
	case errors.Is(err, pki.ErrMalformed):
		return "malformed"
	}
	return "other"
}

// issuerReason says why a signer's issuer is not known, or does not fit.
func issuerReason(err error) verify.Reason {
	var distrusted trust.DistrustedError
	var other trust.OtherKeyError
	switch {
	case errors.Is(err, pki.ErrOtherContent):
		return verify.Because(codeChanged).With(verify.Detail, err.Error())
	case errors.Is(err, pki.ErrSignature):
		return verify.Because(codeDigest).With(verify.Detail, err.Error())
	case errors.Is(err, trust.ErrNoIssuer):
		return verify.Because(codeNoIssuer)
	case errors.Is(err, trust.ErrNoKey):
		return verify.Because(codeNoIssuersKey)
	case errors.Is(err, trust.ErrNoAncestor):
		return verify.Because(codeNoAncestor)
	case errors.As(err, &distrusted):
		return verify.Because(codeDistrusted).With("subject", distrusted.Issuer).With(verify.Detail, err.Error())
	case errors.As(err, &other):
		return verify.Because(codeOtherKey).WithNumber("count", other.Tried)
	}
	return verify.Because(codeUncheckable).With("cause", causeOf(err)).With(verify.Detail, err.Error())
}

// isoDay writes a day as parameters have it.
func isoDay(t time.Time) string { return t.Format(time.DateOnly) }

// fileDeviations are the deviations of a chip's file.
func fileDeviations(file string, notes []emrtd.Note) (reasons []verify.Reason) {
	for _, n := range notes {
		reasons = append(reasons, verify.FileDeviation(file, n))
	}
	return reasons
}
