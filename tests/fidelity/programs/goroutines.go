// SPDX-License-Identifier: MIT

// goroutines N abort|panic: N goroutines that wait some calls deep, each with slices, strings and maps
// of its own; then one of them dies. abort: in Go's handler, which has a stack of its own.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"
)

type result struct {
	unit  string
	value float64
}

type job struct {
	next   *job
	name   string
	input  []uint64
	output *result
}

type worker struct {
	number    int
	jobs      *job
	neighbour *worker
	names     map[string]*job
}

var (
	workers []*worker
	forever sync.Mutex
	started sync.WaitGroup
	stage   = "of the link"
	depths  uint64
	nowhere *int
)

func makeJobs(w *worker) {
	for i := 0; i < 10; i++ {
		j := &job{next: w.jobs, name: fmt.Sprintf("job %d of worker %d", i, w.number)}
		for k := 0; k <= i; k++ {
			j.input = append(j.input, uint64(w.number)<<uint(k))
		}
		j.output = &result{"seconds", float64(w.number)*1.5 + float64(i)}
		w.jobs = j
		w.names[j.name] = j
	}
}

func abort() {
	runtime.LockOSThread()
	syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(os.Getpid()),
		uintptr(syscall.Gettid()), uintptr(syscall.SIGABRT))
}

//go:noinline
func waitOrCrash(w *worker, j *job) string {
	label := j.name + " on " + strconv.Itoa(w.number)
	tail := j.input[len(j.input)-1:]
	started.Done()
	if w.number == len(workers)-1 {
		started.Wait()
		time.Sleep(200 * time.Millisecond)
		stage = "of the run"
		if os.Args[2] == "abort" {
			abort()
		}
		*nowhere = w.number
	}
	forever.Lock()
	return label + fmt.Sprint(tail)
}

//go:noinline
func descend(w *worker, j *job, depth int) string {
	mine := result{j.name, float64(depth)}
	following := j.next
	if following == nil {
		following = w.jobs
	}
	if depth > 0 {
		depths++
		return descend(w, following, depth-1) + mine.unit
	}
	return waitOrCrash(w, following)
}

func work(w *worker, done chan<- string) {
	makeJobs(w)
	done <- descend(w, w.jobs, w.number%7)
}

func main() {
	count, err := strconv.Atoi(os.Args[1])
	if err != nil || count < 1 {
		os.Exit(9)
	}
	debug.SetTraceback("crash")
	done := make(chan string)
	forever.Lock()
	started.Add(count)
	for i := 0; i < count; i++ {
		workers = append(workers, &worker{number: i, names: map[string]*job{}})
	}
	for i, w := range workers {
		w.neighbour = workers[(i+1)%count]
		go work(w, done)
	}
	fmt.Println(<-done)
}
