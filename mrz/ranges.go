package mrz

// Ranges tells where a field stands, for those that readers of pictures weigh as a whole: "names" (with FRID, the surname
// and then the given names), "issuing_state" and "nationality". It is nil where the format has no such field.
func (f Format) Ranges(field string) []Range {
	l := layoutFor(f)
	if l == nil {
		return nil
	}
	var out []Range
	for _, s := range map[string][]span{"names": {l.names, l.given}, "issuing_state": {l.state}, "nationality": {l.nationality}}[field] {
		if s.Length > 0 {
			out = append(out, s.Range)
		}
	}
	return out
}
