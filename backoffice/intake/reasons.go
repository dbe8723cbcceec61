package intake

import (
	"math"
	"regexp"
	"slices"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

var (
	reasonCode = regexp.MustCompile(`^[a-z0-9_.]{1,60}$`)
	paramName  = regexp.MustCompile(`^[a-z_]{1,30}$`)
	unit       = regexp.MustCompile(`^[a-z%²]{0,10}$`)
)

// boundReasons leaves of a check's reasons, and of what it measured, what keeps to the contract. Cut says that there was something else.
func boundReasons(c *stationv1.Check) (cut bool) {
	before := len(c.Reasons)
	c.Reasons = slices.DeleteFunc(c.Reasons, func(r *stationv1.Reason) bool { return !reasonCode.MatchString(r.GetCode()) })
	c.Reasons = c.Reasons[:min(len(c.Reasons), stationv1.MaxReasons)]
	cut = len(c.Reasons) != before
	for _, r := range c.Reasons {
		cut = boundParams(r) || cut
	}
	if m := c.Measure; m != nil && (!finite(m.Value) || !finite(m.Threshold) || !unit.MatchString(m.Unit)) {
		c.Measure, cut = nil, true
	}
	return cut
}

func boundParams(r *stationv1.Reason) (cut bool) {
	before := len(r.Params)
	r.Params = slices.DeleteFunc(r.Params, func(p *stationv1.Param) bool { return !paramName.MatchString(p.GetName()) })
	r.Params = r.Params[:min(len(r.Params), stationv1.MaxParams)]
	cut = len(r.Params) != before
	for _, p := range r.Params {
		if len(p.Values) > stationv1.MaxValues {
			p.Values, cut = p.Values[:stationv1.MaxValues], true
		}
	}
	return cut
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
