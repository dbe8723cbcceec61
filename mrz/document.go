package mrz

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

// DocumentName tells what a document code means in a format. Where the second letter has no meaning that all States
// share, the first one decides. ok is false when that is none of the format's either.
func DocumentName(format Format, code string) (name Name, ok bool) {
	l := layoutFor(format)
	if l == nil || code == "" || !l.allowed(l.code.Line, l.code.From).has(code[0]) {
		return Name{}, false
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
