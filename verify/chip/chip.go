// Package chip judges what came out of an ePassport's chip: passive authentication against a [trust.Store] of
// certificates, whether the chip is a copy, and the printed page against what is signed (ICAO Doc 9303-11, 5 and 6; BSI
// TR-03135-1, 5.6 and 5.7).
//
// The contract. Every check is answered, each for itself and with its reason: a broken signature does not keep the
// hashes from being compared. Failed is said only on evidence: a signature, a hash or a text that is wrong, a key that was
// tested. Whatever a chip refuses, cannot do, or says in an unusual way leads to another try and then to undetermined, and so
// does what this package cannot read or check, or a signer whom nobody here knows. That a document does not have some
// protection is believed of its signed files alone, never of what a chip leaves out. Who stands between chip and reader
// without the session keys can keep a document from being genuine, and make a chip fail for which he answers every time; he
// can make no copy pass.
//
// For most uses: [Examiner.Examine], then [SignedDataGroups] with its checks for what may be shown of the files.
package chip

import (
	"context"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
)

// Examiner makes the chip's checks. It may be used by several goroutines at once.
type Examiner struct {
	Trust *trust.Store // nil is an empty one
}

// question is one check: its id, the files that the answer rests on, and how it is found.
type question struct {
	id       string
	category verify.Category
	files    []string
	ask      func(*examination) answer
}

// questions are the checks of this package in the policy's order.
func questions() []question {
	sod, com, dg1, dg14, dg15 := emrtd.FileSOD, emrtd.FileCOM, emrtd.FileDG1, dataGroup(14), dataGroup(15)
	cardAccess, cardSecurity := emrtd.FileCardAccess, emrtd.FileCardSecurity
	return []question{
		{"chip.access", verify.CategoryChip, nil, (*examination).access},
		{"chip.pa.signature", verify.CategoryChip, []string{sod}, (*examination).signature},
		{"chip.pa.chain", verify.CategoryChip, []string{sod}, (*examination).chain},
		{"chip.pa.key_period", verify.CategoryChip, []string{sod}, (*examination).keyPeriod},
		{"chip.pa.validity", verify.CategoryChip, []string{sod}, (*examination).validity},
		{"chip.pa.revocation", verify.CategoryChip, []string{sod}, (*examination).revoked},
		{"chip.trust_age", verify.CategoryChip, nil, (*examination).trustAge},
		{"chip.pa.hashes", verify.CategoryChip, []string{sod, dg1, emrtd.FileDG2}, (*examination).hashes},
		{"chip.com_sod", verify.CategoryChip, []string{com, sod}, (*examination).contents},
		{"chip.card_access", verify.CategoryChip, []string{cardAccess, cardSecurity, sod, dg14}, (*examination).cardAccess},
		{"chip.original", verify.CategoryChip, []string{cardSecurity, sod, dg14, dg15}, (*examination).original},
		{"chip.ca", verify.CategoryChip, []string{sod, dg14}, func(x *examination) answer { return x.ca() }},
		{"chip.aa", verify.CategoryChip, []string{sod, dg14, dg15}, func(x *examination) answer { return x.aa() }},
		{"chip.cam", verify.CategoryChip, []string{cardSecurity, sod, dg14}, func(x *examination) answer { return x.cam() }},
		{"cross.dg1_mrz", verify.CategoryCross, []string{dg1}, (*examination).zone},
		{"cross.dg1_dsc_country", verify.CategoryCross, []string{dg1, sod}, (*examination).country},
		{"cross.dg1_dsc_type", verify.CategoryCross, []string{dg1, sod}, (*examination).documentType},
	}
}

// maxOID is how many characters of an object identifier are repeated.
const maxOID = 40

// Examine gives the checks chip.access, chip.pa.signature, chip.pa.chain, chip.pa.key_period, chip.pa.validity,
// chip.pa.revocation, chip.trust_age, chip.pa.hashes, chip.com_sod, chip.card_access, chip.original, chip.ca, chip.aa, chip.cam,
// cross.dg1_mrz, cross.dg1_dsc_country and cross.dg1_dsc_type, always all of them and in this order. Once ctx has ended, what
// is left is aborted, and no signature is tried any more.
//
// Files that were saved earlier may be judged with an empty [verify.Evidence] Chip: what needs the chip itself is then not
// performed.
func (e Examiner) Examine(ctx context.Context, ev verify.Evidence) []verify.Check {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	x := newExamination(ctx, e.Trust, ev)
	var checks []verify.Check
	for _, q := range questions() {
		check := verify.Check{ID: q.id, Category: q.category}
		a := aborted(verify.Because(codeStopped))
		if ctx.Err() == nil {
			if found := q.ask(x); ctx.Err() == nil { // else it may have been found with something left out
				a = found
			}
		}
		check.Result, check.Reasons = a.result, verify.Bounded(a.reasons)
		for _, file := range q.files {
			if _, there := ev.Files[file]; there {
				check.Evidence = append(check.Evidence, file)
			}
		}
		checks = append(checks, check)
	}
	return checks
}
