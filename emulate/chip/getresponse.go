package chip

// inParts carries a command out and holds its data back for GET RESPONSE (ISO/IEC 7816-4, 11.8.1).
func (c *Chip) inParts(command command) response {
	if command.instruction == insGetResponse {
		return c.getResponse(command)
	}
	c.held = c.execute(command)
	if len(c.held.data) == 0 {
		return c.held
	}
	return response{status: c.moreData()}
}

// moreData is 61xx with the number of bytes held, 00 for 256 and more.
func (c *Chip) moreData() uint16 { return swMoreData | uint16(byte(min(256, len(c.held.data)))) }

// getResponse is GET RESPONSE. It asks in clear for what may be under secure messaging, and leaves that as it is.
func (c *Chip) getResponse(command command) response {
	size := len(c.held.data)
	switch {
	case size == 0:
		return response{status: swConditionsOfUse}
	case command.class != classPlain || command.p1 != 0 || command.p2 != 0:
		return response{status: swWrongParameters}
	case len(command.data) != 0 || command.expected == 0:
		return response{status: swWrongLength}
	case command.expected > size && !command.maximum:
		return response{status: swRightLength | uint16(byte(size))}
	}
	part := response{data: c.held.data[:min(size, command.expected)], status: c.held.status}
	c.held.data = c.held.data[len(part.data):]
	if len(c.held.data) > 0 {
		part.status = c.moreData()
	}
	return part
}
