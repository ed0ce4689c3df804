package nasdesk

import (
	"crypto/sha256"
	"errors"
	"strconv"
	"strings"
)

// Reference returns the reference of the n-th request (from 1) of a message:
// NAS- and the first eight characters, in Crockford's base32, of the SHA-256 of
// id, "#" and n. The id is the Message-ID without angle brackets, or the
// content's SHA-256 in hex where there is none. Contract, rule 16.
func Reference(id string, n int) string {
	const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	sum := sha256.Sum256([]byte(id + "#" + strconv.Itoa(n)))
	ref := []byte("NAS-00000000")
	bits := uint64(sum[0])<<32 | uint64(sum[1])<<24 | uint64(sum[2])<<16 | uint64(sum[3])<<8 | uint64(sum[4])
	for i := len(ref) - 1; i >= 4; i-- {
		ref[i] = digits[bits&31]
		bits >>= 5
	}
	return string(ref)
}

// A ReferenceNumber is one of ours, in its normal form.
type ReferenceNumber string

// Set reads NAS- and eight characters of Crockford's base32, in any case.
// Letters that people mistake (I, L, O) are read as the digits they look like.
func (r *ReferenceNumber) Set(written string) error {
	s := strings.ToUpper(strings.Trim(Clean(written), "[]()#.,;: "))
	s = strings.ReplaceAll(s, " ", "")
	code, ok := strings.CutPrefix(s, "NAS-")
	if !ok || len(code) != 8 {
		return errors.New("not a reference: NAS- and eight characters")
	}
	code = strings.NewReplacer("I", "1", "L", "1", "O", "0").Replace(code)
	for _, c := range code {
		if !strings.ContainsRune("0123456789ABCDEFGHJKMNPQRSTVWXYZ", c) {
			return errors.New("not a reference: NAS- and eight characters")
		}
	}
	*r = ReferenceNumber("NAS-" + code)
	return nil
}

func (r *ReferenceNumber) String() string { return string(*r) }

// Type implements Value.
func (*ReferenceNumber) Type() Type { return ReferenceType }
