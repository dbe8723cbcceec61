package emrtd

// Proofs are what a chip did to show that it is no copy of another (ICAO Doc 9303-11, 6). Each is nil where it was not
// asked for: the chip's files offer none, or the reading ended before. They are worth something only together with passive
// authentication of the files that hold the keys.
type Proofs struct {
	// Mapping is what "PACE-ECDH-CAM" leaves; nil with every other procedure.
	Mapping *ChipAuthenticationMapping
	// ChipAuthentication is how chip authentication went; nil where DG14 has no key for it.
	ChipAuthentication *ChipAuthentication
	// ActiveAuthentication is the chip's answer to a challenge; nil where the chip has no DG15.
	ActiveAuthentication *ActiveAuthentication
	// Parsed are the files that the chip was asked by.
	Parsed
}

// ChipAuthentication is how chip authentication went (ICAO Doc 9303-11, 6.2).
type ChipAuthentication struct {
	// KeyID is the identifier of the public key in DG14 that was used, or [NoID].
	KeyID int
	// Refused is how the chip refused the keys and ciphers that DG14 lists as well and that it was asked for before, because they are
	// stronger; nil where the first went well.
	Refused error
	// Err is nil where the chip has proved by a command under the new session keys that it holds the private key;
	// [ErrNotChipsKey] where it agreed to the keys twice, in two sessions, and does not have them; another where it refused
	// every key, or where there is none that can be used here.
	Err error
}

// ActiveAuthentication is an answer to INTERNAL AUTHENTICATE (ICAO Doc 9303-11, 6.1), which whoever has DG15 can check.
type ActiveAuthentication struct {
	Challenge []byte // RND.IFD, 8 bytes
	Response  []byte // the signature; nil with Err
	Err       error  // the chip's refusal
}
