package chip_test

import (
	"context"
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	emulated "github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

var (
	generic = emulated.PACEInfo{Cipher: emulated.AES128, Parameters: brainpoolP256r1}
	weaker  = emulated.PACEInfo{Cipher: emulated.TripleDES, Parameters: brainpoolP256r1}
	mapped  = emulated.PACEInfo{
		Mapping: emulated.ChipAuthenticationMapping, Cipher: emulated.AES128, Parameters: brainpoolP256r1,
	}
)

// securityInfos is a file of these entries, as EF.CardAccess is.
func securityInfos(infos ...emulated.PACEInfo) []byte {
	return emulated.EncodeSecurityInfos(entries(infos...)...)
}

func entries(infos ...emulated.PACEInfo) (der [][]byte) {
	for _, i := range infos {
		der = append(der, i.SecurityInfo())
	}
	return der
}

// cardSecurity is EF.CardSecurity with these entries, signed by someone.
func cardSecurity(t testing.TB, signer *pkitest.Party, infos ...[]byte) []byte {
	t.Helper()
	return pkitest.Message{
		Type: asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 3, 2, 1}, Signer: signer, SigningTime: pkitest.Day.AddDate(-1, 0, 0),
		Content: emulated.EncodeSecurityInfos(infos...),
	}.Encode(t)
}

func TestEFCardAccessIsHeldAgainstASignedFile(t *testing.T) {
	listed := func(infos ...emulated.PACEInfo) map[int][]byte {
		return map[int][]byte{14: emulated.EncodeDG14(entries(infos...)...)}
	}
	for name, c := range map[string]struct {
		groups  map[int][]byte
		offered []byte // nil for a chip without EF.CardAccess
		want    judged
	}{
		"the same":            {listed(generic, weaker), securityInfos(weaker, generic), passes("PACE-ECDH-GM")},
		"the stronger hidden": {listed(generic, weaker), securityInfos(weaker), fails("DG14, which is signed, lists PACE")},
		"a weaker added":      {listed(generic), securityInfos(weaker, generic), fails("EF.CardAccess offers PACE")},
		"no file":             {listed(generic), nil, leavesOpen("gave no EF.CardAccess; DG14, which is signed, lists PACE")},
		"an empty file":       {listed(generic), securityInfos(), fails("EF.CardAccess offers nothing")},
		"a senseless file":    {listed(generic), []byte("?"), leavesOpen("cannot be read here: EF.CardAccess")},
		"DG14 of old":         {listed(), securityInfos(generic), leavesOpen("does not repeat")},
		"no DG14":             {nil, securityInfos(generic), leavesOpen("no signed file")},
		"neither, with DG14":  {listed(), nil, isNotThere("has no PACE")},
		"neither":             {nil, nil, isNotThere("lists no DG14")},
	} {
		p := newProtected(t, c.groups)
		ev := p.answered(t, emrtd.Proofs{})
		if c.offered != nil {
			ev.Files["EF.CardAccess"] = c.offered
		}
		c.want.check(t, name, examine(trusttest.New(t, p.csca), ev)["chip.card_access"])
	}
}

// Chips that leave out the identifier of the domain parameters are read without it, and may state it in the other file.
func TestAnIdentifierThatOneFileLeavesOutIsNoContradiction(t *testing.T) {
	bare, larger := changed(t, generic, emrtd.PACEVersion), emulated.PACEInfo{Cipher: emulated.AES128, Parameters: 16}
	for name, c := range map[string]struct {
		signed, offered [][]byte
		want            judged
	}{
		"EF.CardAccess leaves it out": {entries(generic), [][]byte{bare}, passes("leaves out the parameters")},
		"DG14 leaves it out":          {[][]byte{bare}, entries(generic), passes("leaves out the parameters")},
		"both leave it out":           {[][]byte{bare}, [][]byte{bare}, passes("both list")},
		"another number":              {entries(generic), entries(larger), fails("#16")},
		"one of two hidden":           {entries(generic, larger), [][]byte{bare}, fails("EF.CardAccess offers PACE-ECDH-GM (0.4.0.127.0.7.2.2.4.2.2); DG14")},
		"another protocol beside":     {entries(generic, mapped), [][]byte{bare}, fails("PACE-ECDH-CAM")},
	} {
		p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(c.signed...)})
		ev := p.answered(t, emrtd.Proofs{})
		ev.Files["EF.CardAccess"] = emulated.EncodeSecurityInfos(c.offered...)
		c.want.check(t, name, examine(trusttest.New(t, p.csca), ev)["chip.card_access"])
	}
}

