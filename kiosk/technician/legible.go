package technician

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// legible puts Unicode's replacement character in the place of what is no UTF-8 in a message: Protocol Buffers send no other text.
func legible(m protoreflect.Message) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsList() && field.Message() != nil:
			for i := range value.List().Len() {
				legible(value.List().Get(i).Message())
			}
		case field.Message() != nil:
			legible(value.Message())
		case field.Kind() == protoreflect.StringKind:
			m.Set(field, protoreflect.ValueOfString(strings.ToValidUTF8(value.String(), "\uFFFD")))
		}
		return true
	})
}
