package chip

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// application is the AID of the eMRTD application, LDS1 (Doc 9303-10, 4.1).
var application = [...]byte{0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01}

// masterFile is the file identifier of the MF (ISO/IEC 7816-4, 8.2.1.1).
const masterFile = 0x3F00

// cardAccessID is the file identifier of EF.CardAccess.
const cardAccessID = 0x011C

// portraitID is the file identifier of DG2.
const portraitID = 0x0102

// maxFile is the longest file that a chip holds here, in bytes: several times what is in the field. What lies above
// 32,767 bytes is reached by READ BINARY with an odd instruction alone.
const maxFile = 1 << 18

// elementaryFile is a transparent EF.
type elementaryFile struct {
	id       uint16
	shortID  byte   // 1 to 30
	freeRead bool   // readable without access control
	refusal  uint16 // what all access is answered with; zero for a file that can be read
	content  []byte
}

// fileSystem is the MF's own files and those of the eMRTD application (Doc 9303-10, 3 and 4).
type fileSystem struct {
	master, application []elementaryFile
}

func newFileSystem(files map[string][]byte, o Options) (fileSystem, error) {
	var fs fileSystem
	for name, content := range files {
		if len(content) == 0 || len(content) > maxFile {
			return fs, fmt.Errorf("chip: %s has %d bytes, not 1 to %d", name, len(content), maxFile)
		}
		if file, ok := masterEF(name); ok {
			file.content = content
			fs.master = append(fs.master, file)
			continue
		}
		file, ok := applicationEF(name)
		if !ok {
			return fs, fmt.Errorf("chip: no file is called %q", name)
		}
		file.content = content
		if isBiometric := name == "DG3" || name == "DG4"; isBiometric && !o.OpenBiometrics {
			file.refusal = swSecurityStatus
		}
		fs.application = append(fs.application, file)
	}
	fs.complete(o)
	return fs, nil
}

// complete adds what the chip writes itself, and what its quirks change.
func (fs *fileSystem) complete(o Options) {
	if o.announcesExtended() {
		fs.announceLengths(o.announcedResponse())
	}
	if len(o.PACE) > 0 {
		access := cardAccess(o)
		if o.has(LongLengths) {
			access = lengthen(access, 1)
		}
		fs.announce("EF.CardAccess", access)
	}
	if o.has(ProtectsDIR) {
		fs.announce("EF.DIR", object(0x61, object(0x4F, application[:]))).freeRead = false
	}
	switch {
	case o.has(CardAccess6986):
		fs.announce("EF.CardAccess", nil).refusal = swNoCurrentFile
	case o.has(CardAccess6A82):
		fs.announce("EF.CardAccess", nil).refusal = swFileNotFound
	}
}

// masterEF gives identifiers and access of the files in the MF (Doc 9303-10, 3.11).
func masterEF(name string) (elementaryFile, bool) {
	switch name {
	case "EF.ATR/INFO":
		return elementaryFile{id: 0x2F01, shortID: 0x01, freeRead: true}, true
	case "EF.DIR":
		return elementaryFile{id: 0x2F00, shortID: 0x1E, freeRead: true}, true
	case "EF.CardAccess":
		return elementaryFile{id: cardAccessID, shortID: 0x1C, freeRead: true}, true
	case "EF.CardSecurity":
		return elementaryFile{id: 0x011D, shortID: 0x1D}, true
	}
	return elementaryFile{}, false
}

// applicationEF gives identifiers of the files in the eMRTD application (Doc 9303-10, 4.2 to 4.7, table 38).
func applicationEF(name string) (elementaryFile, bool) {
	switch name {
	case "EF.COM":
		return elementaryFile{id: 0x011E, shortID: 0x1E}, true
	case "EF.SOD":
		return elementaryFile{id: 0x011D, shortID: 0x1D}, true
	}
	for number := byte(1); number <= 16; number++ {
		if name == fmt.Sprintf("DG%d", number) {
			return elementaryFile{id: 0x0100 | uint16(number), shortID: number}, true
		}
	}
	return elementaryFile{}, false
}

// announce adds a file to the MF unless the chip was given it, and gives it.
func (fs *fileSystem) announce(name string, content []byte) *elementaryFile {
	file, _ := masterEF(name)
	if given := find(fs.master, file.id); given != nil {
		return given
	}
	file.content = content
	fs.master = append(fs.master, file)
	return &fs.master[len(fs.master)-1]
}

// announceLengths adds an EF.ATR/INFO with extended length information, DO'7F66' (ISO/IEC 7816-4, 12.7.1).
func (fs *fileSystem) announceLengths(maxResponse int) {
	lengths := object(0x66, small(0xFFFF), small(maxResponse+2))
	fs.announce("EF.ATR/INFO", append([]byte{0x7F}, lengths...))
}

func find(files []elementaryFile, id uint16) *elementaryFile {
	for i := range files {
		if files[i].id == id {
			return &files[i]
		}
	}
	return nil
}

func findShort(files []elementaryFile, shortID byte) *elementaryFile {
	for i := range files {
		if files[i].shortID == shortID {
			return &files[i]
		}
	}
	return nil
}

// selection is the current directory and file.
type selection struct {
	application bool
	master      bool // by SELECT, and not because the chip starts so
	file        *elementaryFile
}

