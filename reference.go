package nasdesk

import (
	"crypto/sha256"
	"strconv"
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
