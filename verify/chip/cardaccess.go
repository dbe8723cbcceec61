package chip

import (
	"fmt"
	"maps"
	"slices"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/verify"
)

// cardAccess answers whether EF.CardAccess, which is read before the chip is opened and which nobody signs, offers the
// variants of PACE that a signed file lists: EF.CardSecurity where the chip has it, else DG14 (ICAO Doc 9303-11, 9.2). Who
// sits between chip and reader could else leave only the weakest. An EF.CardAccess that the chip did not give, or that makes
// no sense, contradicts nothing: some chips refuse it to one way of asking.
func (x *examination) cardAccess() answer {
	file, there := x.Files[emrtd.FileCardAccess]
	var offered variants
	unsigned, err := x.Proofs.CardAccess(file)
	if err == nil {
		offered = variantsOf(unsigned)
	}
	infos, source, a, missing := x.repeatedInfos()
	if missing {
		if a.result == verify.NotSupported && len(offered) > 0 {
			return undetermined(verify.Because(codeUnrepeatable))
		}
		return a
	}
	listed := variantsOf(infos)
	switch {
	case len(listed) == 0 && len(offered) == 0:
		return notSupported(verify.Because(codeNoPACE).With("source", source))
	case len(listed) == 0:
		return undetermined(verify.Because(codeNotRepeated).With("source", source))
	case !there && x.Chip == "":
		return x.without(emrtd.FileCardAccess)
	case !there:
		return undetermined(verify.Because(codeNotGivenPACE).With("source", source).With("listed", listed.texts()...))
	case err != nil:
		return unreadable(emrtd.FileCardAccess, fmt.Errorf("EF.CardAccess: %w", err))
	}
	return compareInfos(unsigned, infos, source)
}

// compareInfos answers for what EF.CardAccess offers and a signed file lists, both of them something. Entries that may be meant as
// the same contradict nothing; but what deviates is tried last, so that who sits between could have put it there.
func compareInfos(unsigned, infos *emrtd.SecurityInfos, source string) answer {
	offered, listed := variantsOf(unsigned), variantsOf(infos)
	same, implied := listed.agrees(offered)
	meantAlike, _ := asMeant(infos).agrees(asMeant(unsigned))
	both := func(code verify.Code) verify.Reason {
		return verify.Because(code).With("source", source).With("offered", offered.texts()...).With("listed", listed.texts()...)
	}
	deviations := infoDeviations(unsigned, infos, source)
	switch {
	case !same && len(infos.Unusable)+len(unsigned.Unusable) > 0:
		return undetermined(verify.Because(codeEntries).With("source", source))
	case !same && meantAlike:
		return undetermined(both(codeMeantAlike))
	case !same:
		return failed(both(codeOfferDiffers))
	case implied:
		return passed(both(codeImplied), deviations...)
	}
	return passed(verify.Because(codeOfferSame).With("source", source).With("listed", listed.texts()...), deviations...)
}

// infoDeviations are those of EF.CardAccess and of the signed file beside it.
func infoDeviations(unsigned, infos *emrtd.SecurityInfos, source string) []verify.Reason {
	all := append(fileDeviations(emrtd.FileCardAccess, unsigned.Deviations()), fileDeviations(source, infos.Deviations())...)
	if !slices.Equal(unknownPACE(unsigned), unknownPACE(infos)) {
		all = append(all, verify.Because(codeUnknownPACE))
	}
	return all
}

// unknownPACE are the protocols of PACE that are not known here, each once and in order.
func unknownPACE(infos *emrtd.SecurityInfos) (protocols []string) {
	for _, i := range infos.PACE {
		if !i.Known() {
			protocols = append(protocols, i.Protocol.String())
		}
	}
	slices.Sort(protocols)
	return slices.Compact(protocols)
}

