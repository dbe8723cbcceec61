package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

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
		"ef011D.bin": "EF.SOD", "ef0101.bin": "DG1", "EF011E": "EF.COM", "EF_010E.BIN": "DG14", "ef-01-02": "DG2", "0x011D.bin": "EF.SOD",
		"NZ2013_EF_SOD.BIN": "EF.SOD", "NZ2013_EF_COM.BIN": "EF.COM", "UTO_DG14.BIN": "DG14", "nz2013-dg2.bin": "DG2",
		"my passport EF.DG11.bin": "DG11", "2013_11_02_sod.bin": "EF.SOD", "PassportDG1.bin": "DG1", "passportEfSod.bin": "EF.SOD",
		"DE_EF_CardAccess.bin": "EF.CardAccess", "mine_ef_011d.bin": "EF.SOD", "UT EF_DIR.bin": "EF.DIR", "NZ2013EF_SOD.BIN": "EF.SOD",
		"DG1.hex": "DG1", "EF_SOD.HEX": "EF.SOD", "EF_SOD.bin.hex": "EF.SOD", "011D.hex": "EF.SOD", "NZ2013_EF_DG2.hex": "DG2",
		"Datagroup2": "DG2", "EF_SOD.pem": "EF.SOD", "sod.p7c": "EF.SOD", "DG1.b64": "DG1", "EF_DG2.bin.base64": "DG2",
		"DG1 (1).bin": "DG1", "EF_SOD(2).bin": "EF.SOD", "DG2 - copy.bin": "DG2", "DG2 - Copy (3).bin": "DG2", "Copy of DG2.bin": "DG2",
		"DG1_MRZ.bin": "DG1", "EF_DG2_face.bin": "DG2", "dg2-portrait.bin": "DG2", "DG1 mrz copy.bin": "DG1",
		"SOD.p7b": "EF.SOD", "EF_SOD.p7m": "EF.SOD", "sod.CMS": "EF.SOD", "SOD.ber": "EF.SOD", "EF.SOD.p7s": "EF.SOD",
		"USA_011D.bin": "EF.SOD", "USA_011C.bin": "EF.CardAccess", "uto-010e.bin": "DG14", "UTO_011E.hex": "EF.COM",
		"3F00_011C.bin": "EF.CardAccess", "3F00_011D.bin": "EF.CardSecurity", "MF_EF011D.bin": "EF.CardSecurity",
		"MF_EF_011D.bin": "EF.CardSecurity", "MF-011d": "EF.CardSecurity", "USA_MF_EF011C.bin": "EF.CardAccess", "UTO 3F00 2F00.bin": "EF.DIR",
		"2F00.bin": "EF.DIR", "2F01.bin": "EF.ATR/INFO", "EF.ATR": "EF.ATR/INFO", "3F00_2F01": "EF.ATR/INFO",
		"MF_EF0101.bin": "", "3F00_011E.bin": "", "ATR.bin": "", "my_atr.bin": "", "copy.bin": "", "MRZ.bin": "", "face.bin": "", "(1).bin": "",
		"77.bin": "", "61.bin": "", "2F02.bin": "", "USA_0102.bin": "", "csca.p7b": "",
		"README.bin": "", "foo_dg.bin": "", "example.com": "", "www.example.com.bin": "", "photo_0101.bin": "", "2013_0102.bin": "",
		"episode.bin": "", "SODA.bin": "", "my_dir": "", "dg1_portrait.jpg": "", "DG1.txt": "", "EF.bin": "", ".bin": "", "hex": "", ".hex": "",
		"EF0111.bin": "", "EF_0100.bin": "", "ef01.bin": "", "EF0101D.bin": "", "EF_EF_X.bin": "", "x_dg17.bin": "", "DG1 (copied from a friend).bin": "",
		"DG0.bin": "", "DG17.bin": "", "DG001.bin": "", "DG.bin": "", "DG+1": "", "0111.bin": "", "0100.bin": "", "010.bin": "",
		"csca.der": "", "notes.txt": "", "1D.bin": "", "SOD.pdf": "", "": "",
	} {
		name, known := chipFileName(file)
		if name != want || known != (want != "") {
			t.Errorf("%q is %q, want %q", file, name, want)
		}
	}
}

func TestHexadecimalIsReadHoweverItIsParted(t *testing.T) {
	for text, want := range map[string]string{
		"610203": "a\x02\x03", "61 02 03": "a\x02\x03", "61:02:03\n": "a\x02\x03", "0x61, 0x02, 0x03": "a\x02\x03",
		"0x610203": "a\x02\x03", "6F\r\n6f": "oo", "\uFEFF61": "a", "61\n0203\n": "a\x02\x03", "00 0X01": "\x00\x01",
		"": "", " ": "", "6": "", "61 0": "", "6x": "", "0x": "", "61g2": "", "a picture": "", "61\x00": "", "61\x02\x03": "", ":10000000": "",
	} {
		got, ok := fromHex([]byte(text))
		if ok != (want != "") || ok && string(got) != want {
			t.Errorf("%q is %q, %v", text, got, ok)
		}
	}
}

func TestBase64IsReadWithMarksAndWithout(t *testing.T) {
	own := append([]byte("m\x30"), bytes.Repeat([]byte("A"), 0x30)...) // DG13 has whatever its issuer likes
	for text, want := range map[string]string{
		"YQIDBAU=": "a\x02\x03\x04\x05", "YQID\r\nBAU\n": "a\x02\x03\x04\x05", "\uFEFFYQID\x1A": "a\x02\x03", "d4L_-w": "w\x82\xFF\xFB",
		"-----BEGIN CMS-----\nMAA=\n-----END CMS-----\n": "0\x00",
		"": "", "a": "", "a\x02\x03\x04": "", "w\x82\x00\x00": "", string(own): "", "-----BEGIN CMS-----": "",
	} {
		got, ok := fromBase64([]byte(text))
		if ok != (want != "") || ok && string(got) != want {
			t.Errorf("%q is %q, %v", text, got, ok)
		}
	}
}

func TestSavedFilesInTextAreReadAsEditorsWriteThem(t *testing.T) {
	dir := t.TempDir()
	utf16 := "\xFF\xFE6\x001\x000\x000\x00"
	for name, text := range map[string]string{"DG1.hex": "61 00\n", "DG1.HEX": utf16, "DG1.b64": "YQA=\r\n", "DG1.bin": "YQA", "DG1": "a\x00"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if file, err := readSaved(path); err != nil || string(file) != "a\x00" {
			t.Errorf("%s: %q, %v", name, file, err)
		}
	}
}
