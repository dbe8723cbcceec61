package mrz

import "cmp"

// When a card (TD1, TD2) expires, of which the zone has two digits of the year. All ages and years are of the day on which
// the zone is read; beyond the first row, the year depends on how old its holder can be.
//
//	the two digits give             holder            expires
//	------------------------------  ----------------  --------------------------------------------------------------
//	a year up to 20 ahead, or past  any               then (a)
//	a year 20 to 60 ahead           may be 55 (b)     then; unknown where the same year a century before can be (c)
//	                                younger           a century before, where that can be (c), else unknown
//	1 January or 31 December of 99  of the age (d)    without end
//	                                may be 55 (b)     unknown: in 1999, or without end
//	                                younger           in 1999
//	999999                          any               without end: it is no date
//
//	(a) Documents are issued for at most 15 years (BSI TR-03135-1, 5.7.1).
//	(b) Only the old have cards for longer than ten years: from 70 by Regulation (EU) 2019/1157, article 4(2), from 55 at the
//	    earliest (Romania, before it), and for 60 years at the most (Hungary).
//	(c) There were no machine-readable cards before 1987, and nobody is born after their card has expired.
//	(d) See withoutEndBy; elsewhere from 70 (b): nobody of that age still shows a card that ran out in their forties.
//
// A card whose century cannot be told is neither valid nor expired.

// shortly is the most years ahead at which a document expires that is issued to anybody; longest, one that is issued to the
// old alone.
const (
	shortly = 20
	longest = 60
)

// The ages, in years, of those to whom a card is issued for longer than ten years.
const (
	longFrom = 55
	oldest   = 115 // that anybody is taken for
)

// firstCards is the year in which the first machine-readable cards were issued.
const firstCards = 1987

// endless is the year that stands for validity without end, 9999, of which a zone has room for 99.
const endless = 9999

// allNines is how a zone would state 99.99.9999, another way to say the same.
const allNines = "999999"

// withoutEndFrom is the age from which States give cards without end that withoutEndBy does not name.
const withoutEndFrom = 70

// withoutEndBy are States that are known to print such a date on their cards, and the age from which they give such cards:
// Spain (Royal Decree 1553/2005, article 6) and Italy (circular 60/2026) 1 January, Croatia ("trajno") and Portugal
// ("vitalício", cards before 2018) 31 December.
var withoutEndBy = map[string]int{"ESP": 70, "ITA": 70, "HRV": 65, "PRT": 65}

// cardExpires puts the expiry of a card as late as it may be: up to 60 years after day, or without end.
func cardExpires(today date, yy, month, day int) int {
	if day := month*100 + day; yy == endless%100 && (day == 101 || day == 1231) && upTo(today.year+shortly, yy) < today.year {
		return endless
	}
	return upTo(today.year+longest, yy)
}

func never(date, int, int, int) int { return endless }

// cardExpired settles the year of a card's expiry that may be later than anybody's, by its holder and its State; 0 where the
// century cannot be told.
func (z *Zone) cardExpired(today date, late int) int {
	past, birth := upTo(today.year, late%100), z.earliestBirth(today)
	wasThen := past >= firstCards && birth.year <= past
	switch {
	case !birth.reached(longFrom, today):
		if wasThen {
			return past
		}
		return 0
	case late == endless:
		age := cmp.Or(withoutEndBy[trimRight(z.text(z.layout.state.Range))], withoutEndFrom)
		if birth == (date{}) || !birth.reached(age, today) || past >= today.year-shortly {
			return 0
		}
		return endless
	case wasThen:
		return 0
	}
	return late
}

// earliestBirth is the longest ago that the holder may be born: no day at all where the year is not known.
func (z *Zone) earliestBirth(today date) date {
	at := z.text(z.layout.birth.Range)
	yy, known, _ := part(at[0], at[1])
	month, _, _ := part(at[2], at[3])
	day, _, _ := part(at[4], at[5])
	if !known || at == "000000" {
		return date{}
	}
	return date{bornLongAgo(today, yy, month, day), month, day}
}

// reached reports whether somebody who was born on a day has reached an age.
func (d date) reached(age int, today date) bool {
	return !date{d.year + age, d.month, d.day}.after(today)
}

// bornLongAgo is bornBy for the holder of a card that is issued to the old alone: of two years a hundred apart, not the
// one that makes them a child.
func bornLongAgo(today date, yy, month, day int) int {
	year := bornBy(today, yy, month, day)
	if year > today.year-longFrom && year-100 >= today.year-oldest {
		return year - 100
	}
	return year
}
