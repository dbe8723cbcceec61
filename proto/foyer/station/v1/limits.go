package stationv1

// The limits of a check-in, for both ends: a station keeps to them before it shows a number, and the back office takes
// whatever does.
const (
	MaxFile    = 16 << 20  // bytes of a sealed file
	MaxFiles   = 240       // sealed files of a check-in, its record among them
	MaxCheckIn = 192 << 20 // bytes of all sealed files of a check-in
	MaxRecord  = 1 << 20   // bytes of a CheckInRecord before it is sealed

	MaxPersons   = 20
	MaxDocuments = 20
	MaxChecks    = 300 // of one document
	MaxReasons   = 20  // of one check
	MaxParams    = 8   // of one reason
	MaxValues    = 20  // of one parameter
	MaxDropped   = 2 * MaxFiles
	MaxText      = 603 // characters of any text in a record: 600, and three dots where it was cut
)

// The limits of what stands in a person's and a document's details, of which the back office leaves out what is more.
const (
	MaxOtherNames = 20 // of one person
	MaxToNotify   = 20 // persons, of one person
	MaxOthers     = 20 // persons of one document
)

// What became of something that was dropped ([Dropped.How]).
const (
	DroppedLeftOut     = "left_out"    // there was no room for it
	DroppedReduced     = "reduced"     // a picture, with loss or coarser, for there was no room for it as it was taken
	DroppedShortened   = "shortened"   // reasons; how it was signed, where samples never came from the pad
	DroppedNotKept     = "not_kept"    // the station could not write it down
	DroppedNotRead     = "not_read"    // documents of a person with others, which were to be laid down and of which nothing is known
	DroppedUnreadable  = "unreadable"  // it arrived, and does not open or is not what the record announces
	DroppedContradicts = "contradicts" // a verdict that its checks do not bear out
	DroppedNewer       = "newer"       // it is of a newer contract: it is kept, and not all of it can be shown
)

// Sizes of the age format (age-encryption.org/v1): a nonce and a tag for each chunk, of which an empty file has one too. A
// header with one X25519 recipient has 200 bytes; what is above that is room for another kind of recipient.
const (
	ageHeader = 4 << 10
	ageChunk  = 64 << 10
	ageTag    = 16
)

// SealedSize is the most bytes that a file of this size has when it is sealed.
func SealedSize(plain int64) int64 { return plain + ageHeader + ageTag*(plain/ageChunk+2) }
