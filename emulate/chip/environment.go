package chip

// step is the next command of a protocol that GENERAL AUTHENTICATE carries. It gets the content of the dynamic
// authentication data, and answers with the response's content and what comes after it; nil ends the protocol.
type step func(data []byte, chained bool) (answer []byte, next step, sw uint16)

// controlReference is the content of MSE:Set (Doc 9303-11, 4.4.4.1 and 6.2.4); nil where it has none.
type controlReference struct {
	mechanism           []byte // '80'
	publicKeyReference  []byte // '83'
	privateKeyReference []byte // '84'
	publicKey           []byte // '91'
}

// parseControlReference takes the data objects in any order and ignores those it does not know, as 4.4.4.1 wants.
func parseControlReference(data []byte) (controlReference, bool) {
	var c controlReference
	for len(data) > 0 {
		if data[0]&0x1F == 0x1F { // a tag of two bytes, such as '7F4C'; its first is skipped
			data = data[1:]
		}
		tag, value, rest, ok := nextObject(data)
		if !ok {
			return c, false
		}
		switch tag {
		case 0x80:
			c.mechanism = value
		case 0x83:
			c.publicKeyReference = value
		case 0x84:
			c.privateKeyReference = value
		case 0x91:
			c.publicKey = value
		}
		data = rest
	}
	return c, true
}

// manageEnvironment is MANAGE SECURITY ENVIRONMENT, Set.
func (c *Chip) manageEnvironment(command command) response {
	template, ok := parseControlReference(command.data)
	if !ok {
		return response{status: swWrongData}
	}
	switch uint16(command.p1)<<8 | uint16(command.p2) {
	case 0xC1A4:
		return c.setPACE(template)
	case 0x41A4:
		return c.setChipAuthentication(template)
	case 0x41A6:
		return c.setKeyAgreement(template)
	}
	return response{status: swWrongParameters}
}

// generalAuthenticate is GENERAL AUTHENTICATE (Doc 9303-11, 4.4.4.2 and 6.2.4.2). A step that fails ends the protocol.
func (c *Chip) generalAuthenticate(command command, next step, room int) response {
	tag, data, rest, ok := nextObject(command.data)
	switch {
	case command.p1 != 0 || command.p2 != 0:
		return response{status: swWrongParameters}
	case next == nil:
		return response{status: swConditionsOfUse}
	case !ok || tag != 0x7C || len(rest) != 0:
		return response{status: swWrongData}
	}
	answer, next, sw := next(data, command.chained)
	if sw != swSuccess {
		return response{status: sw}
	}
	answer = object(0x7C, answer)
	if len(answer) > room {
		return response{status: swWrongLength}
	}
	c.protocol = next
	return response{data: answer, status: swSuccess}
}

// only gives the value of a data object that must be the only one.
func only(tag byte, data []byte) ([]byte, bool) {
	found, value, rest, ok := nextObject(data)
	return value, ok && found == tag && len(rest) == 0
}
