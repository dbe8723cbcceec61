package emrtd

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// announcing makes a chip one of extended length.
func announcing(chip *testChip, longest uint16) *testChip {
	response := []byte{tagInteger, 2, byte(longest >> 8), byte(longest)}
	lengths := wrap(tagLengths, []byte{tagInteger, 2, 0x01, 0x00}, response)
	chip.atrInfo = append([]byte{0x43, 1, 0xB8}, lengths...)
	return chip
}

// newLargePACEChip has an EF.CardAccess of more than the smallest block.
func newLargePACEChip(t *testing.T) *testChip {
	chip := newPACEChip(t, Options{}, paceInfo(2, cipherAES128, 12), paceInfo(4, cipherAES128, 12), paceInfo(4, cipher3DES, 12),
		paceInfo(2, cipher3DES, 12), paceInfo(2, cipherAES128, 12))
	chip.files[0x0102] = testFiles(5000)[0x0102]
	return chip
}

func TestABlockFitsItsAnswer(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cipher := rapid.SampledFrom(allCiphers).Draw(rt, "cipher")
		c := &channel{sm: newSecureMessaging(cipher.sessionKeys([]byte("secret")))}
		chip := &testChip{session: newSecureMessaging(cipher.sessionKeys([]byte("secret")))}
		c.blocks.announced = rapid.SampledFrom([]int{0, 270, 276, 290, 300, 4000, maxExtendedAnswer}).Draw(rt, "announced")
		c.blocks.carried = rapid.SampledFrom([]int{0, 100, 258, 275, 280, 1000, 70000}).Draw(rt, "carried")
		left := rapid.SampledFrom([]int{1, 223, 224, 231, 232, 240, 256, 257, 1000, 66000}).Draw(rt, "left")
		n, most := c.block(left), maxShortAnswer
		cmd := position{}.command(n)
		if cmd.extended() {
			most = c.blocks.announced
		}
		if c.blocks.carried > 0 {
			most = min(most, c.blocks.carried)
		}
		if answer := chip.protect(make([]byte, n), statusOK); len(answer) > most || n > left {
			rt.Fatalf("%d bytes of %d: an answer of %d, more than %d", n, left, len(answer), most)
		}
	})
}

func TestACommandGoesOutAgainWithTheLengthThatTheChipNames(t *testing.T) {
	card := &scriptedCard{t: t, script: []exchange{{"00880000010000", "6C02"}, {"00880000010002", "ABCD9000"}}}
	c := &channel{card: card, reading: &Reading{}}
	cmd := command{ins: 0x88, data: []byte{0}, expectedLength: 256}
	data, status, err := c.exchange(context.Background(), cmd)
	if err != nil || status != statusOK || !bytes.Equal(data, []byte{0xAB, 0xCD}) {
		t.Errorf("%X, %04X, %v", data, status, err)
	}
	card.script = []exchange{{"00880000010000", "6C02"}, {"00880000010002", "6C01"}} // and no more
	if _, status, err := c.exchange(context.Background(), cmd); err != nil || status != 0x6C01 {
		t.Errorf("%04X, %v", status, err)
	}
}

func TestAChipThatRefusesALengthIsAskedForLess(t *testing.T) {
	for _, most := range []int{1000, 200, 192, 100, 64, 0} { // 0 refuses what is beyond the end
		for _, status := range []uint16{statusOK, statusEndOfFile, 0x6700, 0x6985, 0x6988, 0x6B00, 0x6C00} {
			for _, naked := range []bool{false, true} {
				empty := status == statusOK || status == statusEndOfFile
				if empty == naked && status != 0x6700 && status != 0x6C00 {
					continue // what makes no sense: an empty answer is protected, and a refusal for other reasons naked
				}
				name := fmt.Sprintf("%d bytes, %04X, naked %t", most, status, naked)
				chip := announcing(newPACEChip(t, Options{}, paceInfo(2, cipherAES128, 12)), 2000)
				chip.files[0x0102] = testFiles(5000)[0x0102]
				chip.refuse = func(expected, left int) (uint16, bool, bool) {
					if most == 0 {
						return status, naked, expected > left
					}
					return status, naked, expected > most
				}
				reading, err := Read(context.Background(), chip, exampleKey, Options{})
				if err != nil || !bytes.Equal(reading.Files[FileDG2], chip.files[0x0102]) {
					t.Errorf("%s: %q, %v", name, reading.Access, err)
				}
				if status>>8 != 0x69 && status>>8 != 0x6B && reading.Access != "PACE-ECDH-GM" {
					t.Errorf("%s: %q: EF.CardAccess was not read", name, reading.Access)
				}
				if limit := 70 + 5000/max(64, min(most, 192)); reading.Commands > limit {
					t.Errorf("%s: %d commands, more than %d: what helped was not kept", name, reading.Commands, limit)
				}
			}
		}
	}
}

