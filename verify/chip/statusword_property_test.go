package chip_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	emulated "github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

// refusing is a way in which a status word comes instead of an answer.
type refusing struct {
	byChip bool // which then has not carried the command out, and protects the status word where that is due
	which  string
}

// The commands that are refused: one, all from it on, or each with its header.
const (
	once     = "once"
	fromThen = "from then on"
	allAlike = "each like it"
)

func refusals() (all []refusing) {
	for _, which := range []string{once, fromThen, allAlike} {
		all = append(all, refusing{false, which}, refusing{true, which})
	}
	return all
}

// concerns says whether the n-th command, with this header, is one of them.
func (r refusing) concerns(n int, header [3]byte, first int, like [3]byte) bool {
	switch r.which {
	case fromThen:
		return n >= first
	case allAlike:
		return header == like
	}
	return n == first
}

func (r refusing) String() string {
	if r.byChip {
		return r.which + ", by the chip"
	}
	return r.which + ", in clear"
}

// statusWords are those of every kind, and among them all that chips are known to give.
func statusWords() []uint16 {
	words := []uint16{0x9000}
	for sw1 := uint16(0x61); sw1 <= 0x6F; sw1++ {
		for _, sw2 := range []uint16{0x00, 0x01, 0x10, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0xC0, 0xC1, 0xC3, 0xFF} {
			words = append(words, sw1<<8|sw2)
		}
	}
	return words
}

// disturbed is a chip whose answers may be replaced on the way. It notes the headers of commands, and whether a key was tested.
type disturbed struct {
	inField
	n       int
	replace func(n int, header [3]byte) (status uint16, yes bool)
	headers [][3]byte

	offersPACE bool
	unclear    bool // PACE is of another version, in which a token that is refused tests no key
	wrongKey   bool // the key of the document was refused in so many words, once it was sent
	agreed     bool // the last command was one that agrees to new session keys
	wrongAgree bool // the command after that was refused in clear
}

func (d *disturbed) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	d.n++
	header := [3]byte(command[1:4])
	d.headers = append(d.headers, header)
	answer, err := d.answer(ctx, command, header)
	if err != nil {
		return nil, err
	}
	naked, status := len(answer) == 2, binary.BigEndian.Uint16(answer[len(answer)-2:])
	if sends := command[0] == 0x00 && (header[0] == 0x82 || header[0] == 0x86 && !d.unclear); sends && naked {
		fallback := header[0] == 0x82 && d.offersPACE // it may have PACE alone
		denied := status == 0x6300 || status&0xFFF0 == 0x63C0 || !fallback && (status == 0x6982 || status == 0x6988)
		d.wrongKey = d.wrongKey || denied
	}
	d.wrongAgree = d.wrongAgree || d.agreed && naked && (status == 0x6987 || status == 0x6988)
	d.agreed = command[0] == 0x0C && !naked && (header[0] == 0x86 || header == [3]byte{0x22, 0x41, 0xA6})
	return answer, nil
}

func (d *disturbed) answer(ctx context.Context, command []byte, header [3]byte) ([]byte, error) {
	if d.replace != nil {
		if status, yes := d.replace(d.n, header); yes {
			return binary.BigEndian.AppendUint16(nil, status), nil
		}
	}
	return d.inField.Transmit(ctx, command)
}

// guardedPassport is a passport with every protection, and its chip.
type guardedPassport struct {
	*passport
	store   *trust.Store
	files   map[string][]byte
	options emulated.Options
	can     string // what it is opened by; empty is the MRZ
}

// newGuarded is one that is opened by these variants of PACE, or by Basic Access Control where there are none.
func newGuarded(t *testing.T, can string, offered ...emulated.PACEInfo) guardedPassport {
	t.Helper()
	static, active := staticKey(t, brainpoolP256r1), newActive(t)
	listed := slices.Concat(infosOf(t, static), entries(offered...), [][]byte{active.SecurityInfo()})
	g := guardedPassport{
		passport: newProtected(t, map[int][]byte{14: emulated.EncodeDG14(listed...), 15: active.DG15()}),
		options: emulated.Options{
			PACE: offered, ChipAuthentication: []emulated.ChipAuthenticationKey{static}, ActiveAuthentication: active,
			CAN: can, CANTries: 3,
		},
		can: can,
	}
	g.store, g.files = trusttest.New(t, g.csca), g.answered(t, emrtd.Proofs{}).Files
	g.files["EF.COM"] = []byte(file("\x60", "\x5F\x01\x040108\x5F\x36\x06040000\x5C\x04\x61\x75\x6E\x6F"))
	if slices.Contains(offered, mapped) {
		g.files["EF.CardSecurity"] = cardSecurity(t, g.dsc, slices.Concat(infosOf(t, static), entries(offered...))...)
	}
	return g
}

