package gallery

import (
	"math/rand/v2"
	"strings"
	"time"

	"github.com/foyer-station/foyer/mrz"
)

// holder is somebody who does not exist, with the fields of a document of one format.
type holder struct {
	mrz.Fields
	format     mrz.Format
	birthPlace string
	issued     time.Time
}

// shares say how many of a hundred documents have a format: about as an immigration office sees them, each often enough
// to be measured.
var shares = []struct {
	format  mrz.Format
	percent int
}{
	{mrz.TD3, 32}, {mrz.TD1, 30}, {mrz.TD2, 10}, {mrz.MRVA, 8}, {mrz.MRVB, 8}, {mrz.FRID, 4}, {mrz.CHDL, 4}, {mrz.IDL, 4},
}

func newHolder(random *rand.Rand) holder {
	h := holder{format: format(random), birthPlace: name(random, 2, 4)}
	expiry := Day().AddDate(0, 0, random.IntN(14*365)-4*365)
	birth := Day().AddDate(-random.IntN(95), 0, -1-random.IntN(365))
	h.issued = expiry.AddDate(-10, 0, 1)
	state := pick(random, states)
	h.Fields = mrz.Fields{
		IssuingState: state, Nationality: state,
		Surname: surname(random), GivenNames: givenNames(random),
		DocumentNumber: number(random), BirthDate: birth.Format(time.DateOnly),
		Sex: pick(random, []string{"F", "F", "F", "F", "M", "M", "M", "M", "X", ""}), ExpiryDate: expiry.Format(time.DateOnly),
	}
	if random.IntN(6) == 0 {
		h.Nationality = pick(random, states)
	}
	if h.format != mrz.CHDL && random.IntN(50) == 0 {
		h.BirthDate = h.BirthDate[:len("2006-")] + pick(random, []string{"??-??", h.BirthDate[5:7] + "-??"})
	}
	h.suit(random)
	return h
}

// suit changes the fields into those that the format has, in its own shapes.
func (h *holder) suit(random *rand.Rand) {
	switch h.format {
	case mrz.TD3:
		h.DocumentCode = pick(random, []string{"P", "P", "P", "PD", "PS", "PO"})
		h.OptionalData = optional(random, 14)
	case mrz.TD1, mrz.TD2:
		h.DocumentCode = pick(random, []string{"I", "ID", "ID", "AC", "IR", "AR", "C"})
		if h.IssuingState == "FRA" {
			h.DocumentCode = "I" // two lines that begin with IDFRA are FRID's
		}
		h.cardNumber(random)
	case mrz.MRVA, mrz.MRVB:
		h.DocumentCode = pick(random, []string{"V", "VC", "VN", "VB"})
		h.OptionalData = optional(random, map[mrz.Format]int{mrz.MRVA: 16, mrz.MRVB: 8}[h.format])
	case mrz.FRID:
		h.DocumentCode, h.IssuingState, h.Nationality, h.ExpiryDate = "ID", "FRA", "", ""
		h.DocumentNumber = h.issued.Format("0601") + fill(random, "9A9") + fill(random, "99999")
		h.OptionalData = fill(random, "999999")
	case mrz.CHDL:
		h.DocumentCode, h.IssuingState, h.Nationality, h.ExpiryDate, h.Sex = "FA", pick(random, []string{"CHE", "LIE"}), "", "", ""
		h.DocumentNumber = fill(random, "AAA999") + pick(random, []string{"D", "F", "I", "R"})
		h.OptionalData = fill(random, "999999999999")
	case mrz.IDL:
		// Not France and the Netherlands, which fill the line in ways of their own.
		h.Fields = mrz.Fields{DocumentCode: "D" + pick(random, []string{"1", "2", "<"}), IssuingState: pick(random, []string{"UTO", "D", "HRV", "BEL"}),
			OptionalData: fill(random, strings.Repeat("*", 8+random.IntN(17)))}
	}
}

