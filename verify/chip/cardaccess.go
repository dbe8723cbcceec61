package chip

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
	unsigned, err := emrtd.ParseSecurityInfos(file)
	if err == nil {
		offered = variantsOf(unsigned)
	}
	infos, source, a, missing := x.repeatedInfos()
	if missing {
		if a.result == verify.NotSupported && len(offered) > 0 {
			return answer{verify.Undetermined, "EF.CardAccess offers PACE, and no signed file can say the same"}
		}
		return a
	}
	listed := variantsOf(infos)
	same, implied := listed.agrees(offered)
	switch {
	case len(listed) == 0 && len(offered) == 0:
		return answer{verify.NotSupported, "the chip has no PACE: " + source + ", which is signed, lists none"}
	case len(listed) == 0:
		return answer{verify.Undetermined, source + ", which is signed, does not repeat what EF.CardAccess offers"}
	case !there && x.Chip == "":
		return x.without(emrtd.FileCardAccess)
	case !there:
		return answer{verify.Undetermined, "the chip gave no EF.CardAccess; " + source + ", which is signed, lists " + listed.String()}
	case err != nil:
		return unreadable(fmt.Errorf("EF.CardAccess: %w", err))
	case !same && len(infos.Unusable)+len(unsigned.Unusable) > 0:
		return answer{verify.Undetermined, "entries of EF.CardAccess or of " + source + ", which is signed, cannot be read"}
	case !same:
		return answer{verify.Failed, fmt.Sprintf("EF.CardAccess offers %s; %s, which is signed, lists %s",
			offered, source, listed)}
	case implied:
		return answer{verify.Passed, fmt.Sprintf("EF.CardAccess and %s, which is signed, list the same, "+
			"and one leaves out the parameters: %s; %s", source, offered, listed)}
	}
	return answer{verify.Passed, "EF.CardAccess and " + source + ", which is signed, both list " + listed.String()}
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

// variants are the ways of PACE: of each protocol the identifiers of its domain parameters, each once and in order. Of explicit
// domain parameters only their identifiers are compared: those that are not published for this use are never used.
type variants map[string][]int

func variantsOf(infos *emrtd.SecurityInfos) variants {
	all := variants{}
	for _, i := range infos.PACE {
		protocol := fmt.Sprintf("%s (%s version %d)", i, i.Protocol, i.Version)
		all[protocol] = append(all[protocol], i.ParameterID)
	}
	for _, d := range infos.PACEDomainParameters {
		protocol := fmt.Sprintf("domain parameters of %s", d.Protocol)
		all[protocol] = append(all[protocol], d.ParameterID)
	}
	for protocol, ids := range all {
		slices.Sort(ids)
		all[protocol] = slices.Compact(ids)
	}
	return all
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

// String is the list for a reason.
func (v variants) String() string {
	var all []string
	for _, protocol := range slices.Sorted(maps.Keys(v)) {
		for _, id := range v[protocol] {
			parameters := fmt.Sprintf(", parameters %d", id)
			if id == emrtd.NoID {
				parameters = ", parameters not stated"
			}
			all = append(all, protocol+parameters)
		}
	}
	if len(all) == 0 {
		return "no PACE"
	}
	return strings.Join(all, "; ")
}
