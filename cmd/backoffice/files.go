package main

import (
	"fmt"
	"io"
	"os"
)

// mostOfOffice is more than any office file may have, which office.Parse says; what has no end is read no further.
const mostOfOffice = 4 << 20

// openFile opens a file that somebody names. A folder, a device or a pipe is none: whoever reads one may wait without end.
func openFile(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", path)
	}
	return os.Open(path)
}

// readOfficeFile reads an office file that somebody names.
func readOfficeFile(path string) ([]byte, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, mostOfOffice))
}
