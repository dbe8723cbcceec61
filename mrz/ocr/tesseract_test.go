package ocr_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// signs are those of a zone.
const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"

// tesseract is the reader that ours is measured against: Debian's tesseract 5 with its English model.
type tesseract struct {
	path, picture string
	note          string // what is to be known about its figures
}

// newTesseract finds the program. Pictures go through a file in the folder.
func newTesseract(folder string) (*tesseract, error) {
	path, err := exec.LookPath("tesseract")
	if err != nil {
		return nil, fmt.Errorf("%w: install the Debian packages tesseract-ocr and tesseract-ocr-eng", err)
	}
	t := &tesseract{path: path, picture: filepath.Join(folder, "picture.png")}
	version, err := exec.Command(path, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("tesseract --version: %w", err)
	}
	_, start, err := t.read(context.Background(), image.NewGray(image.Rect(0, 0, 64, 64)), 300)
	if err != nil {
		return nil, err
	}
	name, _, _ := strings.Cut(string(version), "\n")
	t.note = fmt.Sprintf("%s, model eng, on one thread, page segmentation 12, letters limited to those of a zone, told the resolution;\n"+
		"a zone counts as exact when its lines stand one after the other anywhere in the answer. Its times include %d ms to start.",
		name, start.Milliseconds())
	return t, nil
}

// read gives what tesseract finds in a picture of a resolution in dots per inch, line by line, without what no zone holds.
// The settings are the best for this task of those that were tried (page segmentation 1, 3, 6, 11 and 12, with and without
// the limited letters): sparse text with detection of the orientation. The dictionaries are off, as there are no words.
func (t *tesseract) read(ctx context.Context, picture image.Image, dpi float64) ([]string, time.Duration, error) {
	var file bytes.Buffer
	quick := png.Encoder{CompressionLevel: png.NoCompression}
	if err := quick.Encode(&file, picture); err != nil {
		return nil, 0, err
	}
	if err := os.WriteFile(t.picture, file.Bytes(), 0o600); err != nil {
		return nil, 0, err
	}
	cmd := exec.CommandContext(ctx, t.path, t.picture, "-", "-l", "eng", "--psm", "12", "--dpi", strconv.Itoa(int(dpi)),
		"-c", "tessedit_char_whitelist="+signs, "-c", "load_system_dawg=0", "-c", "load_freq_dawg=0")
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	start := time.Now()
	out, err := cmd.Output()
	took := time.Since(start)
	if err != nil {
		return nil, 0, fmt.Errorf("tesseract: %w", err)
	}
	var lines []string
	for line := range strings.Lines(string(out)) {
		if line = onlySigns(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines, took, nil
}

func onlySigns(line string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(signs, r) {
			return r
		}
		return -1
	}, line)
}

// contains reports whether a zone's lines stand one after the other among others.
func contains(lines, zone []string) bool {
	return strings.Contains("\n"+strings.Join(lines, "\n")+"\n", "\n"+strings.Join(zone, "\n")+"\n")
}
