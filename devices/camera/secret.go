package camera

import "regexp"

var (
	// inAddress is a password in an address (RFC 3986, 3.2.1): "rtsp://user:password@camera".
	inAddress = regexp.MustCompile(`(://[^/\s:@"]*):[^/\s"]*@`)
	// inProperty is one in a property of a pipeline's element: rtspsrc has user-pw, others have password or token.
	inProperty = regexp.MustCompile(`(?i)\b([a-z-]*(?:pw|passwd|password|passphrase|token|secret))\s*=\s*("[^"]*"|\S+)`)
)

// WithoutSecrets is a source as it may be told to whoever asks where a camera is: a pipeline may have a password to a camera on the network.
func WithoutSecrets(source string) string {
	return inProperty.ReplaceAllString(inAddress.ReplaceAllString(source, "$1:***@"), "$1=***")
}
