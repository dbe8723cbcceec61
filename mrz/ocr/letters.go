package ocr

// The heights of capital letters that decide what is looked for and told, in pixels of the picture.
const (
	WellRead   = 20 // letters of this height and more read well
	RarelyRead = 7  // lower ones rarely do

	smallLetters   = 9   // lower ones may be too small, where they are not read
	legibleLetters = 6.5 // the lowest of which anything is read
)

// seenLetters is the height, in pixels of the scaled picture, from which on the locator sees letters: on each of 24 pages.
const seenLetters = 4.5
