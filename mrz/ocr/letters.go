package ocr

// The heights of capital letters that decide what is looked for and told, in pixels of the picture.
const (
	WellRead   = 20 // letters of this height and more read well
	RarelyRead = 7  // lower ones rarely do

	smallLetters   = 9   // lower ones may be too small, where they are not read
	legibleLetters = 6.5 // the lowest of which anything is read
)

// seenLetters is the height, in pixels of the scaled picture, from which on the locator sees letters. From 4.5 on it saw those of
// each of 24 pages that fill the picture, but missed small documents in bad, large pictures, which it sees from 4.7 on.
const seenLetters = 4.8
