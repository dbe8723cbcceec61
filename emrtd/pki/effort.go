package pki

import (
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/cryptobyte"
)

// Bounds of what finding a message's signer costs, in [verificationEffort]: among the certificates that stand in the message or
// were added, and by [SignedData.FindSigner]. A stranger writes the signers, the certificates and the curves, all of which are tried
// with each other; a document of the field takes less than a hundred, and what no state would write took minutes. As much as this
// takes two seconds on a slow station. Whoever uses it up has proved nothing, for him or against him.
const (
	maxEffort       = 2048
	maxSearchEffort = 4096
)

// readingEffort is that of a key that cannot be read: domain parameters may take as long as this to be found unusable.
const readingEffort = 32

// errEffort says that a key was not tested, or not in every way.
var errEffort = fmt.Errorf("%w: to test the keys of all who may be its signer takes too long", ErrUnsupported)

// effort is what was spent of so much as there is; nil has no bound.
type effort struct {
	spent atomic.Int64
	most  int64
}

// spend says whether so much is left, and takes it.
func (e *effort) spend(units int) bool {
	return e == nil || units == 0 || e.spent.Add(int64(units)) <= e.most
}

// giveUp leaves nothing.
func (e *effort) giveUp() { e.spent.Add(e.most) }

// exhausted says that nothing is left.
func (e *effort) exhausted() bool { return e.spent.Load() >= e.most }

// verificationEffort is what a verification with the key takes, in units of a millisecond: on the curves that crypto/ecdsa does
// not have it grows with the square of their length.
func verificationEffort(key publicKey) int {
	const long, unit = 256, 128
	switch key := key.(type) {
	case ecKey:
		bits := key.curve.Parameters().N.BitLen()
		return max(1, bits*bits/(unit*unit))
	case standardKey:
		if key.Params().BitSize > long {
			return 1
		}
	}
	return 0 // RSA opens a signature once for all attempts
}

// keyEffort is what reading a key took: one with a curve of its own has to be checked.
func keyEffort(key publicKey, err error) int {
	own, isEC := key.(ecKey)
	switch {
	case err != nil:
		return readingEffort
	case isEC && own.curve.Name() == "":
		return 2 * verificationEffort(key)
	}
	return 0
}

// trials are what was found out and spent on a message, for all of its signers and whatever is added to it.
type trials struct {
	found, sought effort
	mu            sync.Mutex
	certificates  map[string]*triedCertificate // by DER
	failures      map[failedTrial]error
}

// triedCertificate is a certificate, whose key is read when it is tried.
type triedCertificate struct {
	*Certificate
	err     error // why it cannot be parsed
	element cryptobyte.String
	keyRead bool
	keyErr  error
}

// failedTrial is that the key of a certificate, in DER, did not make the signature of the n-th signer.
type failedTrial struct {
	signer      int
	certificate string
}

func newTrials() *trials {
	t := &trials{certificates: map[string]*triedCertificate{}, failures: map[failedTrial]error{}}
	t.found.most, t.sought.most = maxEffort, maxSearchEffort
	return t
}

// GiveUp ends the search for the signer, in this message and those that share its certificates: what has not been tried is not
// tried any more, as if it took too long, and proves nothing. It may be called at any time and from any goroutine.
func (s *SignedData) GiveUp() {
	s.trials.found.giveUp()
	s.trials.sought.giveUp()
}

// parse parses a certificate but for its key, once.
func (t *trials) parse(der []byte) *triedCertificate {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, known := t.certificates[string(der)]
	if !known {
		c = &triedCertificate{}
		c.Certificate, c.element, c.err = parseButKey(der)
		t.certificates[string(der)] = c
	}
	return c
}

// readKey reads the key of a certificate that was parsed, once.
func (t *trials) readKey(c *triedCertificate) (publicKey, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !c.keyRead {
		if t.found.exhausted() {
			return nil, errEffort
		}
		c.keyRead = true
		c.key, c.keyErr = readKey(c.element)
		t.found.spend(keyEffort(c.key, c.keyErr))
	}
	return c.key, c.keyErr
}

// failure is why a trial failed before; nil for one that was not made.
func (t *trials) failure(of failedTrial) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failures[of]
}

// fail keeps why a trial failed.
func (t *trials) fail(of failedTrial, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures[of] = err
}
