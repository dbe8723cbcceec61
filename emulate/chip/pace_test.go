package chip_test

import (
	"bytes"
	"crypto/cipher"
	"crypto/elliptic"
	"fmt"
	"math/big"
	"testing"

	"github.com/foyer-station/foyer/emulate/chip"
)

var com = map[string][]byte{"EF.COM": {0x60, 0x02, 0xAB, 0xCD}}

// variants are all that Doc 9303-11 allows: mapping, domain parameters and cipher.
func variants() []chip.PACEInfo {
	var all []chip.PACEInfo
	for _, parameters := range []int{0, 1, 2, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18} {
		for c := chip.TripleDES; c <= chip.AES256; c++ {
			all = append(all, chip.PACEInfo{Mapping: chip.GenericMapping, Cipher: c, Parameters: parameters})
			if parameters != 10 { // P-224: no point encoding
				all = append(all, chip.PACEInfo{Mapping: chip.IntegratedMapping, Cipher: c, Parameters: parameters})
			}
			if parameters >= 8 && c != chip.TripleDES {
				all = append(all, chip.PACEInfo{Mapping: chip.ChipAuthenticationMapping, Cipher: c, Parameters: parameters})
			}
		}
	}
	return all
}

func TestEveryVariantOfPACEOpensTheChip(t *testing.T) {
	for _, info := range variants() {
		t.Run(fmt.Sprintf("mapping %d parameters %d cipher %d", info.Mapping, info.Parameters, info.Cipher), func(t *testing.T) {
			t.Parallel()
			private := []byte{0x5A, 0xC3, 0x11}
			card := newChip(t, com, chip.Options{PACE: []chip.PACEInfo{info}, PACEOnly: true,
				ChipAuthentication: []chip.ChipAuthenticationKey{
					{ID: 99, Parameters: info.Parameters, Private: []byte{2}}, // not the mapping's
					{ID: info.Parameters, Parameters: info.Parameters, Private: private},
				}})
			r := newTerminal(t, card)
			status, data, mapped := r.pace(info, 1, mrzPassword())
			if status != 0x9000 {
				t.Fatalf("PACE ends with %04X", status)
			}
			if info.Mapping == chip.ChipAuthenticationMapping {
				g := groupOf(t, info.Parameters)
				public := g.times(g.base, new(big.Int).SetBytes(private))
				if got := g.times(public, r.chipAuthenticationData(g, data)); !bytes.Equal(g.encode(got), mapped) {
					t.Error("the chip authentication data does not lead to the mapping key")
				}
			} else if data != nil {
				t.Errorf("chip authentication data %x", data)
			}
			if got := r.read(0x1E); !bytes.Equal(got, com["EF.COM"]) {
				t.Errorf("EF.COM is %x", got)
			}
		})
	}
}

// chipAuthenticationData decrypts DO'8A' (Doc 9303-11, 4.4.3.5).
func (r *terminal) chipAuthenticationData(g *group, encrypted []byte) *big.Int {
	r.t.Helper()
	block := blockOf(r.t, r.cipher, r.enc)
	vector := bytes.Repeat([]byte{0xFF}, 16)
	block.Encrypt(vector, vector)
	plain := make([]byte, len(encrypted))
	cipher.NewCBCDecrypter(block, vector).CryptBlocks(plain, encrypted)
	plain = plain[:bytes.LastIndexByte(plain, 0x80)]
	if len(plain) != (g.order.BitLen()+7)/8 {
		r.t.Fatalf("chip authentication data of %d bytes", len(plain))
	}
	return new(big.Int).SetBytes(plain)
}

func TestTheDomainParametersAreThoseOfTheirStandards(t *testing.T) {
	for id, curve := range map[int]elliptic.Curve{
		10: elliptic.P224(), 12: elliptic.P256(), 15: elliptic.P384(), 18: elliptic.P521(),
	} {
		g, want := groupOf(t, id), curve.Params()
		if g.p.Cmp(want.P) != 0 || g.b.Cmp(want.B) != 0 || g.order.Cmp(want.N) != 0 || g.base.x.Cmp(want.Gx) != 0 ||
			g.base.y.Cmp(want.Gy) != 0 || new(big.Int).Add(g.a, big.NewInt(3)).Cmp(g.p) != 0 {
			t.Errorf("domain parameters %d are not %s", id, want.Name)
		}
	}
	for id, bits := range map[int]int{0: 1024, 1: 2048, 2: 2048, 8: 192, 9: 192, 11: 224, 13: 256, 14: 320, 16: 384, 17: 512} {
		g := groupOf(t, id)
		if g.p.BitLen() != bits || !g.p.ProbablyPrime(20) || !g.order.ProbablyPrime(20) {
			t.Errorf("domain parameters %d: not primes of the right length", id)
		}
		if g.elliptic() {
			if g.right(g.base.x).Cmp(g.mod(new(big.Int).Mul(g.base.y, g.base.y))) != 0 || g.times(g.base, g.order) != nil {
				t.Errorf("domain parameters %d: the generator has not its order on the curve", id)
			}
		} else if g.times(g.base, g.order).x.Cmp(big.NewInt(1)) != 0 || g.base.x.Cmp(big.NewInt(1)) == 0 {
			t.Errorf("domain parameters %d: the generator has not its order", id)
		}
	}
}
