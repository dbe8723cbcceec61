package chip

import (
	"context"
	"errors"
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
	for _, n := range x.ChipNotes {
		a.reasons = append(a.reasons, verify.Note(n))
	}
	return a
}

// opened answers whether the chip opened. That a key is wrong is known only where the chip has tested it; a chip that refuses
// to be opened at all has not. One that was torn away after it gave a file had opened, unless that was one that is read
// before.
func (x *examination) opened() answer {
	switch x.Chip {
	case verify.ChipRead:
		return passed(verify.Because(codeOpened))
	case verify.ChipTorn:
		for file := range x.Files {
			if file != emrtd.FileCardAccess && file != emrtd.FileATRInfo {
				return passed(verify.Because(codeOpenedTorn))
			}
		}
		return aborted(verify.Because(codeTornClosed))
	case verify.ChipAccessDenied:
		return failed(verify.Because(codeKeyWrong))
	case verify.ChipRefused:
		return undetermined(verify.Because(codeRefused))
	case "":
		return notPerformed(verify.Because(codeElsewhere))
	}
	return x.without(emrtd.FileSOD)
}

// without answers a check whose file is missing, by how the reading of the chip ended.
func (x *examination) without(file string) answer {
	switch x.Chip {
	case verify.ChipRead:
		return undetermined(verify.Because(codeNotGiven).With("file", file))
	case verify.ChipAbsent:
		return notSupported(verify.Because(codeAbsent))
	case verify.ChipDead:
		return undetermined(verify.Because(codeDead))
	case verify.ChipTorn:
		return aborted(verify.Because(codeTorn).With("file", file))
	case verify.ChipAccessDenied, verify.ChipRefused:
		return notPerformed(verify.Because(codeClosed))
	case verify.ChipWithoutKey:
		return notPerformed(verify.Because(codeNoKey))
	case verify.ChipSeveral:
		return notPerformed(verify.Because(codeSeveral))
	case verify.ChipUnavailable:
		return notPerformed(verify.Because(codeUnavailable))
	}
	return notPerformed(verify.Because(codeNoFile).With("file", file))
}

// needSOD gives the answer of a check that rests on EF.SOD where EF.SOD is missing or unreadable; false where it is not.
func (x *examination) needSOD() (answer, bool) {
	if _, there := x.Files[emrtd.FileSOD]; !there {
		return x.without(emrtd.FileSOD), true
	}
	if x.sodErr != nil {
		return unreadable(emrtd.FileSOD, x.sodErr), true
	}
	return answer{}, false
}

// needSigner is needSOD for a check that rests on the signer's certificate too.
func (x *examination) needSigner() (answer, bool) {
	if a, missing := x.needSOD(); missing {
		return a, true
	}
	if x.signerErr != nil {
		return undetermined(signerReason(x.signerErr)), true
	}
	return answer{}, false
}

// needLines gives the answer of a check that rests on DG1 where DG1 is missing or unreadable; false where it is not.
func (x *examination) needLines() (answer, bool) {
	if _, there := x.Files[emrtd.FileDG1]; !there {
		return x.without(emrtd.FileDG1), true
	}
	if x.linesErr != nil {
		return unreadable(emrtd.FileDG1, x.linesErr), true
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
		return undetermined(verify.Because(codeNotVouched).With("file", name)), true
	case err != nil:
		return unreadable(emrtd.FileSOD, err), true
	case x.sod.Object.Hashes[number] == nil:
		return notSupported(verify.Because(codeNotListed).With("file", name)), true
	case !there && x.Chip == verify.ChipRead:
		return undetermined(verify.Because(codeKeptBack).With("file", name)), true
	case !there:
		return x.without(name), true
	case !x.hashAgrees(number, x.Files[name]):
		return undetermined(verify.Because(codeNotSigned).With("file", name)), true
	}
	return answer{}, false
}
