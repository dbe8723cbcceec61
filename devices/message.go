package devices

import (
	"errors"
	"os"
	"slices"
	"strings"
)

// Key names what a technician is told, for catalogues to have words for (package hwtest/wording): [a-z0-9_.]{1,60}. All keys are
// typed constants beside what gives them.
type Key string

// Message is a sentence for a technician: its key, and what its words leave open. It says nothing personal. The zero value says
// nothing.
type Message struct {
	Key    Key
	Params []Param
}

// Param is one of the things that a message's words leave open.
type Param struct {
	Name  string // [a-z_]{1,30}
	Value string // a word that catalogues have words for, or a text as it is
}

// Detail is the parameter that has the system's own words, which are English.
const Detail = "detail"

// Say begins a message.
func Say(key Key) Message { return Message{Key: key} }

// With is the message with one more parameter.
func (m Message) With(name, value string) Message {
	m.Params = append(slices.Clip(m.Params), Param{name, value})
	return m
}

// IsZero tells whether nothing is said.
func (m Message) IsZero() bool { return m.Key == "" }

// Is tells whether the message has a key.
func (m Message) Is(key Key) bool { return m.Key == key }

// String is for logs and engineers: the key, and the parameters' values.
func (m Message) String() string {
	var b strings.Builder
	b.WriteString(string(m.Key))
	for _, p := range m.Params {
		b.WriteString("; " + p.Name + ": " + p.Value)
	}
	return b.String()
}

// SaysOtherRole tells whether a reason is another role's of the same device.
func SaysOtherRole(key Key) bool { return key == saysRole }

// What is wrong with a device, from the error of a use; each with Detail.
const (
	saysNoDevice      Key = "device.not_found"      // detail
	saysUnplugged     Key = "device.unplugged"      // detail
	saysBusy          Key = "device.busy"           // detail
	saysLent          Key = "device.lent"           // detail
	saysTimeout       Key = "device.silent"         // detail
	saysProtocol      Key = "device.nonsense"       // detail
	saysStopped       Key = "device.service_down"   // detail
	saysNotConfigured Key = "device.not_configured" // detail
	saysForbidden     Key = "device.forbidden"      // detail
	saysClosed        Key = "device.closed"         // detail
	saysOffline       Key = "device.offline"        // detail
	saysPowerOff      Key = "device.power_off"      // detail
	saysPaperOut      Key = "device.paper_out"      // detail
	saysCoverOpen     Key = "device.cover_open"     // detail
	saysUnsupported   Key = "device.unsupported"    // detail
	saysFault         Key = "device.fault"          // detail
)

// sayings are the keys of errors, the more telling first.
var sayings = [...]struct {
	err error
	key Key
}{
	{os.ErrPermission, saysForbidden}, {ErrUnsupported, saysUnsupported},
	{ErrNotConfigured, saysNotConfigured}, {ErrLent, saysLent}, {ErrBusy, saysBusy}, {ErrStopped, saysStopped}, {ErrUnplugged, saysUnplugged},
	{ErrNoDevice, saysNoDevice}, {ErrPaperOut, saysPaperOut}, {ErrCoverOpen, saysCoverOpen}, {ErrTimeout, saysTimeout},
	{ErrProtocol, saysProtocol}, {ErrClosed, saysClosed}, {ErrOffline, saysOffline}, {ErrPowerOff, saysPowerOff}, {ErrNoLight, saysNoLight},
}

// ReasonOf is what the error of a device says to a technician, with the error's own words as [Detail]; nothing without one.
func ReasonOf(err error) Message {
	if err == nil {
		return Message{}
	}
	key := saysFault
	for _, s := range sayings {
		if errors.Is(err, s.err) {
			key = s.key
			break
		}
	}
	if key == saysNoLight {
		key = lampOf(err)
	}
	m := Say(key).With(Detail, err.Error())
	if held := (*InUse)(nil); key == saysBusy && errors.As(err, &held) {
		m = m.With(nodeParam, held.Node)
	}
	return m
}
