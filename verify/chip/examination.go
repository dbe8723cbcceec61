package chip

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
)

// examination is one document under the examiner's hands: the evidence, and what several questions need of it.
type examination struct {
	verify.Evidence
	trust *trust.Store

	sod       *pki.SOD // nil with sodErr, or where there is no EF.SOD
	sodErr    error
	signer    *pki.Certificate // nil with signerErr, or where there is no sod
	signerErr error
	hearsay   *pki.Certificate // whose key signed sod, of a directory, and nobody vouches for it; signer is nil then
	lines     []string         // of DG1; nil with linesErr, or where there is no DG1
	linesErr  error
	behind    map[string]bool // the data groups that had something behind what is signed, which is cut off

	// What several questions ask and takes its time is found out once, when the first asks.
	sodSignature func() error                          // of sod, which must be there
	path         func() ([]*pki.Certificate, error)    // from the issuer of signer, which must be there, to its anchor
	dg14         func() (*emrtd.SecurityInfos, answer) // nil with the answer
	cardSecurity func() (*signedInfos, answer)         // nil with the answer
	ca, aa, cam  func() answer
}

// newExamination finds the signer of EF.SOD, which may take some seconds: until ctx ends, with which the examination does.
func newExamination(ctx context.Context, store *trust.Store, ev verify.Evidence) *examination {
	if store == nil {
		store = &trust.Store{}
	}
	x := &examination{Evidence: ev, trust: store}
	x.sodSignature = sync.OnceValue(func() error { return x.sod.Verify() })
	x.path = sync.OnceValues(func() ([]*pki.Certificate, error) { return store.CertificationPath(x.signer) })
	x.dg14 = sync.OnceValues(x.readDG14)
	x.cardSecurity = sync.OnceValues(func() (*signedInfos, answer) { return x.readCardSecurity(ctx) })
	x.ca = sync.OnceValue(x.chipAuthentication)
	x.aa = sync.OnceValue(x.activeAuthentication)
	x.cam = sync.OnceValue(x.chipAuthenticationMapping)
	if file, there := ev.Files[emrtd.FileDG1]; there {
		x.lines, x.linesErr = emrtd.ParseDG1(file)
	}
	if file, there := ev.Files[emrtd.FileSOD]; there {
		if x.sod, x.sodErr = pki.ParseSOD(file); x.sodErr == nil {
			context.AfterFunc(ctx, x.sod.GiveUp)
			x.cutToSigned()
			x.findSigner()
		}
	}
	return x
}

// issuer gives the certificate that issued the signer's, which must be there, and is trusted.
func (x *examination) issuer() (*pki.Certificate, error) {
	path, err := x.path()
	return first(path), err
}

// ancestors are the issuer of the signer's certificate, which must be there, and those that it is signed down from; none where
// it is not known.
func (x *examination) ancestors() []*pki.Certificate {
	path, _ := x.path() // nil beside an error
	return path
}

// first is the issuer in a path; nil where there is none.
func first(path []*pki.Certificate) *pki.Certificate {
	if len(path) == 0 {
		return nil
	}
	return path[0]
}

// access answers whether the chip opened, and tells what had to be got along with.
func (x *examination) access() answer {
	a := x.opened()
	a.reason = strings.Join(append([]string{a.reason}, x.ChipNotes...), "; ")
	return a
}

// opened answers whether the chip opened. That a key is wrong is known only where the chip has tested it; a chip that refuses
// to be opened at all has not. One that was torn away after it gave a file had opened, unless that was one that is read
// before.
func (x *examination) opened() answer {
	switch x.Chip {
	case verify.ChipRead:
		return answer{verify.Passed, "the key that is printed on the document opened the chip"}
	case verify.ChipTorn:
		for file := range x.Files {
			if file != emrtd.FileCardAccess && file != emrtd.FileATRInfo {
				return answer{verify.Passed, "the key that is printed on the document opened the chip; it left the field later"}
			}
		}
		return answer{verify.Aborted, "the chip left the field before it was opened"}
	case verify.ChipAccessDenied:
		return answer{verify.Failed, "the key that is printed on the document did not open the chip"}
	case verify.ChipRefused:
		return answer{verify.Undetermined, "the chip refused to be opened, and did not say that the key is wrong"}
	case "":
		return answer{verify.NotPerformed, "no chip was asked: the files come from elsewhere"}
	}
	return x.without(emrtd.FileSOD)
}