func TestAChipThatNamesTheLengthIsAskedForIt(t *testing.T) {
	for _, naked := range []bool{false, true} {
		chip := announcing(newLargePACEChip(t), 2000)
		asked := map[int]int{}
		chip.refuse = func(expected, left int) (uint16, bool, bool) {
			asked[expected]++
			return 0x6C00 | uint16(left&0xFF), naked, expected > left && left < 256
		}
		reading, err := Read(context.Background(), chip, exampleKey, Options{})
		if err != nil || !bytes.Equal(reading.Files[FileDG2], chip.files[0x0102]) {
			t.Errorf("naked %t: %v", naked, err)
		}
		if asked[headerSize] == 0 || asked[chip.session.maxData(2000-2)] == 0 {
			t.Errorf("naked %t: %v", naked, asked)
		}
	}
}

// Some passports answer so to a read that goes beyond a file's end, and 6988 to everything after it.
func TestAChipThatWouldLoseTheSessionAtAFilesEndIsNotAskedBeyondIt(t *testing.T) {
	for name, chip := range map[string]*testChip{
		"PACE": newLargePACEChip(t),
		"BAC":  newTestChip(t, testFiles(5000)),
	} {
		lost := false
		chip.refuse = func(expected, left int) (uint16, bool, bool) {
			beyond := expected > left
			lost = lost || beyond && chip.session != nil
			return statusOutside, true, beyond
		}
		chip.instead = func(int) ([]byte, error, bool) { return []byte{0x69, 0x88}, nil, lost }
		reading, err := Read(context.Background(), announcing(chip, 2000), exampleKey, Options{})
		if err != nil || lost || !bytes.Equal(reading.Files[FileDG2], chip.files[0x0102]) || reading.Access[:3] != name[:3] {
			t.Errorf("%s: %q, %v", name, reading.Access, err)
		}
		if reading.Commands > 55 {
			t.Errorf("%s: %d commands: smaller blocks than the chip gives", name, reading.Commands)
		}
	}
}

func TestAChipOfShortBlocksIsReadToTheEndAndNoShorter(t *testing.T) {
	for give, whole := range map[int]bool{leastBlock / 2: true, 8: false, 1: false} {
		chip := newTestChip(t, testFiles(3000))
		chip.give = give
		reading, err := Read(context.Background(), chip, exampleKey, Options{})
		if whole != (err == nil) || !whole && !errors.Is(err, errFile) {
			t.Errorf("%d bytes at a time: %v", give, err)
		}
		if limit := firstFileCommand + 4*(32+2) + maxCommands(3000); reading.Commands > limit {
			t.Errorf("%d bytes at a time: %d commands, more than %d", give, reading.Commands, limit)
		}
	}
}

// inParts is a link that carries answers of at most so many bytes, and gives their rests to GET RESPONSE.
type inParts struct {
	Card
	most int
	rest []byte
	asks int
}

func (p *inParts) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if command[1] == insGetResponse {
		p.asks++
		if want := min(len(p.rest)-2, p.most); !bytes.Equal(command, []byte{0x00, insGetResponse, 0, 0, byte(want)}) {
			return []byte{0x67, 0x00}, nil
		}
		return p.part(p.rest), nil
	}
	answer, err := p.Card.Transmit(ctx, command)
	if err != nil {
		return nil, err
	}
	return p.part(answer), nil
}

