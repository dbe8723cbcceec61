package checkintest

import (
	"crypto/sha256"
	"strings"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// Page is a picture of a document's side in a light.
func Page(document int, side verify.Side, light verify.Light) *stationv1.File {
	return named(&stationv1.File{Kind: stationv1.KindPage, MediaType: "image/png", Document: int32(document),
		Page: int32(side.Number()), Side: string(side), Light: string(light), Dpi: 400})
}

// ChipFile is a file of a document's chip.
func ChipFile(document int, name string) *stationv1.File {
	return named(&stationv1.File{Kind: stationv1.KindChip, MediaType: "application/octet-stream", Document: int32(document), ChipFile: name})
}

// ChipPortrait is the portrait of a document's chip.
func ChipPortrait(document int, mediaType string) *stationv1.File {
	return named(&stationv1.File{Kind: stationv1.KindChipPortrait, MediaType: mediaType, Document: int32(document)})
}

// ChipSignature is the signature of a document's chip.
func ChipSignature(document int, mediaType string) *stationv1.File {
	return named(&stationv1.File{Kind: stationv1.KindChipSignature, MediaType: mediaType, Document: int32(document)})
}

// Portrait is a person's, taken at the station; of nobody known where person is 0.
func Portrait(person int) *stationv1.File {
	return named(&stationv1.File{Kind: stationv1.KindPortrait, MediaType: "image/jpeg", Person: int32(person)})
}

// Signature is a person's.
func Signature(person int) *stationv1.File {
	return named(&stationv1.File{Kind: stationv1.KindSignature, MediaType: "image/png", Person: int32(person)})
}

// Strokes are those of a person's signature.
func Strokes(person int) *stationv1.File {
	return named(&stationv1.File{Kind: stationv1.KindStrokes, MediaType: "application/json", Person: int32(person)})
}

func named(f *stationv1.File) *stationv1.File {
	f.Name = f.ProperName()
	return f
}

// Add adds a file with its content, or replaces the one of this name.
func (c *CheckIn) Add(f *stationv1.File, content []byte) {
	sum := sha256.Sum256(content)
	f.Sha256, f.Size = sum[:], int64(len(content))
	if c.Contents == nil {
		c.Contents = map[string][]byte{}
	}
	c.Contents[f.Name] = content
	for i, other := range c.Record.Files {
		if other.Name == f.Name {
			c.Record.Files[i] = f
			return
		}
	}
	c.Record.Files = append(c.Record.Files, f)
}

// AsFirst writes a check-in of one person and one document by the first contract: files are known by their names.
func (c *CheckIn) AsFirst() *CheckIn {
	c.Record.Contract = 0
	for _, d := range c.Record.Documents {
		d.Person, d.Chip = 0, ""
	}
	for _, f := range c.Record.Files {
		content := c.Contents[f.Name]
		_, f.Name, _ = strings.Cut(f.Name, "-1-") // after "document" or "person"
		f.Kind, f.Document, f.Person, f.ChipFile = "", 0, 0, ""
		c.Contents[f.Name] = content
	}
	return c
}
