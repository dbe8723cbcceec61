// Package graceful ends HTTP servers in order.
package graceful

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Serve calls serve, which is one of the server's own methods, until ctx ends; then it gives answers under way as long as grace, and
// cuts the others off. It returns nil after such an end, and serve's error otherwise.
func Serve(ctx context.Context, server *http.Server, serve func() error, grace time.Duration) error {
	served := make(chan error, 1)
	go func() { served <- serve() }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(ending)
	if errors.Is(err, context.DeadlineExceeded) { // a browser that takes no answer keeps nobody from ending
		err = server.Close()
	}
	<-served
	return err
}
