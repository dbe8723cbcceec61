package intake

import (
	"errors"
	"iter"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// Fields of station.proto that a record may have too much of, and what all others may come to.
const (
	fieldDocuments protowire.Number = 2                       // of CheckInRecord
	fieldChecks    protowire.Number = 8                       // of Document
	maxRest                         = stationv1.MaxRecord     // bytes of a record but for its documents
	maxDocument                     = stationv1.MaxRecord / 4 // bytes of a document but for its checks
	// maxFields are those of a record without its documents, of a document without its checks, or of one check, with all that stand
	// in them: an empty message has two bytes as it is sent, and a hundred in memory.
	maxFields = 1 << 16
	// maxFlood is how many checks of a record are looked through for those that failed; with more it is no check-in's.
	maxFlood = 1 << 16
)

var errWire = errors.New("record is not a CheckInRecord, or has more of something than a check-in may have")

// readLean reads a record of any length into one that keeps to the contract's limits, check by check, so that much is never
// held of a record that is long: too many checks lose those that did not fail, texts that are too long or not printable are
// quoted. Cut says that there was something to do, which a station's own limits should have left undone.
func readLean(text []byte) (r *stationv1.CheckInRecord, cut bool, err error) {
	r = &stationv1.CheckInRecord{}
	var documents []*stationv1.Document
	seen := 0
	rest, err := each(text, fieldDocuments, maxRest, func(content []byte) error {
		if len(documents) == stationv1.MaxDocuments {
			return errWire
		}
		d, shortened, err := readDocument(content, &seen)
		documents, cut = append(documents, d), cut || shortened
		return err
	})
	if err != nil || read(rest, r) != nil {
		return nil, false, errWire
	}
	r.Documents = documents
	for _, p := range r.Persons {
		cut = shortenDetails(p.GetDetails()) || cut
		for _, c := range p.Checks {
			cut = boundCheck(c) || cut
		}
	}
	return r, quoteAll(r.ProtoReflect()) || cut, nil
}

// boundCheck leaves of a check what keeps to the contract. Cut says that there was something else.
func boundCheck(c *stationv1.Check) (cut bool) {
	cut = boundReasons(c)
	if most := stationv1.MaxFiles; len(c.Evidence) > most {
		c.Evidence, cut = c.Evidence[:most], true
	}
	return cut
}

// shortenDetails leaves out what a person has too many of.
func shortenDetails(d *stationv1.PersonalDetails) (cut bool) {
	if d == nil {
		return false
	}
	cut = len(d.OtherNames) > stationv1.MaxOtherNames || len(d.PersonsToNotify) > stationv1.MaxToNotify
	d.OtherNames = d.OtherNames[:min(len(d.OtherNames), stationv1.MaxOtherNames)]
	d.PersonsToNotify = d.PersonsToNotify[:min(len(d.PersonsToNotify), stationv1.MaxToNotify)]
	return cut
}

// read parses a message that has no more fields than one may.
func read(text []byte, m proto.Message) error {
	left := maxFields
	if !few(text, m.ProtoReflect().Descriptor(), &left) || proto.Unmarshal(text, m) != nil {
		return errWire
	}
	return nil
}

// few says whether a message, with all that stand in it, has no more fields than are left.
func few(text []byte, of protoreflect.MessageDescriptor, left *int) bool {
	for len(text) > 0 {
		number, kind, n := protowire.ConsumeTag(text)
		if n < 0 {
			return false
		}
		value := protowire.ConsumeFieldValue(number, kind, text[n:])
		if *left--; value < 0 || *left < 0 {
			return false
		}
		f := of.Fields().ByNumber(number)
		if content, _ := protowire.ConsumeBytes(text[n:]); f != nil && f.Message() != nil && kind == protowire.BytesType && !few(content, f.Message(), left) {
			return false
		}
		text = text[n+value:]
	}
	return true
}

// readDocument adds the checks that it has looked through to seen.
func readDocument(text []byte, seen *int) (d *stationv1.Document, cut bool, err error) {
	var kept gravest
	rest, err := each(text, fieldChecks, maxDocument, func(content []byte) error {
		var c stationv1.Check
		if *seen++; *seen > maxFlood || read(content, &c) != nil {
			return errWire
		}
		cut = quoteAll(c.ProtoReflect()) || cut
		cut = boundCheck(&c) || cut
		cut = kept.add(&c) || cut
		return nil
	})
	d = &stationv1.Document{}
	if err != nil || read(rest, d) != nil {
		return nil, false, errWire
	}
	if others := d.GetDetails().GetOtherPersons(); len(others) > stationv1.MaxOthers {
		d.Details.OtherPersons, cut = others[:stationv1.MaxOthers], true
	}
	d.Checks = kept.checks
	return d, cut, nil
}

func gravity(c *stationv1.Check) int {
	return verify.Gravity(verify.Result(c.Result), verify.Level(c.Level))
}

// gravest are as many checks as a document may have, the gravest of all that were added, in their order.
type gravest struct {
	checks []*stationv1.Check
	least  int // gravity of the least grave, once there are as many as may be
}

// add puts a check last, in place of one that is less grave where there are as many as may be; lost says that one was left out.
func (g *gravest) add(c *stationv1.Check) (lost bool) {
	lost = len(g.checks) == stationv1.MaxChecks
	if lost && gravity(c) <= g.least {
		return lost
	}
	if lost {
		i := slices.IndexFunc(g.checks, func(o *stationv1.Check) bool { return gravity(o) == g.least })
		g.checks = slices.Delete(g.checks, i, i+1)
	}
	g.checks = append(g.checks, c)
	if len(g.checks) == stationv1.MaxChecks {
		g.least = gravity(slices.MinFunc(g.checks, func(a, b *stationv1.Check) int { return gravity(a) - gravity(b) }))
	}
	return lost
}

// each hands over the contents of one repeated message field, and gives all other fields, at most bytes of them, as they stand.
func each(text []byte, field protowire.Number, most int, take func(content []byte) error) (rest []byte, err error) {
	for len(text) > 0 {
		number, kind, n := protowire.ConsumeTag(text)
		if n < 0 {
			return nil, errWire
		}
		value := protowire.ConsumeFieldValue(number, kind, text[n:])
		if value < 0 {
			return nil, errWire
		}
		if number == field && kind == protowire.BytesType {
			content, _ := protowire.ConsumeBytes(text[n:])
			if err := take(content); err != nil {
				return nil, err
			}
		} else if rest = append(rest, text[:n+value]...); len(rest) > most {
			return nil, errWire
		}
		text = text[n+value:]
	}
	return rest, nil
}

// quoteAll makes every text of a message, and of all that stand in it, one printable line of bounded length, and says whether one was
// none: what turns the direction of writing, or hides in control characters, could make one check look like another.
func quoteAll(m protoreflect.Message) (changed bool) {
	for part := range parts(m) {
		part.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			if f.Kind() == protoreflect.StringKind {
				changed = quoteField(part, f, v) || changed
			}
			return true
		})
	}
	return changed
}

