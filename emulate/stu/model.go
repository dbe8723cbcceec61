package stu

// Model is what differs between pads.
type Model struct {
	Product                 uint16
	Name                    string
	MaxX, MaxY, MaxPressure int // 100 units a millimetre
	Width, Height           int // of the LCD, in pixels
	Encodings               byte
	Old                     bool // a capability report of ten bytes, without areas and thickness
	Stamps                  Stamps
	Keys                    Keys
	BlockSize               int  // of picture in one block; 0 is 253
	Rate                    byte // of samples, which a host may ask for; 0 is one that it may not
	ESerial                 bool // a serial number of its own
}

// Stamps are what a pad can have its samples bear.
type Stamps int

// The kinds of stamps.
const (
	NoStamps Stamps = iota
	Numbers
	TimesAndNumbers
)

// Keys is how a pad agrees on a key.
type Keys int

// The kinds of keys.
const (
	NoKeys Keys = iota
	DiffieHellman
	RSA
)

// Flags of encodings in the capability report (Protocol.hpp, EncodingFlag).
const (
	flagZlib = 0x01
	flag1    = 0x02
	flag16   = 0x04
	flag24   = 0x08
)

// The pads that there are. Geometry is that of the makers' leaflets, rounded.

// STU300 is a small pad without colours, the oldest kind.
func STU300() Model {
	return Model{Product: 0x00a2, Name: "STU-300", MaxX: 9900, MaxY: 2500, MaxPressure: 511, Width: 396, Height: 100,
		Old: true, Keys: DiffieHellman}
}

// STU500 is a large pad without colours of the same age.
func STU500() Model {
	return Model{Product: 0x00a1, Name: "STU-500", MaxX: 10160, MaxY: 7620, MaxPressure: 511, Width: 640, Height: 480,
		Old: true, Keys: DiffieHellman}
}

// STU520A has colours in 16 bits, and numbers its samples.
func STU520A() Model {
	return Model{Product: 0x00a3, Name: "STU-520A", MaxX: 10400, MaxY: 6240, MaxPressure: 1023, Width: 800, Height: 480,
		Encodings: flag1 | flag16, Stamps: Numbers, Keys: DiffieHellman}
}

// STU430 is small, without colours, of the newer kind.
func STU430() Model {
	return Model{Product: 0x00a4, Name: "STU-430", MaxX: 9600, MaxY: 6000, MaxPressure: 1023, Width: 320, Height: 200,
		Encodings: flag1 | flagZlib, Stamps: TimesAndNumbers, Keys: RSA}
}

// STU430V is the STU-430 with a serial line.
func STU430V() Model {
	m := STU430()
	m.Product, m.Name, m.Rate = 0x00a6, "STU-430V", 150
	return m
}

// STU530 has colours in 24 bits.
func STU530() Model {
	return Model{Product: 0x00a5, Name: "STU-530", MaxX: 10800, MaxY: 6480, MaxPressure: 1023, Width: 800, Height: 480,
		Encodings: flagZlib | flag1 | flag16 | flag24, Stamps: TimesAndNumbers, Keys: RSA}
}

// STU540 is its successor, which also has a serial line.
func STU540() Model {
	m := STU530()
	m.Product, m.Name, m.Rate, m.ESerial = 0x00a8, "STU-540", 200, true
	return m
}

// STU541 speaks TLS alone: this one says nothing at all.
func STU541() Model {
	m := STU530()
	m.Product, m.Name = 0x00a9, "STU-541"
	return m
}
