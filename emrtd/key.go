package emrtd

// Key is what Basic Access Control makes its keys from: three fields of the machine-readable zone (ICAO Doc 9303-11,
// 4.3.2). The check digits are computed here.
type Key struct {
	// DocumentNumber as in the zone; shorter than nine characters it may stand with or without its fillers '<'. Where
	// TD1 and TD2 carry a longer one, all of it: the nine characters and those from the optional data, without the
	// filler and the check digit between and behind them.
	DocumentNumber string
	BirthDate      string // YYMMDD as in the zone; unknown parts are '<'
	ExpiryDate     string // YYMMDD as in the zone
}
