package chip

import "context"

// Other is a card that is no working ePassport.
type Other struct {
	atr    []byte
	answer func(ctx context.Context, command []byte) []byte
}

// Dead is a chip that gives its ATR and answers 6F00 to everything, as one does whose memory is gone.
func Dead() *Other {
	return &Other{atr: contactlessATR(), answer: func(context.Context, []byte) []byte {
		return response{status: swNoDiagnosis}.encode()
	}}
}

// Silent is a chip that gives its ATR and never says another word.
func Silent() *Other {
	return &Other{atr: contactlessATR(), answer: func(ctx context.Context, _ []byte) []byte {
		<-ctx.Done()
		return nil
	}}
}

// Foreign is a good card of another kind: it knows how to select, and has nothing that a passport has.
func Foreign() *Other {
	return &Other{atr: contactlessATR(0x00), answer: func(_ context.Context, raw []byte) []byte {
		command, sw := parseCommand(raw)
		switch {
		case sw != swSuccess:
			return response{status: sw}.encode()
		case command.instruction == insSelect:
			return response{status: swFileNotFound}.encode()
		}
		return response{status: swInstructionNotSupported}.encode()
	}}
}

// ATR is the card's answer to reset.
func (o *Other) ATR() []byte { return o.atr }

// Reset does nothing: the card has no state.
func (o *Other) Reset() {}

// Transmit answers in the card's one way.
func (o *Other) Transmit(ctx context.Context, command []byte) []byte { return o.answer(ctx, command) }
