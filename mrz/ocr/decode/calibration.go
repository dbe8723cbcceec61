package decode

// How far the recogniser is believed. A network gives nearly everything a probability of nearly 0 or 1, also when it errs.
const (
	temperature = 1.0  // its logits are divided by this
	mistaken    = 2e-4 // the probability that a frame of a character shows one that the network did not think of
	missed      = 1e-4 // the probability that a frame without a character shows one that the network did not see
	leastShown  = 1e-4 // a symbol's probability in a frame below which it is left to the unknown
	junk        = 0.02 // what a frame of a character beside the line counts, in place of its probability
	torn        = 0.01 // what the first frame of a character counts that the frame before shows as well
	ghost       = 1e-3 // what a frame of another character beside a character counts: one seen double, a crease, a dot
)

// How the characters of a line are spaced: the shortest and the longest as parts of the pitch; the deviation as a part of
// it and in frames; and the weight of a length that is beyond all that.
const (
	shortest = 0.5
	longest  = 1.7
	unevenly = 0.08
	coarsely = 0.6
	oddly    = 1e-3
)

// hopeless is the share of the probability below which a beginning of a line is given up.
const hopeless = 1e-30

// leastSegment is the share of a place's probability below which segments are left out.
const leastSegment = 1e-9

// Priors: how often documents break a rule. Genuine documents and, more so, specimens do.
const (
	wrongAlphabet = 1e-3 // a character that its place does not allow
	digitInCode   = 0.02 // a digit in the document code
	wrongDigit    = 1e-3 // a check digit that does not agree
	careless      = 0.05 // a document whose check digits are no better than carelessDigit: specimens and trial prints
	carelessDigit = 0.5
	wrongDate     = 1e-2 // a date that does not exist
	wrongState    = 1e-2 // a code of a state that is not in the list
	oldDate       = 0.1  // an expiry more than 30 years before or 20 after the day: an old specimen

	letterAmidDigits = 0.5 // a letter against a digit, where both are allowed

	longNumber = 0.05 // a document number of more than nine characters, where the format has them
	belgian    = 0.2  // of these, a check digit that counts the filler in the check digit's place, too
	russian    = 0.01 // a Russian internal passport among zones of its shape
	ownCode    = 0.01 // a document code that Doc 9303 does not have and its issuer prints, each
)

// Priors of names, each against what is usual (Doc 9303-3, 4.6).
const (
	lateLetter = 1e-3 // a letter after three fillers, where the name has ended
	loneLetter = 0.05 // a word of one letter: an initial, but more often a filler misread
	thirdName  = 0.02 // a second double filler with letters behind it
	noSurname  = 0.05 // a double filler at the beginning: the holder has given names alone, as many in India
)

// Limits of what is a zone at all.
const (
	// minFit is the lowest Fit of a zone. Clear lines have -0.1 to -0.3; a character too many or too few costs 4 to 10.
	minFit = -1.0
	// hopelessFit is the Fit of a line that no other line of a zone makes good.
	hopelessFit = 3 * minFit
	// mostMissed and mostJunk are how many characters the likeliest path may have less or more than the line.
	mostMissed, mostJunk = 6, 6
	// minEvidence is the least logarithm of the odds of a zone against arbitrary characters: 10,000 to 1.
	minEvidence = 9.2
	// farBehind is how much less evidence leaves a hypothesis without a chance: a wrong alphabet in one place costs 10.
	farBehind = 15.0
)

// A character that is less probable than this is guessed; a zone of which more than this part is guessed is not told.
const (
	guess       = 0.5
	mostGuessed = 1. / 8
)

// Limits of what is sure. Of the 2,000 pictures of package emulate/gallery, light and heavy, no reading at all was wrong; of
// 3,500 zones in strips as the training makes them at their hardest, of which the recogniser alone sees 60 % without a
// mistake, none of 1,300 above 0.99 was, and one in 160 between 0.97 and 0.99.
const (
	sureConfidence = 0.98 // the least probability that the whole zone is right
	sureFit        = -0.5
	// clearlySeen is the probability from which on the picture alone leaves no doubt of a character.
	clearlySeen = 0.99
)
