package main

import "testing"

func TestFilesAreKnownByTheirUsualNames(t *testing.T) {
	for file, want := range map[string]string{
		"EF_SOD.bin": "EF.SOD", "SOD.bin": "EF.SOD", "EF.SOD": "EF.SOD", "sod.bin": "EF.SOD", "EF_SOD": "EF.SOD",
		"011D.bin": "EF.SOD", "011d": "EF.SOD", "EFSOD.der": "EF.SOD",
		"EF_COM.bin": "EF.COM", "com": "EF.COM", "011E.bin": "EF.COM",
		"EF_CardAccess.bin": "EF.CardAccess", "EF.CardAccess": "EF.CardAccess", "cardaccess.bin": "EF.CardAccess",
		"011C.bin": "EF.CardAccess", "EF_CardSecurity.bin": "EF.CardSecurity",
		"EF_ATR_INFO.bin": "EF.ATR/INFO", "EF_DIR.bin": "EF.DIR",
		"EF_DG1.bin": "DG1", "DG01.bin": "DG1", "Datagroup1.bin": "DG1", "DG1": "DG1", "dg1.dat": "DG1", "EF.DG1": "DG1",
		"0101.bin": "DG1", "Datagroup_01.bin": "DG1", "Data Group 1.bin": "DG1",
		"DG2.bin": "DG2", "DG14.bin": "DG14", "010E.bin": "DG14", "DG15.raw": "DG15", "010F": "DG15",
		"DG16.bin": "DG16", "0110.bin": "DG16",
		"DG0.bin": "", "DG17.bin": "", "DG001.bin": "", "DG.bin": "", "DG+1": "", "0111.bin": "", "0100.bin": "", "010.bin": "",
		"csca.der": "", "notes.txt": "", "1D.bin": "", "SOD.pdf": "", "": "",
	} {
		name, known := chipFileName(file)
		if name != want || known != (want != "") {
			t.Errorf("%q is %q, want %q", file, name, want)
		}
	}
}
