package emrtd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// paceExample is a worked example of PACE in ICAO Doc 9303-11, appendices G to I.
type paceExample struct {
	access     string
	cardAccess string
	key        Key
	random     string // nonce and private keys of the terminal, in the order of their use
	script     []exchange
	enc, mac   string // session keys
}

// cardAccessScript is how a file of less than 256 bytes is read in clear.
func cardAccessScript(file string) []exchange { return []exchange{{"00B09C00FF", file + "6282"}} }

var keyOfG = Key{DocumentNumber: "T22000129", BirthDate: "640812", ExpiryDate: "101031"}

// Appendix G.1.
func exampleG1() paceExample {
	return paceExample{
		access: "PACE-ECDH-GM", cardAccess: "31143012060A04007F0007020204020202010202010D", key: keyOfG,
		random: "7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99" +
			"A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595",
		script: []exchange{
			{"0022C1A40F800A04007F00070202040202830101", "9000"},
			{"10860000027C0000", "7C12801095A3A016522EE98D01E76CB6B98B42C39000"},
			{"10860000457C43814104" +
				"7ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E" +
				"544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D00",
				"7C43824104824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57" +
					"30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C549000"},
			{"10860000457C43834104" +
				"2DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C" +
				"3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB3646200",
				"7C438441049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB" +
					"7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F0949000"},
			{"008600000C7C0A8508C2B0BD78D94BA86600", "7C0A86083ABB9674BCE93C089000"},
		},
		enc: "F5F0E35C0D7161EE6724EE513A0D9A7F", mac: "FE251C7858B356B24514B3BD5F4297D1",
	}
}

// Appendix G.2.
func exampleG2() paceExample {
	return paceExample{
		access: "PACE-DH-GM", cardAccess: "31143012060A04007F00070202040102020102020100", key: keyOfG,
		random: "5265030F751F4AD18B08AC565FC7AC952E41618D" + "89CCD99B0E8D3B1F11E1296DCA68EC53411CF2CA",
		script: []exchange{
			{"0022C1A40F800A04007F00070202040102830101", "9000"},
			{"10860000027C0000", "7C128010854D8DF5827FA6852D1A4FA701CDDDCA9000"},
			{"10860000867C8183818180" +
				"23FB3749EA030D2A25B278D2A562047ADE3F01B74F17A15402CB7352CA7D2B3E" +
				"B71C343DB13D1DEBCE9A3666DBCFC920B49174A602CB47965CAA73DC702489A4" +
				"4D41DB914DE9613DC5E98C94160551C0DF86274B9359BC0490D01B03AD54022D" +
				"CB4F57FAD6322497D7A1E28D46710F461AFE710FBBBC5F8BA166F4311975EC6C00",
				"7C8183828180" +
					"78879F57225AA8080D52ED0FC890A4B25336F699AA89A2D3A189654AF70729E6" +
					"23EA5738B26381E4DA19E004706FACE7B235C2DBF2F38748312F3C98C2DD4882" +
					"A41947B324AA1259AC22579DB93F7085655AF30889DBB845D9E6783FE42C9F24" +
					"49400306254C8AE8EE9DD812A804C0B66E8CAFC14F84D8258950A91B44126EE69000"},
			{"10860000867C8183838180" +
				"907D89E2D425A178AA81AF4A7774EC8E388C115CAE67031E85EECE520BD91155" +
				"1B9AE4D04369F29A02626C86FBC6747CC7BC352645B6161A2A42D44EDA80A08F" +
				"A8D61B76D3A154AD8A5A51786B0BC07147057871A922212C5F67F43173172236" +
				"B7747D1671E6D692A3C7D40A0C3C5CE397545D015C175EB5130551EDBC2EE5D400",
				"7C8183848180" +
					"075693D9AE941877573E634B6E644F8E60AF17A0076B8B123D9201074D36152B" +
					"D8B3A213F53820C42ADC79AB5D0AEEC3AEFB91394DA476BD97B9B14D0A65C1FC" +
					"71A0E019CB08AF55E1F729005FBA7E3FA5DC41899238A250767A6D46DB974064" +
					"386CD456743585F8E5D90CC8B4004B1F6D866C79CE0584E49687FF61BC29AEA19000"},
			{"008600000C7C0A8508B46DD9BD4D98381F00", "7C0A8608917F37B5C0E6D8D19000"},
		},
		enc: "2F7F46ADCC9E7E521B45D192FAFA9126", mac: "805A1D27D45A5116F73C54469462B7D8",
	}
}

