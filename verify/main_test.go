package verify_test

import (
	"os"
	"testing"

	"github.com/foyer-station/foyer/verify/picture"
)

func TestMain(m *testing.M) {
	picture.ServeIfChild()
	os.Exit(m.Run())
}
