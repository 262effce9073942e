// SPDX-License-Identifier: MIT

// go_memory MIB: so much private memory whose words are their own addresses, some threads of Go's own that wait
// in the kernel, and a death of which Go's handler knows nothing.
package main

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

const threads = 20

func wait(started *sync.WaitGroup) {
	runtime.LockOSThread()
	started.Done()
	for {
		syscall.Syscall(syscall.SYS_PPOLL, 0, 0, 0)
	}
}

func die() {
	var action [4]uint64
	syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(syscall.SIGABRT),
		uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
	syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(os.Getpid()), uintptr(syscall.Gettid()),
		uintptr(syscall.SIGABRT))
}

func main() {
	mib, err := strconv.Atoi(os.Args[1])
	if err != nil {
		os.Exit(9)
	}
	words := make([]uintptr, mib<<17)
	for i := range words {
		words[i] = uintptr(unsafe.Pointer(&words[i]))
	}
	var started sync.WaitGroup
	started.Add(threads)
	for i := 0; i < threads; i++ {
		go wait(&started)
	}
	started.Wait()
	time.Sleep(200 * time.Millisecond) // until no thread is on its way
	die()
	os.Exit(int(words[0]))
}
