package imaptest

import (
	"bytes"
	"net"
	"sync"
	"testing"
	"time"
)

// A Proxy stands between a program and a server of any protocol, and makes the
// network between them bad.
type Proxy struct {
	Address string // host:port, for the program

	network, server string
	mu              sync.Mutex
	open            map[net.Conn]bool
	delay           time.Duration
	garble          int           // chunks from the server that are still to be spoilt
	released        chan struct{} // closed while bytes may pass
	shut            bool
	total, most     int
	watch           map[string]int
}

// StartProxy listens until the test ends, in front of a server: network is "tcp" or
// "unix". Each of the words is counted as often as the program says it.
func StartProxy(tb testing.TB, network, server string, words ...string) *Proxy {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{Address: l.Addr().String(), network: network, server: server, open: map[net.Conn]bool{}, watch: map[string]int{}, released: make(chan struct{})}
	close(p.released)
	for _, w := range words {
		p.watch[w] = 0
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.pass(c) })
		}
	})
	tb.Cleanup(func() {
		l.Close()
		p.Release()
		p.Cut()
		all.Wait()
	})
	return p
}

// pass carries one connection both ways until either end goes.
func (p *Proxy) pass(c net.Conn) {
	defer c.Close()
	if !p.enter(c) {
		return
	}
	defer p.leave(c)
	up, err := net.Dial(p.network, p.server)
	if err != nil {
		return
	}
	defer up.Close()
	go func() {
		defer up.Close()
		p.carry(up, c, p.heard)
	}()
	p.carry(c, up, p.spoil)
}

func (p *Proxy) enter(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total++
	if p.shut {
		return false
	}
	p.open[c] = true
	p.most = max(p.most, len(p.open))
	return true
}

func (p *Proxy) leave(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

// carry copies chunk by chunk, as fast as it is let.
func (p *Proxy) carry(to, from net.Conn, see func([]byte)) {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			p.mu.Lock()
			wait, released := p.delay, p.released
			p.mu.Unlock()
			<-released
			time.Sleep(wait)
			see(buf[:n])
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *Proxy) heard(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.watch {
		p.watch[w] += bytes.Count(b, []byte(w))
	}
}

// spoil turns a chunk into what no protocol says.
func (p *Proxy) spoil(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.garble > 0 {
		p.garble--
		for i := range b {
			b[i] ^= 0x55
		}
	}
}

// Delay holds every chunk up for so long.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Garble spoils the next n chunks that the server says.
func (p *Proxy) Garble(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.garble = n
}

// Stall lets nothing through until Release: connections stay open, and silent.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.released = make(chan struct{})
}

// Release ends a Stall.
func (p *Proxy) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.released:
	default:
		close(p.released)
	}
}

// Cut closes all connections; new ones may be made.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		c.Close()
	}
}

// Shut says whether new connections are closed at once.
func (p *Proxy) Shut(shut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = shut
}

// Count returns how many connections were made, and how many there were at once at
// most.
func (p *Proxy) Count() (total, most int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.total, p.most
}

// Said returns how often the program said a word that is watched for.
func (p *Proxy) Said(word string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.watch[word]
}