// repeatedInfos gives the signed SecurityInfos to compare with and the file they stand in.
func (x *examination) repeatedInfos() (infos *emrtd.SecurityInfos, source string, a answer, missing bool) {
	if _, there := x.Files[emrtd.FileCardSecurity]; there {
		signed, a, missing := x.needCardSecurity()
		if missing {
			return nil, emrtd.FileCardSecurity, a, true
		}
		return signed.SecurityInfos, emrtd.FileCardSecurity, a, false
	}
	infos, a, missing = x.needDG14()
	return infos, dataGroup(14), a, missing
}

// variants are those of PACE that are known here: of each protocol the identifiers of its domain parameters, each once and in
// order. Of explicit domain parameters only their identifiers are compared: those that are not published for this use are never
// used.
type variants map[protocol][]int

// protocol is one of PACE, or that of explicit domain parameters.
type protocol struct {
	name    string
	version int
}

// variantsOf are what entries state. One of another version, or with domain parameters that there are not, is left out where
// the same protocol stands there as the standard has it: that is what the chip is opened by.
func variantsOf(infos *emrtd.SecurityInfos) variants {
	all, deviant := variants{}, []emrtd.PACEInfo{}
	for _, i := range infos.PACE {
		switch {
		case !i.Known():
		case i.Version != emrtd.PACEVersion || !infos.TellsGroup(i) && i.ParameterID != emrtd.NoID:
			deviant = append(deviant, i)
		default:
			all.add(protocolOf(i), i.ParameterID)
		}
	}
	for _, i := range deviant {
		standard := all[protocol{protocolOf(i).name, emrtd.PACEVersion}]
		if !slices.Contains(standard, i.ParameterID) && (infos.TellsGroup(i) || len(standard) == 0) {
			all.add(protocolOf(i), i.ParameterID)
		}
	}
	all.addExplicit(infos)
	return all
}

// asMeant are what entries may have been meant as: of the version that there is, and with domain parameters that are not stated
// where they state such as there are not.
func asMeant(infos *emrtd.SecurityInfos) variants {
	all := variants{}
	for _, i := range infos.PACE {
		if i.Version = emrtd.PACEVersion; !infos.TellsGroup(i) {
			i.ParameterID = emrtd.NoID
		}
		if i.Known() {
			all.add(protocolOf(i), i.ParameterID)
		}
	}
	all.addExplicit(infos)
	return all
}

func protocolOf(i emrtd.PACEInfo) protocol {
	return protocol{fmt.Sprintf("%s (%s)", i, i.Protocol), i.Version}
}

// addExplicit adds the explicit domain parameters.
func (v variants) addExplicit(infos *emrtd.SecurityInfos) {
	for _, d := range infos.PACEDomainParameters {
		v.add(protocol{fmt.Sprintf("PACEDomainParameterInfo %s", d.Protocol), emrtd.PACEVersion}, d.ParameterID)
	}
}

// add adds an identifier to those of a protocol.
func (v variants) add(p protocol, id int) {
	if at, there := slices.BinarySearch(v[p], id); !there {
		v[p] = slices.Insert(v[p], at, id)
	}
}

// agrees says whether both list the same; and whether one states an identifier that the other leaves out, which such chips are
// read without. Where a protocol has several, none may be missing.
func (v variants) agrees(other variants) (same, implied bool) {
	same = maps.EqualFunc(v, other, func(a, b []int) bool {
		oneEach := len(a) == 1 && len(b) == 1
		if oneEach && a[0] != b[0] && (a[0] == emrtd.NoID || b[0] == emrtd.NoID) {
			implied = true
			return true
		}
		return slices.Equal(a, b)
	})
	return same, implied
}

// texts are the variants for a reason, which says itself that there are none.
func (v variants) texts() (all []string) {
	for p, ids := range v {
		name := p.name
		if p.version != emrtd.PACEVersion {
			name += fmt.Sprintf(" v%d", p.version)
		}
		for _, id := range ids {
			parameters := fmt.Sprintf(" #%d", id)
			if id == emrtd.NoID {
				parameters = ""
			}
			all = append(all, name+parameters)
		}
	}
	slices.Sort(all)
	return all
}
