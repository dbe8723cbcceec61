package technicianv1

// plain is the key of a message that is its text.
const plain = "plain"

// Plain is a message that is its text, in English; nil without one.
func Plain(text string) *Message {
	if text == "" {
		return nil
	}
	return &Message{Key: plain, Params: []*Param{{Name: "text", Value: text}}}
}

// Text is what [Plain] made the message of, or else its key and parameters, for logs and engineers; empty of nil.
func (m *Message) Text() string {
	text := m.GetKey()
	for _, p := range m.GetParams() {
		if text += "; " + p.GetName() + ": " + p.GetValue(); m.GetKey() == plain {
			return p.GetValue()
		}
	}
	return text
}
