package appointments

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	textunicode "golang.org/x/text/encoding/unicode"
)

// decoded is the text of a file: UTF-8 or UTF-16 with a byte order mark, UTF-8 without, and Windows-1252, as Excel in Germany writes
// it, for what is none of these. UTF-16 without a mark is known by its zeros.
func decoded(data []byte) (string, error) {
	var from encoding.Encoding
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		from = textunicode.UTF8BOM
	case bytes.HasPrefix(data, []byte("\xff\xfe")), len(data) > 1 && data[0] != 0 && data[1] == 0:
		from = textunicode.UTF16(textunicode.LittleEndian, textunicode.UseBOM)
	case bytes.HasPrefix(data, []byte("\xfe\xff")), len(data) > 1 && data[0] == 0:
		from = textunicode.UTF16(textunicode.BigEndian, textunicode.UseBOM)
	case utf8.Valid(data):
		return string(data), nil
	default:
		from = charmap.Windows1252
	}
	text, err := from.NewDecoder().Bytes(data)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return string(text), nil
}

// readText reads a table whose separator is the one that its first lines have most of, outside quotes.
func readText(text string, o Options) ([]Appointment, []Fault, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return nil, nil, ErrUnknown
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = separator(text), -1, true
	var rows [][]string
	var lines []int
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		line, _ := r.FieldPos(0)
		if rows, lines = append(rows, row), append(lines, line); len(rows) > MaxRows {
			return nil, nil, ErrTooLarge
		}
	}
	return readTable(rows, func(row int) int { return lines[row] }, o)
}

func separator(text string) rune {
	counts, quoted, lines := map[rune]int{}, false, 0
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '\n':
			lines++
		default:
			counts[r]++
		}
		if lines == maxHeading {
			break
		}
	}
	best := ';'
	for _, r := range []rune{',', '\t', '|'} {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best
}
