package emrtd

// NoteCode says what a [Note] is of: [a-z_]{1,40}.
type NoteCode string

// Note is something that a chip or one of its files has otherwise than the standards, and that was got along with. It holds nothing
// of the document.
type Note struct {
	Code NoteCode
	Text string // what it was, in technical English: a sentence without an end
}

// String is the text.
func (n Note) String() string { return n.Text }

// What a chip did otherwise while it was read ([Reading.Notes]).
const (
	NoteCardAccessUnreadable NoteCode = "card_access_unreadable"
	NoteCardAccessUnusable   NoteCode = "card_access_unusable" // some of its entries
	NoteCardAccessDeviates   NoteCode = "card_access_deviates"
	NoteNoVariant            NoteCode = "no_variant" // of PACE that can be used here
	NoteRefused              NoteCode = "refused"    // a variant of PACE
	NoteRefusedOnce          NoteCode = "refused_once"
	NoteBasicAccess          NoteCode = "basic_access" // after PACE was refused
	NoteDomainGuessed        NoteCode = "domain_guessed"
	NoteReference            NoteCode = "reference"
	NoteWarning              NoteCode = "warning" // a status word that was taken for done
	NoteSelection            NoteCode = "selection"
	NoteLengths              NoteCode = "lengths"
	NoteLengthInClear        NoteCode = "length_in_clear"
	NoteSessionLost          NoteCode = "session_lost"
	NoteSignatureLength      NoteCode = "signature_length"
	NoteLinkBroke            NoteCode = "link_broke" // told by whoever holds the link
)

// What a file has otherwise ([SecurityInfos.Deviations], [SecurityInfos.KeyDeviations], [Face.Deviations]).
const (
	NoteVersion         NoteCode = "version"
	NoteParameters      NoteCode = "parameters"
	NoteElements        NoteCode = "elements"
	NoteTwice           NoteCode = "twice"
	NoteLongLengths     NoteCode = "long_lengths"
	NoteKeyUse          NoteCode = "key_use"
	NoteKeyIdentifier   NoteCode = "key_identifier"
	NoteKeyVersion      NoteCode = "key_version"
	NoteKeyElements     NoteCode = "key_elements"
	NotePictureLength   NoteCode = "picture_length"
	NotePictureCount    NoteCode = "picture_count"
	NotePictureTemplate NoteCode = "picture_template"
	NotePicturePlace    NoteCode = "picture_place"
)
