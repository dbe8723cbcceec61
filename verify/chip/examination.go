package chip

import (
	"fmt"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// examination is one document under the examiner's hands: the evidence, and what several questions need of it.
type examination struct {
	verify.Evidence
	trust *Store

	sod       *pki.SOD // nil with sodErr, or where there is no EF.SOD
	sodErr    error
	signer    *pki.Certificate // nil with signerErr, or where there is no sod
	signerErr error
	lines     []string // of DG1; nil with linesErr, or where there is no DG1
	linesErr  error
}

func newExamination(trust *Store, ev verify.Evidence) *examination {
	if trust == nil {
		trust = &Store{}
	}
	x := &examination{Evidence: ev, trust: trust}
	if file, there := ev.Files[emrtd.FileSOD]; there {
		if x.sod, x.sodErr = pki.ParseSOD(file); x.sodErr == nil {
			x.signer, x.signerErr = x.sod.SignerCertificate()
		}
	}
	if file, there := ev.Files[emrtd.FileDG1]; there {
		x.lines, x.linesErr = emrtd.ParseDG1(file)
	}
	return x
}

// access answers whether the chip opened. A chip that was torn away after it gave a file had opened, unless that was
// EF.CardAccess, which is read before.
func (x *examination) access() answer {
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
	case verify.ChipAccess:
		return answer{verify.Failed, "the key that is printed on the document did not open the chip"}
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
	case verify.ChipAccess:
		return answer{verify.NotPerformed, "the chip did not open"}
	case verify.ChipNotAsked:
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
		return unreadable(fmt.Errorf("signer of EF.SOD: %w", x.signerErr)), true
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

// unreadable answers a check whose file cannot be understood, which proves nothing.
func unreadable(err error) answer {
	return answer{verify.Undetermined, "cannot be read here: " + err.Error()}
}
