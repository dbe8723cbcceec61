package link

import (
	"testing"

	"google.golang.org/protobuf/proto"

	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// FuzzOffice proves that no snapshot makes the check fail otherwise than with an error, and that what passes is bounded.
func FuzzOffice(f *testing.F) {
	seed, err := proto.Marshal(&stationv1.GetOfficeResponse{
		Recipient: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", Name: "Mitte",
		Services: []*stationv1.Service{{Id: "permit", Names: map[string]string{"de": "Aufenthalt"}}},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, text []byte) {
		var o stationv1.GetOfficeResponse
		if proto.Unmarshal(text, &o) != nil || checkOffice(&o) != nil {
			return
		}
		if len(o.GetServices()) > maxServices || len(o.GetName()) > 4*maxText {
			t.Errorf("passed with %d services and a name of %d bytes", len(o.GetServices()), len(o.GetName()))
		}
	})
}
