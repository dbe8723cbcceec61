package verify

import (
	"fmt"
	"strings"
)

// maxDeviations is how many characters of deviations a reason has.
const maxDeviations = 300

// WithDeviations adds to a check's reason in what a document deviates from its standard and was judged all the same, in the
// same words everywhere. The reason stays as it is where there is no deviation.
func WithDeviations[D ~string](reason string, deviations ...D) string {
	if len(deviations) == 0 {
		return reason
	}
	var b strings.Builder
	if b.WriteString(reason); reason != "" {
		b.WriteString("; ")
	}
	most := b.Len() + maxDeviations
	b.WriteString("deviates: " + string(deviations[0]))
	for i, d := range deviations[1:] {
		if b.Len()+len(d) > most {
			fmt.Fprintf(&b, "; and %d more", len(deviations)-1-i)
			break
		}
		b.WriteString("; " + string(d))
	}
	return b.String()
}
