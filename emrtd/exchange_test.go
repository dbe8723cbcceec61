package emrtd

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"testing"
)

// errScriptEnds is what a scripted card fails with once its script is spent.
var errScriptEnds = errors.New("script ends")

// scriptedCard answers exactly the commands of its script, in order.
type scriptedCard struct {
	t      *testing.T
	script []exchange
}

type exchange struct{ command, answer string }

func (c *scriptedCard) Transmit(_ context.Context, command []byte) ([]byte, error) {
	c.t.Helper()
	if len(c.script) == 0 {
		return nil, errScriptEnds
	}
	next := c.script[0]
	c.script = c.script[1:]
	if want := unhex(c.t, next.command); !bytes.Equal(command, want) {
		c.t.Fatalf("command\n %X, the standard has\n %X", command, want)
	}
	return unhex(c.t, next.answer), nil
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// workedExample is the exchange of ICAO Doc 9303-11, D.3 and D.4, behind the selection of the application.
func workedExample() []exchange {
	return []exchange{
		{"00A4040C07A0000002471001", "9000"},
		{"0084000008", "4608F919887022129000"},
		{"0082000028" +
			"72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A728",
			"46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74499000"},
		{"0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "990290008E08FA855A5D4C50A8ED9000"},
		{"0CB000000D9701048E08ED6705417E96BA5500", "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000"},
		{"0CB000040D9701128E082EA28A70F3C7B53500",
			"871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000"},
	}
}

// exampleKey is the key of ICAO Doc 9303-11, D.2, and exampleRandom the terminal's RND.IFD and K.IFD of D.3.
var exampleKey = Key{DocumentNumber: "L898902C", BirthDate: "690806", ExpiryDate: "940623"}

func exampleRandom(t *testing.T) *bytes.Reader {
	return bytes.NewReader(unhex(t, "781723860C06C2260B795240CB7049B01C19B33E32804F0B"))
}

// The example selects EF.COM and reads its header first, which is what is done with a chip that insists on it.
func TestTheWorkedExampleOfDoc9303RunsAsPrinted(t *testing.T) {
	ctx := context.Background()
	card := &scriptedCard{t: t, script: workedExample()}
	c := &channel{card: card, reading: &Reading{}}
	c.blocks.selects = true
	p, err := exampleKey.password()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.selectApplication(ctx); err != nil {
		t.Fatal(err)
	}
	if err := c.basicAccess(ctx, p.seed(), exampleRandom(t), refusedKey); err != nil {
		t.Fatal(err)
	}
	com, err := c.readFile(ctx, com(), func(int, int) {})
	if want := unhex(t, "60145F0104303130365F36063034303030305C026175"); err != nil || !bytes.Equal(com, want) {
		t.Errorf("EF.COM %X, want %X: %v", com, want, err)
	}
	if len(card.script) != 0 || c.reading.Commands != 6 {
		t.Errorf("%d commands, %d exchanges left", c.reading.Commands, len(card.script))
	}
}
