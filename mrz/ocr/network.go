package ocr

import (
	"fmt"

	"gocv.io/x/gocv"
)

// A tensor is a network's input or output: rows of values, the last size fastest. It must be closed.
type tensor struct {
	mat    gocv.Mat
	values []float32
}

// newTensor makes one of zeros.
func newTensor(sizes ...int) (tensor, error) {
	return tensorOf(gocv.NewMatWithSizesWithScalar(sizes, gocv.MatTypeCV32F, gocv.NewScalar(0, 0, 0, 0)))
}

func tensorOf(mat gocv.Mat) (tensor, error) {
	values, err := mat.DataPtrFloat32()
	if err != nil {
		mat.Close()
		return tensor{}, fmt.Errorf("mrz/ocr: tensor: %w", err)
	}
	return tensor{mat, values}, nil
}

func (t tensor) close() { t.mat.Close() }

// A network is one of the two that this package carries. It serves one caller at a time.
type network struct{ net gocv.Net }

func openNetwork(onnx []byte) (network, error) {
	net, err := gocv.ReadNetFromONNXBytes(onnx)
	if err != nil {
		return network{}, fmt.Errorf("mrz/ocr: read network: %w", err)
	}
	return network{net}, nil
}

// forward runs the network. The caller closes what it gives.
func (n network) forward(input tensor) (tensor, error) {
	n.net.SetInput(input.mat, "x")
	return tensorOf(n.net.Forward("y"))
}

func (n network) close() error { return n.net.Close() }
