package pki

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
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
// What else stands there is passed over. After an error there is nothing more.
func ReadLDIF(r io.Reader) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		l := ldif{in: bufio.NewReader(r)}
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

// An ldif is a file being read.
type ldif struct {
	in    *bufio.Reader
	line  int // read so far
	begun int // the first of the logical line
}

// next gives a logical line: what begins with a space goes on with the line before. The error at the end is io.EOF.
func (l *ldif) next() ([]byte, error) {
	l.begun = l.line + 1
	whole, err := l.physical(nil)
	for err == nil {
		following, peeked := l.in.Peek(1)
		if peeked != nil || following[0] != ' ' {
			break
		}
		_, _ = l.in.Discard(1) // it was seen
		whole, err = l.physical(whole)
	}
	return whole, err
}

// physical appends the next line without its end.
func (l *ldif) physical(whole []byte) ([]byte, error) {
	before := len(whole)
	for {
		part, err := l.in.ReadSlice('\n')
		whole = append(whole, part...)
		switch {
		case len(whole) > maxLDIFValue:
			return nil, fmt.Errorf("%w: a value of more than %d characters", ErrLDIF, maxLDIFValue)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(whole) == before:
			return nil, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		}
		l.line++
		return bytes.TrimRight(whole, "\r\n"), nil
	}
}

// entry reads an attribute and its value; the zero Entry is one that nobody needs.
func (l *ldif) entry(line []byte) (Entry, error) {
	if len(line) == 0 || line[0] == '#' {
		return Entry{}, nil
	}
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok {
		return Entry{}, fmt.Errorf("%w: neither attribute nor comment", ErrLDIF)
	}
	kind := kindOf(string(name))
	encoded, isBase64 := bytes.CutPrefix(value, []byte(":"))
	if kind == "" || !isBase64 {
		return Entry{}, nil
	}
	encoded = bytes.TrimSpace(encoded)
	der := make([]byte, base64.StdEncoding.DecodedLen(len(encoded)))
	n, err := base64.StdEncoding.Decode(der, encoded)
	if err != nil {
		return Entry{}, fmt.Errorf("%w: %s is not base64", ErrLDIF, kind)
	}
	return Entry{l.begun, kind, der[:n]}, nil
}

// kindOf knows the attributes of the directory's schema, with or without the option ";binary".
func kindOf(attribute string) Kind {
	name, _, _ := strings.Cut(strings.ToLower(attribute), ";")
	switch name {
	case "usercertificate", "cacertificate":
		return KindCertificate
	case "certificaterevocationlist":
		return KindCRL
	case "pkdmasterlistcontent", "cscamasterlistdata":
		return KindMasterList
	}
	return ""
}
