package mrz

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Name is what a code means, in the languages of Foyer's staff.
type Name struct{ German, English string }

// states are the codes of Doc 9303-3 section 5 that ISO 3166-1 does not have, and names of ISO's codes that the library's
// edition of the Unicode CLDR has under a former name.
var states = map[string]Name{
	// Part A
	"D":   {"Deutschland", "Germany"},
	"GBD": {"Britische Überseegebiete (Bürger)", "British Overseas Territories Citizen"},
	"GBN": {"Britischer Staatsangehöriger (Übersee)", "British National (Overseas)"},
	"GBO": {"Britischer Überseebürger", "British Overseas Citizen"},
	"GBP": {"Britische geschützte Person", "British Protected Person"},
	"GBS": {"Britischer Untertan", "British Subject"},
	"RKS": {"Kosovo", "Kosovo"},
	// Part B
	"EUE": {"Europäische Union", "European Union"},
	// Part C
	"UNO": {"Vereinte Nationen", "United Nations Organization"},
	"UNA": {"Sonderorganisation der Vereinten Nationen", "United Nations specialized agency"},
	"UNK": {"UN-Übergangsverwaltung im Kosovo (UNMIK)", "United Nations Interim Administration Mission in Kosovo (UNMIK)"},
	// Part D
	"XBA": {"Afrikanische Entwicklungsbank", "African Development Bank"},
	"XIM": {"Afrikanische Export-Import-Bank", "African Export-Import Bank"},
	"XCC": {"Karibische Gemeinschaft (CARICOM)", "Caribbean Community (CARICOM)"},
	"XCE": {"Europarat", "Council of Europe"},
	"XCO": {"Gemeinsamer Markt für das Östliche und Südliche Afrika (COMESA)", "Common Market for Eastern and Southern Africa (COMESA)"},
	"XEC": {"Westafrikanische Wirtschaftsgemeinschaft (ECOWAS)", "Economic Community of West African States (ECOWAS)"},
	"XPO": {"Internationale kriminalpolizeiliche Organisation (INTERPOL)", "International Criminal Police Organization (INTERPOL)"},
	"XES": {"Organisation Ostkaribischer Staaten", "Organization of Eastern Caribbean States"},
	"XMP": {"Parlamentarische Versammlung des Mittelmeerraums", "Parliamentary Assembly of the Mediterranean"},
	"XOM": {"Souveräner Malteserorden", "Sovereign Military Order of Malta"},
	"XDC": {"Entwicklungsgemeinschaft des Südlichen Afrika", "Southern African Development Community"},
	// Part E
	"XXA": {"Staatenlos (Übereinkommen von 1954)", "Stateless person (1954 Convention)"},
	"XXB": {"Flüchtling (Abkommen von 1951)", "Refugee (1951 Convention)"},
	"XXC": {"Flüchtling (nicht nach dem Abkommen von 1951)", "Refugee (other than under the 1951 Convention)"},
	"XXX": {"Staatsangehörigkeit nicht angegeben", "Unspecified nationality"},
	// Part F
	"ANT": {"Niederländische Antillen", "Netherlands Antilles"},
	"NTZ": {"Neutrale Zone", "Neutral Zone"},
	// Parts G and H
	"UTO": {"Utopia", "Utopia"},
	"IAO": {"Internationale Zivilluftfahrt-Organisation (ICAO)", "International Civil Aviation Organization (ICAO)"},
	// ISO 3166-1 as it is today
	"MKD": {"Nordmazedonien", "North Macedonia"},
	"SWZ": {"Eswatini", "Eswatini"},
	"TUR": {"Türkei", "Türkiye"},
}

// A deviating code is one that Doc 9303-3, section 5 does not have, and the one that it has instead; empty where there is no such
// State any more.
type deviating struct {
	Name
	instead string
}

// deviatingStates are codes that issuers are known to print: ISO's where Doc 9303 has its own, those that stand for a State without
// one, and those that ISO has withdrawn, for people and documents that are older.
var deviatingStates = map[string]deviating{
	"DEU": {states["D"], "D"},
	"XXK": {states["RKS"], "RKS"}, // the nationality in residence permits of Germany
	"XKX": {states["RKS"], "RKS"}, // the European Commission's
	"ROM": {Name{"Rumänien", "Romania"}, "ROU"},
	"ZAR": {Name{"Zaire (Demokratische Republik Kongo)", "Zaire (Democratic Republic of the Congo)"}, "COD"},
	"TMP": {Name{"Osttimor (Timor-Leste)", "East Timor (Timor-Leste)"}, "TLS"},
	"BUR": {Name{"Birma (Myanmar)", "Burma (Myanmar)"}, "MMR"},
	"CSK": {Name{"Tschechoslowakei", "Czechoslovakia"}, ""},
	"DDR": {Name{"Deutsche Demokratische Republik", "German Democratic Republic"}, ""},
	"SCG": {Name{"Serbien und Montenegro", "Serbia and Montenegro"}, ""},
	"SUN": {Name{"Sowjetunion", "Soviet Union"}, ""},
	"YUG": {Name{"Jugoslawien", "Yugoslavia"}, ""},
}

// StandardState is the code that Doc 9303-3 has for the State of a code: "RKS" for "XXK", and most codes themselves. It is
// empty for a State that is no more, and for an unknown code.
func StandardState(code string) string {
	if d, ok := deviatingStates[code]; ok {
		return d.instead
	}
	if !knownState(code) {
		return ""
	}
	return code
}

// StateName tells which State, organization or status a code of the issuing state or nationality stands for: ISO 3166-1
// alpha-3 and the codes of Doc 9303-3 section 5, without fillers, and those that issuers print although the standard does not
// have them (Deviations tells of them). ok is false for an unknown code.
func StateName(code string) (name Name, ok bool) {
	if name, ok := states[code]; ok {
		return name, true
	}
	if d, ok := deviatingStates[code]; ok {
		return d.Name, true
	}
	region, ok := isoRegion(code)
	if !ok {
		return Name{}, false
	}
	return Name{display.Regions(language.German).Name(region), display.Regions(language.English).Name(region)}, true
}

func knownState(code string) bool {
	if _, ok := states[code]; ok {
		return true
	}
	if _, ok := deviatingStates[code]; ok {
		return true
	}
	_, ok := isoRegion(code)
	return ok
}

// isoRegion finds a country by its ISO 3166-1 alpha-3 code. CLDR has more: codes that ISO has withdrawn, for which it has
// no name, and some that ISO only reserves.
func isoRegion(code string) (language.Region, bool) {
	region, err := language.ParseRegion(code)
	if err != nil || len(code) != 3 || region.ISO3() != code || !region.IsCountry() || region.Canonicalize() != region {
		return language.Region{}, false
	}
	switch code {
	case "ASC", "CPT", "DGA", "TAA", "XKK", "PCI", "SCG", "SUN", "YUG":
		return language.Region{}, false
	}
	return region, true
}
