package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// static is the look of the console: style sheets, script and icons, which
// "make assets" builds from nhsuk-frontend. Without them the pages are plain.
//
//go:embed static
var static embed.FS

// A look is the built assets. Its version is a digest of all of them and stands
// in their addresses, so that browsers can keep them for ever.
type look struct {
	files   map[string][]byte
	version string
}

var theLook = sync.OnceValue(func() look { return readLook(static) })

func readLook(f fs.FS) look {
	l := look{files: map[string][]byte{}}
	sum := sha256.New()
	// An embedded folder cannot fail to be read.
	_ = fs.WalkDir(f, "static", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), ".") || e.Name() == "README.md" {
			return err
		}
		text, err := fs.ReadFile(f, name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "static/")
		l.files[name] = text
		sum.Write([]byte(name))
		sum.Write(text)
		return nil
	})
	l.version = hex.EncodeToString(sum.Sum(nil)[:8])
	return l
}

// Href is the address of an asset, "" where it was not built.
func (l look) Href(name string) string {
	if _, built := l.files[name]; !built {
		return ""
	}
	return "/static/" + l.version + "/" + name
}

// Logo is the NHS logo as the package gives it, "" where it was not built.
func (l look) Logo() template.HTML { return template.HTML(l.files["logo.svg"]) }

// serveAsset gives an asset. An address of another version is answered with
// what there is now, but is not kept.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	l := theLook()
	version, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/static/"), "/")
	text, built := l.files[name]
	if !built {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'")
	h.Set("Cache-Control", "no-cache")
	if version == l.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, path.Base(name), time.Time{}, bytes.NewReader(text))
}
