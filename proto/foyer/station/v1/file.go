package stationv1

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The files of the chip are named as ICAO Doc 9303 part 10 does, those of other applications with the application before a slash.
var chipFile = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9./-]{0,39}$`)

// sides and lights of a page's picture ([File.Page] counts the sides from 1).
var (
	sides  = []string{"front", "back"}
	lights = []string{"visible", "infrared", "ultraviolet"}
)

// mediaTypes are those that a file of each kind may have.
var mediaTypes = map[string][]string{
	KindPage:          {"image/png", "image/jpeg"},
	KindChip:          {"application/octet-stream"},
	KindChipPortrait:  {"image/png", "image/jpeg", "image/jp2"},
	KindChipSignature: {"image/png", "image/jpeg", "image/jp2"},
	KindPortrait:      {"image/png", "image/jpeg"},
	KindSignature:     {"image/png", "image/jpeg"},
	KindStrokes:       {"application/json"},
}

// ErrFile says that the fields of a file contradict each other, or speak of a person or a document that is not there.
var ErrFile = errors.New("the fields of a file make no sense")

// Check is ErrFile unless the fields that say what a file is, and whose, agree with each other and with a check-in of that many
// persons and documents.
func (f *File) Check(persons, documents int) error {
	types, known := mediaTypes[f.GetKind()]
	switch {
	case !known:
		return fmt.Errorf("%w: unknown kind", ErrFile)
	case !slices.Contains(types, f.GetMediaType()):
		return fmt.Errorf("%w: a media type that its kind does not have", ErrFile)
	case f.GetPerson() < 0 || int(f.GetPerson()) > persons || f.GetDocument() < 0 || int(f.GetDocument()) > documents:
		return fmt.Errorf("%w: of a person or a document that is not there", ErrFile)
	case f.isOfDocument() != (f.GetDocument() > 0) || f.isOfDocument() && f.GetPerson() > 0:
		return fmt.Errorf("%w: a document's without one, or a person's with one", ErrFile)
	case (f.GetKind() == KindChip) != chipFile.MatchString(f.GetChipFile()) || f.GetKind() != KindChip && f.GetChipFile() != "":
		return fmt.Errorf("%w: a chip's without its name, or another's with one", ErrFile)
	}
	return f.checkPage()
}

// checkPage looks at the fields that a page's picture has, and no other file.
func (f *File) checkPage() error {
	page, side := int(f.GetPage()), f.GetSide()
	switch {
	case f.GetKind() != KindPage && (page != 0 || side != "" || f.GetLight() != "" || f.GetDpi() != 0):
		return fmt.Errorf("%w: no page, and described as one", ErrFile)
	case f.GetKind() == KindPage && (page < 1 || page > len(sides) || side != sides[page-1] || !slices.Contains(lights, f.GetLight()) || f.GetDpi() < 0):
		return fmt.Errorf("%w: no side of a document in a light", ErrFile)
	}
	return nil
}

// isOfDocument says whether files of this kind are a document's, and not a person's.
func (f *File) isOfDocument() bool {
	return slices.Contains([]string{KindPage, KindChip, KindChipPortrait, KindChipSignature}, f.GetKind())
}

// EvidenceName is what the checks of a file's document call it among their evidence: "page-1-infrared", "EF.SOD", "chip-portrait",
// "portrait". It says nothing of which document or person it is of.
func (f *File) EvidenceName() string {
	switch f.GetKind() {
	case KindPage:
		return fmt.Sprintf("page-%d-%s", f.GetPage(), f.GetLight())
	case KindChip:
		return f.GetChipFile()
	case KindStrokes:
		return "signature-samples"
	}
	return strings.ReplaceAll(f.GetKind(), "_", "-")
}

// ProperName is the name of a file by its fields, which no other of the check-in has: "document-1-page-1-visible",
// "document-2-chip-EF.SOD", "person-1-portrait". It is made, and never parsed.
func (f *File) ProperName() string {
	name := strings.ReplaceAll(f.EvidenceName(), "/", "-")
	if f.GetKind() == KindChip {
		name = "chip-" + name
	}
	switch {
	case f.GetDocument() > 0:
		return fmt.Sprintf("document-%d-%s", f.GetDocument(), name)
	case f.GetPerson() > 0:
		return fmt.Sprintf("person-%d-%s", f.GetPerson(), name)
	}
	return name
}
