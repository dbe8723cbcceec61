package picture

import (
	"context"
	"errors"
	"fmt"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// A program begins its main with ServeIfChild, and decodes whatever it is given.
func Example() {
	ServeIfChild()
	_, err := Portrait(context.Background(), []byte("no picture"))
	fmt.Println(err)
	fmt.Println("the file's own fault:", errors.Is(err, scan.ErrFile), "- of this computer:", errors.Is(err, ErrDecoder))
	// Output:
	// not a picture: neither JPEG nor JPEG 2000
	// the file's own fault: true - of this computer: false
}
