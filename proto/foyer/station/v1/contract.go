package stationv1

// Contract is the newest form of a [CheckInRecord] that this build writes and reads. The first had one person and one document,
// reasons as English sentences, and files known by their names.
const Contract = 2

// What a file is ([File.Kind]).
const (
	KindPage          = "page"           // a picture of one side of a document in one light
	KindChip          = "chip"           // one of the chip's files as it is
	KindChipPortrait  = "chip_portrait"  // the portrait in DG2, for browsers
	KindChipSignature = "chip_signature" // the signature in DG7, for browsers
	KindPortrait      = "portrait"       // taken at the station
	KindSignature     = "signature"      // a picture of what was signed
	KindStrokes       = "strokes"        // how it was signed
)
