package chip

import (
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
)

// revoked answers whether the signer's certificate has been taken back, and tells what else is known of its documents.
func (x *examination) revoked() answer {
	if a, missing := x.needSigner(); missing {
		return a
	}
	issuer, err := x.issuer()
	if err != nil {
		return x.revokedByAnyone(err)
	}
	status, why := x.trust.Revocation(x.signer, issuer, x.Day)
	switch status {
	case trust.StatusRevoked:
		return answer{verify.Failed, why}
	case trust.StatusGood:
		return answer{verify.Passed, why + x.knownFaults()}
	}
	return answer{verify.Undetermined, why + x.knownFaults()}
}

// revokedByAnyone answers for a signer whose issuer is not known, or does not count any longer: what that has revoked while it did
// stays revoked.
func (x *examination) revokedByAnyone(unknown error) answer {
	if status, why := x.trust.Revocation(x.signer, nil, x.Day); status == trust.StatusRevoked {
		return answer{verify.Failed, why}
	}
	return answer{verify.Undetermined, "the signer's issuer is not known, nor what it revoked: " + unknown.Error()}
}
