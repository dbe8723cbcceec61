package devices

import "context"

// Presence is whether a document lies where a device can see or feel it.
type Presence string

// What a sensor says of the place where documents are laid down.
const (
	Absent  Presence = "absent"  // nothing lies there
	Moving  Presence = "moving"  // something is being laid down, moved, exchanged or taken away
	Resting Presence = "resting" // something lies there, and has been still for a moment
	// Felt is what a switch says that something presses on, where the picture shows nothing: a document as dark as the empty glass, or a
	// switch that is stuck.
	Felt Presence = "felt"
)

// PresenceSensor is a device that can tell whether a document lies on it: a page imager by looking at its glass, a chip
// reader by its field, a reader with a switch. Who needs it asks a device for it:
//
//	sensor, ok := device.(devices.PresenceSensor)
//
// A sensor says what it knows, and no more: a document without a chip is Absent to a chip reader, and one that is as dark
// as the empty glass is so to an imager. Of several sensors of one place, any that does not say Absent is right.
type PresenceSensor interface {
	// Presence looks once. A sensor that knows no movement never says Moving. Errors as of any use of the device.
	Presence(ctx context.Context) (Presence, error)
	// Watch hands every change to tell, in order and on the calling goroutine, beginning with what it finds, until ctx ends
	// (nil) or the device fails. What lasts too short to be certain is not told (hysteresis): a hand that passes over the
	// glass is no document. Resting, then Moving, then Resting is a document that was moved, turned over or exchanged.
	//
	// Watching gives way: it may go on while the device is used otherwise, by Page or Connect, which it does not delay by
	// more than a frame or a command; what changed meanwhile is told afterwards.
	Watch(ctx context.Context, tell func(Presence)) error
}