// without answers a check whose file is missing, by how the reading of the chip ended.
func (x *examination) without(file string) answer {
	switch x.Chip {
	case verify.ChipRead:
		return answer{verify.Undetermined, "the chip opened and gave no " + file}
	case verify.ChipAbsent:
		return answer{verify.NotSupported, "the document has no chip, or none that answers"}
	case verify.ChipDead:
		return answer{verify.Undetermined, "there is a chip, and it does not answer as that of an ePassport does"}
	case verify.ChipTorn:
		return answer{verify.Aborted, "the chip left the field before " + file + " was read"}
	case verify.ChipAccessDenied, verify.ChipRefused:
		return answer{verify.NotPerformed, "the chip did not open"}
	case verify.ChipWithoutKey:
		return answer{verify.NotPerformed, "no machine-readable zone was read, hence there is no key to the chip"}
	case verify.ChipUnavailable:
		return answer{verify.NotPerformed, "the station's chip reader does not work"}
	}
	return answer{verify.NotPerformed, file + " is not there"}
}

// needSOD gives the answer of a check that rests on EF.SOD where EF.SOD is missing or unreadable; false where it is not.
func (x *examination) needSOD() (answer, bool) {
	if _, there := x.Files[emrtd.FileSOD]; !there {
		return x.without(emrtd.FileSOD), true
	}
	if x.sodErr != nil {
		return unreadable(x.sodErr), true
	}
	return answer{}, false
}

// needSigner is needSOD for a check that rests on the signer's certificate too.
func (x *examination) needSigner() (answer, bool) {
	if a, missing := x.needSOD(); missing {
		return a, true
	}
	if x.signerErr != nil {
		return answer{verify.Undetermined, "the signer of EF.SOD is not known: " + x.signerErr.Error()}, true
	}
	return answer{}, false
}

// needLines gives the answer of a check that rests on DG1 where DG1 is missing or unreadable; false where it is not.
func (x *examination) needLines() (answer, bool) {
	if _, there := x.Files[emrtd.FileDG1]; !there {
		return x.without(emrtd.FileDG1), true
	}
	if x.linesErr != nil {
		return unreadable(x.linesErr), true
	}
	return answer{}, false
}

// needSigned gives the answer of a check that rests on a data group, where nobody vouches for that file: to vouch for it,
// EF.SOD must be what its signer signed, list the data group, and state the hash that the file has. That there is no such
// data group is only ever taken from the signed EF.SOD; a chip that keeps back what is listed there has something to hide.
func (x *examination) needSigned(number int) (answer, bool) {
	if a, missing := x.needSigner(); missing {
		return a, true
	}
	name := dataGroup(number)
	_, there := x.Files[name]
	err := x.sodSignature()
	switch {
	case errors.Is(err, pki.ErrSignature):
		return answer{verify.Undetermined, "EF.SOD is not what its signer signed: nobody vouches for " + name}, true
	case err != nil:
		return unreadable(err), true
	case x.sod.Object.Hashes[number] == nil:
		return answer{verify.NotSupported, "EF.SOD, which is signed, lists no " + name}, true
	case !there && x.Chip == verify.ChipRead:
		return answer{verify.Undetermined, "EF.SOD, which is signed, lists " + name + ", and the chip did not give it"}, true
	case !there:
		return x.without(name), true
	case !x.hashAgrees(number, x.Files[name]):
		return answer{verify.Undetermined, name + " is not what was signed: it does not have the hash that EF.SOD states"}, true
	}
	return answer{}, false
}

// unreadable answers a check whose file cannot be understood, which proves nothing.
func unreadable(err error) answer {
	return answer{verify.Undetermined, "cannot be read here: " + err.Error()}
}
