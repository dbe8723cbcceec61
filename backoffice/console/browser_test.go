package console_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// chrome starts a browser, 1280 x 800, that ends with the test. Whatever it complains of fails the test.
func chrome(t *testing.T) context.Context {
	t.Helper()
	ctx := patientChrome(t)
	chromedp.ListenTarget(ctx, func(event any) {
		// A refused resource or script is reported here: the policy of the pages holds. At the test's end the site may go first.
		if e, ok := event.(*log.EventEntryAdded); ok && e.Entry.Level == log.LevelError && t.Context().Err() == nil {
			t.Errorf("the browser complains: %s (%s)", e.Entry.Text, e.Entry.URL)
		}
	})
	return ctx
}

// patientChrome is a browser that may complain.
func patientChrome(t *testing.T) context.Context {
	t.Helper()
	return browsertest.Start(t, []chromedp.Action{chromedp.EmulateViewport(1280, 800)}, chromedp.WindowSize(1280, 800), chromedp.IgnoreCertErrors)
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

// picture keeps a screenshot among the test's artifacts: go test -artifacts -outputdir DIR.
func picture(t *testing.T, ctx context.Context, name string, whole bool) {
	t.Helper()
	var shot []byte
	take := chromedp.CaptureScreenshot(&shot)
	if whole {
		take = chromedp.FullScreenshot(&shot, 100)
	}
	browsertest.Do(t, ctx, "screenshot", take)
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".png"), shot, 0o644); err != nil {
		t.Fatal(err)
	}
}

func signInAs(name string) chromedp.Tasks {
	return chromedp.Tasks{
		chromedp.WaitVisible("#name"), chromedp.SendKeys("#name", name), chromedp.SendKeys("#password", password),
		press(".sign-in button"), chromedp.WaitVisible(`#link[data-state="live"]`),
	}
}

func TestACaseworkerReceivesAVisitorInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := chrome(t)
	s := open(t, time.Now)
	browsertest.Do(t, ctx, "sign-in page", chromedp.Navigate(s.url), chromedp.WaitVisible("#name"))
	picture(t, ctx, "1-sign-in", false)
	browsertest.Do(t, ctx, "sign in", signInAs("okafor"), chromedp.WaitVisible(".empty"))
	picture(t, ctx, "2-nobody-waiting", false)

	browsertest.Do(t, ctx, "mark the page", chromedp.Evaluate(`window.loadedOnce = true`, nil))
	c := utopian(t, "lindqvist", specimen.Forged, checkintest.Doubtful(time.Now().Add(-4*time.Minute)))
	s.send(t, c)
	var sameLoad bool
	browsertest.Do(t, ctx, "the visitor appears", chromedp.WaitVisible("#call-"+c.ID), chromedp.Evaluate(`window.loadedOnce === true`, &sameLoad))
	if !sameLoad {
		t.Error("the visitor appeared only because the page was loaded again")
	}
	picture(t, ctx, "3-waiting", false)

	browsertest.Do(t, ctx, "call next", press("#next"), chromedp.WaitVisible(".visitor"), chromedp.WaitVisible("#done-"+c.ID))
	if shown, want := hashesOfPictures(t, ctx), hashesOf(c); shown != want {
		t.Errorf("the page shows\n%s\nand the station sent\n%s", shown, want)
	}
	picture(t, ctx, "4-doubtful", true)
	var hidden bool
	browsertest.Do(t, ctx, "turn a light off", press(`input[name="infrared"]`),
		chromedp.Evaluate(`getComputedStyle(document.querySelector("figure.infrared")).display === "none"`, &hidden))
	if !hidden {
		t.Error("the infrared picture is still there")
	}

	browsertest.Do(t, ctx, "done", press("#done-"+c.ID), chromedp.WaitVisible(".empty"))
	if kept, _, err := s.Store.CheckIn(t.Context(), c.ID); err != nil || kept.State != store.Done {
		t.Errorf("the visitor is %s, %v", kept.State, err)
	}
	browsertest.Do(t, ctx, "connection lost", chromedp.ActionFunc(func(context.Context) error { s.console.Stop(); return nil }),
		chromedp.WaitVisible(`#link[data-state="lost"]`))
	picture(t, ctx, "5-connection-lost", false)
}

func TestTheConsoleOnABusyDay(t *testing.T) {
	t.Parallel()
	ctx := chrome(t)
	s := open(t, time.Now)
	ago := func(minutes int) time.Time { return time.Now().Add(-time.Duration(minutes) * time.Minute) }
	genuine := utopian(t, "szeles", specimen.Genuine, checkintest.Genuine(ago(31)))
	s.send(t, genuine)
	for i := range 7 {
		c := checkintest.Genuine(ago(26 - 3*i))
		c.Language = []string{"ar", "de", "en", "uk"}[i%4]
		s.send(t, c)
	}
	s.send(t, checkintest.Doubtful(ago(12)))
	s.send(t, checkintest.Appointment(ago(8)))
	s.send(t, checkintest.Staff(ago(2)))
	collect := checkintest.Genuine(ago(5))
	collect.Service = "collect-card"
	s.send(t, collect)
	called, err := s.Store.CallNext(t.Context(), "reception", []string{"reception"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}

	browsertest.Do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("brandt"), chromedp.WaitVisible("#next"))
	picture(t, ctx, "1-queue", false)
	browsertest.Do(t, ctx, "another's visitor", chromedp.Navigate(s.url+"/visitor/"+called), chromedp.WaitVisible(".visitor"))
	browsertest.Do(t, ctx, "call next", chromedp.Navigate(s.url), press("#next"), chromedp.WaitVisible("#done-"+genuine.ID), chromedp.WaitVisible(`#link[data-state="live"]`))
	if shown, want := hashesOfPictures(t, ctx), hashesOf(genuine); shown != want {
		t.Errorf("the page shows\n%s\nand the station sent\n%s", shown, want)
	}
	picture(t, ctx, "2-genuine", false)
	picture(t, ctx, "3-genuine-whole", true)
	browsertest.Do(t, ctx, "back to the list", chromedp.Navigate(s.url), chromedp.WaitVisible(".current"))
	picture(t, ctx, "4-with-a-visitor", false)
	browsertest.Do(t, ctx, "in English", press(`button[lang="en"]`), chromedp.WaitVisible(`button[lang="de"]`), chromedp.WaitVisible(".current"))
	picture(t, ctx, "5-english", false)
}

