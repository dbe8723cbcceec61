// Package browsertest starts a real Chromium for tests of the office's pages.
package browsertest

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
)

const chromium = "/usr/bin/chromium"

// Start starts a browser that ends with the test, after ten minutes at the latest, and runs some actions in it, such as giving it a
// size. More are options besides those that keep it from the network. Where there is no Chromium the test is skipped, and says so.
func Start(t *testing.T, first []chromedp.Action, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	if _, err := os.Stat(chromium); err != nil {
		t.Skipf("NOT TESTED IN A BROWSER: %s is missing (Debian package chromium)", chromium)
	}
	options := append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(chromium), chromedp.NoFirstRun, chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WSURLReadTimeout(time.Minute),
	}, more...)
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(endAllocator)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(func() { // the browser is asked to end, and its profile goes with it
		if err := chromedp.Cancel(ctx); err != nil {
			t.Log("the browser did not end by itself:", err)
		}
		end()
	})
	ctx, endTime := context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(endTime)
	Do(t, ctx, "start the browser", append([]chromedp.Action{log.Enable()}, first...)...)
	return ctx
}

// Do runs actions, and ends the test with what they were for when one of them fails.
func Do(t *testing.T, ctx context.Context, what string, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}
