package pki

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Kind is what an [Entry] holds.
type Kind string

// The kinds of entries of the ICAO Public Key Directory.
const (
	KindCertificate Kind = "certificate" // of a document signer, or one that does not conform
	KindCRL         Kind = "crl"
	KindMasterList  Kind = "master list"
)

// Entry is one value of an LDIF file.
type Entry struct {
	Line int // where it begins, from 1
	Kind Kind
	DER  []byte
}

// maxLDIFValue bounds a value in characters: a master list of the largest publisher has under two million.
const maxLDIFValue = 16 << 20

// ErrLDIF says that a file is no LDIF, or that a value in it is damaged.
var ErrLDIF = errors.New("malformed LDIF")

// ReadLDIF gives the certificates, revocation lists and master lists of an LDIF file (RFC 2849) as the ICAO Public Key
// Directory is published in, one after the other, so that the largest file takes no more memory than its largest value.
// What else stands there is passed over, and so is what a record of changes takes away. After an error there is nothing more.
//
// What editors and mail programs do to such a file is let pass: byte order marks, UTF-16, the line ends of any system, NUL or
// Ctrl-Z at its end, empty lines anywhere, lines that go on behind a tab, spaces around colons and in values.
func ReadLDIF(r io.Reader) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		l := newLDIF(r)
		for {
			line, err := l.next()
			if errors.Is(err, io.EOF) {
				return
			}
			var e Entry
			if err == nil {
				e, err = l.entry(line)
			}
			if err != nil {
				yield(Entry{}, fmt.Errorf("line %d: %w", l.begun, err))
				return
			}
			if e.Kind != "" && !yield(e, nil) {
				return
			}
		}
	}
}

// unmarked takes away the byte order mark of text that begins so; text in UTF-16, which is told by its mark or, where it has
// none, by the zeros of its first two characters, it turns into UTF-8.
func unmarked(start []byte) transform.Transformer {
	if len(start) >= 4 && (start[0] == 0) != (start[1] == 0) && (start[0] == 0) == (start[2] == 0) && (start[1] == 0) == (start[3] == 0) {
		order := unicode.LittleEndian
		if start[0] == 0 {
			order = unicode.BigEndian
		}
		return unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder()
	}
	return unicode.BOMOverride(encoding.Nop.NewDecoder())
}

// PlainText gives text without a byte order mark, and text in UTF-16 in UTF-8; anything else as it is.
func PlainText(data []byte) []byte {
	text, _, err := transform.Bytes(unmarked(data), data)
	if err != nil {
		return data
	}
	return text
}

// TrimText is text without what none has to say at its ends: white space, byte order marks, and the NUL or Ctrl-Z that some
// programs end a file with.
func TrimText(text []byte) []byte { return trimmed(text) }

// trimmed is a line without what no line has to say at its ends: white space, byte order marks, and the NUL or Ctrl-Z that
// some programs end a file with.
func trimmed(line []byte) []byte { return bytes.Trim(line, " \t\r\n\v\f\x00\x1A\uFEFF") }

// lineEnd is what lines end with, as far as the beginning of a file tells; that of Windows is the one that it ends with.
func lineEnd(start []byte) byte {
	if bytes.IndexByte(start, '\n') < 0 && bytes.IndexByte(start, '\r') >= 0 {
		return '\r'
	}
	return '\n'
}

// maxLDIFStart bounds where the version and the ends of lines are looked for, in bytes.
const maxLDIFStart = 64 << 10

// IsLDIF says whether data is an LDIF file or has one in it: it begins with a version, behind empty lines and comments; or
// an entry or an attribute that is read stands anywhere. What else stands there makes it no other kind of file: nobody signs
// LDIF, and a certificate in PEM among its lines is as little vouched for. What begins as DER does is none.
func IsLDIF(data []byte) bool {
	if IsDER(data) {
		return false
	}
	start, _, _ := transform.Bytes(unmarked(data), data[:min(len(data), maxLDIFStart)]) // cut off where it may be, at worst
	for attribute := range attributes(start) {
		if attribute == "version" || isDirectorys(attribute) {
			return true
		}
		break
	}
	for attribute := range attributes(PlainText(data)) {
		if isDirectorys(attribute) {
			return true
		}
	}
	return false
}

// IsDER says whether data begins as everything that is read in DER or BER: with a sequence of more than 127 bytes, or of a
// length that is not told. No text does.
func IsDER(data []byte) bool {
	return len(data) > 1 && data[0] == 0x30 && data[1] >= 0x80 && data[1] <= 0x84
}

// isDirectorys says whether an attribute names an entry of a directory, or is one that is read.
func isDirectorys(attribute string) bool { return attribute == "dn" || kindOf(attribute) != "" }

// maxAttribute is more than the name of an attribute that is read has, with its options, in bytes.
const maxAttribute = 128

// attributes gives what the logical lines of a text begin with, up to a colon, as names of attributes; empty for a line without
// one. Comments and empty lines are left out.
func attributes(text []byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		var logical []byte
		end := lineEnd(text[:min(len(text), maxLDIFStart)])
		for line := range bytes.SplitSeq(text, []byte{end}) {
			goesOn := len(logical) > 0 && len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
			if !goesOn {
				if !yieldAttribute(logical, yield) {
					return
				}
				logical = logical[:0]
			} else {
				line = line[1:]
			}
			line = bytes.TrimRight(line, "\r\n")
			logical = append(logical, line[:min(len(line), max(0, maxAttribute-len(logical)))]...)
		}
		yieldAttribute(logical, yield)
	}
}