// Appendix H.1. Its password key belongs to no MRZ: the nonce is enciphered anew under that of keyOfG.
func exampleH1(t *testing.T) paceExample {
	return paceExample{
		access: "PACE-ECDH-IM", cardAccess: "31143012060A04007F0007020204040202010202010D", key: keyOfG,
		random: "5DD4CBFC96F5453B130D890A1CDBAE32" +
			"A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595",
		script: []exchange{
			{"0022C1A40F800A04007F00070202040402830101", "9000"},
			{"10860000027C0000", "7C128010" + enciphered9303(t, "2923BE84E16CD6AE529049F1F1BBE9EB") + "9000"},
			{"10860000147C1281105DD4CBFC96F5453B130D890A1CDBAE3200", "7C0282009000"},
			{"10860000457C43834104" +
				"89CBA23FFE96AA18D824627C3E934E54A9FD0B87A95D1471DC1C0ABFDCD640D4" +
				"6755DE9B7B778280B6BEBD57439ADFEB0E21FD4ED6DF42578C13418A59B34C3700",
				"7C4384410467F78E5F7F7686082B293E8D087E056916D0F74BC01A5F8957D0DE45691E51E8" +
					"932B69A962B52A0985AD2C0A271EE6A13A8ADDDCD1A3A994B9DED257F4D227539000"},
			{"008600000C7C0A8508450F02B86F6A090900", "7C0A860875D4D96E8D5B03089000"},
		},
		enc: "0D3FEB33251A6370893D62AE8DAAF51B", mac: "B01E89E3D9E8719E586B50B4A7506E0B",
	}
}

// Appendix H.2. The terminal's private key is given modulo the order of the subgroup, which makes the same public key.
func exampleH2(t *testing.T) paceExample {
	return paceExample{
		access: "PACE-DH-IM", cardAccess: "31143012060A04007F00070202040302020102020100", key: keyOfG,
		random: "B3A6DB3C870C3E99245E0D1C06B747DE" + "89CCD99B0E8D3B1F11E1296DCA68EC53411CF2CA",
		script: []exchange{
			{"0022C1A40F800A04007F00070202040302830101", "9000"},
			{"10860000027C0000", "7C128010" + enciphered9303(t, "FA5B7E3E49753A0DB9178B7B9BD898C8") + "9000"},
			{"10860000147C128110B3A6DB3C870C3E99245E0D1C06B747DE00", "9000"},
			{"10860000867C8183838180" +
				"0F0CC62945A8029251FB7EF3C094E12EC68E4EF07F27CB9D9CD04C5C4250FAE0" +
				"E4F8A951557E929AEB48E5C6DD47F2F5CD7C351A9BD2CD722C07EDE166770F08" +
				"FFCB370262CF308DD7B07F2E0DA9CAAA1492344C852906919538C98A4BA4187E" +
				"76CE9D87832386D319CE2E043C3343AEAE6EDBA1A9894DC5094D22F7FE1351D500",
				"7C8183848180" +
					"928D9A0F9DBA450F13FC859C6F290D1D36E42431138A4378500BEB4E0401854C" +
					"FF111F71CB6DC1D0335807A11388CC8EAA87B07907AAD9FBA6B169AF6D8C26AF" +
					"8DDDC39ADC3AD2E3FF882B84D23E9768E95A80E4746FB07A9767679FE92133B4" +
					"D379935C771BD7FBED6C7BB4B1708B275EA75679524CDC9C6A91370CC662A2F39000"},
			{"008600000C7C0A850855D61977CBF5307E00", "7C0A8608C2F04230187E15259000"},
		},
		enc: "01AFC10CF87BE36D8179E87370171F07", mac: "23F0FBD05FD6C7B8B88F4C8309669061",
	}
}