func (p *inParts) part(answer []byte) []byte {
	if len(answer) <= p.most+2 {
		return answer
	}
	p.rest = answer[p.most:]
	left := len(p.rest) - 2
	return append(bytes.Clone(answer[:p.most]), 0x61, byte(min(left, p.most)))
}

func TestAnAnswerInPartsIsPutTogether(t *testing.T) {
	for _, most := range []int{16, 100, 256} {
		chip := announcing(newPACEChip(t, Options{}, paceInfo(2, cipherAES128, 12)), 2000)
		link := &inParts{Card: chip, most: most}
		reading, err := Read(context.Background(), link, exampleKey, Options{})
		if err != nil || !bytes.Equal(reading.Files[FileDG2], chip.files[0x0102]) || link.asks == 0 {
			t.Errorf("%d bytes: %d parts, %v", most, link.asks, err)
		}
	}
}

func TestAnAnswerWithoutEndIsAnError(t *testing.T) {
	for _, part := range [][]byte{{0x61, 0x00}, {1, 0x61, 0x01}, append(make([]byte, 256), 0x61, 0x00)} {
		chip := newTestChip(t, testFiles(100))
		chip.instead = func(n int) ([]byte, error, bool) { return part, nil, n >= firstFileCommand }
		reading, err := Read(context.Background(), chip, exampleKey, Options{})
		if err == nil || reading.Commands > firstFileCommand+300 {
			t.Errorf("%d commands, %v", reading.Commands, err)
		}
	}
}

func TestOnlyTheHeaderOfFingerprintsIsRead(t *testing.T) {
	template := wrap(tagTemplateGroup, []byte{tagInteger, 1, 2}, make([]byte, 20000))
	large := wrap(tagTemplateGroup, []byte{tagInteger, 1, 1}, make([]byte, 70000))
	for name, c := range map[string]struct {
		content []byte
		give    int
		want    string
	}{
		"two fingers":    {wrap(0x63, template), 0, "63824E287F61824E23020102"},
		"none":           {wrap(0x63, wrap(tagTemplateGroup, []byte{tagInteger, 1, 0})), 0, "63067F6103020100"},
		"a large one":    {wrap(0x63, large), 0, "63830111797F6183011173020101"},
		"another tag":    {wrap(0x63, wrap(0x7F60, []byte{tagInteger, 1, 2})), 0, ""},
		"in parts":       {wrap(0x63, template), 3, "63824E287F61824E23020102"},
		"cut off":        {wrap(0x63, template)[:9], 0, ""},
		"no number":      {wrap(0x63, wrap(tagTemplateGroup, []byte{tagInteger, 2, 0, 2})), 0, ""},
		"not DG3 at all": {wrap(0x76, template), 0, ""},
	} {
		for _, beyondEnd := range []bool{false, true} {
			chip := newTestChip(t, map[uint16][]byte{0x0103: c.content})
			chip.give, chip.application = c.give, true
			chip.session = newSecureMessaging(cipherAES128.sessionKeys([]byte("secret")))
			channel := &channel{card: chip, reading: &Reading{}, blocks: blocks{beyondEnd: beyondEnd}}
			channel.sm = newSecureMessaging(cipherAES128.sessionKeys([]byte("secret")))
			dg3 := file{name: "DG3", id: 0x0103, shortID: 3, tag: 0x63, headerOnly: true}
			got, err := channel.readFile(context.Background(), dg3, func(int, int) {})
			if want := unhex(t, c.want); !bytes.Equal(got, want) || (err == nil) != (c.want != "") {
				t.Errorf("%s: %X, %v", name, got, err)
			}
			if channel.reading.BytesReceived > 256 {
				t.Errorf("%s: %d bytes received", name, channel.reading.BytesReceived)
			}
		}
	}
}

