package house

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browserTime bounds everything that somebody of the staff does while signed in.
const browserTime = 3 * time.Minute

// openBrowser starts the Chromium of all staff, once: starting it takes longer than most of what they do with it.
func (h *House) openBrowser() error {
	if h.browser != nil {
		return nil
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WindowSize(1280, 800), chromedp.WSURLReadTimeout(time.Minute), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	browser, _ := chromedp.NewContext(allocator) // ended with its allocator
	if err := chromedp.Run(browser); err != nil {
		end()
		return fmt.Errorf("start the browser: %w", err)
	}
	h.browser, h.endBrowser = browser, end
	return nil
}

// closeBrowser asks the browser to end, waits for it, and ends it if it does not.
func (h *House) closeBrowser() {
	if h.browser == nil {
		return
	}
	_ = chromedp.Cancel(h.browser) // a browser that is gone already has nothing to say
	h.endBrowser()
}

// Staff is a caseworker before the console, in a real Chromium.
type Staff struct {
	ctx context.Context
	end []func()
}

// SignIn opens the console and signs in. The caller closes it. One at a time may be signed in: all share a browser.
func (h *House) SignIn(ctx context.Context, u User) (*Staff, error) {
	if err := h.openBrowser(); err != nil {
		return nil, err
	}
	window, end := chromedp.NewContext(h.browser)
	timed, endTime := context.WithTimeout(window, browserTime)
	stop := context.AfterFunc(ctx, endTime)
	s := &Staff{ctx: timed, end: []func(){func() { stop() }, endTime, end}}
	err := chromedp.Run(s.ctx, network.ClearBrowserCookies(), chromedp.EmulateViewport(1280, 800), chromedp.Navigate(h.ConsoleURL), chromedp.WaitVisible("#name"),
		chromedp.SendKeys("#name", u.Name), chromedp.SendKeys("#password", u.Password), press(".sign-in button"),
		chromedp.WaitVisible(`#link[data-state="live"]`))
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("sign in to the console: %w", err)
	}
	return s, nil
}

// Waiting tells whether somebody waits for this caseworker.
func (s *Staff) Waiting() (bool, error) {
	var waiting bool
	err := chromedp.Run(s.ctx, chromedp.Evaluate(`document.querySelector("#next:not([disabled])") !== null`, &waiting))
	return waiting, err
}

// press touches a control in one go as soon as it is there: a live snapshot may replace it between looking and touching.
func press(selector string) chromedp.Action {
	return chromedp.Poll(fmt.Sprintf(`(() => {
		const control = document.querySelector(%q);
		if (!control || control.disabled) return false;
		control.click();
		return true;
	})()`, selector), nil)
}

// CallNext calls the next visitor, whose file then is on the screen.
func (s *Staff) CallNext() error {
	return chromedp.Run(s.ctx, press("#next"), chromedp.WaitVisible(".visitor"),
		chromedp.Poll(`[...document.querySelectorAll("figure img")].every((i) => i.complete && i.naturalWidth > 0)`, nil))
}

// Finish ends the visit: done.
func (s *Staff) Finish() error {
	return chromedp.Run(s.ctx, press(`button[id^="done-"]`), chromedp.WaitVisible("#next"))
}

// Text is what the page says.
func (s *Staff) Text() (string, error) {
	var text string
	err := chromedp.Run(s.ctx, chromedp.Evaluate(`document.querySelector("main").innerText`, &text))
	return text, err
}

// Pictures are the pictures of the file on the screen, by name, as the browser gets them.
func (s *Staff) Pictures() (map[string][]byte, error) {
	var list [][2]string
	const script = `Promise.all([...document.querySelectorAll("figure img")].map(async (img) => {
		const picture = await (await fetch(img.src)).blob();
		return new Promise((resolve, reject) => {
			const reader = new FileReader();
			reader.onload = () => resolve([img.closest("figure").id, reader.result.split(",")[1]]);
			reader.onerror = reject;
			reader.readAsDataURL(picture);
		});
	}))`
	await := func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
	if err := chromedp.Run(s.ctx, chromedp.Evaluate(script, &list, await)); err != nil {
		return nil, err
	}
	pictures := map[string][]byte{}
	for _, entry := range list {
		data, err := base64.StdEncoding.DecodeString(entry[1])
		if err != nil {
			return nil, err
		}
		pictures[strings.TrimPrefix(entry[0], "file-")] = data
	}
	return pictures, nil
}

// Screenshot is a PNG of the window, or of the whole page.
func (s *Staff) Screenshot(whole bool) ([]byte, error) {
	var shot []byte
	take := chromedp.CaptureScreenshot(&shot)
	if whole {
		take = chromedp.FullScreenshot(&shot, 100)
	}
	err := chromedp.Run(s.ctx, take)
	return shot, err
}

// Close closes the console's window.
func (s *Staff) Close() {
	for _, end := range s.end {
		end()
	}
}