// Appendix I.
func exampleI() paceExample {
	return paceExample{
		access: "PACE-ECDH-CAM", cardAccess: "31143012060A04007F0007020204060202010202010D",
		key: Key{DocumentNumber: "C11T002JM", BirthDate: "960812", ExpiryDate: "231031"},
		random: "5D8BB87BD74D985A4B7D4325B9F7B976FE835122773400798914AA22738135CC" +
			"76ECFDAA9841C323A3F5FC5E88B88DB3EFF7E35EBF57A7E6946CB630006C2120",
		script: []exchange{
			{"0022C1A40F800A04007F00070202040602830101", "9000"},
			{"10860000027C0000", "7C128010CB60E8E0D85B76A9BD304747C2AD42E29000"},
			{"10860000457C43814104" +
				"7F1D410ADB7DDB3B84BF1030800981A9105D7457B4A3ADE002384F3086C67EDE" +
				"1AB889104A27DB6D842B019020FBF3CEACB0DC627F7BDCAC29969E19D0E553C100",
				"7C43824104A234236AA9B9621E8EFB73B5245C0E09D2576E5277183C1208BDD55280CAE8B3" +
					"04F365713A356E65A451E165ECC9AC0AC46E3771342C8FE5AEDD092685338E239000"},
			{"10860000457C43834104" +
				"446C934084D9DAB863944F219520076C29EE3F7AE6722B11FF319EC1C7728F95" +
				"5483400BFF60BF0C5929270009277DC2A515E12575010AD9BA916CF1BF86FEFC00",
				"7C4384410402AD566F3C6EC7F9324509AD50A51FA52030782A4968FCFEDF737DAEA9933331" +
					"11C3B9B4C2287789BD137E7F8AA882E2A3C633CCD6ECC2C63C57AD401A09C2E19000"},
			{"008600000C7C0A8508E86BD06018A1CD3B00",
				"7C3C86088596CF055C67C1A38A301EEA964DAAE372AC990E3EFDE6333353BFC89A6704D93D" +
					"A8798CF77F5B7A54BD10CBA372B42BE0B9B5F28AA8DE2F4F929000"},
		},
		enc: "0A9DA4DB03BDDE39FC5202BC44B2E89E", mac: "4B1C06491ED5140CA2B537D344C6C0B1",
	}
}

// enciphered9303 enciphers a nonce under the password key of G.1.
func enciphered9303(t *testing.T, nonce string) string {
	key := cipherAES128.block(unhex(t, "89DED1B26624EC1E634C1989302849DD"))
	return fmt.Sprintf("%X", encryptCBC(key, make([]byte, 16), unhex(t, nonce)))
}

// run plays an example up to its end and gives the channel, its keys not yet cleared.
func (x paceExample) run(t *testing.T) *channel {
	t.Helper()
	card := &scriptedCard{t: t, script: append(cardAccessScript(x.cardAccess), x.script...)}
	v := &visit{channel: &channel{card: card, reading: &Reading{Files: map[string][]byte{}}}}
	if err := v.findPACE(context.Background()); err != nil || len(v.offered) != 1 {
		t.Fatalf("%d variants of PACE are offered, %v", len(v.offered), err)
	}
	password, err := x.key.password()
	if err != nil {
		t.Fatal(err)
	}
	session := paceSession{v.channel, v.offered[0], password, bytes.NewReader(unhex(t, x.random))}
	if err := session.open(context.Background()); err != nil || len(card.script) != 0 {
		t.Fatalf("%v with %d exchanges left", err, len(card.script))
	}
	if v.offered[0].String() != x.access {
		t.Errorf("%v, want %s", v.offered[0], x.access)
	}
	return v.channel
}

func TestTheWorkedExamplesOfPACERunAsPrinted(t *testing.T) {
	for _, x := range []paceExample{exampleG1(), exampleG2(), exampleH1(t), exampleH2(t), exampleI()} {
		t.Run(x.access, func(t *testing.T) {
			keys := x.run(t).sm.keys.(*aesKeys)
			if !bytes.Equal(keys.enc, unhex(t, x.enc)) || !bytes.Equal(keys.mac, unhex(t, x.mac)) {
				t.Errorf("session keys %X and %X, want %s and %s", keys.enc, keys.mac, x.enc, x.mac)
			}
		})
	}
}