func TestWhatIsNotALengthAnnouncesNone(t *testing.T) {
	for info, want := range map[string]int{
		"7F66080202FFFF0202FFFF":           65535,
		"4301B87F66080202010002020FA2":     4002,
		"7F660C020400010000020400010000":   65536,
		"7F660B02020100020500000FA200":     0,
		"7F660702020100020102":             0,
		"7F6608020201000202":               0,
		"7F66040202FFFF":                   0,
		"7F660804020100020208FF":           0,
		"7F66080202010004020FA2":           0,
		"7F6608020201000202010290":         0, // 258 is what short length carries
		"7F660C020201000206000000010000":   0,
		"":                                 0,
		"00":                               0,
		"43":                               0,
		"FFFFFFFFFFFF":                     0,
		"7F6609020201000203FFFFFF":         maxExtendedAnswer,
		"80018043017F66080202010002020FA2": 0,
	} {
		if got := announcedLength(unhex(t, info)); got != want {
			t.Errorf("%s: %d, want %d", info, got, want)
		}
	}
}

func TestNonsenseInTheChipsInformationDoesNotKeepItFromBeingRead(t *testing.T) {
	for _, info := range [][]byte{
		{0}, bytes.Repeat([]byte{0x43, 0}, 3000), bytes.Repeat([]byte{0xFF}, 255), make([]byte, 256), make([]byte, 5000),
	} {
		chip := newTestChip(t, testFiles(1000))
		chip.atrInfo = info
		reading, err := Read(context.Background(), chip, exampleKey, Options{})
		if err != nil || len(reading.Files[FileATRInfo]) != min(len(info), maxRow) {
			t.Errorf("%d bytes of %d, %v", len(reading.Files[FileATRInfo]), len(info), err)
		}
	}
}

// FuzzReading lets a chip that knows the session keys answer as the script says, and one that does not. In the script a
// byte says how long an answer's data are, two are its status word, and one whether it is protected.
func FuzzReading(f *testing.F) {
	f.Add([]byte{4, 0x90, 0, 1, 0x75, 2, 1, 2}, true)
	f.Add([]byte{0, 0x67, 0, 0, 0, 0x6C, 3, 0, 3, 0x62, 0x82, 1, 0x75, 1, 7}, true)
	f.Add([]byte{5, 0x61, 2, 0, 0x75, 0x82, 0x7F, 0xFF, 1, 2, 0x90, 0, 0, 1, 2}, false)
	f.Add([]byte{5, 0x90, 0, 1, 0x75, 0x83, 7, 0xFF, 0xFB, 200, 0x90, 0, 1}, true)
	f.Fuzz(func(t *testing.T, script []byte, secure bool) {
		card := &fuzzedCard{script: script}
		c := &channel{card: card, reading: &Reading{}, blocks: blocks{announced: 4000}}
		if secure {
			c.sm = newSecureMessaging(cipherAES128.sessionKeys([]byte("secret")))
			card.session = &testChip{session: newSecureMessaging(cipherAES128.sessionKeys([]byte("secret")))}
		}
		read := 0
		dg2 := file{name: FileDG2, id: 0x0102, shortID: 2, tag: tagDG2}
		data, err := c.readFile(context.Background(), dg2, func(n, total int) {
			if n < read || n > total || total > MaxFileSize {
				t.Errorf("%d bytes of %d, after %d", n, total, read)
			}
			read = n
		})
		if err == nil && (len(data) != read || len(data) > c.reading.BytesReceived) {
			t.Errorf("%d bytes of a file where %d were received", len(data), c.reading.BytesReceived)
		}
		if most := (maxCommands(MaxFileSize) + 20) * 8; c.reading.Commands > most {
			t.Errorf("%d commands, more than %d", c.reading.Commands, most)
		}
		if secure && err == nil && card.session.session == nil {
			t.Error("a file was believed that nobody protected")
		}
	})
}

// fuzzedCard answers by a script, and over again when that ends.
type fuzzedCard struct {
	script  []byte
	at      int
	session *testChip // nil without secure messaging
}

func (f *fuzzedCard) Transmit(_ context.Context, command []byte) ([]byte, error) {
	next := f.take(4)
	data, status := f.take(int(next[0])), binary.BigEndian.Uint16(next[1:])
	if f.session == nil || next[3]&1 == 0 {
		return binary.BigEndian.AppendUint16(data, status), nil
	}
	if command[0] == claSecure {
		f.session.session.count()
	}
	return f.session.protect(data, status), nil
}

func (f *fuzzedCard) take(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		if len(f.script) > 0 {
			out[i] = f.script[f.at%len(f.script)]
			f.at++
		}
	}
	return out
}
