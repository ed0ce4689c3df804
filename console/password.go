package console

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Argon2id with the second recommended parameters of RFC 9106, section 4: three
// passes over 64 MiB in four lanes, a salt of 128 bits and a tag of 256.
var rfc9106 = cost{time: 3, memory: 64 << 10, lanes: 4}

// usual is what hashing costs here.
var usual = rfc9106

const (
	saltBytes = 16
	tagBytes  = 32
)

// A cost is what one hashing takes; memory is in KiB.
type cost struct {
	time, memory uint32
	lanes        uint8
}

// hashing lets few hash at once: each takes 64 MiB.
var hashing = make(chan struct{}, 2)

func (c cost) tag(password string, salt []byte) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, c.time, c.memory, c.lanes, tagBytes)
}

// HashPassword hashes a password for [store.Staff], in PHC form:
// $argon2id$v=19$m=65536,t=3,p=4$SALT$TAG.
func HashPassword(password string) string {
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, usual.memory, usual.time, usual.lanes,
		b64.EncodeToString(salt), b64.EncodeToString(usual.tag(password, salt)))
}

// fits reports whether a password has that hash. Against no hash, or one that
// cannot be read, it takes as long as against a good one, and says no.
func fits(password, hash string) bool {
	c, salt, tag, err := readHash(hash)
	if err != nil {
		c, salt, tag = usual, make([]byte, saltBytes), make([]byte, tagBytes)
	}
	same := subtle.ConstantTimeCompare(c.tag(password, salt), tag) == 1
	return same && err == nil
}

var errHash = errors.New("not a hash of argon2id in PHC form")

// readHash reads what HashPassword wrote. Costs beyond any that we would write
// are refused: they could stop the machine.
func readHash(hash string) (c cost, salt, tag []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errHash
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.lanes); n != 3 || err != nil ||
		c.memory > 1<<20 || c.time < 1 || c.time > 20 || c.lanes < 1 {
		return c, nil, nil, errHash
	}
	salt, serr := base64.RawStdEncoding.DecodeString(parts[4])
	tag, terr := base64.RawStdEncoding.DecodeString(parts[5])
	if serr != nil || terr != nil || len(salt) < 8 || len(tag) != tagBytes {
		return c, nil, nil, errHash
	}
	return c, salt, tag, nil
}

// leastPassword is how many characters a password has at least; the most is
// only a limit on what is hashed (NIST SP 800-63B, 3.1.1.2: length counts, and
// no rules on what it is made of).
const (
	leastPassword = 12
	mostPassword  = 256
)

// CheckPassword says what is wrong with a new password of a member of staff.
func CheckPassword(name, password string) error {
	n := utf8.RuneCountInString(password)
	low := strings.ToLower(password)
	switch {
	case n < leastPassword:
		return fmt.Errorf("the password must have at least %d characters: three words in a row are easy to keep", leastPassword)
	case len(password) > mostPassword:
		return fmt.Errorf("the password must have at most %d characters", mostPassword)
	case name != "" && strings.Contains(low, strings.ToLower(name)):
		return errors.New("the password must not hold the sign-in name")
	case strings.Count(low, low[:1]) == len(low):
		return errors.New("the password must not be one character again and again")
	}
	return nil
}
