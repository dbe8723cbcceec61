package scan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"io"
	"slices"
	"strings"
)

// Tags and values of TIFF 6.0, sections 8, 14 to 16, 18 and 19, and of its supplement 2 (Adobe Photoshop TIFF Technical Notes,
// 2002), by which a picture is stored as JPEG.
const (
	tagWidth, tagHeight, tagBits, tagCompression, tagPhotometric = 256, 257, 258, 259, 262
	tagStrips, tagOrientation, tagSamples, tagRowsPerStrip       = 273, 274, 277, 278
	tagStripBytes, tagPlanar, tagPredictor                       = 279, 284, 317
	tagTileWidth, tagTileHeight, tagTiles, tagTileBytes          = 322, 323, 324, 325
	tagExtraSamples, tagSampleFormat, tagJPEGTables              = 338, 339, 347

	compressionNone, compressionLZW, compressionJPEG = 1, 5, 7
	compressionDeflate, compressionOldDeflate        = 8, 32946
	photometricWhiteIsZero, photometricBlackIsZero   = 0, 1
	separatePlanes                                   = 2
	photometricRGB, photometricSeparated             = 2, 5
)

// tags are those that are looked at; each counts once.
var tags = [...]int{
	tagWidth, tagHeight, tagBits, tagCompression, tagPhotometric, tagStrips, tagOrientation, tagSamples, tagRowsPerStrip,
	tagStripBytes, tagPlanar, tagPredictor, tagTileWidth, tagTileHeight, tagTiles, tagTileBytes, tagExtraSamples,
	tagSampleFormat, tagJPEGTables,
}

// mostPieces bounds the strips or tiles of a picture.
const mostPieces = 1 << 16

// mostTables bounds the tables that pieces share, in bytes: usual ones have 574.
const mostTables = 4096

var errTIFF = errors.New("TIFF")

// A tiff is the first directory of a TIFF file.
type tiff struct {
	data   []byte
	order  binary.ByteOrder
	values map[int][]uint32 // of numbers
	tables []byte           // of JPEG, that all its pieces share
}

// openTIFF reads the directory of a TIFF; ok is false for any other file.
func openTIFF(data []byte) (t tiff, ok bool) {
	t = tiff{data: data, values: map[int][]uint32{}}
	switch {
	case bytes.HasPrefix(data, []byte("II*\x00")):
		t.order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte("MM\x00*")):
		t.order = binary.BigEndian
	default:
		return t, false
	}
	directory := t.part(t.long(4), 2)
	if directory == nil {
		return t, false
	}
	const entrySize = 12
	first := uint64(t.long(4)) + 2
	for i := range uint64(t.order.Uint16(directory)) {
		if entry := t.part64(first+i*entrySize, entrySize); entry != nil {
			t.enter(entry)
		}
	}
	return t, true
}

// enter takes an entry of the directory: numbers of two or four bytes, or the tables.
func (t *tiff) enter(entry []byte) {
	const short, long, undefined = 3, 4, 7
	tag, kind, count := int(t.order.Uint16(entry)), t.order.Uint16(entry[2:]), uint64(t.order.Uint32(entry[4:]))
	size := map[uint16]uint64{short: 2, long: 4, undefined: 1}[kind]
	_, again := t.values[tag]
	if size == 0 || kind != undefined && count > mostPieces || again || !slices.Contains(tags[:], tag) {
		return
	}
	field := entry[8:]
	if size*count > 4 {
		field = t.part64(uint64(t.order.Uint32(field)), size*count)
	}
	if uint64(len(field)) < size*count {
		return
	}
	if kind == undefined {
		if tag == tagJPEGTables && count <= mostTables {
			t.tables = field[:count]
		}
		return
	}
	values := make([]uint32, count)
	for i := range values {
		if kind == short {
			values[i] = uint32(t.order.Uint16(field[2*i:]))
		} else {
			values[i] = t.order.Uint32(field[4*i:])
		}
	}
	t.values[tag] = values
}

func (t *tiff) long(at int) uint32 {
	if len(t.data) < at+4 {
		return 0
	}
	return t.order.Uint32(t.data[at:])
}

// part is so many bytes of the file, nil where it has not as many.
func (t *tiff) part(at, size uint32) []byte { return t.part64(uint64(at), uint64(size)) }

func (t *tiff) part64(at, size uint64) []byte {
	if whole := uint64(len(t.data)); at > whole || size > whole-at {
		return nil
	}
	return t.data[at : at+size]
}

// value is a tag's first number, 0 where there is none.
func (t *tiff) value(tag int) int {
	if v := t.values[tag]; len(v) > 0 {
		return int(v[0])
	}
	return 0
}

// valueOr is a tag's first number, or what holds where there is none.
func (t *tiff) valueOr(tag, otherwise int) int {
	if len(t.values[tag]) == 0 {
		return otherwise
	}
	return t.value(tag)
}

// orientation is as that of EXIF, which has it from TIFF (TIFF 6.0, section 8).
func (t *tiff) orientation() int {
	if o := t.value(tagOrientation); o >= 1 && o <= 8 {
		return o
	}
	return 1
}