// quoteField makes a text, or each of a list, one printable line.
func quoteField(m protoreflect.Message, f protoreflect.FieldDescriptor, v protoreflect.Value) (changed bool) {
	const most = stationv1.MaxText - len("...") // [verify.Quote] adds the dots
	quote := func(v protoreflect.Value, set func(protoreflect.Value)) {
		if plain := verify.Quote(v.String(), most); plain != v.String() {
			set(protoreflect.ValueOfString(plain))
			changed = true
		}
	}
	if !f.IsList() {
		quote(v, func(plain protoreflect.Value) { m.Set(f, plain) })
		return changed
	}
	for i, list := 0, v.List(); i < list.Len(); i++ {
		quote(list.Get(i), func(plain protoreflect.Value) { list.Set(i, plain) })
	}
	return changed
}

// parts are a message and all messages that stand in it.
func parts(m protoreflect.Message) iter.Seq[protoreflect.Message] {
	return func(yield func(protoreflect.Message) bool) { descend(m, yield) }
}

func descend(m protoreflect.Message, yield func(protoreflect.Message) bool) (on bool) {
	if !yield(m) {
		return false
	}
	on = true
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Message() == nil:
		case f.IsList():
			for i, list := 0, v.List(); i < list.Len() && on; i++ {
				on = descend(list.Get(i).Message(), yield)
			}
		default:
			on = descend(v.Message(), yield)
		}
		return on
	})
	return on
}
