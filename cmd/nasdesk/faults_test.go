package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPartsThatCannotBeReached takes one part after the other away from the
// running program. It must go on, say so in one clear line, and lose nothing:
// when the part is back, the mail is answered, once.
func TestPartsThatCannotBeReached(t *testing.T) {
	t.Parallel()
	t.Run("smtp", func(t *testing.T) {
		r := newRush(t, 2)
		r.desk.configure(t, r.desk.database, closedPort(t))
		p := r.desk.serve(t)
		r.desk.submit(t, string(r.mails[1].from), r.mails[1].raw)
		await(t, "the mail is decided", func() bool { return r.desk.count(t, sqlHandled) == 1 })
		await(t, "the log says so", func() bool { return strings.Contains(p.says(t), "mail cannot be handed in") })
		p.stop(t)
		r.desk.configure(t, r.desk.database, r.desk.smtp.Address)
		r.dueNow(t)
		r.answeredOnce(t, r.mails[1])
	})
	t.Run("imap", func(t *testing.T) {
		r := newRush(t, 2)
		there := r.desk.imap.Address
		r.desk.imap.Address = closedPort(t)
		r.desk.configure(t, r.desk.database, r.desk.smtp.Address)
		p := r.desk.serve(t)
		await(t, "the log says so", func() bool { return strings.Contains(p.says(t), `"msg":"the mailbox cannot be read"`) })
		p.stop(t)
		r.desk.imap.Address = there
		r.desk.configure(t, r.desk.database, r.desk.smtp.Address)
		r.desk.submit(t, string(r.mails[1].from), r.mails[1].raw)
		r.answeredOnce(t, r.mails[1])
	})
	t.Run("database", func(t *testing.T) {
		r := newRush(t, 2)
		p := r.desk.serve(t)
		await(t, "the mailbox is open", func() bool { return strings.Contains(p.says(t), "the mailbox is open") })
		r.desk.postgres.Down(t)
		r.desk.submit(t, string(r.mails[1].from), r.mails[1].raw)
		await(t, "the log says so", func() bool { return strings.Contains(p.says(t), "store: ") })
		r.desk.postgres.Up(t)
		r.desk.connect(t)
		r.desk.settled(t, 1)
		p.stop(t)
		r.answeredOnce(t, r.mails[1])
	})
}

// dueNow lets the time pass until what failed is tried again.
func (r *rush) dueNow(t *testing.T) {
	t.Helper()
	if _, err := r.desk.db.Exec(t.Context(), `update mail set at = 1 where state = 'ready'`); err != nil {
		t.Fatal(err)
	}
}

// answeredOnce runs the program until a mail is answered, and wants one reply.
func (r *rush) answeredOnce(t *testing.T, m rushMail) {
	t.Helper()
	p := r.desk.serve(t)
	r.desk.settled(t, 1)
	await(t, "the reply arrives", func() bool { return len(r.desk.lying(t, string(m.from), "INBOX")) > 0 })
	p.stop(t)
	if got := r.desk.lying(t, string(m.from), "INBOX"); len(got) != 1 || got[0].answers() != m.id {
		t.Errorf("%d replies, want 1", len(got))
	}
	if n := r.desk.count(t, sqlHandled); n != 1 {
		t.Errorf("decided %d times", n)
	}
}

// TestFullDisk lets the disk of an SQLite store fill up. What cannot be kept
// stays in the inbox; when there is room again, every mail is answered once.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	built(t)
	disk := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", disk).Run() })
	r := newRush(t, 12)
	database := "sqlite:" + filepath.Join(disk, "desk.db")
	r.desk.configure(t, database, r.desk.smtp.Address)
	r.importInto(t, database)
	for i := range r.mails {
		r.mails[i].raw = append(r.mails[i].raw, strings.Repeat("> "+strings.Repeat("an old line of the thread ", 3)+"\r\n", 1400)...)
	}
	p := r.desk.serve(t)
	r.send(t).Wait()
	await(t, "the log says that the disk is full", func() bool { return strings.Contains(p.says(t), "full") })
	p.stop(t)
	if n := len(r.desk.lying(t, helpdesk, "INBOX")); n == 0 {
		t.Fatal("no mail is left in the inbox of a full disk: nothing was tested")
	}
	if out, err := exec.Command("mount", "-o", "remount,size=64m", disk).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	p = r.desk.serve(t)
	await(t, "the inbox is empty", func() bool { return len(r.desk.lying(t, helpdesk, "INBOX")) == 0 })
	r.lookAtReplies(t)
	p.stop(t)
	r.lookAtReplies(t)
}

func (r *rush) importInto(t *testing.T, database string) {
	t.Helper()
	if out, err := exec.Command(built(t), "import", r.world, database).CombinedOutput(); err != nil {
		t.Fatalf("import: %v\n%s", err, out)
	}
}

// lookAtReplies waits until all replies are there, and wants no other. A full
// disk may have kept the program from writing down that a mail went out: that
// one may come again, as the same message.
func (r *rush) lookAtReplies(t *testing.T) {
	t.Helper()
	for i, m := range r.mails {
		want := rushSorts[i%len(rushSorts)].mails
		var got map[string][]letter
		await(t, fmt.Sprintf("%d mails answer %s, %s", want, m.id, m.sort), func() bool {
			got = r.answersTo(t, m)
			return len(got) >= want
		})
		if len(got) != want {
			t.Errorf("%s, %s: %d different mails, want %d", m.id, m.sort, len(got), want)
		}
		for id, copies := range got {
			if len(copies) > 1 {
				t.Logf("arrived %d times: %s", len(copies), id)
			}
			if last := copies[len(copies)-1]; last.own() != copies[0].own() {
				t.Errorf("%s arrived again and differs:\n%s\n%s", id, copies[0].raw, last.raw)
			}
		}
	}
}

// answersTo are the mails that answer one, by their Message-IDs.
func (r *rush) answersTo(t *testing.T, m rushMail) map[string][]letter {
	t.Helper()
	out := map[string][]letter{}
	for _, l := range r.desk.lying(t, string(m.from), "INBOX") {
		if l.answers() == m.id {
			out[l.id()] = append(out[l.id()], l)
		}
	}
	return out
}