// load decodes a picture that is stored as JPEG or with 16 bits a channel; ok is false for any other. The errors are those of Load.
func (t *tiff) load() (picture image.Image, ok bool, err error) {
	s, deep := t.samples()
	withJPEG := t.value(tagCompression) == compressionJPEG
	if !deep && !withJPEG {
		return nil, false, nil
	}
	frame := image.Rect(0, 0, t.value(tagWidth), t.value(tagHeight))
	if err := CheckSize(frame.Dx(), frame.Dy()); err != nil {
		return nil, true, err
	}
	if t.value(tagPlanar) == separatePlanes {
		return nil, true, fmt.Errorf("%w: it is TIFF with JPEG in separate planes: %s", ErrForeign, asJPEG)
	}
	pieces, err := t.pieces(frame)
	switch {
	case err != nil:
	case withJPEG:
		picture, err = t.decode(pieces, frame)
	default:
		picture, err = t.deep(s, pieces, frame)
	}
	if errors.Is(err, errTIFF) {
		err = refused(ErrDamaged, err)
	}
	return picture, true, err
}

// A piece is a strip or a tile, and where it lies.
type piece struct {
	data []byte
	at   image.Rectangle
}

// pieces are those that cover the frame.
func (t *tiff) pieces(frame image.Rectangle) ([]piece, error) {
	width, height := frame.Dx(), frame.Dy()
	starts, sizes, across, down := t.values[tagTiles], t.values[tagTileBytes], t.value(tagTileWidth), t.value(tagTileHeight)
	if len(starts) == 0 {
		starts, sizes, across, down = t.values[tagStrips], t.values[tagStripBytes], width, t.value(tagRowsPerStrip)
	}
	if down == 0 || down > height && len(t.values[tagTiles]) == 0 {
		down = height
	}
	if across <= 0 || down <= 0 || across > MaxPixels/down {
		return nil, fmt.Errorf("%w: pieces of %d x %d pixels", errTIFF, across, down)
	}
	columns := (width + across - 1) / across
	wanted := columns * ((height + down - 1) / down)
	if len(starts) < wanted || len(sizes) < wanted || wanted > mostPieces {
		return nil, fmt.Errorf("%w: %d pieces, want %d", errTIFF, min(len(starts), len(sizes)), wanted)
	}
	used, pieces := uint64(0), make([]piece, wanted)
	for i := range pieces {
		if used += uint64(sizes[i]); used > uint64(len(t.data)) { // they must not be the same bytes again and again
			return nil, fmt.Errorf("%w: more bytes than the file has", errTIFF)
		}
		pieces[i] = piece{t.part(starts[i], sizes[i]), image.Rect(0, 0, across, down).Add(image.Pt(i%columns*across, i/columns*down))}
	}
	return pieces, nil
}

// decode puts the picture together from pieces that are each a JPEG.
func (t *tiff) decode(pieces []piece, frame image.Rectangle) (image.Image, error) {
	for _, p := range pieces {
		if err := t.fits(p.data, p.at, frame); err != nil {
			return nil, err
		}
	}
	out := image.NewRGBA(frame) // only now that every pixel has its JPEG
	for _, p := range pieces {
		picture, err := jpeg.Decode(t.stream(p.data))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errTIFF, err)
		}
		if inks, ok := picture.(*image.CMYK); ok && !t.adobe(p.data) {
			invert(inks)
		}
		draw.Draw(out, p.at, picture, picture.Bounds().Min, draw.Src)
	}
	return out, nil
}

const startOfImage, endOfImage = "\xff\xd8", "\xff\xd9"

// stream is the JPEG of a strip or tile, by the tables that all share.
func (t *tiff) stream(piece []byte) io.Reader {
	tables, _ := bytes.CutPrefix(t.tables, []byte(startOfImage))
	tables, _ = bytes.CutSuffix(tables, []byte(endOfImage))
	rest, _ := bytes.CutPrefix(piece, []byte(startOfImage))
	return io.MultiReader(
		strings.NewReader(startOfImage), bytes.NewReader(t.colours()), bytes.NewReader(tables), bytes.NewReader(rest),
	)
}

// fits tells whether a strip or tile fills what of its place is in the frame, and is hardly larger than the place.
func (t *tiff) fits(piece []byte, at, frame image.Rectangle) error {
	const block = 16 // pieces may be filled up to whole blocks
	size, err := jpeg.DecodeConfig(t.stream(piece))
	if err != nil {
		return fmt.Errorf("%w: %w", errTIFF, err)
	}
	least := at.Intersect(frame)
	if size.Width < least.Dx() || size.Height < least.Dy() || size.Width > at.Dx()+block || size.Height > at.Dy()+block {
		return fmt.Errorf("%w: a piece of %d x %d pixels", errTIFF, size.Width, size.Height)
	}
	return nil
}

// adobeSegment, with how colours are transformed, says what the components of a JPEG are (ISO/IEC 10918-6, 6.5.3).
const adobeSegment, asTheyAre = "\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00", "\x00"

// colours tells the decoder where the components are red, green and blue, or inks. A segment of the piece's own comes later, and
// counts.
func (t *tiff) colours() []byte {
	if p := t.value(tagPhotometric); p != photometricRGB && p != photometricSeparated {
		return nil
	}
	return []byte(adobeSegment + asTheyAre)
}

// adobe tells whether a piece, or the tables, say themselves what the components are: then inks are stored as in a JPEG file of
// Adobe's, inverted; a TIFF has 0 where there is no ink (TIFF 6.0, section 16).
func (t *tiff) adobe(piece []byte) bool {
	const begins = len("\xff\xee\x00\x0eAdobe")
	own := []byte(adobeSegment[:begins])
	return bytes.Contains(piece, own) || bytes.Contains(t.tables, own)
}

func invert(picture *image.CMYK) {
	for i := range picture.Pix {
		picture.Pix[i] ^= 0xff
	}
}
