package mutual

// Key names what is said of a certificate or a handshake, for catalogues to have words for: [a-z0-9_.]{1,60}.
type Key string

// Message is a sentence for whoever has to mend it: its key with what its words leave open, and the sentence itself in English, for logs.
// The zero value says nothing.
type Message struct {
	Key     Key
	Params  []Param
	English string
}

// Param is one of the things that a message's words leave open.
type Param struct{ Name, Value string }

// say makes a message; params are names and values in turn.
func say(key Key, english string, params ...string) Message {
	m := Message{Key: key, English: english}
	for i := 0; i+1 < len(params); i += 2 {
		m.Params = append(m.Params, Param{params[i], params[i+1]})
	}
	return m
}

// String is the sentence in English.
func (m Message) String() string { return m.English }

// IsZero tells whether nothing is said.
func (m Message) IsZero() bool { return m.Key == "" }