// changed is an entry in which something else stands behind the protocol.
func changed(t testing.TB, i emulated.PACEInfo, fields ...any) []byte {
	t.Helper()
	var info struct {
		Protocol asn1.ObjectIdentifier
		Version  int
		ID       int `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(i.SecurityInfo(), &info); err != nil {
		t.Fatal(err)
	}
	der, err := asn1.Marshal(slices.Concat([]any{info.Protocol}, fields))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// Of several versions that which the standard has is compared. Where the files differ only in what the standard does not know,
// nobody is accused; and nothing that could have been put there to hide the stronger is let pass.
func TestAnotherVersionOfPACEIsNoContradiction(t *testing.T) {
	one, three := changed(t, generic, 1, 13), changed(t, generic, 3, 13)
	nowhere, longer := changed(t, generic, 2, 99), changed(t, generic, 2, 13, 0)
	strange := changed(t, generic, 2, 13)
	strange[12] = 7 // the arc of key agreement and mapping
	for name, c := range map[string]struct {
		signed, offered [][]byte
		want            judged
	}{
		"1 beside 2":           {entries(generic), [][]byte{one, generic.SecurityInfo()}, passes("deviates: in EF.CardAccess PACE-ECDH-GM (cipher 2, parameters 13) states version 1, not 2")},
		"3 beside 2, signed":   {[][]byte{generic.SecurityInfo(), three}, entries(generic), passes("in DG14 PACE-ECDH-GM (cipher 2, parameters 13) states version 3")},
		"1 in both":            {[][]byte{one}, [][]byte{one}, passes("v1 #13; deviates: ")},
		"1 where 2 is signed":  {entries(generic), [][]byte{one}, leavesOpen("differ in a version of PACE")},
		"2 where 1 is signed":  {[][]byte{one}, entries(generic), leavesOpen("differ in a version of PACE")},
		"0 where 2 is signed":  {entries(generic), [][]byte{changed(t, generic)}, leavesOpen("differ in a version of PACE")},
		"the stronger in 1":    {entries(generic, mapped), [][]byte{generic.SecurityInfo(), changed(t, mapped, 1, 13)}, leavesOpen("differ in a version of PACE")},
		"the stronger hidden":  {entries(generic, mapped), [][]byte{one}, fails("PACE-ECDH-CAM")},
		"another added in 1":   {entries(generic), [][]byte{generic.SecurityInfo(), changed(t, mapped, 1, 13)}, fails("PACE-ECDH-CAM")},
		"no such set":          {entries(generic), [][]byte{nowhere}, leavesOpen("parameters that there are not")},
		"no such set, beside":  {entries(generic), [][]byte{nowhere, generic.SecurityInfo()}, passes("parameters 99, which stand for nothing")},
		"no such set, in both": {[][]byte{nowhere}, [][]byte{nowhere}, passes("parameters 99, which stand for nothing")},
		"the same twice":       {entries(generic), entries(generic, generic), passes("is listed twice")},
		"more elements":        {entries(generic), [][]byte{longer}, passes("has more elements than the standard")},
		"an unknown protocol":  {entries(generic), [][]byte{strange, generic.SecurityInfo()}, passes("protocols of PACE that are not known here")},
		"an unknown one alone": {entries(generic), [][]byte{strange}, fails("EF.CardAccess offers nothing")},
	} {
		p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(c.signed...)})
		ev := p.answered(t, emrtd.Proofs{})
		ev.Files["EF.CardAccess"] = emulated.EncodeSecurityInfos(c.offered...)
		c.want.check(t, name, examine(trusttest.New(t, p.csca), ev)["chip.card_access"])
	}
}

func TestSavedFilesMayLackEFCardAccess(t *testing.T) {
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(entries(generic)...)})
	ev := p.answered(t, emrtd.Proofs{})
	ev.Chip = ""
	isNotDone("is not there").check(t, "saved", examine(trusttest.New(t, p.csca), ev)["chip.card_access"])
}

func TestEFCardSecurityIsTheSignedFileWhereItWasRead(t *testing.T) {
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14()})
	ev := p.answered(t, emrtd.Proofs{})
	ev.Files["EF.CardAccess"] = securityInfos(generic, mapped)
	ev.Files["EF.CardSecurity"] = cardSecurity(t, p.dsc, entries(generic, mapped)...)
	store := trusttest.New(t, p.csca)
	passes("EF.CardSecurity, which is signed").check(t, "the same", examine(store, ev)["chip.card_access"])
	ev.Files["EF.CardAccess"] = securityInfos(generic)
	fails("PACE-ECDH-CAM").check(t, "mapping hidden", examine(store, ev)["chip.card_access"])
}

// openByMapping opens an emulated chip by PACE with chip authentication mapping. The chip's key must have the number of
// the domain parameters (ICAO Doc 9303-11, 9.2.1).
func openByMapping(t testing.TB, p *passport, key emulated.ChipAuthenticationKey) *emrtd.Reading {
	t.Helper()
	ev := p.answered(t, emrtd.Proofs{})
	access := emulated.AccessKey{DocumentNumber: "L898902C3", BirthDate: "740812", ExpiryDate: "120415"}
	card, err := emulated.New(ev.Files, access, emulated.Options{
		PACE: []emulated.PACEInfo{mapped}, ChipAuthentication: []emulated.ChipAuthenticationKey{key},
	})
	if err != nil {
		t.Fatal(err)
	}
	reading, err := emrtd.Read(context.Background(), inField{card}, emrtd.Key(access), emrtd.Options{})
	if reading.Access != "PACE-ECDH-CAM" || reading.Mapping == nil {
		t.Fatalf("opened by %q: %v", reading.Access, err)
	}
	return reading
}

func TestChipAuthenticationMappingIsProvedByTheKeyInEFCardSecurity(t *testing.T) {
	own, others := staticKey(t, brainpoolP256r1), staticKey(t, brainpoolP256r1)
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(entries(mapped)...)})
	mapping := openByMapping(t, p, own).Mapping
	stranger := newPassport(t)
	swedish := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Sweden", Country: "SE", CA: true})
	abroad := pkitest.Issue(t, swedish, pkitest.Template{CommonName: "DSC Sweden", Country: "SE"})
	keys := func(k emulated.ChipAuthenticationKey) [][]byte { return append(infosOf(t, k), entries(mapped)...) }
	broken := cardSecurity(t, p.dsc, keys(own)...)
	broken[len(broken)-1] ^= 1
	masterList := pkitest.Message{Type: pkitest.MasterListType, Signer: p.dsc, Content: []byte("?")}
	store := trusttest.New(t, p.csca, swedish)
	for name, c := range map[string]struct {
		file []byte
		want judged
	}{
		"own key":            {cardSecurity(t, p.dsc, keys(own)...), passes("holds the private key")},
		"another's key":      {cardSecurity(t, p.dsc, keys(others)...), fails("it is a copy")},
		"no key":             {cardSecurity(t, p.dsc, entries(mapped)...), leavesOpen("no key of the kind")},
		"key of another id":  {cardSecurity(t, p.dsc, infosOf(t, staticKey(t, 9))...), leavesOpen("no key of the kind")},
		"signed by a nobody": {cardSecurity(t, stranger.dsc, keys(own)...), leavesOpen("the signer of EF.CardSecurity is not to be believed; ")},
		"signed abroad":      {cardSecurity(t, abroad, keys(own)...), leavesOpen("not signed by the country")},
		"broken signature":   {broken, fails("not what its signer signed")},
		"another content":    {masterList.Encode(t), leavesOpen("content type")},
		"garbage":            {[]byte("garbage"), leavesOpen("cannot be read here")},
		"not given":          {nil, leavesOpen("gave no EF.CardSecurity")},
	} {
		ev := p.answered(t, emrtd.Proofs{Mapping: mapping})
		if c.file != nil {
			ev.Files["EF.CardSecurity"] = c.file
		}
		c.want.check(t, name, examine(store, ev)["chip.cam"])
	}
}

func TestARevokedSignerOfEFCardSecurityIsNotBelieved(t *testing.T) {
	own := staticKey(t, brainpoolP256r1)
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(entries(mapped)...)})
	revoked := pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC for cards", Country: "UT"})
	store := trusttest.New(t, p.csca)
	list := pkitest.RevocationList{Issuer: p.csca, NextUpdate: pkitest.Day.AddDate(0, 0, 30)}
	list.Revoked = []x509.RevocationListEntry{pkitest.Revoke(revoked, pkitest.Day.AddDate(0, -1, 0), 1)}
	trusttest.Take(t, store, list.Encode(t), "ut.crl")
	ev := p.answered(t, emrtd.Proofs{Mapping: openByMapping(t, p, own).Mapping})
	ev.Files["EF.CardSecurity"] = cardSecurity(t, revoked, infosOf(t, own)...)
	leavesOpen("EF.CardSecurity is not to be believed; the signer was revoked").check(t, "revoked", examine(store, ev)["chip.cam"])
}

func TestAChipThatHidesItsMappingIsNotGenuine(t *testing.T) {
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(entries(generic, mapped)...)})
	ev := p.answered(t, emrtd.Proofs{})
	ev.Files["EF.CardAccess"] = securityInfos(generic)
	store := trusttest.New(t, p.csca)
	leavesOpen("did not open by it").check(t, "hidden", examine(store, ev)["chip.cam"])
	if got := verdict(t, store, ev); got != verify.Doubtful { // EF.CardAccess differs from DG14
		t.Errorf("verdict %s", got)
	}
	without := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(entries(generic)...)})
	got := examine(trusttest.New(t, without.csca), without.answered(t, emrtd.Proofs{}))["chip.cam"]
	isNotThere("DG14, which is signed").check(t, "without", got)
}

// A clone of a chip with chip authentication mapping ends PACE without the proof.
func TestACloneThatOpensByMappingIsFound(t *testing.T) {
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(entries(mapped)...)})
	genuine, clones := staticKey(t, brainpoolP256r1), staticKey(t, brainpoolP256r1)
	for name, c := range map[string]struct {
		key  emulated.ChipAuthenticationKey
		want verify.Result
	}{"genuine": {genuine, verify.Passed}, "clone": {clones, verify.Failed}} {
		reading := openByMapping(t, p, c.key)
		ev := p.answered(t, reading.Proofs)
		ev.Files["EF.CardSecurity"] = cardSecurity(t, p.dsc, slices.Concat(infosOf(t, genuine), entries(mapped))...)
		judged{c.want, "EF.CardSecurity"}.check(t, name, examine(trusttest.New(t, p.csca), ev)["chip.cam"])
	}
}

// Nothing in EF.CardSecurity says to which document it belongs: a copy may come with that of another document, and its key.
func TestTheEFCardSecurityOfAnotherDocumentProvesNoCopy(t *testing.T) {
	own, others := staticKey(t, brainpoolP256r1), staticKey(t, brainpoolP256r1)
	for name, c := range map[string]struct {
		groups map[int][]byte
		want   judged
	}{
		"mapping":                    {map[int][]byte{14: emulated.EncodeDG14(entries(mapped)...)}, passes("holds the private key")},
		"chip authentication":        {map[int][]byte{14: emulated.EncodeDG14(infosOf(t, own)...)}, leavesOpen("of another document")},
		"another variant of PACE":    {map[int][]byte{14: emulated.EncodeDG14(entries(generic)...)}, leavesOpen("of another document")},
		"active authentication":      {map[int][]byte{15: newActive(t).DG15()}, leavesOpen("of another document")},
		"a DG14 that lists nothing":  {map[int][]byte{14: emulated.EncodeDG14()}, passes("DG14 does not repeat")},
		"no protocol, and no DG14":   {nil, passes("DG14 does not repeat")},
		"a DG14 that cannot be read": {map[int][]byte{14: []byte("?")}, leavesOpen("cannot be read here")},
	} {
		p := newProtected(t, c.groups)
		ev := p.answered(t, emrtd.Proofs{Mapping: openByMapping(t, p, others).Mapping})
		ev.Files["EF.CardSecurity"] = cardSecurity(t, p.dsc, append(infosOf(t, others), entries(mapped)...)...)
		c.want.check(t, name, examine(trusttest.New(t, p.csca), ev)["chip.cam"])
	}
}

func TestKeysOfEFCardSecuritysSignerInWrongHandsProveNothing(t *testing.T) {
	leaked := staticKey(t, brainpoolP256r1)
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(entries(mapped)...)})
	cards := pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC for cards", Country: "UT"})
	german := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Germany", Country: "DE", CA: true})
	store := trusttest.New(t, p.csca, german)
	ev := p.answered(t, emrtd.Proofs{Mapping: openByMapping(t, p, leaked).Mapping})
	ev.Files["EF.CardSecurity"] = cardSecurity(t, cards, append(infosOf(t, leaked), entries(mapped)...)...)
	passes("holds the private key").check(t, "not known", examine(store, ev)["chip.cam"])
	keysLeaked := pkitest.KnownDefect{Kind: []int{1, 3}}
	list := pkitest.DefectList(t, pkitest.Message{Signer: trusttest.ListSigner(t, german, pkitest.DefectListSigner), SigningTime: pkitest.Day}, 2,
		pkitest.Defect{Signer: cards, Identification: pkitest.Identification{BySerial: true}, Known: []pkitest.KnownDefect{keysLeaked}})
	trusttest.TakeNamed(t, store, list, german)
	fails("a copy may hold the chip's private key too").check(t, "known", examine(store, ev)["chip.cam"])
}