// cardNumber gives some cards a number longer than nine characters, which leaves less room for optional data.
func (h *holder) cardNumber(random *rand.Rand) {
	if random.IntN(8) == 0 {
		h.DocumentNumber = fill(random, strings.Repeat("*", 10+random.IntN(3)))
		return
	}
	h.OptionalData = optional(random, 7)
	if h.format == mrz.TD1 && h.OptionalData != "" && random.IntN(2) == 0 {
		h.OptionalData += " " + fill(random, strings.Repeat("*", 3+random.IntN(9)))
	}
}

func format(random *rand.Rand) mrz.Format {
	n := random.IntN(100)
	for _, s := range shares {
		if n -= s.percent; n < 0 {
			return s.format
		}
	}
	return shares[0].format
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// fill makes text of a pattern: 9 becomes a digit, A a letter, * either.
func fill(random *rand.Rand, pattern string) string {
	const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	out := []byte(pattern)
	for i, c := range out {
		switch c {
		case '9':
			out[i] = signs[random.IntN(10)]
		case 'A':
			out[i] = signs[10+random.IntN(26)]
		case '*':
			out[i] = signs[random.IntN(36)]
		}
	}
	return string(out)
}

// number is a document number as States shape them, some shorter than nine characters.
func number(random *rand.Rand) string {
	return fill(random, pick(random, []string{
		"999999999", "A99999999", "AA9999999", "AAA999999", "*********", "*********", "99AA99999", "A9999999", "AA999999", "9999999", "AA99999",
	}))
}

// optional is empty in half of the MRZs, else a personal number or something of the State's own.
func optional(random *rand.Rand, longest int) string {
	if random.IntN(2) == 0 {
		return ""
	}
	length := min(longest, 4+random.IntN(11))
	return fill(random, strings.Repeat(pick(random, []string{"9", "9", "*"}), length))
}

// name has so many syllables.
func name(random *rand.Rand, least, most int) string {
	onsets := strings.Fields("B BR C CH D DR F G GR H J K KH KL L M N NG P PR QU R S SCH SH SK ST T TH TR V W X Y Z")
	nuclei := strings.Fields("A E I O U A E I O U AI AU EE EI IE OU Y")
	codas := []string{"", "", "", "", "L", "M", "N", "NG", "R", "S", "T", "CK", "SKI", "V", "Z"}
	var b strings.Builder
	for range least + random.IntN(most-least+1) {
		b.WriteString(pick(random, onsets) + pick(random, nuclei))
	}
	return b.String() + pick(random, codas)
}

// surname is one name, or two with a hyphen, or with particles.
func surname(random *rand.Rand) string {
	switch random.IntN(12) {
	case 0, 1:
		return name(random, 1, 3) + "-" + name(random, 1, 3)
	case 2:
		return pick(random, []string{"DE LA ", "VAN DER ", "AL ", "BIN ", "DOS ", "MC", "O'"}) + name(random, 1, 3)
	case 3:
		return name(random, 1, 2) + " " + name(random, 2, 3)
	case 4:
		return pick(random, []string{"LI", "NG", "O", "XU", "IM", "OI", "E"})
	case 5:
		return name(random, 6, 9)
	}
	return name(random, 1, 4)
}

// givenNames are none to four; together with the surname they may be longer than any zone.
func givenNames(random *rand.Rand) string {
	count := pick(random, []int{0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4})
	names := make([]string, count)
	for i := range names {
		names[i] = name(random, 1, 3)
		if random.IntN(10) == 0 {
			names[i] += "-" + name(random, 1, 2)
		}
	}
	return strings.Join(names, " ")
}

// states are codes of Doc 9303-3 section 5, the odd ones among them.
var states = strings.Fields(`UTO UTO UTO D D AUT CHE FRA ITA ESP PRT NLD BEL POL CZE SVK HUN ROU BGR GRC HRV SVN SRB UKR
	MDA TUR GEO ARM AZE SYR IRQ IRN AFG PAK IND BGD LKA CHN VNM THA PHL IDN JPN KOR USA CAN MEX BRA COL PER ARG NGA GHA
	ETH ERI SOM KEN MAR DZA TUN EGY GBR GBD IRL SWE NOR DNK FIN EST LVA LTU RKS XXA XXB XXC UNO EUE`)
