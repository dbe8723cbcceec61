package emrtd

import (
	"context"
	"errors"
	"fmt"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// Files of the master file: SecurityInfos, and CMS over SecurityInfos (ICAO Doc 9303-10, 3.11.3 and 3.11.4).
func cardAccess() file {
	return file{name: FileCardAccess, id: 0x011C, tag: 0x31, shortID: 0x1C, afterMaster: true}
}

func cardSecurity() file {
	return file{name: FileCardSecurity, id: 0x011D, tag: 0x30, shortID: 0x1D}
}

// directory is the first entry of EF.DIR. The file is a row of them that does not tell its length, and to read beyond a
// file's end costs some chips the session (ICAO Doc 9303-10, 3.11.2).
func directory() file { return file{name: FileDIR, id: 0x2F00, tag: 0x61, shortID: 0x1E} }

// Files of the application that say what else is in it (ICAO Doc 9303-10, 4.6).
func com() file { return file{name: FileCOM, id: 0x011E, tag: tagCOM, shortID: 0x1E} }
func sod() file {
	return file{name: FileSOD, id: 0x011D, tag: tagSOD, bareTag: tagMessage, shortID: 0x1D}
}

// dataGroup is the file of a data group, 1 to 16 (ICAO Doc 9303-10, 4.7).
func dataGroup(n int) file {
	return file{name: fmt.Sprintf("DG%d", n), id: 0x0100 | uint16(n), tag: uint32(dataGroupTags[n-1]), shortID: byte(n)}
}

// inOrder are the data groups as they are read behind DG14 and DG1: who it is, what proves the chip, then the rest. Not
// among them are fingerprints and irises, and those that are reserved or that nothing here compares (DG6, DG8 to DG10).
func inOrder() []int { return []int{2, 15, 11, 12, 5, 7, 13, 16} }

// underEAC are fingerprints and irises. Where a chip gives them without terminal authentication they are still none of a
// station's business: no more is read than how many there are.
func underEAC() []int { return []int{3, 4} }

// readApplication reads the files of the application: the lists of what is there, the key by which the chip proves
// itself, and the rest under the session keys of that proof (ICAO Doc 9303-11, 6.2.1; BSI TR-03135-1).
func (v *visit) readApplication(ctx context.Context) error {
	if err := v.read(ctx, com(), sod()); err != nil {
		return err
	}
	listed := v.listed()
	if listed[14] {
		if err := v.read(ctx, dataGroup(14)); err != nil {
			return err
		}
	}
	if err := v.authenticateChip(ctx, dataGroup(1)); err != nil {
		return err
	}
	for _, n := range inOrder() {
		if !listed[n] {
			continue
		}
		if err := v.read(ctx, dataGroup(n)); err != nil {
			return err
		}
	}
	if err := v.challengeChip(ctx); err != nil {
		return err
	}
	return v.readHeaders(ctx, listed)
}

// readHeaders reads the headers of what is under extended access control. A refusal is what the standard asks for, and costs some chips the
// session, so that this comes last.
func (v *visit) readHeaders(ctx context.Context, listed map[int]bool) error {
	for _, n := range underEAC() {
		if !listed[n] {
			continue
		}
		f := dataGroup(n)
		f.headerOnly = true
		header, err := v.readFile(ctx, f, v.progress(f))
		if err != nil && !answered(err) {
			return err
		}
		if err == nil {
			v.reading.Headers[f.name] = header
		}
	}
	return nil
}

// listed are DG1 and DG2, which every chip has, and what EF.SOD has hashes of or EF.COM names. Where neither can tell,
// the data groups are tried that a chip proves itself by.
func (v *visit) listed() map[int]bool {
	listed := map[int]bool{}
	if sod, err := pki.ParseSOD(v.reading.Files[FileSOD]); err == nil {
		for n := range sod.Object.Hashes {
			listed[n] = true
		}
	}
	if com, err := v.reading.com.keep(v.reading.Files[FileCOM], ParseCOM); err == nil {
		for _, n := range com.DataGroups {
			listed[n] = true
		}
	}
	v.guessing = len(listed) == 0
	if v.guessing {
		listed[14], listed[15] = true, true
	}
	listed[1], listed[2] = true, true
	return listed
}

// read reads files into the reading, and goes past those that it cannot have.
func (v *visit) read(ctx context.Context, files ...file) error {
	for _, f := range files {
		err := v.fetch(ctx, f, v.progress(f))
		if v.outOfStep(err) {
			err = v.readCarefully(ctx, f, err)
		}
		if err := v.goPast(err); err != nil {
			return err
		}
	}
	return nil
}

// goPast notes why there is no file, where the chip has refused it under secure messaging, has given nonsense, or loses the
// session over it each time; any other error it hands on. A data group that was only guessed at and is not there is no
// error.
func (v *visit) goPast(err error) error {
	if !isRefusal(err) && !errors.Is(err, errFile) {
		return err
	}
	if !v.guessing {
		v.refusals = errors.Join(v.refusals, err)
	}
	return nil
}

// isRefusal says whether the chip has refused a command under secure messaging, or was opened anew after it lost the session
// over one, and the session goes on.
func isRefusal(err error) bool {
	var refusal *StatusError
	return errors.Is(err, errGivenUp) || errors.As(err, &refusal) && refusal.Err == nil
}

// progress is told of the bytes of a file.
func (v *visit) progress(f file) func(read, total int) {
	return func(read, total int) {
		if v.options.Progress != nil {
			v.options.Progress(f.name, read, total)
		}
	}
}

// fetch reads one file into the reading.
func (v *visit) fetch(ctx context.Context, f file, progress func(read, total int)) error {
	return v.timed(f.name, func() error {
		data, err := v.readFile(ctx, f, progress)
		if err == nil {
			v.reading.Files[f.name] = data
		}
		return err
	})
}
