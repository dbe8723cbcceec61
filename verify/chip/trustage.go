package chip

import (
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
)

// trustAge answers whether the store is young enough for what rests on it.
func (x *examination) trustAge() answer {
	if _, there := x.Files[emrtd.FileSOD]; !there {
		return x.without(emrtd.FileSOD)
	}
	age, known := x.trust.Age(x.Day)
	days := int(age / (24 * time.Hour))
	switch {
	case !known:
		return undetermined(verify.Because(codeStoreEmpty))
	case age >= trust.MaxAge:
		return undetermined(verify.Because(codeStoreOld).WithNumber("days", days))
	}
	return passed(verify.Because(codeStoreAge).WithNumber("days", days))
}
