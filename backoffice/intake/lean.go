package intake

import (
	"errors"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// Fields of station.proto that a record may have too much of, and what all others of a message may come to, in bytes.
const (
	fieldDocuments protowire.Number = 2 // of CheckInRecord
	fieldChecks    protowire.Number = 8 // of Document
	maxRest                         = stationv1.MaxRecord / 4
	// maxFlood is how many checks of a document are looked through for those that failed; with more it is not a document's.
	maxFlood = 1 << 16
)

var errWire = errors.New("record is not a CheckInRecord, or has more of something than a check-in may have")

// readLean reads a record of any length into one that keeps to the contract's limits, check by check, so that much is never
// held of a record that is long: too many checks lose those that did not fail, texts that are too long or not printable are
// quoted. Cut says that there was something to do, which a station's own limits should have left undone.
func readLean(text []byte) (r *stationv1.CheckInRecord, cut bool, err error) {
	r = &stationv1.CheckInRecord{}
	var documents []*stationv1.Document
	rest, err := each(text, fieldDocuments, func(content []byte) error {
		if len(documents) == stationv1.MaxDocuments {
			return errWire
		}
		d, shortened, err := readDocument(content)
		documents, cut = append(documents, d), cut || shortened
		return err
	})
	if err != nil || proto.Unmarshal(rest, r) != nil {
		return nil, false, errWire
	}
	r.Documents = documents
	return r, quoteAll(r.ProtoReflect()) || cut, nil
}

func readDocument(text []byte) (d *stationv1.Document, cut bool, err error) {
	var checks []*stationv1.Check
	seen := 0
	rest, err := each(text, fieldChecks, func(content []byte) error {
		var c stationv1.Check
		if seen++; seen > maxFlood || proto.Unmarshal(content, &c) != nil {
			return errWire
		}
		cut = quoteAll(c.ProtoReflect()) || cut
		if most := stationv1.MaxFiles; len(c.Evidence) > most {
			c.Evidence, cut = c.Evidence[:most], true
		}
		if len(checks) < stationv1.MaxChecks {
			checks = append(checks, &c)
			return nil
		}
		cut = true
		checks = inPlaceOfOne(checks, &c)
		return nil
	})
	d = &stationv1.Document{}
	if err != nil || proto.Unmarshal(rest, d) != nil {
		return nil, false, errWire
	}
	d.Checks = checks
	return d, cut, nil
}

// gravity is the higher, the less staff may miss a check: one that failed before one that did not, then by its level.
func gravity(c *stationv1.Check) int {
	g := slices.Index([]verify.Level{verify.Evaluatory, verify.Optional, verify.Mandatory}, verify.Level(c.Level))
	if verify.Result(c.Result) == verify.Failed {
		g += 3
	}
	return g
}

// inPlaceOfOne puts a check last, in place of one that is less grave; where there is none it is left out.
func inPlaceOfOne(checks []*stationv1.Check, c *stationv1.Check) []*stationv1.Check {
	least := slices.MinFunc(checks, func(a, b *stationv1.Check) int { return gravity(a) - gravity(b) })
	if gravity(least) >= gravity(c) {
		return checks
	}
	i := slices.Index(checks, least)
	return append(slices.Delete(checks, i, i+1), c)
}

// each hands over the contents of one repeated message field, and gives all other fields as they stand.
func each(text []byte, field protowire.Number, take func(content []byte) error) (rest []byte, err error) {
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
		} else if rest = append(rest, text[:n+value]...); len(rest) > maxRest {
			return nil, errWire
		}
		text = text[n+value:]
	}
	return rest, nil
}

// quoteAll makes every text of a message one printable line of bounded length, and says whether one was none: what turns the
// direction of writing, or hides in control characters, could make one check look like another.
func quoteAll(m protoreflect.Message) (changed bool) {
	quote := func(v protoreflect.Value, set func(protoreflect.Value)) {
		if plain := verify.Quote(v.String(), verify.MaxReason); plain != v.String() {
			set(protoreflect.ValueOfString(plain))
			changed = true
		}
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch text := f.Kind() == protoreflect.StringKind; {
		case f.IsList() && text:
			for i, list := 0, v.List(); i < list.Len(); i++ {
				quote(list.Get(i), func(plain protoreflect.Value) { list.Set(i, plain) })
			}
		case text:
			quote(v, func(plain protoreflect.Value) { m.Set(f, plain) })
		case f.IsList() && f.Kind() == protoreflect.MessageKind:
			for i, list := 0, v.List(); i < list.Len(); i++ {
				changed = quoteAll(list.Get(i).Message()) || changed
			}
		}
		return true
	})
	return changed
}
