package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
)

// stamps are what a property of an account holds: a word for each
// action that was done on it, the last at the end. A word is the hash of the
// action's key; of an action whose steps go on behind the stamp it is
//
//	~HASH.TIME          begun, at a time in seconds, base 36
//	-HASH.TIME          begun to be deleted as a leaver's
//	~HASH.TIME.TEAM.OP  and the Team and the operation that Graph named
type stamps []string

// room is how many characters of stamps an account takes: an extension attribute has
// 1024, a directory extension 256.
func (t *turn) room() int {
	if t.Extension != "" {
		return 256
	}
	return 1024
}

// hash is the stamp of a key: 48 bits of its SHA-256.
func hash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:6])
}

// A begun is a stamp taken apart.
type begun struct {
	at       time.Time // zero of an action that is done
	leaver   bool
	team, op string
}

func (b begun) done() bool { return b.at.IsZero() }

func (b begun) word(hash string) string {
	if b.done() {
		return hash
	}
	w := hash + "." + strconv.FormatInt(b.at.Unix(), 36)
	if b.team != "" {
		w += "." + b.team + "." + b.op
	}
	if b.leaver {
		return "-" + w
	}
	return "~" + w
}

// marked splits a word into its hash, the mark before it, and what stands behind.
func marked(word string) (mark, hash string, rest []string) {
	hash = strings.TrimLeft(word, "~-")
	parts := strings.Split(hash, ".")
	return word[:len(word)-len(hash)], parts[0], parts[1:]
}

// of returns the stamp of a hash, if it is there.
func (s stamps) of(hash string) (begun, bool) {
	for _, w := range s {
		mark, h, rest := marked(w)
		if h != hash {
			continue
		}
		if mark == "" || len(rest) == 0 {
			return begun{}, true
		}
		seconds, err := strconv.ParseInt(rest[0], 36, 64)
		if err != nil {
			continue
		}
		b := begun{at: time.Unix(seconds, 0), leaver: mark == "-"}
		if len(rest) == 3 {
			b.team, b.op = rest[1], rest[2]
		}
		return b, true
	}
	return begun{}, false
}

// with returns the stamps with that of a hash at the end. The oldest go where the
// property has no room.
func (s stamps) with(hash string, b begun, room int) stamps {
	out := stamps{}
	for _, w := range s {
		if _, h, _ := marked(w); h != hash {
			out = append(out, w)
		}
	}
	out = append(out, b.word(hash))
	for len(out) > 1 && len(out.String()) > room {
		out = out[1:]
	}
	return out
}

// settled returns the stamps with every begun action as done: what was begun
// before an account was deleted does not go on when it is brought back.
func (s stamps) settled() stamps {
	out := make(stamps, len(s))
	for i, w := range s {
		_, out[i], _ = marked(w)
	}
	return out
}

// leaving reports whether the account was to be deleted as a leaver's, and not
// brought back since.
func (s stamps) leaving() bool {
	return slices.ContainsFunc(s, func(w string) bool {
		mark, hash, rest := marked(w)
		return mark == "-" && len(hash) == 12 && len(rest) == 1
	})
}

func (s stamps) String() string { return strings.Join(s, " ") }
