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

// Tags and values of TIFF 6.0, sections 8, 15 and 22, and of its supplement 2 (Adobe Photoshop TIFF Technical Notes, 2002),
// by which a picture is stored as JPEG.
const (
	tagWidth, tagHeight, tagCompression, tagPhotometric = 256, 257, 259, 262
	tagStrips, tagRowsPerStrip, tagStripBytes           = 273, 278, 279
	tagTileWidth, tagTileHeight, tagTiles, tagTileBytes = 322, 323, 324, 325
	tagJPEGTables                                       = 347

	compressionJPEG = 7
	photometricRGB  = 2
)

// tags are those that are looked at; each counts once.
var tags = [...]int{
	tagWidth, tagHeight, tagCompression, tagPhotometric, tagStrips, tagRowsPerStrip, tagStripBytes,
	tagTileWidth, tagTileHeight, tagTiles, tagTileBytes, tagJPEGTables,
}

// mostPieces bounds the strips or tiles of a picture.
const mostPieces = 1 << 16

// mostTables bounds the tables that pieces share, in bytes: usual ones have 574.
const mostTables = 4096

var errTIFF = errors.New("TIFF with JPEG")

// A tiff is the first directory of a TIFF file.
type tiff struct {
	data   []byte
	order  binary.ByteOrder
	values map[int][]uint32 // of numbers
	tables []byte           // of JPEG, that all its pieces share
}

// openTIFF reads the directory of a TIFF whose picture is stored as JPEG; ok is false for any other file.
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
	return t, t.value(tagCompression) == compressionJPEG
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

// load decodes the picture; the errors are those of Load.
func (t *tiff) load() (image.Image, error) {
	picture, err := t.decode()
	if errors.Is(err, errTIFF) {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return picture, err
}

// decode puts the picture together from its strips or tiles, each of them a JPEG.
func (t *tiff) decode() (image.Image, error) {
	width, height := t.value(tagWidth), t.value(tagHeight)
	if err := CheckSize(width, height); err != nil {
		return nil, err
	}
	pieces, sizes, across, down := t.values[tagTiles], t.values[tagTileBytes], t.value(tagTileWidth), t.value(tagTileHeight)
	if len(pieces) == 0 {
		pieces, sizes, across, down = t.values[tagStrips], t.values[tagStripBytes], width, t.value(tagRowsPerStrip)
	}
	if down == 0 || down > height && len(t.values[tagTiles]) == 0 {
		down = height
	}
	if across <= 0 || down <= 0 || across > MaxPixels/down {
		return nil, fmt.Errorf("%w: pieces of %d x %d pixels", errTIFF, across, down)
	}
	columns := (width + across - 1) / across
	wanted := columns * ((height + down - 1) / down)
	if len(pieces) < wanted || len(sizes) < wanted || wanted > mostPieces {
		return nil, fmt.Errorf("%w: %d pieces, want %d", errTIFF, min(len(pieces), len(sizes)), wanted)
	}
	frame := image.Rect(0, 0, width, height)
	place := func(i int) image.Rectangle {
		return image.Rect(0, 0, across, down).Add(image.Pt(i%columns*across, i/columns*down))
	}
	used := uint64(0)
	for i := range wanted {
		if used += uint64(sizes[i]); used > uint64(len(t.data)) { // they must not be the same bytes again and again
			return nil, fmt.Errorf("%w: more bytes than the file has", errTIFF)
		}
		if err := t.fits(t.part(pieces[i], sizes[i]), place(i), frame); err != nil {
			return nil, err
		}
	}
	out := image.NewRGBA(frame) // only now that every pixel has its JPEG
	for i := range wanted {
		picture, err := jpeg.Decode(t.stream(t.part(pieces[i], sizes[i])))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errTIFF, err)
		}
		draw.Draw(out, place(i), picture, picture.Bounds().Min, draw.Src)
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

// colours tells the decoder by Adobe's segment where the three components are red, green and blue.
func (t *tiff) colours() []byte {
	if t.value(tagPhotometric) != photometricRGB {
		return nil
	}
	return []byte("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00")
}
