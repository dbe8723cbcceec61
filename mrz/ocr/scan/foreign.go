package scan

import (
	"bytes"
	"fmt"
)

// foreign are kinds of files that people have pictures of documents in, and that are not read: how they begin, and what to do.
var foreign = []struct {
	at         int
	begins     string
	name, next string
}{
	{4, "ftyphei", "HEIC", asJPEG}, {4, "ftyphev", "HEIC", asJPEG}, {4, "ftypmi", "HEIC", asJPEG}, {4, "ftypmsf1", "HEIC", asJPEG},
	{4, "ftypMiH", "HEIC", asJPEG},
	{4, "ftypavi", "AVIF", asJPEG}, {4, "ftypcrx ", "a camera's raw data", asJPEG},
	{4, "ftypavc", "HEIF", asJPEG}, {4, "ftypjpeg", "HEIF", asJPEG}, {4, "ftypvv", "HEIF", asJPEG}, {4, "ftyp", "a video", ofVideo},
	{8, "AVI LIST", "a video", ofVideo}, {0, "\x1aE\xdf\xa3", "a video", ofVideo},
	{0, "\xff\x0a", "JPEG XL", asJPEG}, {4, "JXL \r\n\x87\n", "JPEG XL", asJPEG},
	{4, "jP  \r\n\x87\n", "JPEG 2000", asJPEG}, {0, "\xff\x4f\xff\x51", "JPEG 2000", asJPEG},
	{0, "\xff\xd8\xff\xf7", "JPEG-LS", asJPEG}, {0, "II\xbc\x01", "JPEG XR", asJPEG},
	{0, "II+\x00", "BigTIFF", asJPEG}, {0, "MM\x00+", "BigTIFF", asJPEG},
	{0, "8BPS", "Photoshop's PSD", asJPEG}, {0, "gimp xcf", "GIMP's XCF", asJPEG}, {0, "\x97JB2\r\n\x1a\n", "JBIG2", asJPEG},
	{0, "IIRO", "a camera's raw data", asJPEG}, {0, "IIU\x00", "a camera's raw data", asJPEG}, {0, "FUJIFILMCCD-RAW", "a camera's raw data", asJPEG},
	{0, "AT&TFORM", "DjVu", "save its page as PNG or JPEG"},
	{0, "%!PS", "PostScript", asPage}, {0, "\xc5\xd0\xd3\xc6", "PostScript", asPage}, {0, "<svg", "SVG", asJPEG},
	{0, "PK\x03\x04", "a ZIP archive, or an office document", takeOut}, {0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document", takeOut},
	{0, "P1\n", "PNM", asJPEG}, {0, "P2\n", "PNM", asJPEG}, {0, "P3\n", "PNM", asJPEG}, {0, "P4\n", "PNM", asJPEG}, {0, "P5\n", "PNM", asJPEG},
	{0, "P6\n", "PNM", asJPEG}, {0, "P7\n", "PNM", asJPEG},
}

// What to do with the file.
const (
	asJPEG  = "save it as JPEG or PNG"
	asPage  = "save its page as PNG or JPEG (pdftoppm -r 300 -png)"
	ofVideo = "save one picture of it as JPEG or PNG"
	takeOut = "take the picture out of it, or save its page as PNG or JPEG"
)

// mostBrands bounds how far into a file's list of brands is looked.
const mostBrands = 256

// mostBeforePDF is within how many bytes a PDF begins (PDF Reference 1.7, appendix H, 3.4.1): behind white space, as a rule.
const mostBeforePDF = 1024

// animated tells of a WebP of several pictures (WebP container specification, extended file format).
func animated(data []byte) bool {
	const flags, animation = 20, 2
	return len(data) > flags && bytes.HasPrefix(data, []byte("RIFF")) && string(data[8:16]) == "WEBPVP8X" && data[flags]&animation != 0
}

// known tells by ErrForeign what a file is that is not read; nil of all others.
func known(data []byte) error {
	brands := data[min(4, len(data)):min(mostBrands, len(data))]
	shared := bytes.HasPrefix(brands, []byte("ftypmi")) || bytes.HasPrefix(brands, []byte("ftypms")) // with HEIC (ISO/IEC 23008-12)
	if shared && bytes.Contains(brands, []byte("avi")) {
		return fmt.Errorf("%w: it is AVIF: %s", ErrForeign, asJPEG)
	}
	switch {
	case len(data) == 0:
		return fmt.Errorf("%w: it is empty", ErrFile)
	case bytes.HasPrefix(bytes.TrimLeft(data[:min(mostBeforePDF, len(data))], "\x00\t\n\f\r \ufeff"), []byte("%PDF-")):
		return fmt.Errorf("%w: it is PDF: %s", ErrForeign, asPage)
	case animated(data):
		return fmt.Errorf("%w: it is an animated WebP: %s", ErrForeign, ofVideo)
	}
	for _, f := range foreign {
		if len(data) > f.at && bytes.HasPrefix(data[f.at:], []byte(f.begins)) {
			return fmt.Errorf("%w: it is %s: %s", ErrForeign, f.name, f.next)
		}
	}
	return nil
}
