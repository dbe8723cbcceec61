package postgres

import (
	"bytes"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"
)

// acceptAnyText has every text that a connection sends be one that PostgreSQL keeps: U+FFFD stands where U+0000, or what is no UTF-8, was.
// A visitor whose ticket is odd is not refused for it, and who asks for such a text finds what was kept of it.
// https://www.postgresql.org/docs/15/datatype-character.html: "The character with code zero cannot be stored".
func acceptAnyText(types *pgtype.Map) {
	text := &pgtype.Type{Name: "text", OID: pgtype.TextOID, Codec: textCodec{}}
	types.RegisterType(text)
	types.RegisterType(&pgtype.Type{Name: "_text", OID: pgtype.TextArrayOID, Codec: &pgtype.ArrayCodec{ElementType: text}})
}

type textCodec struct{ pgtype.TextCodec }

// PlanEncode is the text codec's plan, with what cannot be kept replaced.
func (c textCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if plan := c.TextCodec.PlanEncode(m, oid, format, value); plan != nil {
		return textPlan{plan}
	}
	return nil
}

type textPlan struct{ plan pgtype.EncodePlan }

// Encode appends value to buf.
func (p textPlan) Encode(value any, buf []byte) ([]byte, error) {
	before := len(buf)
	buf, err := p.plan.Encode(value, buf)
	if err != nil || buf == nil {
		return buf, err
	}
	if text := buf[before:]; !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		kept := bytes.ReplaceAll(bytes.ToValidUTF8(text, []byte("\uFFFD")), []byte{0}, []byte("\uFFFD"))
		buf = append(buf[:before:before], kept...)
	}
	return buf, nil
}
