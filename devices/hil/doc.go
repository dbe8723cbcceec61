// Package hil shows the drivers to a real kernel: the same device models that the emulated bus has, plugged into Linux' virtual USB host
// controller in a virtual machine, with the kernel's own drivers, udev and its rules, and the kernel's own test camera. It has tests alone,
// which make hil runs in the machine.
package hil
