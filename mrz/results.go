package mrz

// Results are the verdicts on the fields.
func (z Zone) Results() Results {
	l := z.layout
	if l == nil {
		return Results{}
	}
	surname, given := z.names()
	r := Results{
		DocumentCode:   z.result("", l.code.Range),
		IssuingState:   z.result("", l.state.Range),
		Surname:        z.result("", surname),
		GivenNames:     z.result("", given),
		DocumentNumber: z.result("document_number", z.number()...),
		Nationality:    z.result("", l.nationality.Range),
		BirthDate:      z.result("birth_date", l.birth.Range),
		Sex:            z.result("", l.sex.Range),
		ExpiryDate:     z.result("expiry_date", l.expiry.Range),
		OptionalData:   z.result("optional_data", z.optionals()...),
	}
	if z.nameless() {
		r.Surname, r.GivenNames = Failed, Failed
	}
	r.DocumentNumber = only(r.DocumentNumber, !z.numberless(), Failed)
	r.IssuingState = only(r.IssuingState, knownState(z.Fields.IssuingState), Undetermined)
	r.Nationality = only(r.Nationality, knownState(z.Fields.Nationality), Undetermined)
	r.BirthDate = only(r.BirthDate, z.Fields.BirthDate != "", Failed)
	r.ExpiryDate = only(r.ExpiryDate, z.Fields.ExpiryDate != "", Failed)
	r.ExpiryDate = only(r.ExpiryDate, !z.Fields.CenturyUnknown(), Undetermined)
	return r
}

// only lets a field pass if a further condition holds too.
func only(r Result, holds bool, otherwise Result) Result {
	if r == Passed && !holds {
		return otherwise
	}
	return r
}

// result judges what stands in a field's ranges, and the field's check digit.
func (z *Zone) result(digit string, ranges ...Range) Result {
	r, length := Passed, 0
	for _, at := range ranges {
		length += at.Length
		for column := at.From; column < at.From+at.Length; column++ {
			r = worse(r, z.character(at.Line, column))
		}
	}
	if length == 0 {
		return NotSupported
	}
	for _, c := range z.Checks() {
		if c.ID == digit {
			r = worse(r, c.Result)
		}
	}
	return r
}

func (z *Zone) character(line, column int) Result {
	switch c := z.lines[line][column]; {
	case indexes[c] == none:
		return Undetermined
	case !z.layout.allowed(line, column).has(c):
		return Failed
	}
	return Passed
}

// worse is the result that counts of two; that a check digit is not used says nothing against its field.
func worse(a, b Result) Result {
	for _, r := range []Result{Failed, Undetermined} {
		if a == r || b == r {
			return r
		}
	}
	return a
}

// number are the ranges of the document number.
func (z *Zone) number() []Range {
	number := []Range{z.layout.number.Range}
	if z.rest > 0 {
		more := z.layout.optional[0].Range
		more.Length = z.rest
		number = append(number, more)
	}
	return number
}

func (z *Zone) optionals() []Range {
	var out []Range
	for i := range z.layout.optional {
		out = append(out, z.optional(i))
	}
	return out
}
