package chip_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/emrtd"
	emulated "github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

// newActive is a key pair for active authentication.
func newActive(t testing.TB) emulated.ECDSAKey {
	t.Helper()
	private, err := emulated.NewPrivateKey(brainpoolP256r1, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return emulated.ECDSAKey{Parameters: brainpoolP256r1, Private: private, Hash: crypto.SHA256}
}

// Whatever a forger does to the files of a copy, for whose keys he has no private halves, and however his chip answers, the
// document is not genuine: it is doubtful, or nobody can tell.
func TestNothingThatAForgerDoesToAnothersFilesMakesThemGenuine(t *testing.T) {
	p := newProtected(t, map[int][]byte{
		14: emulated.EncodeDG14(slices.Concat(infosOf(t, staticKey(t, 0)), entries(generic))...),
		15: newActive(t).DG15(),
	})
	store := trusttest.New(t, p.csca)
	whole := p.answered(t, emrtd.Proofs{})
	whole.Files["EF.CardAccess"] = securityInfos(generic)
	names := slices.Sorted(maps.Keys(whole.Files))
	answers := []error{nil, emrtd.ErrNotChipsKey, refusal(0x6D00), refusal(0x6F00), errGone}
	rapid.Check(t, func(r *rapid.T) {
		ev := whole
		ev.Files = map[string][]byte{}
		for _, name := range names {
			file := slices.Clone(whole.Files[name])
			switch rapid.SampledFrom([]string{"kept", "kept", "dropped", "altered"}).Draw(r, name) {
			case "dropped":
				continue
			case "altered":
				file[rapid.IntRange(0, len(file)-1).Draw(r, "at")] ^= rapid.ByteRange(1, 255).Draw(r, "by")
			}
			ev.Files[name] = file
		}
		ev.Chip = rapid.SampledFrom([]verify.ChipOutcome{verify.ChipRead, verify.ChipTorn, verify.ChipDead}).Draw(r, "outcome")
		if rapid.Bool().Draw(r, "asked for chip authentication") { // and it has not proved that it holds the key
			err := rapid.SampledFrom(answers[1:]).Draw(r, "chip authentication")
			ev.Proofs.ChipAuthentication = &emrtd.ChipAuthentication{KeyID: emrtd.NoID, Err: err}
		}
		if rapid.Bool().Draw(r, "asked for active authentication") {
			ev.Proofs.ActiveAuthentication = &emrtd.ActiveAuthentication{
				Challenge: challenge, Response: rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(r, "response"),
				Err: rapid.SampledFrom(answers).Draw(r, "active authentication"),
			}
		}
		checks := examine(store, ev)
		for _, id := range []string{"chip.original", "chip.ca", "chip.aa"} {
			if got := checks[id].Result; got == verify.Passed || got == verify.NotSupported {
				r.Errorf("%s: %s: %s", id, got, wordingtest.English(t, checks[id]))
			}
		}
		if got := verdict(t, store, ev); got == verify.Genuine {
			r.Errorf("genuine: %+v", checks)
		}
	})
}

// A passport with every protection is laid on a reader, and copies of it: chips with its files and without its keys.
func TestCopiesThatWereReadAreFound(t *testing.T) {
	static, active := staticKey(t, brainpoolP256r1), newActive(t)
	listed := slices.Concat(infosOf(t, static), entries(generic, mapped), [][]byte{active.SecurityInfo()})
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(listed...), 15: active.DG15()})
	files := p.answered(t, emrtd.Proofs{}).Files
	files["EF.CardSecurity"] = cardSecurity(t, p.dsc, slices.Concat(infosOf(t, static), entries(generic, mapped))...)
	store := trusttest.New(t, p.csca)
	all := []emulated.PACEInfo{generic, mapped}
	own := []emulated.ChipAuthenticationKey{static}
	const passed, failed, open = verify.Passed, verify.Failed, verify.Undetermined
	for name, c := range map[string]struct {
		options                       emulated.Options
		hidden                        []string
		access, original, ca, aa, cam verify.Result
		verdict                       verify.Verdict
	}{
		"the original": {emulated.Options{PACE: all, ChipAuthentication: own, ActiveAuthentication: active}, nil,
			passed, passed, passed, passed, passed, verify.Genuine},
		"a copy without keys": {emulated.Options{PACE: all}, nil, passed, open, open, open, open, verify.Unverified},
		"a copy without keys that refuses the mapping": {emulated.Options{
			PACE: []emulated.PACEInfo{mapped, generic}, Quirks: []emulated.Quirk{emulated.PACEVariantRefused(0x6A80)},
		}, nil, passed, open, open, open, open, verify.Unverified},
		"a copy with keys of its own": {emulated.Options{
			PACE: all, ActiveAuthentication: newActive(t),
			ChipAuthentication: []emulated.ChipAuthenticationKey{staticKey(t, brainpoolP256r1)},
		}, nil, passed, failed, failed, failed, failed, verify.Doubtful},
		"a copy that hides the mapping": {emulated.Options{PACE: all[:1]}, []string{"EF.CardSecurity"},
			failed, open, open, open, open, verify.Doubtful},
		"a copy that hides all": {emulated.Options{}, []string{"EF.CardSecurity", "DG14", "DG15"},
			open, open, open, open, open, verify.Unverified},
	} {
		given := maps.Clone(files)
		for _, file := range c.hidden {
			delete(given, file)
		}
		key := emulated.AccessKey{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
		card, err := emulated.New(given, key, c.options)
		if err != nil {
			t.Fatal(err)
		}
		// What the chip refuses is for the checks to judge.
		reading, _ := emrtd.Read(context.Background(), inField{card}, emrtd.Key(key), emrtd.Options{})
		ev := verify.Evidence{
			MRZ: zone(), Chip: verify.ChipRead, Files: reading.Files, Proofs: reading.Proofs, Day: p.evidence(t).Day,
		}
		checks := examine(store, ev)
		want := with(passed, map[string]verify.Result{
			"chip.card_access": c.access, "chip.ca": c.ca, "chip.aa": c.aa, "chip.cam": c.cam,
			"chip.original": c.original,
			"chip.com_sod":  failed, // EF.COM, which nobody signs, lists DG1 and DG2 alone
		})
		if diff := cmp.Diff(want, results(checks)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if got := verdict(t, store, ev); got != c.verdict {
			t.Errorf("%s is %s, want %s", name, got, c.verdict)
		}
	}
}

// swapped is a chip that drops its session at one command and gives way to another chip.
type swapped struct {
	emrtd.Card
	other emrtd.Card
	left  int // commands
}

func (s *swapped) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	s.left--
	if s.left == 0 {
		s.Card = s.other
		return []byte{0x69, 0x88}, nil
	}
	return s.Card.Transmit(ctx, command)
}

