package main

import (
	"flag"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	nodesSeed = flag.Uint64("nodes.seed", 0, "repeat a run of the test of several nodes; 0 takes a new one")
	nodesMail = flag.Int("nodes.mails", 60, "how many mails the test of several nodes sends; 1000 for the full script")
)

// TestTwoNodes lets two programs serve one database while mails arrive, and kills
// and pauses them at random: a pause is longer than the lease, so that the other
// takes over and the paused one wakes up to find it. Afterwards every mail must be
// decided once, and every mail of ours must have arrived; one that was under way
// when its node was killed or paused may have arrived again as the same message.
func TestTwoNodes(t *testing.T) {
	t.Parallel()
	seed := *nodesSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	dice := rand.New(rand.NewPCG(seed, 1))
	t.Logf("repeat with -nodes.seed %d", seed)
	r := newRush(t, *nodesMail)
	nodes := []*running{r.desk.serve(t), r.desk.serve(t)}
	sent := r.send(t)
	kills, pauses := 0, 0
	for step := 0; r.desk.count(t, sqlHandled) < len(r.mails)*9/10 && step < 60; step++ {
		goal := r.desk.count(t, sqlHandled) + 1 + dice.IntN(1+len(r.mails)/30)
		await(t, "the nodes get on", func() bool {
			return r.desk.count(t, sqlHandled) >= min(goal, len(r.mails)*9/10)
		})
		victim := dice.IntN(2)
		if dice.IntN(2) == 0 {
			kills++
			nodes[victim].kill(t)
			nodes[victim] = r.desk.serve(t)
			continue
		}
		pauses++
		r.pause(t, nodes[victim])
	}
	sent.Wait()
	r.desk.settled(t, len(r.mails))
	for _, n := range nodes {
		n.stop(t)
	}
	t.Logf("%d mails, killed %d times, paused %d times", len(r.mails), kills, pauses)
	r.lookAtDecisions(t)
	r.lookAtMails(t, kills+pauses)
	r.lookAtRegister(t)
	if kills+pauses == 0 {
		t.Error("nothing was killed or paused: the test shows nothing")
	}
	for _, n := range nodes {
		if strings.Contains(n.says(t), "panic") {
			t.Errorf("a node panicked:\n%s", n.says(t))
		}
	}
}

// pause stops a program until the other has taken over what it had, and lets it go
// on.
func (r *rush) pause(t *testing.T, p *running) {
	t.Helper()
	gone := r.desk.count(t, `select count(*) from node where gone = 1`)
	if err := p.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	await(t, "the other takes the paused one for gone", func() bool {
		return r.desk.count(t, `select count(*) from node where gone = 1`) > gone
	})
	if err := p.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// TestInboxMoves: the inbox goes to the other node within the lease when its
// holder is killed, and at once when it is stopped.
func TestInboxMoves(t *testing.T) {
	t.Parallel()
	r := newRush(t, 2)
	one := r.desk.serve(t)
	await(t, "the first node holds the inbox", func() bool { return strings.Contains(one.says(t), "this node holds the inbox") })
	two := r.desk.serve(t)
	await(t, "the second has joined", func() bool { return r.desk.count(t, `select count(*) from node where gone = 0`) == 2 })
	one.kill(t)
	await(t, "the second holds the inbox", func() bool { return strings.Contains(two.says(t), "this node holds the inbox") })
	r.desk.submit(t, string(r.mails[1].from), r.mails[1].raw)
	r.desk.settled(t, 1)
	three := r.desk.serve(t)
	await(t, "the third has joined", func() bool { return r.desk.count(t, `select count(*) from node where gone = 0`) == 2 })
	two.stop(t)
	await(t, "the third holds the inbox", func() bool { return strings.Contains(three.says(t), "this node holds the inbox") })
	three.stop(t)
	if n := r.desk.count(t, `select count(*) from holder where node = 0`); n != 1 {
		t.Error("the last node that left still holds the inbox")
	}
	if n := r.desk.count(t, `select max(fence)::int from holder`); n != 3 {
		t.Errorf("the inbox had %d holders, want 3", n)
	}
}
