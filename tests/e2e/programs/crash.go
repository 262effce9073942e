// SPDX-License-Identifier: MIT

// Goroutines that wait, and one that crashes with values that a debugger is asked for.
package main

import (
	"runtime/debug"
	"time"
)

type node struct {
	name string
	next *node
}

//go:noinline
func waits(n int) {
	time.Sleep(time.Hour)
}

//go:noinline
func crashes(n *node) int {
	text := "local of crashes"
	var p *int
	return *p + len(text) + len(n.next.name)
}

func main() {
	debug.SetTraceback("crash")
	for i := 0; i < 5; i++ {
		go waits(i)
	}
	time.Sleep(50 * time.Millisecond)
	crashes(&node{"first", &node{"second", nil}})
}
