package chip

import (
	"maps"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// cutToSigned leaves of each data group what EF.SOD, which is there, states the hash of, where something stands behind that:
// programs save files with the status word, a line's end or zeros behind them. The data object says itself where it ends, and
// its hash that it is whole; nothing of what is cut off is looked at by anybody.
func (x *examination) cutToSigned() {
	var cut map[string][]byte
	for number := range x.sod.Object.Hashes {
		name := dataGroup(number)
		file := x.Files[name]
		object := pki.FirstElement(file)
		if len(object) == len(file) || x.hashAgrees(number, file) || !x.hashAgrees(number, object) {
			continue
		}
		if cut == nil {
			cut = maps.Clone(x.Files)
			x.behind = map[string]bool{}
		}
		cut[name], x.behind[name] = object, true
	}
	if cut != nil {
		x.Files = cut
	}
}