func TestReadTellsThatPACEOpenedTheChip(t *testing.T) {
	x := exampleG1()
	noATRInfo := []exchange{{"00B08100FF", "6A82"}, {"00A4020C022F01", "6A82"}}
	card := &scriptedCard{t: t, script: slices.Concat(noATRInfo, cardAccessScript(x.cardAccess), x.script)}
	reading, err := Read(context.Background(), card, x.key, Options{Rand: bytes.NewReader(unhex(t, x.random))})
	if !errors.Is(err, errScriptEnds) || reading.Access != "PACE-ECDH-GM" || reading.Mapping != nil {
		t.Errorf("%q, %v", reading.Access, err)
	}
	if want := unhex(t, x.cardAccess); !bytes.Equal(reading.Files[FileCardAccess], want) {
		t.Errorf("EF.CardAccess %X", reading.Files[FileCardAccess])
	}
}

func TestThePasswordKeyOfTheIntegratedMappingExamplesDeciphersTheirNonces(t *testing.T) {
	block := cipherAES128.block(unhex(t, "591468CDA83D65219CCCB8560233600F"))
	for encrypted, want := range map[string]string{
		"143DC40C08C8E891FBED7DEDB92B64AD": "2923BE84E16CD6AE529049F1F1BBE9EB",
		"9ABB8864CA0FF1551E620D1EF4E13510": "FA5B7E3E49753A0DB9178B7B9BD898C8",
	} {
		nonce, err := decryptCBC(block, make([]byte, 16), unhex(t, encrypted))
		if err != nil || !bytes.Equal(nonce, unhex(t, want)) {
			t.Errorf("%X, %v, want %s", nonce, err, want)
		}
	}
}

func chipKey(t *testing.T, der string) ChipAuthenticationPublicKeyInfo {
	t.Helper()
	infos, err := ParseSecurityInfos(wrap(0x31, unhex(t, der)))
	if err != nil || len(infos.ChipAuthenticationKeys) != 1 {
		t.Fatalf("%+v, %v", infos, err)
	}
	return infos.ChipAuthenticationKeys[0]
}

func TestTheChipOfAppendixIProvesItsKey(t *testing.T) {
	mapping := exampleI().run(t).reading.Mapping
	want := unhex(t, "85DC3FA93D0952BFA82F5FD189EE75BD82F11D1F0B8ED4BF5319AC9B53C426B3")
	if run := mapping.runs[0]; len(mapping.runs) != 1 || !bytes.Equal(run.data, want) {
		t.Errorf("chip authentication data %X, want %X", run.data, want)
	}
	key := chipKey(t, chipKeyInfo)
	if err := mapping.Verify(key); err != nil {
		t.Error(err)
	}
	key.public = key.public.combine(key.group.generator())
	if err := mapping.Verify(key); !errors.Is(err, ErrNotChipsKey) {
		t.Errorf("another key: %v", err)
	}
	key = chipKey(t, chipKeyInfo)
	key.KeyID = 14
	if err := mapping.Verify(key); err == nil || errors.Is(err, ErrNotChipsKey) {
		t.Errorf("key 14: %v", err)
	}
	mapping.runs[0].data = append(make([]byte, 4), want...)
	if err := mapping.Verify(chipKey(t, chipKeyInfo)); err != nil {
		t.Errorf("with leading zeros: %v", err)
	}
	mapping.runs[0].data = bytes.Repeat([]byte{0xFF}, 60_000)
	begin := time.Now()
	if err := mapping.Verify(chipKey(t, chipKeyInfo)); !errors.Is(err, ErrNoMappingData) || time.Since(begin) > time.Second {
		t.Errorf("chip authentication data without end: %v, after %v", err, time.Since(begin))
	}
	mapping.runs[0].data = nil
	if err := mapping.Verify(chipKey(t, chipKeyInfo)); !errors.Is(err, ErrNoMappingData) {
		t.Errorf("no chip authentication data: %v", err)
	}
}
