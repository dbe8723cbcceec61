package pcsc

import "context"

// Names gives the names of all readers that the service knows, as [Open] chooses from; none is no error. ErrStopped when pcscd does
// not run.
func Names(ctx context.Context) ([]string, error) {
	r := &Reader{lines: map[*line]struct{}{}}
	defer r.Close()
	names, err := r.list(ctx)
	if err != nil {
		return nil, failure("list", err)
	}
	return names, nil
}
