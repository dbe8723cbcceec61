package kiosk

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// fit brings a record within the contract's limits, and writes down what that took: first checks that did not fail are left
// out where there are too many, then the details of person and document, then the reasons of checks that did not fail are, then the reasons of failed checks are shortened. The verdict, and
// which checks failed, stays.
func fit(r *stationv1.CheckInRecord) {
	for _, d := range r.GetDocuments() {
		if more := len(d.GetChecks()) - stationv1.MaxChecks; more > 0 {
			d.Checks = gravest(d.GetChecks(), stationv1.MaxChecks)
			r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: "checks", How: stationv1.DroppedLeftOut, Count: int32(more)})
		}
	}
	dropDetails(r)
	if more := len(r.GetDropped()) - maxDropped + maxNotes; more > 0 {
		r.Dropped = append(r.Dropped[more:], &stationv1.Dropped{Name: "files", How: stationv1.DroppedLeftOut, Count: int32(more)})
	}
	for _, shorten := range []func(*stationv1.Check) bool{withoutReason, shortened} {
		if proto.Size(r) <= stationv1.MaxRecord-maxName { // with room to say so
			return
		}
		count := int32(0)
		for _, d := range r.GetDocuments() {
			for _, check := range d.GetChecks() {
				if shorten(check) {
					count++
				}
			}
		}
		r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: "reasons", How: stationv1.DroppedShortened, Count: count})
	}
}

func withoutReason(c *stationv1.Check) bool {
	if verify.Result(c.GetResult()) == verify.Failed || c.GetReason() == "" && len(c.GetReasons())+len(c.GetEvidence()) == 0 {
		return false
	}
	c.Reason, c.Reasons, c.Evidence = "", nil, nil
	return true
}

func shortened(c *stationv1.Check) bool {
	before := proto.Size(c)
	c.Reason, c.Evidence = verify.Quote(c.GetReason(), shortReason), nil
	c.Reasons = c.Reasons[:min(len(c.Reasons), 1)]
	for _, r := range c.Reasons {
		for _, p := range r.Params {
			p.Values = quoted(p.Values[:min(len(p.Values), 1)], shortReason)
		}
	}
	return proto.Size(c) < before
}

// gravest keeps the gravest checks, most of them, in the order in which they stand.
func gravest(checks []*stationv1.Check, most int) []*stationv1.Check {
	order := make([]int, len(checks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(gravity(checks[b]), gravity(checks[a])) })
	order = slices.Sorted(slices.Values(order[:most]))
	left := make([]*stationv1.Check, 0, most)
	for _, i := range order {
		left = append(left, checks[i])
	}
	return left
}

func gravity(c *stationv1.Check) int {
	return verify.Gravity(verify.Result(c.GetResult()), verify.Level(c.GetLevel()))
}