// read reads the passport and judges it.
func (g guardedPassport) read(t *testing.T, o emulated.Options, d *disturbed) (*emrtd.Reading, map[string]verify.Check) {
	t.Helper()
	key := emulated.AccessKey{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
	card, err := emulated.New(g.files, key, o)
	if err != nil {
		t.Fatal(err)
	}
	d.inField, d.offersPACE = inField{card}, len(o.PACE) > 0
	d.unclear = slices.Contains(o.Quirks, emulated.PACEVersion1)
	reading, err := emrtd.Read(context.Background(), d, emrtd.Key(key), emrtd.Options{CAN: g.can})
	return reading, examine(g.store, verify.Evidence{
		MRZ: zone(), Chip: verify.OutcomeOf(reading, err), ChipNotes: reading.Notes,
		Files: reading.Files, Proofs: reading.Proofs, Day: g.evidence(t).Day,
	})
}

// For every status word at every command of every protocol: nothing becomes failed unless a key or a signature was really
// tested, and the reading ends. Each command is refused in two of the ways by words that are drawn; with FOYER_CHIP_SESSIONS
// in all of them by every word.
func TestNoStatusWordAtAnyCommandIsEvidence(t *testing.T) {
	integrated := emulated.PACEInfo{Mapping: emulated.IntegratedMapping, Cipher: emulated.AES128, Parameters: brainpoolP256r1}
	version1 := newGuarded(t, "", generic, weaker)
	version1.options.Quirks = []emulated.Quirk{emulated.PACEVersion1}
	for name, g := range map[string]guardedPassport{
		"PACE in version 1":    version1,
		"BAC":                  newGuarded(t, ""),
		"PACE-GM":              newGuarded(t, "", generic, weaker),
		"PACE-IM":              newGuarded(t, "", integrated),
		"PACE-CAM":             newGuarded(t, "", mapped, generic),
		"a card access number": newGuarded(t, "500540", generic),
	} {
		t.Run(name, func(t *testing.T) {
			var clean disturbed
			_, undisturbed := g.read(t, g.options, &clean)
			for id, check := range undisturbed {
				if check.Result != verify.Passed && slices.Contains([]string{"chip.access", "chip.pa.hashes", "chip.ca", "chip.aa"}, id) {
					t.Fatalf("undisturbed, %s: %s", id, wordingtest.English(t, check))
				}
			}
			for n := 1; n <= clean.n; n++ {
				for way, status := range someRefusals(uint64(n)) {
					g.refuse(t, way, n, clean.headers[n-1], status)
				}
			}
		})
	}
}

// someRefusals are two, drawn by the number of a command, or all.
func someRefusals(n uint64) iter.Seq2[refusing, uint16] {
	ways, words := refusals(), statusWords()
	chosen := rand.New(rand.NewPCG(10, n)).Perm(len(ways) * len(words))
	if os.Getenv("FOYER_CHIP_SESSIONS") == "" {
		chosen = chosen[:2]
	}
	return func(yield func(refusing, uint16) bool) {
		for _, i := range chosen {
			if !yield(ways[i%len(ways)], words[i/len(ways)]) {
				return
			}
		}
	}
}

// refuse has a command refused and looks for what was made of it.
func (g guardedPassport) refuse(t *testing.T, way refusing, first int, like [3]byte, status uint16) {
	t.Helper()
	o, d := g.options, disturbed{}
	refuses := func(n int, header [3]byte) (uint16, bool) { return status, way.concerns(n, header, first, like) }
	if way.byChip {
		o.Refuses = refuses
	} else {
		d.replace = refuses
	}
	reading, checks := g.read(t, o, &d)
	what := fmt.Sprintf("%04X to command %d (%X) %s", status, first, like, way)
	if reading.Commands > 400 {
		t.Errorf("%s: %d commands", what, reading.Commands)
	}
	for id, check := range checks {
		if check.Result == verify.Failed && !d.tested(id) {
			t.Errorf("%s: %s failed: %s", what, id, wordingtest.English(t, check))
		}
	}
}

// tested says whether the key that a check is about was tested, and refused.
func (d *disturbed) tested(id string) bool {
	switch id {
	case "chip.access":
		return d.wrongKey
	case "chip.ca", "chip.original":
		return d.wrongAgree
	}
	return false
}
