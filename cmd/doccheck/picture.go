package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/mrz/ocr/scan"
	"github.com/foyer-station/foyer/verify/picture"
)

// nextPicture is what to do about a file that is no picture.
const nextPicture = "give a PNG, JPEG, TIFF, BMP, WebP or GIF of one page"

// A decoder is one of package picture's.
type decoder[P image.Image] func(context.Context, []byte) (P, error)

// readPicture decodes a picture of a file.
func readPicture[P image.Image](ctx context.Context, file string, decode decoder[P]) (none P, err error) {
	f, err := open(file)
	if err != nil {
		return none, err
	}
	defer f.Close()
	return decodePicture(ctx, f, file, decode)
}

// decodePicture decodes a picture; name is for the error.
func decodePicture[P image.Image](ctx context.Context, r io.Reader, name string, decode decoder[P]) (none P, err error) {
	file, err := io.ReadAll(io.LimitReader(r, scan.MaxFile+1))
	if err != nil {
		if !errors.As(err, new(*fs.PathError)) { // which names the file itself
			err = fmt.Errorf("%s: %w", name, err)
		}
		return none, command.WrongCall(err, nextPicture)
	}
	p, err := decode(ctx, file)
	switch {
	case err == nil:
		return p, nil
	case ctx.Err() != nil:
		return none, ctx.Err()
	case errors.Is(err, picture.ErrDecoder):
		return none, command.CannotRun(fmt.Errorf("%s: %w", name, err), "look for free memory and processes, and whether /proc is there; then call it again")
	}
	return none, command.WrongCall(fmt.Errorf("%s: %w", name, err), nextPicture)
}
