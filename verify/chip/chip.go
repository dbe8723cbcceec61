// Package chip judges what came out of an ePassport's chip: passive authentication against a [Store] of trusted
// certificates, and the printed page against what is signed (ICAO Doc 9303-11, 5.1; BSI TR-03135-1, 4).
//
// The contract. Every check is answered, each for itself and with its reason: a broken signature does not keep the
// hashes from being compared. Failed is said only on evidence: a signature, a hash or a text that is wrong. What this
// package cannot read or check is undetermined; so is a signer whom nobody here knows.
package chip

import (
	"context"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/verify"
)

// Examiner makes the chip's checks. It may be used by several goroutines at once.
type Examiner struct {
	Trust *Store // nil is an empty one
}

// answer is what a check comes to.
type answer struct {
	result verify.Result
	reason string
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
	sod, com, dg1 := emrtd.FileSOD, emrtd.FileCOM, emrtd.FileDG1
	return []question{
		{"chip.access", verify.CategoryChip, nil, (*examination).access},
		{"chip.pa.signature", verify.CategoryChip, []string{sod}, (*examination).signature},
		{"chip.pa.chain", verify.CategoryChip, []string{sod}, (*examination).chain},
		{"chip.pa.revocation", verify.CategoryChip, []string{sod}, (*examination).revoked},
		{"chip.trust_age", verify.CategoryChip, nil, (*examination).trustAge},
		{"chip.pa.hashes", verify.CategoryChip, []string{sod, dg1, emrtd.FileDG2}, (*examination).hashes},
		{"chip.com_sod", verify.CategoryChip, []string{com, sod}, (*examination).contents},
		{"cross.dg1_mrz", verify.CategoryCross, []string{dg1}, (*examination).zone},
		{"cross.dg1_dsc_country", verify.CategoryCross, []string{dg1, sod}, (*examination).country},
	}
}

// Examine gives the checks chip.access, chip.pa.signature, chip.pa.chain, chip.pa.revocation, chip.trust_age,
// chip.pa.hashes, chip.com_sod, cross.dg1_mrz and cross.dg1_dsc_country, always all of them and in this order. Once ctx has
// ended, what is left is aborted.
//
// Files that were saved earlier may be judged with an empty [verify.Evidence] Chip: access is then not performed.
func (e Examiner) Examine(ctx context.Context, ev verify.Evidence) []verify.Check {
	x := newExamination(e.Trust, ev)
	var checks []verify.Check
	for _, q := range questions() {
		check := verify.Check{ID: q.id, Category: q.category}
		a := answer{verify.Aborted, "the examination was stopped"}
		if ctx.Err() == nil {
			a = q.ask(x)
		}
		check.Result, check.Reason = a.result, a.reason
		for _, file := range q.files {
			if _, there := ev.Files[file]; there {
				check.Evidence = append(check.Evidence, file)
			}
		}
		checks = append(checks, check)
	}
	return checks
}
