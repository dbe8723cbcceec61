package main

import (
	"fmt"
	"io"
	"os"

	"github.com/foyer-station/foyer/cmd/internal/command"
)

// readBounded reads a file that a person named, up to a size in bytes.
func readBounded(file string, most int64) ([]byte, error) {
	f, err := open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, file, most)
}

// open opens a file that a person named. One that is none, such as a pipe or a folder, could keep the program waiting for ever.
func open(file string) (*os.File, error) {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return nil, command.WrongCall(fmt.Errorf("%s: not a regular file", file), "name a file that can be read")
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, command.WrongCall(err, "name a file that is there and that you may read")
	}
	return f, nil
}

// readAll reads to the end, up to a size in bytes; name is for the error.
func readAll(r io.Reader, name string, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, command.WrongCall(fmt.Errorf("read %s: %w", name, err), "name a file that can be read")
	}
	if int64(len(data)) > most {
		return nil, command.WrongCall(fmt.Errorf("%s is larger than %d bytes", name, most), "look whether it is the right file")
	}
	return data, nil
}
