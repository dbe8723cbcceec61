package inspection

import (
	"testing"

	"github.com/foyer-station/foyer/verify/picture"
)

func TestMain(m *testing.M) {
	picture.ServeIfChild()
	m.Run()
}
