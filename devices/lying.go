package devices

// What a technician is told of a document that lies where nobody is being served.
const (
	saysDocumentLies Key = "device.document_lies"
	takeDocument     Key = "remedy.take_document"
)

// DocumentLies is the health of a device that is well, and on which a document lies that nobody needs: no visitor can check in on it.
// A person mends that at once.
func DocumentLies() Health {
	return Health{State: StateUserError, Reason: Say(saysDocumentLies), Remedy: Say(takeDocument)}
}
