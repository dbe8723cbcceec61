// Package selftest is what hwtest and a program that runs it say to each other: hwtest writes an [Event] a line on its standard output,
// the program an [Answer] a line on hwtest's standard input, both as JSON objects. docs/operations.md describes the lines.
//
// The two ends do not trust each other: [ParseEvent] and [ParseAnswer] take what is well formed and within bounds, and nothing else.
package selftest

// Version is the contract's. It stands in the first event, and grows when an end that knows only the one before would misunderstand.
const Version = 1

// Bounds of what one end takes from the other.
const (
	MaxLine    = 64 << 10 // bytes of a line, its end included
	maxText    = 4000     // bytes of one text
	maxTexts   = 12       // languages
	maxParams  = 16
	maxChoices = 12
)

// Kind is what an event tells.
type Kind string

// The events, in the order in which they come.
const (
	Begins   Kind = "begins"   // first: Version and Level
	Waits    Kind = "waits"    // for the devices, Reason says why: a visitor is at the station
	Borrowed Kind = "borrowed" // the running kiosk has lent its devices
	Testing  Kind = "testing"  // Device, called Name, is being tested
	Asks     Kind = "asks"     // ID: somebody is asked to Do something with Device, called Name, or for one of Choices
	Checked  Kind = "checked"  // how a Check ended, as soon as it is known
	Tested   Kind = "tested"   // no more comes of Device for now
	Found    Kind = "found"    // a Check of the report, with what was known before: one for each
	Ends     Kind = "ends"     // last: Totals
	Fails    Kind = "fails"    // last, instead: the test could not run, or not to its end, for a Reason and with a Remedy
	Alive    Kind = "alive"    // every now and then
)

// Event is what hwtest tells. Which fields it has is said at its kind.
type Event struct {
	Event   Kind     `json:"event"`
	Version int      `json:"version,omitempty"`
	Level   string   `json:"level,omitempty"`  // internal, external, interactive
	Device  string   `json:"device,omitempty"` // "camera", as --device names it
	Name    Text     `json:"name,omitempty"`
	ID      int      `json:"id,omitempty"` // of a question, from 1
	Do      *Message `json:"do,omitempty"`
	Choices []Choice `json:"choices,omitempty"`
	Check   *Check   `json:"check,omitempty"`
	Totals  *Totals  `json:"totals,omitempty"`
	Reason  *Message `json:"reason,omitempty"`
	Remedy  *Message `json:"remedy,omitempty"`
}

// Text is a text in each language that hwtest has words in, by tag: {"de": "Kamera", "en": "camera"}.
type Text map[string]string

// Message is a sentence: its key, what its words leave open, and the words.
type Message struct {
	Key    string            `json:"key"`
	Params map[string]string `json:"params,omitempty"`
	Text   Text              `json:"text"`
}

// Choice is one of the answers that there are to a question.
type Choice struct {
	ID   string `json:"id"`
	Text Text   `json:"text"`
}

// Check is how one question about a device ended.
type Check struct {
	ID        string   `json:"id"` // DEVICE.NAME: "camera.sharpness"
	Device    string   `json:"device"`
	Name      Text     `json:"name"`            // of the device
	Title     Text     `json:"title,omitempty"` // of the check, without the device
	Result    string   `json:"result"`
	Mark      Mark     `json:"mark"`
	State     string   `json:"state"`
	Condition Text     `json:"condition"`       // the state in words
	Acted     bool     `json:"acted,omitempty"` // of what the device did, rather than what it says of itself
	Model     string   `json:"model,omitempty"`
	Path      string   `json:"path,omitempty"`
	Value     *float64 `json:"value,omitempty"` // of what was measured
	Unit      string   `json:"unit,omitempty"`
	Min       *float64 `json:"min,omitempty"`
	Max       *float64 `json:"max,omitempty"`
	Measured  Text     `json:"measured,omitempty"` // value and limits in words
	ReasonKey string   `json:"reason_key,omitempty"`
	Why       Text     `json:"why,omitempty"`
	RemedyKey string   `json:"remedy_key,omitempty"`
	Remedy    Text     `json:"remedy,omitempty"`
	Levels    []string `json:"levels,omitempty"` // beyond the internal one, that test this device; of what was Found
}

// Mark says whether a check wants somebody.
type Mark string

// The marks, in the order in which they are shown.
const (
	Ill      Mark = "ill"
	Soon     Mark = "soon" // it works, and wants somebody before long
	Untested Mark = "untested"
	Well     Mark = "well"
)

// Totals count the checks of a report.
type Totals struct {
	Checks  int  `json:"checks"`
	Ill     int  `json:"ill"`
	Soon    int  `json:"soon"`
	Well    int  `json:"well"`
	Left    int  `json:"untested"`
	Healthy bool `json:"healthy"` // nothing wants somebody, and something was looked at
}

// Reply is what an answer says.
type Reply string

// The answers.
const (
	GoOn   Reply = "go_on"  // to the question To: the person is about to do it
	Skip   Reply = "skip"   // to the question To: the person does not want to
	Choose Reply = "choose" // to the question To: Choice
	Stop   Reply = "stop"   // end the test, and leave every device as it was found; so does the end of the input
)

// Answer is what is said to hwtest.
type Answer struct {
	Answer Reply  `json:"answer"`
	To     int    `json:"to,omitempty"`
	Choice string `json:"choice,omitempty"`
}
