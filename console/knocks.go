package console

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// From one address so many may try to sign in at once, and then one in each
// span. An office behind one address has a burst of its own.
const (
	knockBurst = 20
	knockEvery = 6 * time.Second
	knockers   = 10_000 // addresses that are remembered
)

// knocks counts who tries to sign in, by address. It slows down guessing over
// many names; the lock of an account stops guessing at one.
type knocks struct {
	mu sync.Mutex
	by map[netip.Prefix]*rate.Limiter
}

func newKnocks() *knocks { return &knocks{by: map[netip.Prefix]*rate.Limiter{}} }

// may reports whether another try from there is welcome.
func (k *knocks) may(from netip.Prefix, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	l := k.by[from]
	if l == nil {
		if len(k.by) >= knockers {
			k.forget(now)
		}
		l = rate.NewLimiter(rate.Every(knockEvery), knockBurst)
		k.by[from] = l
	}
	return l.AllowN(now, 1)
}

// forget drops those that have their whole burst again, or else all.
func (k *knocks) forget(now time.Time) {
	for from, l := range k.by {
		if l.TokensAt(now) >= knockBurst {
			delete(k.by, from)
		}
	}
	if len(k.by) >= knockers {
		clear(k.by)
	}
}

// visitor is the network that a visit comes from: the address of IPv4, the first
// 64 bits of IPv6, which one household has to itself. A server in front of us on
// this machine tells it in X-Forwarded-For, where its own word stands last.
func visitor(r *http.Request) netip.Prefix {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	a, _ := netip.ParseAddr(host)
	if a.IsLoopback() {
		told := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
		if b, err := netip.ParseAddr(strings.TrimSpace(told[strings.LastIndexByte(told, ',')+1:])); err == nil {
			a = b
		}
	}
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}