// The other way round: the passport opens, and then gives way to a copy that refuses to open by chip authentication mapping,
// in the hope of being opened as it can be.
func TestAChipThatHasProvedItselfByOpeningIsNotOpenedOtherwiseLater(t *testing.T) {
	static := staticKey(t, brainpoolP256r1)
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(entries(mapped, generic)...)})
	copied := p.answered(t, emrtd.Proofs{}).Files
	copied["EF.CardSecurity"] = cardSecurity(t, p.dsc, slices.Concat(infosOf(t, static), entries(mapped, generic))...)
	copied["EF.COM"] = []byte(file("\x60", "\x5F\x01\x040108\x5F\x36\x06040000\x5C\x03\x61\x75\x6E"))
	key := emulated.AccessKey{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
	store := trusttest.New(t, p.csca)
	for at, most := 1, 0; at <= max(most, 20); at++ {
		o := emulated.Options{PACE: []emulated.PACEInfo{mapped, generic}}
		o.Quirks = []emulated.Quirk{emulated.PACEVariantRefused(0x6A80)}
		forgery, err := emulated.New(copied, key, o)
		if err != nil {
			t.Fatal(err)
		}
		o.ChipAuthentication, o.Quirks = []emulated.ChipAuthenticationKey{static}, nil
		passport, err := emulated.New(map[string][]byte{"EF.CardSecurity": copied["EF.CardSecurity"]}, key, o)
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, p.mustNotPass(t, store, &swapped{inField{passport}, inField{forgery}, at}))
	}
}

// mustNotPass reads what is two chips one after the other, and sees that they are not genuine; it gives how many commands that took.
func (p *passport) mustNotPass(t *testing.T, store *trust.Store, card *swapped) (commands int) {
	t.Helper()
	key := emrtd.Key{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
	at := card.left
	reading, _ := emrtd.Read(context.Background(), card, key, emrtd.Options{})
	ev := verify.Evidence{
		MRZ: zone(), Chip: verify.ChipRead, Files: reading.Files, Proofs: reading.Proofs, Day: p.evidence(t).Day,
	}
	if got := verdict(t, store, ev); got == verify.Genuine {
		t.Errorf("swapped at command %d of %d: genuine", at, reading.Commands)
	}
	return reading.Commands
}

// The forger owns a passport of the same country that proves itself by opening, and lets it take the place of the copy
// once the copy's files have been read: the proof is the passport's, and the files are not.
func TestAnotherChipCannotProveItselfForACopy(t *testing.T) {
	static := staticKey(t, brainpoolP256r1)
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(entries(mapped)...)})
	copied := p.answered(t, emrtd.Proofs{}).Files
	copied["EF.CardSecurity"] = cardSecurity(t, p.dsc, slices.Concat(infosOf(t, static), entries(mapped))...)
	copied["EF.COM"] = []byte(file("\x60", "\x5F\x01\x040108\x5F\x36\x06040000\x5C\x04\x61\x75\x6E\x70"))
	own := map[string][]byte{"EF.COM": copied["EF.COM"], "EF.CardSecurity": copied["EF.CardSecurity"]}
	key := emulated.AccessKey{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
	o := emulated.Options{PACE: []emulated.PACEInfo{mapped}}
	store := trusttest.New(t, p.csca)
	for at, most := 1, 0; at <= max(most, 30); at++ {
		forgery, err := emulated.New(copied, key, o)
		if err != nil {
			t.Fatal(err)
		}
		o := o
		o.ChipAuthentication = []emulated.ChipAuthenticationKey{static}
		passport, err := emulated.New(own, key, o)
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, p.mustNotPass(t, store, &swapped{inField{forgery}, inField{passport}, at}))
	}
}