// yieldAttribute yields the name of the attribute that a logical line begins with, if it is not passed over.
func yieldAttribute(line []byte, yield func(string) bool) bool {
	line = trimmed(line)
	if len(line) == 0 || line[0] == '#' {
		return true
	}
	name, _, found := bytes.Cut(line, []byte(":"))
	if !found {
		name = nil
	}
	return yield(attributeName(name))
}

// An ldif is a file being read.
type ldif struct {
	in      *bufio.Reader
	end     byte // of a line
	line    int  // read so far
	begun   int  // the first of the logical line
	removes bool // the values that follow are taken out of an entry
}

func newLDIF(r io.Reader) *ldif {
	raw := bufio.NewReader(r)
	start, _ := raw.Peek(4) // an error is met again
	in := bufio.NewReaderSize(transform.NewReader(raw, unmarked(start)), maxLDIFStart)
	start, _ = in.Peek(maxLDIFStart)
	return &ldif{in: in, end: lineEnd(start)}
}

// next gives a logical line, which the physical lines behind it may go on with, unless it is empty. The error at the end is
// io.EOF.
func (l *ldif) next() ([]byte, error) {
	l.begun = l.line + 1
	whole, err := l.physical(nil)
	for err == nil && len(trimmed(whole)) > 0 && l.goesOn() {
		_, _ = l.in.Discard(1) // it was seen
		if whole, err = l.physical(whole); errors.Is(err, io.EOF) {
			err = nil // the value ends before it goes on
			break
		}
	}
	return trimmed(whole), err
}

// maxGap bounds how far is looked for the next line that is not empty, in bytes.
const maxGap = 256

// goesOn says whether what follows begins with a space or a tab, which goes on with the line before. Empty lines before that
// are passed over where it cannot begin a record, for it names no attribute.
func (l *ldif) goesOn() bool {
	following, _ := l.in.Peek(maxGap) // an error is met again
	text := bytes.TrimLeft(following, "\r\n")
	if len(text) == 0 || text[0] != ' ' && text[0] != '\t' {
		return false
	}
	gap := following[:len(following)-len(text)]
	if len(gap) == 0 {
		return true
	}
	line, _, _ := bytes.Cut(text, []byte{l.end})
	if len(trimmed(line)) == 0 || bytes.ContainsRune(line, ':') {
		return false
	}
	l.line += bytes.Count(gap, []byte{l.end})
	_, _ = l.in.Discard(len(gap)) // it was seen
	return true
}

// physical appends the next line without its end.
func (l *ldif) physical(whole []byte) ([]byte, error) {
	before := len(whole)
	for {
		part, err := l.in.ReadSlice(l.end)
		whole = append(whole, part...)
		switch {
		case len(whole) > maxLDIFValue:
			return nil, fmt.Errorf("%w: a value of more than %d characters", ErrLDIF, maxLDIFValue)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(whole) == before:
			return whole, io.EOF // whole is what was there before
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		}
		l.line++
		return bytes.TrimRight(whole, "\r\n"), nil
	}
}

// entry reads an attribute and its value; the zero Entry is one that nobody needs.
func (l *ldif) entry(line []byte) (Entry, error) {
	if len(line) == 0 || string(line) == "-" { // the end of a record, and of one of its changes
		l.removes = false
		return Entry{}, nil
	}
	if line[0] == '#' {
		return Entry{}, nil
	}
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok {
		return Entry{}, fmt.Errorf("%w: neither attribute nor comment", ErrLDIF)
	}
	attribute := attributeName(name)
	l.removes = l.removes || attribute == "delete"
	kind := kindOf(attribute)
	encoded, isBase64 := bytes.CutPrefix(bytes.TrimSpace(value), []byte(":"))
	if kind == "" || !isBase64 || l.removes {
		return Entry{}, nil
	}
	der, err := DecodeBase64(encoded)
	if err != nil {
		return Entry{}, fmt.Errorf("%w: %s is not base64", ErrLDIF, kind)
	}
	return Entry{l.begun, kind, der}, nil
}

// DecodeBase64 decodes text with white space anywhere, and with padding or without.
func DecodeBase64(text []byte) ([]byte, error) {
	text = bytes.TrimRight(bytes.Join(bytes.Fields(text), nil), "=")
	der := make([]byte, base64.RawStdEncoding.DecodedLen(len(text)))
	n, err := base64.RawStdEncoding.Decode(der, text)
	return der[:n], err
}

// attributeName is the name of an attribute in small letters, without its options, as ";binary".
func attributeName(text []byte) string {
	name, _, _ := bytes.Cut(text, []byte(";"))
	return string(bytes.ToLower(bytes.TrimSpace(name)))
}

// kindOf knows the attributes of the directory's schema, by name or by object identifier (RFC 4523, 2).
func kindOf(attribute string) Kind {
	switch attribute {
	case "usercertificate", "2.5.4.36", "cacertificate", "2.5.4.37":
		return KindCertificate
	case "certificaterevocationlist", "2.5.4.39", "authorityrevocationlist", "2.5.4.38":
		return KindCRL
	case "pkdmasterlistcontent", "cscamasterlistdata":
		return KindMasterList
	}
	return ""
}