// current is the current directory's files.
func (c *Chip) current() []elementaryFile {
	if c.selected.application {
		return c.files.application
	}
	return c.files.master
}

// open is the file if this reader may read it. What is not there may only be known inside (Doc 9303-11, 4.2: selection
// of protected files is answered with 6982).
func (c *Chip) open(file *elementaryFile) (*elementaryFile, uint16) {
	later, withheld := c.withholds(file)
	switch {
	case withheld:
		return nil, later
	case file != nil && file.refusal != 0:
		return nil, file.refusal
	case c.selected.application && c.options.has(ClosedApplication):
		return nil, swSecurityStatus
	case file != nil && file.freeRead:
		return file, swSuccess
	case c.session == nil && (file != nil || c.selected.application):
		return nil, swSecurityStatus
	case file == nil:
		return nil, swFileNotFound
	}
	return file, swSuccess
}

// selectFile is SELECT (Doc 9303-10, 3.6): the application by name, an elementary file by identifier, or the MF.
func (c *Chip) selectFile(command command) response {
	const noResponseData = 0x0C
	if command.p2 != noResponseData {
		return response{status: swWrongParameters}
	}
	switch command.p1 {
	case 0x00:
		if len(command.data) != 0 && !isID(command.data, masterFile) {
			return response{status: swFileNotFound}
		}
		if c.options.has(NoMasterFile) {
			return response{status: swInstructionNotSupported}
		}
		c.selected = selection{master: true}
		return response{status: swSuccess}
	case 0x02:
		if len(command.data) != 2 {
			return response{status: swWrongLength}
		}
		file, sw := c.open(find(c.current(), binary.BigEndian.Uint16(command.data)))
		if sw == swSuccess {
			c.selected.file = file
		}
		return response{status: sw}
	case 0x04:
		if !bytes.Equal(command.data, application[:]) {
			return response{status: swFileNotFound}
		}
		c.selected = selection{application: true}
		return response{status: swSuccess}
	}
	return response{status: swWrongParameters}
}

func isID(data []byte, id uint16) bool {
	return len(data) == 2 && binary.BigEndian.Uint16(data) == id
}

// readBinary is READ BINARY (ISO/IEC 7816-4, 11.3.3).
func (c *Chip) readBinary(command command, room int) response {
	if command.expected == 0 {
		return response{status: swWrongLength}
	}
	if sw := c.options.refusesRead(command); sw != swSuccess {
		return response{status: sw}
	}
	if command.instruction == insReadBinaryOdd {
		return c.readBinaryOdd(command, room)
	}
	if len(command.data) != 0 {
		return response{status: swWrongLength}
	}
	file, offset := c.selected.file, int(command.p1)<<8|int(command.p2)
	if command.p1&0x80 != 0 { // bits 5 to 1 of P1 are a short file identifier
		if command.p1&0x60 != 0 {
			return response{status: swWrongParameters}
		}
		file, offset = findShort(c.current(), command.p1&0x1F), int(command.p2)
		if _, sw := c.open(file); sw != swSuccess {
			return response{status: sw}
		}
		c.selected.file = file
	}
	return c.read(file, offset, room, command)
}

// readBinaryOdd is READ BINARY with an odd instruction, for offsets over 32,767: DO'54' holds the offset and DO'53' the
// answer. P1-P2 of zero is the current file, up to 30 a short identifier, otherwise a file identifier.
func (c *Chip) readBinaryOdd(command command, room int) response {
	tag, value, rest, ok := nextObject(command.data)
	if !ok || tag != 0x54 || len(rest) != 0 || len(value) == 0 || len(value) > 3 {
		return response{status: swWrongData}
	}
	var offset int
	for _, b := range value {
		offset = offset<<8 | int(b)
	}
	file, id := c.selected.file, uint16(command.p1)<<8|uint16(command.p2)
	if id != 0 {
		if file = find(c.current(), id); id <= 30 {
			file = findShort(c.current(), byte(id))
		}
		if _, sw := c.open(file); sw != swSuccess {
			return response{status: sw}
		}
		c.selected.file = file
	}
	const header = 4 // of DO'53' with a two-byte length
	if command.expected <= header || room <= header {
		return response{status: swWrongLength}
	}
	command.expected -= header
	r := c.read(file, offset, room-header, command)
	if len(r.data) > 0 {
		r.data = object(0x53, r.data)
	}
	return r
}

// read gives what command asks for of a file, as far as room goes.
func (c *Chip) read(file *elementaryFile, offset, room int, command command) response {
	switch {
	case room <= 0:
		return response{status: swWrongLength}
	case file == nil:
		return response{status: swNoCurrentFile}
	case c.session == nil && !file.freeRead:
		return response{status: swSecurityStatus}
	case offset >= len(file.content):
		return response{status: swOutsideFile}
	}
	if file.id == portraitID {
		c.slowDown(SlowPortrait, pauseInPortrait)
	}
	left := file.content[offset:]
	if sw := c.refusesEnd(command, len(left)); sw != swSuccess {
		return response{status: sw}
	}
	size, err := c.quirkyCount(min(len(left), command.expected, room), command)
	if err != nil {
		return response{status: swNoDiagnosis}
	}
	warns := !command.maximum || c.options.has(WarnsAtEnd)
	if warns && command.expected > len(left) && size == len(left) {
		return response{data: left, status: swEndOfFile}
	}
	return response{data: left[:size], status: swSuccess}
}
