package chip

import (
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/mrz"
)

// An authority is whose certificates sign the documents of an issuing state or organization.
type authority struct {
	countries []string // two letters, as pki.CountryCode gives them; several where each may stand in certificates
	source    string   // where it is written, for one that signs in another's name; empty for a state that signs for itself
	// unseen says that no certificate of it is known, so that another country contradicts nothing.
	unseen bool
}

// The sources of the table below.
const (
	ofCodes       = "ICAO Doc 9303-3, section 5"
	ofTerritories = "ICAO Doc 9303-12, 7.1.1.4"
)

// signingForOthers are the issuing states of machine-readable zones whose documents have another's certificates, and organizations
// of which no certificate has been seen. It is the one table of them: what stands neither here nor in ISO 3166-1 is not known, and
// no document of it is genuine.
//
//   - The British codes of Doc 9303-3, part A, are for kinds of nationality of one state. Bermuda's own CSCA (BM) is for its code, BMU.
//   - China's CSCAs for Hong Kong and Macao have the country CN: in the German list seven, by the codes CHN and HKG or MAC in their
//     alternative names, of which Doc 9303-12, 7.1.1.2, has the second for a country code that does not say the issuer. Passports of
//     both name the issuing state CHN.
//   - The agencies of the United Nations and their mission in Kosovo are part C, codes in travel documents of the United Nations,
//     whose CSCAs in the German list have UN, and UNO as the code of their documents.
//   - The Order of Malta and Interpol: codes for certificates differ between sources (XM and XO, XP), and none is in the German list. Nor
//     is one of the two that ISO 3166-1 has withdrawn and Doc 9303-3 has in part F, of the years before eMRTDs.
//
// Taiwan, Kosovo, the European Union and the United Nations sign for themselves (TW, KS, EU, UN). The organizations of part D that
// are not here have no code of two letters.
var signingForOthers = map[string]authority{
	"GBD": {countries: []string{"GB"}, source: ofCodes},
	"GBN": {countries: []string{"GB"}, source: ofCodes},
	"GBO": {countries: []string{"GB"}, source: ofCodes},
	"GBP": {countries: []string{"GB"}, source: ofCodes},
	"GBS": {countries: []string{"GB"}, source: ofCodes},
	"HKG": {countries: []string{"CN", "HK"}, source: ofTerritories},
	"MAC": {countries: []string{"CN", "MO"}, source: ofTerritories},
	"UNA": {countries: []string{"UN"}, source: ofCodes},
	"UNK": {countries: []string{"UN"}, source: ofCodes},
	"ANT": {countries: []string{"AN"}, unseen: true},
	"NTZ": {countries: []string{"NT"}, unseen: true},
	"XOM": {countries: []string{"XM"}, unseen: true},
	"XPO": {countries: []string{"XP"}, unseen: true},
}

// authorityOf gives the authority of an issuing state; false when it is not known. A code that issuers print although Doc 9303-3
// does not have it is that of the same State there; a State that is no more has none.
func authorityOf(state string) (authority, bool) {
	state = mrz.StandardState(state)
	if a, listed := signingForOthers[state]; listed {
		return a, true
	}
	code := pki.CountryCode(state)
	if len(code) != 2 {
		return authority{}, false
	}
	return authority{countries: []string{code}}, true
}

// authority is that of the state that DG1 names; without countries where it is not known.
func (x *examination) authority() authority {
	a, _ := authorityOf(x.issuingState())
	return a
}
