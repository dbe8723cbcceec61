package chip

import (
	"fmt"
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
		return answer{verify.Undetermined, "the trust store is empty: import master lists"}
	case age >= trust.MaxAge:
		return answer{verify.Undetermined, fmt.Sprintf("the trust store is %d days old: import newer lists", days)}
	}
	return answer{verify.Passed, fmt.Sprintf("the trust store is %d days old", days)}
}
