package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
	"unicode"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// An answer is magic, a code, two numbers of four bytes, and what they measure: columns and rows, and the pixels; or, with the
// code of a refusal, bytes (and 0), and the text. Nothing follows.
const (
	magic      = "Foyer picture 1\n"
	headerSize = len(magic) + 1 + 4 + 4
	codeOK     = 0
	maxText    = 300 // bytes
)

// refusals are the errors that travel, by their code less one. The first that an error is counts.
var refusals = [...]error{scan.ErrForeign, scan.ErrFile, scan.ErrDamaged, scan.ErrSize}

// A refusal is why the child did not decode a file.
type refusal struct {
	kind error
	text string
}

// Error is the text that the child gave, bounded.
func (r refusal) Error() string { return r.text }

// Unwrap gives the error of this package, or of package scan, that it is one of.
func (r refusal) Unwrap() error { return r.kind }

// writeAnswer tells a decoded picture, or why there is none.
func writeAnswer(w io.Writer, picture image.Image, err error) error {
	var size image.Point
	var code byte
	var content []byte
	switch p := picture.(type) {
	case *image.Gray:
		size, content = p.Rect.Size(), p.Pix
	case *image.RGBA:
		size, content = p.Rect.Size(), p.Pix
	default:
		code, content = codeOf(err), []byte(err.Error())
		content = content[:min(len(content), maxText)]
		size.X = len(content)
	}
	header := append([]byte(magic), code)
	header = binary.BigEndian.AppendUint32(header, uint32(size.X))
	header = binary.BigEndian.AppendUint32(header, uint32(size.Y))
	if _, err := w.Write(header); err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

func codeOf(err error) byte {
	for i, kind := range refusals {
		if errors.Is(err, kind) {
			return byte(i + 1)
		}
	}
	return byte(len(refusals)) + 1
}

var errAnswer = fmt.Errorf("%w: it answered nonsense", ErrBroken)

// readAnswer reads what a child says, who may have become anybody. Memory is taken only for a picture of a size that the task
// allows.
func readAnswer(r io.Reader, t task) (image.Image, error) {
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, errAnswer
	}
	rest, right := bytes.CutPrefix(header, []byte(magic))
	if !right {
		return nil, errAnswer
	}
	code, a, b := int(rest[0]), binary.BigEndian.Uint32(rest[1:]), binary.BigEndian.Uint32(rest[5:])
	if code != codeOK {
		return nil, readRefusal(r, code, a, b)
	}
	if a < 1 || b < 1 || uint64(a)*uint64(b) > uint64(t.maxPixels) {
		return nil, errAnswer
	}
	frame := image.Rect(0, 0, int(a), int(b))
	pixels := make([]byte, frame.Dx()*frame.Dy()*t.bytesOfPixel())
	if !fills(r, pixels) {
		return nil, errAnswer
	}
	if t.grey {
		return &image.Gray{Pix: pixels, Stride: frame.Dx(), Rect: frame}, nil
	}
	return &image.RGBA{Pix: pixels, Stride: 4 * frame.Dx(), Rect: frame}, nil
}

func readRefusal(r io.Reader, code int, size, zero uint32) error {
	text := make([]byte, min(size, maxText))
	if code > len(refusals) || size > maxText || zero != 0 || !fills(r, text) {
		return errAnswer
	}
	printable := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, string(text))
	return refusal{refusals[code-1], printable}
}

// fills reads what must be all that is left.
func fills(r io.Reader, content []byte) bool {
	if _, err := io.ReadFull(r, content); err != nil {
		return false
	}
	n, err := io.ReadFull(r, make([]byte, 1))
	return n == 0 && err == io.EOF
}
