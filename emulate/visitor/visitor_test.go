package visitor_test

import (
	"context"
	"errors"
	"image"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/visitor"
	"github.com/foyer-station/foyer/kiosk/technician"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// A paper station: it shows the next screen whenever the right thing is done to the one before.
type paper struct {
	mu      sync.Mutex
	board   *technician.Board
	screens []technician.Screen
	actions []string
	taken   int    // how often the document was taken back
	shown   string // the screen
}

func (p *paper) did(action string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.actions = append(p.actions, action)
	if len(p.screens) > 0 {
		p.shown = p.screens[0].Name
		p.board.Publish(p.screens[0])
		p.screens = p.screens[1:]
	}
}

func (p *paper) LayDown(context.Context) error  { p.did("lay down"); return nil }
func (p *paper) TurnOver(context.Context) error { p.did("turn over"); return nil }
func (p *paper) Sign(context.Context) error     { p.did("sign"); return nil }

func (p *paper) TakeBack(context.Context) error {
	p.mu.Lock()
	p.taken++
	asked := p.shown == "take_document"
	p.mu.Unlock()
	if asked {
		p.did("take back")
	}
	return nil
}

func screen(name string, controls ...string) technician.Screen {
	s := technician.Screen{Name: name}
	for i, id := range controls {
		id, disabled := strings.CutPrefix(id, "-")
		s.Focus = append(s.Focus, technician.Focus{ID: id, Role: "button", Enabled: !disabled, Area: image.Rect(0, 100*i, 100, 100*i+80)})
	}
	return s
}

func visit(t *testing.T, screens ...technician.Screen) (actions, seen []string, err error) {
	t.Helper()
	return visitWith(t, visitor.Visitor{}, screens...)
}

// visitWith plays a visitor as given, who comes for an appointment.
func visitWith(t *testing.T, v visitor.Visitor, screens ...technician.Screen) (actions, seen []string, err error) {
	t.Helper()
	p := &paper{board: technician.NewBoard(), screens: screens[1:]}
	p.board.Publish(screens[0])
	client := serve(t, p.board)
	v.Language, v.Service, v.Hands = "uk", "appointment", p
	v.Finger = func(c *technicianv1.Focus) error { p.did(c.GetId()); return nil }
	v.Seen = func(_ int, s *technicianv1.WatchScreenResponse) error { seen = append(seen, s.GetScreen()); return nil }
	err = v.Visit(t.Context(), client)
	return p.actions, seen, err
}

func TestAVisitorGoesFromGreetingToTicket(t *testing.T) {
	actions, seen, err := visit(t,
		screen("greeting", "help", "start"), screen("language", "language.de", "language.uk"), screen("privacy", "privacy.staff", "privacy.accept"),
		screen("service", "service.collect-card", "service.appointment"), screen("document", "-next"), screen("turn_over", "-next"), screen("turn_over", "next"),
		screen("portrait", "retry", "next"), screen("signature", "-next"), screen("signature", "next"), screen("review", "confirm"), screen("ticket", "leave"), screen("cleared"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"start", "language.uk", "privacy.accept", "service.appointment", "lay down", "turn over", "next", "next", "sign", "next", "confirm", "leave"}
	if !slices.Equal(actions, want) {
		t.Errorf("did  %q\nwant %q", actions, want)
	}
	if !slices.Contains(seen, "document") || seen[len(seen)-1] != "cleared" {
		t.Errorf("saw %q", seen)
	}
}

func TestAVisitorSignsWithAFingerWhereTheScreenHasASheetForThat(t *testing.T) {
	for sheet, want := range map[string][]string{"sheet": {"next", "write on sheet", "next", "leave"}, "-next": {"next", "sign", "next", "leave"}} {
		p := &paper{board: technician.NewBoard(), screens: []technician.Screen{
			screen("signature", sheet), screen("signature", "next"), screen("ticket", "leave"), screen("cleared"),
		}}
		p.board.Publish(screen("portrait", "next"))
		v := visitor.Visitor{
			Hands: p, Finger: func(c *technicianv1.Focus) error { p.did(c.GetId()); return nil },
			Writes: func(_ context.Context, sheet *technicianv1.Focus) error {
				p.did("write on " + sheet.GetId())
				return nil
			},
		}
		if err := v.Visit(t.Context(), serve(t, p.board)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(p.actions, want) {
			t.Errorf("did  %q\nwant %q", p.actions, want)
		}
	}
}

func TestAForgetfulVisitorTakesTheDocumentWhenTold(t *testing.T) {
	for forgetful, want := range map[bool][]string{true: {"confirm", "leave", "take back"}, false: {"confirm", "leave"}} {
		p := &paper{board: technician.NewBoard(), screens: []technician.Screen{screen("ticket", "leave"), screen("take_document", "staff"), screen("cleared")}}
		if !forgetful { // it has been taken by then
			p.screens = slices.Delete(p.screens, 1, 2)
		}
		p.board.Publish(screen("review", "confirm"))
		v := visitor.Visitor{Hands: p, Forgetful: forgetful, Finger: func(c *technicianv1.Focus) error { p.did(c.GetId()); return nil }}
		if err := v.Visit(t.Context(), serve(t, p.board)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(p.actions, want) || p.taken != 1 {
			t.Errorf("forgetful %v: did %q, and took the document %d times", forgetful, p.actions, p.taken)
		}
	}
}

func TestAVisitorTypesTheNumberOnTheCardOrHasNone(t *testing.T) {
	keys := []string{"access_number.1", "access_number.2", "access_number.3", "access_number.without"}
	asked := screen("access_number", append(keys, "-access_number.done")...)
	again, whole := asked, screen("access_number", append(keys, "access_number.done")...)
	again.Attempt, whole.Attempt = 2, 2
	for can, test := range map[string]struct {
		screens []technician.Screen
		want    []string
	}{
		"": {[]technician.Screen{asked}, []string{"access_number.without"}},
		"312": {
			[]technician.Screen{asked, asked, again, again, again, whole}, // the second try begins anew
			[]string{
				"access_number.3", "access_number.1",
				"access_number.3", "access_number.1", "access_number.2", "access_number.done",
			},
		},
	} {
		actions, _, err := visitWith(t, visitor.Visitor{CAN: can}, append(test.screens, screen("ticket", "leave"), screen("cleared"))...)
		if err != nil {
			t.Fatal(err)
		}
		if want := append(test.want, "leave"); !slices.Equal(actions, want) {
			t.Errorf("with %q did  %q\nwant %q", can, actions, want)
		}
	}
}

func TestAVisitorAsksForAPersonWhereTheVisitorWantsOne(t *testing.T) {
	actions, _, err := visitWith(t, visitor.Visitor{Asks: "service"}, screen("privacy", "privacy.accept", "help"),
		screen("service", "service.appointment", "help"), screen("help", "help.continue", "help.staff"), screen("ticket", "leave"), screen("cleared"))
	if want := []string{"privacy.accept", "help", "help.staff", "leave"}; err != nil || !slices.Equal(actions, want) {
		t.Errorf("did %q, %v, want %q", actions, err, want)
	}
}

func TestAVisitorWhoGetsNoTicketSaysSo(t *testing.T) {
	_, _, err := visit(t, screen("greeting", "start"), screen("cleared"))
	if !errors.Is(err, visitor.ErrPassedBy) {
		t.Errorf("got %v", err)
	}
}

func TestAVisitorWhoComesWhileTheOneBeforeIsLeavingWaits(t *testing.T) {
	for _, left := range []technician.Screen{screen("ticket", "leave"), screen("cleared")} {
		p := &paper{board: technician.NewBoard()}
		p.board.Publish(left)
		v := visitor.Visitor{Language: "uk", Service: "appointment", Hands: p, Finger: func(c *technicianv1.Focus) error { p.did(c.GetId()); return nil }}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if err := v.Visit(ctx, serve(t, p.board)); errors.Is(err, visitor.ErrPassedBy) || err == nil || len(p.actions) > 0 {
			t.Errorf("%s: %v, did %q", left.Name, err, p.actions)
		}
	}
}

func serve(t *testing.T, board *technician.Board) technicianv1.TechnicianServiceClient {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	socket := filepath.Join(t.TempDir(), "technician")
	served := make(chan error, 1)
	go func() {
		served <- technician.Serve(ctx, socket, board, func(context.Context) *technicianv1.GetStatusResponse { return &technicianv1.GetStatusResponse{} }, nil)
	}()
	dial := func(ctx context.Context, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}
	conn, err := grpc.NewClient("passthrough:///technician", grpc.WithContextDialer(dial), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return technicianv1.NewTechnicianServiceClient(conn)
}

// brought is a visit in which things are added at the review, and what was brought for it.
func brought(t *testing.T, controls []string, screens ...technician.Screen) (actions []string, err error) {
	t.Helper()
	var adds []visitor.Addition
	var bring []string
	for _, control := range controls {
		adds = append(adds, visitor.Addition{Control: control, Bring: func() error { bring = append(bring, control); return nil }})
	}
	actions, _, err = visitWith(t, visitor.Visitor{Adds: adds}, screens...)
	if !slices.Equal(bring, controls[:len(bring)]) {
		t.Errorf("brought %q", bring)
	}
	if err == nil && len(bring) < len(controls) {
		t.Errorf("brought only %q", bring)
	}
	return actions, err
}

func TestAVisitorAddsAtTheReviewWhatTheVisitorWants(t *testing.T) {
	review := screen("review", "another-person", "another-document", "confirm")
	actions, err := brought(t, []string{"another-document", "another-person"},
		screen("service", "service.appointment"), screen("document", "-next"), review, screen("document", "-next"), screen("turn_over", "-next"),
		screen("turn_over", "next"), review, screen("document", "-next"), review, screen("ticket", "leave"), screen("cleared"))
	want := []string{
		"service.appointment", "lay down", "another-document", "lay down", "turn over", "next", "another-person", "lay down",
		"confirm", "leave",
	}
	if err != nil || !slices.Equal(actions, want) {
		t.Errorf("did  %q, %v\nwant %q", actions, err, want)
	}
}

func TestAVisitorWhoIsNotOfferedWhatTheVisitorWantsSaysSo(t *testing.T) {
	_, err := brought(t, []string{"another-person"}, screen("document", "-next"), screen("review", "confirm"), screen("ticket", "leave"))
	if !errors.Is(err, visitor.ErrNotOffered) {
		t.Errorf("got %v", err)
	}
}
