package emrtd

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// firstFileCommand is the number of the first command after the chip has opened by Basic Access Control: READ BINARY of
// EF.COM. Before it came EF.ATR/INFO and EF.CardAccess, refused by either identifier, the master file, the application, and
// two for access.
const firstFileCommand = 9

func TestAChipIsReadWhole(t *testing.T) {
	files := testFiles(15000)
	for _, f := range testOrder() {
		files[f.id] = append(files[f.id], "what the file system pads with"...)
	}
	chip := newTestChip(t, files)
	now := time.Unix(0, 0)
	progress := map[string]string{}
	reading, err := Read(context.Background(), chip, exampleKey, Options{
		Now: func() time.Time { now = now.Add(time.Millisecond); return now },
		Progress: func(file string, read, total int) {
			progress[file] = fmt.Sprintf("%d of %d", read, total)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range testOrder() {
		want := bytes.TrimSuffix(files[f.id], []byte("what the file system pads with"))
		if !bytes.Equal(reading.Files[f.name], want) {
			t.Errorf("%s: %d bytes, want %d", f.name, len(reading.Files[f.name]), len(want))
		}
		if want := fmt.Sprintf("%d of %d", len(want), len(want)); progress[f.name] != want {
			t.Errorf("%s: progress ended at %q, want %q", f.name, progress[f.name], want)
		}
		if reading.Stages[f.name] != time.Millisecond {
			t.Errorf("%s took %v", f.name, reading.Stages[f.name])
		}
	}
	if want := firstFileCommand - 1 + 3*2 + 1 + 65; reading.Commands != want {
		t.Errorf("%d commands, want %d: a header and the rest of each small file, 65 blocks of DG2", reading.Commands, want)
	}
	if len(reading.Stages) != 8 {
		t.Errorf("stages %v", reading.Stages)
	}
}

func TestAFileOfAnyLengthIsReadByAnyBlock(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(rt, "content")
		files := testFiles(0)
		files[0x0102] = wrap(tagDG2, content)
		chip := newTestChip(t, files)
		chip.give = rapid.IntRange(64, 256).Draw(rt, "block")
		reading, err := Read(context.Background(), chip, exampleKey, Options{})
		if err != nil {
			rt.Fatal(err)
		}
		if !bytes.Equal(reading.Files[FileDG2], files[0x0102]) {
			rt.Fatalf("%d bytes read, %d on the chip", len(reading.Files[FileDG2]), len(files[0x0102]))
		}
	})
}

func TestTheLargestFileIsRead(t *testing.T) {
	files := testFiles(MaxFileSize - len("\x75\x83\x07\xFF\xFB"))
	reading, err := Read(context.Background(), newTestChip(t, files), exampleKey, Options{})
	if err != nil || len(reading.Files[FileDG2]) != MaxFileSize {
		t.Errorf("%d bytes, %v", len(reading.Files[FileDG2]), err)
	}
}

func TestAFileThatStatesTooMuchIsNotFetched(t *testing.T) {
	for _, header := range []string{"7583080000", "7583FFFFFF", "758480000000", "75FF", "7580"} {
		files := testFiles(0)
		files[0x0102] = append(unhex(t, header), make([]byte, 100)...)
		chip := newTestChip(t, files)
		reading, err := Read(context.Background(), chip, exampleKey, Options{})
		if err == nil || reading.Files[FileDG1] == nil || reading.Files[FileDG2] != nil {
			t.Errorf("%s: %v", header, err)
		}
		if most := firstFileCommand - 1 + 3*2 + 2; reading.Commands > most {
			t.Errorf("%s: %d commands, more than %d: nothing behind the header", header, reading.Commands, most)
		}
	}
}

func TestAChipWithoutTheApplicationIsNoEPassport(t *testing.T) {
	chip := newTestChip(t, nil)
	chip.instead = func(int) ([]byte, error, bool) { return []byte{0x6A, 0x82}, nil, true }
	reading, err := Read(context.Background(), chip, exampleKey, Options{})
	var status *StatusError
	if !errors.Is(err, ErrNotEPassport) || !errors.As(err, &status) || status.Status != 0x6A82 {
		t.Fatal(err)
	}
	want := "select application: 6A82 file or application not found: chip holds no ePassport application"
	if err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	if reading.Access != "" || reading.Commands != 10 || reading.BytesReceived != 10*2 {
		t.Errorf("%+v", reading)
	}
}

func TestAWrongKeyIsDeniedAccess(t *testing.T) {
	key := exampleKey
	key.BirthDate = "690807"
	reading, err := Read(context.Background(), newTestChip(t, testFiles(0)), key, Options{})
	if !errors.Is(err, ErrAccessDenied) || reading.Access != "" {
		t.Errorf("access %q, %v", reading.Access, err)
	}
}

func TestAChipThatOnlyPretendsToKnowTheKeyIsFoundOut(t *testing.T) {
	for i := range tokenSize + macSize {
		chip := newTestChip(t, testFiles(0))
		chip.spoil = func(n int, answer []byte) []byte {
			if n == firstFileCommand-1 {
				answer[i] ^= 1
			}
			return answer
		}
		reading, err := Read(context.Background(), chip, exampleKey, Options{})
		if !errors.Is(err, ErrSecureMessaging) || errors.Is(err, ErrAccessDenied) || reading.Access != "" {
			t.Errorf("byte %d: access %q, %v", i, reading.Access, err)
		}
	}
}

func TestAReplayedAuthenticationIsFoundOut(t *testing.T) {
	var recorded []byte
	chip := newTestChip(t, testFiles(0))
	chip.spoil = func(n int, answer []byte) []byte {
		if n == firstFileCommand-1 {
			recorded = bytes.Clone(answer)
		}
		return answer
	}
	if _, err := Read(context.Background(), chip, exampleKey, Options{}); err != nil {
		t.Fatal(err)
	}
	replay := newTestChip(t, testFiles(0))
	replay.spoil = func(n int, answer []byte) []byte {
		if n == firstFileCommand-1 {
			return recorded
		}
		return answer
	}
	if _, err := Read(context.Background(), replay, exampleKey, Options{}); !errors.Is(err, ErrSecureMessaging) {
		t.Error(err)
	}
}

func TestEveryFlippedBitOfAnAnswerBreaksSecureMessaging(t *testing.T) {
	const refused, selected, read = firstFileCommand, firstFileCommand + 1, firstFileCommand + 2
	for n, length := range map[int]int{refused: 16, selected: 16, read: 27} {
		for i := range length * 8 {
			chip := newTestChip(t, testFiles(0))
			chip.noShortIDs = 0x6A82
			chip.spoil = func(at int, answer []byte) []byte {
				if at == n {
					if len(answer) != length {
						t.Fatalf("answer %d has %d bytes", n, len(answer))
					}
					answer[i/8] ^= 1 << (i % 8)
				}
				return answer
			}
			reading, err := Read(context.Background(), chip, exampleKey, Options{})
			if err != nil || len(reading.Notes) != 1 || !strings.Contains(reading.Notes[0].Text, ErrSecureMessaging.Error()) {
				t.Fatalf("answer %d, bit %d: notes %q, %v", n, i, reading.Notes, err)
			}
		}
	}
}

func TestAChipThatDropsSecureMessagingEndsTheSession(t *testing.T) {
	for _, naked := range []uint16{0x6700, 0x6882, 0x6988, 0x6B00, 0x6C10, 0x6CFF, 0x6F00, 0x9000} {
		chip := newTestChip(t, testFiles(0))
		chip.instead = func(n int) ([]byte, error, bool) {
			return binary.BigEndian.AppendUint16(nil, naked), nil, n >= firstFileCommand
		}
		reading, err := Read(context.Background(), chip, exampleKey, Options{})
		var status *StatusError
		if !errors.Is(err, ErrSecureMessaging) || !errors.As(err, &status) || status.Status != naked {
			t.Error(err)
		}
		if most := firstFileCommand + 10; reading.Commands > most {
			t.Errorf("%04X: %d commands, not more than %d", naked, reading.Commands, most)
		}
	}
}

func TestARefusedFileDoesNotKeepTheOthersFromBeingRead(t *testing.T) {
	files := testFiles(100)
	delete(files, 0x011E)
	reading, err := Read(context.Background(), newTestChip(t, files), exampleKey, Options{})
	var status *StatusError
	if !errors.As(err, &status) || status.Status != 0x6A82 || status.Op != "select EF.COM" {
		t.Error(err)
	}
	if len(reading.Files) != 3 {
		t.Errorf("%d files", len(reading.Files))
	}
}

func TestAChipTornAwayLeavesWhatWasReadUntilThen(t *testing.T) {
	gone := errors.New("chip left the field")
	chip := newTestChip(t, testFiles(1000))
	chip.instead = func(n int) ([]byte, error, bool) { return nil, gone, n == firstFileCommand+10 }
	reading, err := Read(context.Background(), chip, exampleKey, Options{})
	if !errors.Is(err, gone) {
		t.Error(err)
	}
	if len(reading.Files) != 3 || reading.Files[FileDG2] != nil || reading.Access != "BAC" {
		t.Errorf("access %q, %d files", reading.Access, len(reading.Files))
	}
}

func TestACancelledContextEndsTheReadingInMidFile(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	reading, err := Read(ctx, newTestChip(t, testFiles(5000)), exampleKey, Options{
		Progress: func(file string, read, _ int) {
			if file == FileDG2 && read > 1000 {
				cancel()
			}
		},
	})
	if !errors.Is(err, context.Canceled) || len(reading.Files) != 3 {
		t.Errorf("%d files, %v", len(reading.Files), err)
	}
}

func TestAChipThatGivesNothingOrTooMuchIsAnError(t *testing.T) {
	for name, plain := range map[string]func([]byte) ([]byte, uint16){
		"nothing":           func([]byte) ([]byte, uint16) { return nil, statusOK },
		"nothing, file end": func([]byte) ([]byte, uint16) { return nil, statusEndOfFile },
		"too much":          func([]byte) ([]byte, uint16) { return make([]byte, 100), statusOK }, // 311 are left of DG2
		"too little":        func(data []byte) ([]byte, uint16) { return data[:1], statusOK },
	} {
		t.Run(name, func(t *testing.T) {
			chip := newTestChip(t, testFiles(1000))
			chip.plain = func(n int, data []byte, status uint16) ([]byte, uint16) {
				if n < firstFileCommand+10 || len(data) == 0 { // behind all but the last two blocks of DG2
					return data, status
				}
				return plain(data)
			}
			reading, err := Read(context.Background(), chip, exampleKey, Options{})
			if err == nil || len(reading.Files) != 3 {
				t.Errorf("%d files, %v", len(reading.Files), err)
			}
			if most := firstFileCommand + 11 + maxCommands(1000); reading.Commands > most {
				t.Errorf("%d commands, more than %d", reading.Commands, most)
			}
		})
	}
}

func TestAnAnswerOfImpossibleLengthIsAnError(t *testing.T) {
	for _, answer := range [][]byte{nil, {0x90}, append(make([]byte, maxShortAnswer-1), 0x90, 0x00)} {
		chip := newTestChip(t, nil)
		chip.instead = func(int) ([]byte, error, bool) { return answer, nil, true }
		reading, err := Read(context.Background(), chip, exampleKey, Options{})
		if err == nil || reading.Commands != 1 {
			t.Errorf("%d bytes were taken: %v", len(answer), err)
		}
	}
}

func TestAKeyThatNoZoneHoldsNeverReachesTheChip(t *testing.T) {
	for _, key := range []Key{
		{},
		{DocumentNumber: "l898902c", BirthDate: "690806", ExpiryDate: "940623"},
		{DocumentNumber: "L898902C", BirthDate: "1969-08-06", ExpiryDate: "940623"},
		{DocumentNumber: "L898902C", BirthDate: "690806", ExpiryDate: "9406?3"},
		{DocumentNumber: "L898902C12345678901234567890", BirthDate: "690806", ExpiryDate: "940623"},
	} {
		reading, err := Read(context.Background(), newTestChip(t, nil), key, Options{})
		if !errors.Is(err, ErrKey) || reading.Commands != 0 {
			t.Errorf("%d commands, %v", reading.Commands, err)
		}
	}
}

func TestKeySeedsAreThoseOfDoc9303(t *testing.T) {
	for name, c := range map[string]struct {
		key         Key
		information string
		seed        string
	}{
		"TD3": {exampleKey, "L898902C<369080619406236", "239AB9CB282DAF66231DC5A4DF6BFBAE"},
		"filler given": {Key{DocumentNumber: "L898902C<", BirthDate: "690806", ExpiryDate: "940623"}, "L898902C<369080619406236",
			"239AB9CB282DAF66231DC5A4DF6BFBAE"},
		"long number": {Key{DocumentNumber: "D23145890734", BirthDate: "340712", ExpiryDate: "950712"},
			"D23145890734934071279507122", "B366AD857DDCA2B08C0E299811714730"},
	} {
		information, err := c.key.information()
		if err != nil || string(information) != c.information {
			t.Errorf("%s: %s, %v", name, information, err)
		}
		if p, err := c.key.password(); err != nil || !bytes.Equal(p.seed(), unhex(t, c.seed)) {
			t.Errorf("%s: seed %X, %v", name, p.seed(), err)
		}
	}
}

func BenchmarkReadPortrait(b *testing.B) {
	files := testFiles(15000)
	for b.Loop() {
		if _, err := Read(context.Background(), newTestChip(b, files), exampleKey, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPACE(b *testing.B) {
	for name, info := range map[string][]byte{
		"GM-P256": paceInfo(2, cipherAES128, 12), "IM-brainpoolP256r1": paceInfo(4, cipherAES128, 13),
		"CAM-P384": paceInfo(6, cipherAES256, 15), "DH-2048": paceInfo(1, cipherAES256, 2),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Read(context.Background(), newPACEChip(b, Options{}, info), exampleKey, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
