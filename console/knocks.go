package console

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
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

// from is the network that the visit comes from.
func (v *visit) from() netip.Prefix { return visitor(v.Request, v.office.SignIn.Proxies) }

// visitor is the network that a visit comes from: the address of IPv4, the first
// 64 bits of IPv6, which one household has to itself. A server in front of us, on
// this machine or among the proxies, tells it in X-Forwarded-For, where its own
// word stands last; before it stands that of a proxy in front of that one.
func visitor(r *http.Request, proxies []netip.Prefix) netip.Prefix {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	a, _ := netip.ParseAddr(host)
	a = a.Unmap().WithZone("")
	told := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for len(told) > 0 && inFront(a, proxies) {
		b, err := netip.ParseAddr(strings.TrimSpace(told[len(told)-1]))
		if err != nil {
			break
		}
		a, told = b.Unmap().WithZone(""), told[:len(told)-1]
	}
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// inFront reports whether the word of an address on others is taken.
func inFront(a netip.Addr, proxies []netip.Prefix) bool {
	return a.IsLoopback() || slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}
