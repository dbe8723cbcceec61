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
	{0, "%PDF-", "PDF", "save its page as PNG or JPEG (pdftoppm -r 300 -png)"},
	{4, "ftyphei", "HEIC", asJPEG}, {4, "ftyphev", "HEIC", asJPEG}, {4, "ftypmi", "HEIC", asJPEG}, {4, "ftypmsf1", "HEIC", asJPEG},
	{4, "ftypavi", "AVIF", asJPEG},
	{0, "\xff\x0a", "JPEG XL", asJPEG}, {4, "JXL \r\n\x87\n", "JPEG XL", asJPEG},
	{4, "jP  \r\n\x87\n", "JPEG 2000", asJPEG}, {0, "\xff\x4f\xff\x51", "JPEG 2000", asJPEG},
}

const asJPEG = "save it as JPEG or PNG"

// mostBrands bounds how far into a file's list of brands is looked.
const mostBrands = 256

// known tells by ErrForeign what a file is that is not read; nil of all others.
func known(data []byte) error {
	brands := data[min(4, len(data)):min(mostBrands, len(data))]
	shared := bytes.HasPrefix(brands, []byte("ftypmi")) || bytes.HasPrefix(brands, []byte("ftypms")) // with HEIC (ISO/IEC 23008-12)
	if shared && bytes.Contains(brands, []byte("avi")) {
		return fmt.Errorf("%w: it is AVIF: %s", ErrForeign, asJPEG)
	}
	for _, f := range foreign {
		if len(data) > f.at && bytes.HasPrefix(data[f.at:], []byte(f.begins)) {
			return fmt.Errorf("%w: it is %s: %s", ErrForeign, f.name, f.next)
		}
	}
	return nil
}
