package chip

import (
	"fmt"
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
	var offered []string
	unsigned, err := emrtd.ParseSecurityInfos(file)
	if err == nil {
		offered = variants(unsigned)
	}
	infos, source, a, missing := x.repeatedInfos()
	if missing {
		if a.result == verify.NotSupported && len(offered) > 0 {
			return answer{verify.Undetermined, "EF.CardAccess offers PACE, and no signed file can say the same"}
		}
		return a
	}
	listed := variants(infos)
	switch {
	case len(listed) == 0 && len(offered) == 0:
		return answer{verify.NotSupported, "the chip has no PACE: " + source + ", which is signed, lists none"}
	case len(listed) == 0:
		return answer{verify.Undetermined, source + ", which is signed, does not repeat what EF.CardAccess offers"}
	case !there && x.Chip == "":
		return x.without(emrtd.FileCardAccess)
	case !there:
		return answer{verify.Undetermined, "the chip gave no EF.CardAccess; " + source + ", which is signed, lists " + spelt(listed)}
	case err != nil:
		return unreadable(fmt.Errorf("EF.CardAccess: %w", err))
	case !slices.Equal(listed, offered):
		return answer{verify.Failed, fmt.Sprintf("EF.CardAccess offers %s; %s, which is signed, lists %s",
			spelt(offered), source, spelt(listed))}
	}
	return answer{verify.Passed, "EF.CardAccess and " + source + ", which is signed, both list " + spelt(listed)}
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

// variants are the ways of PACE, each once and in order. Of explicit domain parameters only their identifiers are
// compared: those that are not published for this use are never used.
func variants(infos *emrtd.SecurityInfos) []string {
	var all []string
	for _, i := range infos.PACE {
		all = append(all, fmt.Sprintf("%s (%s version %d, parameters %d)", i, i.Protocol, i.Version, i.ParameterID))
	}
	for _, d := range infos.PACEDomainParameters {
		all = append(all, fmt.Sprintf("domain parameters %d of %s", d.ParameterID, d.Protocol))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// spelt is a list for a reason.
func spelt(variants []string) string {
	if len(variants) == 0 {
		return "no PACE"
	}
	return strings.Join(variants, ", ")
}
