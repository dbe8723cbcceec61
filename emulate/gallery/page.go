package gallery

import (
	"strings"

	"github.com/foyer-station/foyer/emulate/degrade"
	"github.com/foyer-station/foyer/mrz"
)

// Page is picture number i of a document with these fields and lines, which need not be of the set.
func (g *Gallery) Page(level degrade.Level, format mrz.Format, f mrz.Fields, lines []string, i int) Exhibit {
	random := dice(level, "page "+strings.Join(lines, " "), i)
	h := newHolder(random)
	h.format, h.Fields = format, f
	sheet := g.document(level, h, lines, random)
	return Exhibit{level.Expose(sheet, random.Uint64()), format, lines}
}
