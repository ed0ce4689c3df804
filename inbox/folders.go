package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-imap/v2"

	"nasdesk"
)

// allFolders is where messages can go, in the order in which folders are made.
var allFolders = []nasdesk.Folder{nasdesk.FolderProcessed, nasdesk.FolderExceptions, nasdesk.FolderIgnored, nasdesk.FolderQuarantined}

// checkFolders wants a name for each folder. Two may share a name, but none may
// be the inbox, where messages would be met again.
func (s *Settings) checkFolders() (errs []error) {
	for _, f := range allFolders {
		switch name := s.Folders[f]; {
		case strings.Trim(name, "/") != name || name == "":
			errs = append(errs, fmt.Errorf("imap: folders: give %s a name, such as nasdesk/%s", f, f))
		case strings.EqualFold(name, s.Inbox):
			errs = append(errs, fmt.Errorf("imap: folders: %s cannot be the inbox", f))
		}
	}
	return errs
}

// ensureFolders makes the folders that are absent. It comes before the first
// message is taken: a message that cannot be put away is brought for ever.
func (v *visit) ensureFolders(ctx context.Context) error {
	if err := v.findDelimiter(ctx); err != nil {
		return err
	}
	for _, f := range allFolders {
		if err := v.ensureFolder(ctx, v.mailbox(f)); err != nil {
			return fmt.Errorf("folder for %s: %w", f, err)
		}
	}
	return nil
}

// findDelimiter asks which character stands between a folder and the one in it
// (RFC 9051, 6.3.9).
func (v *visit) findDelimiter(ctx context.Context) error {
	list, err := v.list(ctx, "")
	if err == nil && len(list) > 0 {
		v.delimiter = list[0].Delim
	}
	return err
}

// mailbox is the name of a folder on this server. In the settings a slash
// stands between a folder and the one in it; a server without folders in folders
// gets a hyphen.
func (v *visit) mailbox(f nasdesk.Folder) string {
	name, ok := v.set.Folders[f]
	if !ok {
		name = v.set.Folders[nasdesk.FolderExceptions] // a folder that we do not know: let staff see it
	}
	delimiter := "-"
	if v.delimiter != 0 {
		delimiter = string(v.delimiter)
	}
	return strings.ReplaceAll(name, "/", delimiter)
}

func (v *visit) ensureFolder(ctx context.Context, name string) error {
	list, err := v.list(ctx, name)
	if err != nil || len(list) > 0 {
		return err
	}
	err = v.command(ctx, "CREATE", func(func()) error { return v.client.Create(name, nil).Wait() })
	var answer *imap.Error
	if errors.As(err, &answer) && answer.Code == imap.ResponseCodeAlreadyExists {
		return nil
	}
	if err != nil {
		return err
	}
	// Only so that people's mail clients show it: a refusal does no harm.
	err = v.command(ctx, "SUBSCRIBE", func(func()) error { return v.client.Subscribe(name).Wait() })
	if isAnswer(err) {
		return nil
	}
	return err
}

func (v *visit) list(ctx context.Context, name string) (found []*imap.ListData, err error) {
	err = v.command(ctx, "LIST", func(func()) error {
		found, err = v.client.List("", name, nil).Collect()
		return err
	})
	return found, err
}
