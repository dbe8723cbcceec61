package picture

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// peak is the most memory that this process has had so far, in megabytes.
func peak(t testing.TB) (megabytes int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(after, &megabytes); err != nil {
		t.Fatal(err)
	}
	return megabytes >> 10
}
