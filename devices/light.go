package devices

import "errors"

// NoLightError says in which light nothing is to be seen although its lamp was switched on: the lamp is out, or something lies
// before the camera, or there is nothing on the glass. It is [ErrNoLight]. Only who knows that a document lies there can tell.
type NoLightError struct {
	Light Light // none for all of them
}

// Error implements error.
func (e NoLightError) Error() string {
	if e.Light == "" {
		return "all lamps: " + ErrNoLight.Error()
	}
	return string(e.Light) + " lamp: " + ErrNoLight.Error()
}

// Unwrap gives [ErrNoLight].
func (NoLightError) Unwrap() error { return ErrNoLight }

// What a lamp that gives no light is called to a technician.
const (
	saysNoLight     Key = "device.no_light"             // detail; none of the lamps
	saysVisibleOut  Key = "device.no_light.visible"     // detail
	saysInfraredOut Key = "device.no_light.infrared"    // detail
	saysUVOut       Key = "device.no_light.ultraviolet" // detail
)

// lampOf is the key of an error that says which lamp gives no light.
func lampOf(err error) Key {
	var dark NoLightError
	errors.As(err, &dark)
	switch dark.Light {
	case LightVisible:
		return saysVisibleOut
	case LightInfrared:
		return saysInfraredOut
	case LightUltraviolet:
		return saysUVOut
	}
	return saysNoLight
}
