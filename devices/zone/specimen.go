package zone

// Specimen is what a capture of a reader has in the place of the lines that it read: those of ICAO Doc 9303's specimens (parts 4 to 6,
// appendix B) where a line is as long as theirs, and fillers else. Of a line it knows where its characters are to stand, and nothing
// of what they were. The zero value is ready.
type Specimen struct {
	line   []*byte // the one that is being read
	before int     // lines of the document, before it
}

// specimens are the lines of the specimens, by how long a line is.
func specimens() map[int][]string {
	return map[int][]string{
		44: {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
		36: {"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"},
		30: {"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"},
	}
}

// Character has the next character of a line stand there, once the line has ended.
func (s *Specimen) Character(there *byte) { s.line = append(s.line, there) }

// EndLine ends a line. One without characters is none.
func (s *Specimen) EndLine() {
	if len(s.line) == 0 {
		return
	}
	of := specimens()[len(s.line)]
	for i, there := range s.line {
		*there = '<'
		if s.before < len(of) {
			*there = of[s.before][i]
		}
	}
	s.line, s.before = nil, s.before+1
}

// EndDocument ends a document, and its last line.
func (s *Specimen) EndDocument() {
	s.EndLine()
	s.before = 0
}