// hashesOfPictures lists what the browser gets for every picture on the page, in the page's order.
func hashesOfPictures(t *testing.T, ctx context.Context) string {
	t.Helper()
	var list []string
	const script = `Promise.all([...document.querySelectorAll("figure img")].map(async (img) => {
		if (!img.complete || !img.naturalWidth) await img.decode();
		const bytes = await (await fetch(img.src)).arrayBuffer();
		const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
		return img.closest("figure").id + " " + [...sum].map((b) => b.toString(16).padStart(2, "0")).join("");
	}))`
	browsertest.Do(t, ctx, "fetch the pictures", chromedp.Evaluate(script, &list, func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
		return p.WithAwaitPromise(true)
	}))
	return strings.Join(list, "\n")
}

func hashesOf(c *checkintest.CheckIn) string {
	var list []string
	for _, name := range []string{"document-1-chip-portrait", "person-1-portrait", "person-1-signature",
		"document-1-page-1-visible", "document-1-page-1-infrared", "document-1-page-1-ultraviolet"} {
		sum := sha256.Sum256(c.Contents[name])
		list = append(list, fmt.Sprintf("file-%s %s", name, hex.EncodeToString(sum[:])))
	}
	return strings.Join(list, "\n")
}

// makeUtopia makes specimens as of today, once.
var makeUtopia = sync.OnceValues(func() (*specimen.Maker, error) { return specimen.NewMaker(1, time.Now()) })

// utopian gives a check-in of one document the document, the face and the signature of somebody from Utopia.
func utopian(t *testing.T, id string, variant specimen.Variant, c *checkintest.CheckIn) *checkintest.CheckIn {
	t.Helper()
	return utopianAs(t, id, variant, c, 1, 1)
}

// utopianAs gives a document of a check-in, and the person whose it is, those of somebody from Utopia.
func utopianAs(t *testing.T, id string, variant specimen.Variant, c *checkintest.CheckIn, person, number int) *checkintest.CheckIn {
	t.Helper()
	maker, err := makeUtopia()
	if err != nil {
		t.Fatal(err)
	}
	people := maker.People()
	i := slices.IndexFunc(people, func(p specimen.Person) bool { return p.ID == id })
	if i < 0 {
		t.Fatalf("nobody in Utopia is called %s", id)
	}
	p, document := people[i], c.Record.Documents[number-1]
	face := &stationv1.Area{Left: 900, Top: 3200, Right: 2500, Bottom: 5800}
	if document.DocumentCode == "IR" {
		p.Format, p.DocumentNumber = mrz.TD1, document.DocumentNumber
		face = &stationv1.Area{Left: 1000, Top: 3400, Right: 3100, Bottom: 6900}
	}
	s, err := maker.Make(p, variant)
	if err != nil {
		t.Fatal(err)
	}
	visitor := c.Record.Persons[person-1]
	visitor.Surname, visitor.GivenNames, visitor.BirthDate, visitor.Sex = p.Surname, p.GivenNames, p.BirthDate, p.Sex
	document.DocumentNumber, document.Mrz = p.DocumentNumber, s.MRZ
	for _, check := range document.Checks {
		if check.Id == "cross.portrait_dg2" {
			check.Area = face
		}
	}
	for _, page := range s.Pages() {
		c.Add(checkintest.Page(number, page.Side, page.Light), encodePNG(t, page.Image))
	}
	c.Add(checkintest.Portrait(person), encodeJPEG(t, s.Frames(1)[0]))
	c.Add(checkintest.ChipPortrait(number, "image/jpeg"), encodeJPEG(t, s.Portrait()))
	c.Add(checkintest.Signature(person), encodePNG(t, signature()))
	return c
}

func encodePNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeJPEG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// signature is a line that a hand could have drawn.
func signature() *image.Gray {
	m := image.NewGray(image.Rect(0, 0, 800, 300))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	for i := range 9000 {
		s := float64(i) / 9000
		x := 60 + 680*s + 34*math.Sin(s*44)
		y := 150 + 75*math.Sin(s*37)*math.Cos(s*5) + 18*math.Cos(s*90)
		for dy := -2; dy <= 2; dy++ {
			for dx := -2; dx <= 2; dx++ {
				m.SetGray(int(x)+dx, int(y)+dy, color.Gray{Y: 20})
			}
		}
	}
	return m
}
