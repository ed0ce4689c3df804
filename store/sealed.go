package store

import "fmt"

// A Codec seals the columns that hold personal data. Column is "table.column";
// a codec binds what it seals to it.
type Codec interface {
	Seal(column string, plain []byte) []byte
	Open(column string, sealed []byte) ([]byte, error)
	// Index returns what stands in an index for a value that is looked up, such
	// as a mobile: the same for the same value, and of no use without the key.
	Index(column, plain string) string
}

// plainCodec leaves everything as it is.
type plainCodec struct{}

func (plainCodec) Seal(_ string, plain []byte) []byte           { return plain }
func (plainCodec) Open(_ string, sealed []byte) ([]byte, error) { return sealed, nil }
func (plainCodec) Index(_, plain string) string                 { return plain }

// A Sealed is a column that holds personal data, on its way in or out.
type Sealed struct {
	codec  Codec
	column string
	plain  []byte             // on the way in
	into   func([]byte) error // on the way out
}

// seal returns a text for a sealed column.
func (s *Store) seal(column, plain string) Sealed {
	return Sealed{codec: s.codec, column: column, plain: []byte(plain)}
}

// open returns a target for Scan that reads a sealed column into a text.
func open[T ~string](s *Store, column string, into *T) *Sealed {
	return &Sealed{codec: s.codec, column: column, into: func(b []byte) error {
		*into = T(b)
		return nil
	}}
}

// openTo is open for what is not text.
func (s *Store) openTo(column string, into func([]byte) error) *Sealed {
	return &Sealed{codec: s.codec, column: column, into: into}
}

func (v Sealed) bytes() []byte {
	if b := v.codec.Seal(v.column, v.plain); b != nil {
		return b
	}
	return []byte{}
}

// Scan implements sql.Scanner.
func (v *Sealed) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok && src != nil {
		return fmt.Errorf("%s: want bytes, have %T", v.column, src)
	}
	plain, err := v.codec.Open(v.column, b)
	if err != nil {
		return fmt.Errorf("%s: cannot be opened: %w", v.column, err)
	}
	return v.into(plain)
}

// index returns what stands in an index for a value; "" stays "".
func (s *Store) index(column, plain string) string {
	if plain == "" {
		return ""
	}
	return s.codec.Index(column, plain)
}

func (s *Store) indexes(column string, plain []string) []string {
	out := make([]string, len(plain))
	for i, p := range plain {
		out[i] = s.index(column, p)
	}
	return out
}
