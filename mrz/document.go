package mrz

import "slices"

// passports are the document codes of Doc 9303-4, 4.4 and, for the single sheet, Doc 9303-8.
var passports = map[string]Name{
	"PP": {"Reisepass", "Passport"},
	"PE": {"Notreisepass", "Emergency passport"},
	"PD": {"Diplomatenpass", "Diplomatic passport"},
	"PO": {"Dienstpass", "Official or service passport"},
	"PR": {"Reiseausweis für Flüchtlinge", "Refugee passport"},
	"PT": {"Reiseausweis für Ausländer", "Alien or non-citizen passport"},
	"PS": {"Reiseausweis für Staatenlose", "Stateless passport"},
	"PL": {"Laissez-passer", "Laissez-passer"},
	"PM": {"Militärpass", "Military passport"},
	"PU": {"Rückkehrausweis", "Emergency travel document"},
}

// officials are the document codes of parts 5 and 6 whose second letter has a meaning: one that the standard gives (AC), or
// one that most States use alike.
var officials = map[string]Name{
	"AC": {"Besatzungsausweis", "Crew member certificate"},
	"ID": {"Personalausweis", "Identity card"},
	"IP": {"Passkarte", "Passport card"},
	"AR": {"Aufenthaltstitel", "Residence permit"},
	"IR": {"Aufenthaltstitel", "Residence permit"},
	"CR": {"Aufenthaltstitel", "Residence permit"},
}

// A known is a document code that Doc 9303 does not have and that its issuer prints.
type known struct {
	Name
	code, state string
	formats     []Format
}

// issuersOwn are the codes of that kind: of documents that exist, from their issuers' specimens. The same code of anybody
// else is a fault. Parsing and reading (mrz/ocr/decode) both go by this table.
var issuersOwn = []known{
	{Name{"Ankunftsnachweis", "Proof of arrival"}, "ME", "D", cards},
	{Name{"Aufenthaltstitel", "Residence permit"}, "RP", "EST", cards},
	{Name{"Aufenthaltstitel", "Residence permit"}, "TR", "GEO", cards},
	{Name{"Personalausweis ohne Reiserecht", "Identity card that is no travel document"}, "XA", "NOR", cards},
	{Name{"Grenzübertrittskarte", "Border crossing card"}, "VB", "USA", []Format{TD1}}, // two lines with V are a visa's
	{Name{"Reiseausweis", "Travel document"}, "DV", "ESP", []Format{TD3}},
	{Name{"Seefahrtbuch", "Seaman's book"}, "JK", "LTU", []Format{TD3}},
	{Name{"Seefahrtbuch", "Seaman's book"}, "S", "SWE", []Format{TD3}},
}

var cards = []Format{TD1, TD2}

// IssuersOwn lists the document codes that Doc 9303 does not have for the format and that may stand there nevertheless,
// each with the State that prints it, as they stand in the zone: "ME" and "D<<".
func (f Format) IssuersOwn() (codes [][2]string) {
	for _, k := range issuersOwn {
		if slices.Contains(k.formats, f) {
			codes = append(codes, [2]string{(k.code + "<")[:2], (k.state + "<<")[:3]})
		}
	}
	return codes
}

// ownLayouts are the layouts of zones with these codes, by format, code and State.
var ownLayouts = func() map[[3]string]*layout {
	out := map[[3]string]*layout{}
	for _, k := range issuersOwn {
		for _, f := range k.formats {
			l := *layoutFor(f)
			l.forbidden[l.code.Line][l.code.From] = ^of(k.code[:1])
			out[[3]string{string(f), k.code, k.state}] = &l
			for code, d := range deviatingStates {
				if d.instead == k.state {
					out[[3]string{string(f), k.code, code}] = &l
				}
			}
		}
	}
	return out
}()

// DocumentName tells what a document code means in a format. Where the second letter has no meaning that all States
// share, the first one decides. ok is false when that is none of the format's either.
func DocumentName(format Format, code string) (name Name, ok bool) {
	l := layoutFor(format)
	if l == nil || code == "" {
		return Name{}, false
	}
	if !l.allowed(l.code.Line, l.code.From).has(code[0]) {
		i := slices.IndexFunc(issuersOwn, func(k known) bool { return k.code == code && slices.Contains(k.formats, format) })
		if i < 0 {
			return Name{}, false
		}
		return issuersOwn[i].Name, true
	}
	names, otherwise := officials, Name{"Amtliches Reisedokument", "Official travel document"}
	switch {
	case format == MRVA, format == MRVB:
		return Name{"Visum", "Visa"}, true
	case format == CHDL, format == IDL:
		return Name{"Führerschein", "Driving licence"}, true
	case code[0] == 'P':
		names, otherwise = passports, passports["PP"]
	}
	if name, ok := names[code]; ok {
		return name, true
	}
	return otherwise, true
}
