package backoffice

import "github.com/foyer-station/foyer/backoffice/store/storetest"

// What passes the exercise serves an office: whoever asks one thing more of the store has it exercised too.
var _ officeStore = interface {
	storetest.Store
	Close() error
}(nil)
