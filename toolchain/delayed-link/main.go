// Makes two network interfaces, the names of which are its arguments, and carries each Ethernet frame from one to the other after a
// delay, in order and without loss, as netem does where the kernel has it. Each line of standard input is a new delay of one way, in
// microseconds, and is answered when it is in force; at the end of the input the interfaces go.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const largestFrame = 65536

var delay atomic.Int64

type frame struct {
	due     time.Time
	content []byte
}

// open makes an interface that exists as long as the file is open.
func open(name string) *os.File {
	descriptor, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		log.Fatalf("/dev/net/tun: %v", err)
	}
	var request struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:syscall.IFNAMSIZ-1], name)
	request.flags = syscall.IFF_TAP | syscall.IFF_NO_PI
	if _, _, failure := syscall.Syscall(syscall.SYS_IOCTL, uintptr(descriptor), syscall.TUNSETIFF, uintptr(unsafe.Pointer(&request))); failure != 0 {
		log.Fatalf("interface %s: %v", name, failure)
	}
	// Nonblocking, so that Go's poller waits and no thread does.
	if err := syscall.SetNonblock(descriptor, true); err != nil {
		log.Fatal(err)
	}
	return os.NewFile(uintptr(descriptor), name)
}

func carry(from, to *os.File) {
	frames := make(chan frame, 4096)
	go func() {
		for each := range frames {
			time.Sleep(time.Until(each.due))
			// An interface that is down takes nothing, as a cable that is not plugged in.
			_, _ = to.Write(each.content)
		}
	}()
	buffer := make([]byte, largestFrame)
	for {
		size, err := from.Read(buffer)
		if err != nil {
			log.Fatal(err)
		}
		due := time.Now().Add(time.Duration(delay.Load()))
		frames <- frame{due, append([]byte(nil), buffer[:size]...)}
	}
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: delayed-link INTERFACE INTERFACE")
	}
	near, far := open(os.Args[1]), open(os.Args[2])
	go carry(near, far)
	go carry(far, near)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		microseconds, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			log.Fatal(err)
		}
		delay.Store(microseconds * int64(time.Microsecond))
		fmt.Println(microseconds)
	}
}
