package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/api/sandbox/story"
)

// StoryError is the reason why one story cannot be run. It does not affect the others.
type StoryError struct {
	Story string // its name
	Err   error
}

func (e *StoryError) Error() string { return "story " + e.Story + ": " + e.Err.Error() }

func (e *StoryError) Unwrap() error { return e.Err }

// ReadStories reads the stories of a file system, from its top level and from the folders there, in the order of
// their names. Files whose name begins with an underscore are not stories. Stories that cannot be run are returned as
// broken; the error is about the file system or about the world that all stories share.
func ReadStories(fsys fs.FS) (stories []*story.Story, broken []*StoryError, err error) {
	w, err := readWorld(fsys)
	if err != nil {
		return nil, nil, err
	}
	stories, broken, err = w.readStories(fsys, nil)
	if err != nil {
		return nil, nil, err
	}
	if fsys == scenarios() { // readFile has not
		stories = slices.DeleteFunc(stories, func(s *story.Story) bool {
			err := w.check(s)
			if err != nil {
				broken = append(broken, &StoryError{s.Name, err})
			}
			return err != nil
		})
	}
	stories, broken = checkCompanions(stories, broken)
	return stories, broken, nil
}

// readStories reads the stories with these names, or all stories, in the order of their names. The error is about the
// file system or an unknown name.
func (w *surroundings) readStories(fsys fs.FS, names []string) (stories []*story.Story, broken []*StoryError,
	err error,
) {
	files, err := storyFiles(fsys)
	if err != nil {
		return nil, nil, err
	}
	if names == nil {
		for name := range files {
			names = append(names, name)
		}
	}
	owners := map[string]string{} // registrable name -> story
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		if len(files[name]) == 0 {
			return nil, nil, fmt.Errorf("there is no story %q", name)
		}
		s, err := w.readFile(fsys, name, files[name])
		if err == nil {
			err = claim(owners, s)
		}
		if err != nil {
			broken = append(broken, &StoryError{name, err})
			continue
		}
		stories = append(stories, s)
	}
	return stories, broken, nil
}

// storyFiles returns the files of each story; more than one is a mistake.
func storyFiles(fsys fs.FS) (map[string][]string, error) {
	files := map[string][]string{}
	for _, pattern := range []string{"*.txtar", "*/*.txtar"} {
		found, err := fs.Glob(fsys, pattern)
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			if name := strings.TrimSuffix(path.Base(file), ".txtar"); !strings.HasPrefix(name, "_") {
				files[name] = append(files[name], file)
			}
		}
	}
	return files, nil
}

// readFile reads the file of a story. Each built-in story is read once in a process, and not changed afterwards. Its
// mistakes are found by ReadStories, and before that by the tests: a sandbox of all of them starts twice as fast.
func (w *surroundings) readFile(fsys fs.FS, name string, files []string) (*story.Story, error) {
	if len(files) > 1 {
		return nil, fmt.Errorf("there are two files of this name, %s and %s: rename one", files[0], files[1])
	}
	if fsys != scenarios() {
		return w.read(fsys, files[0], func(raw []byte) (*story.Story, error) { return w.readStory(name, raw) })
	}
	read := func() (*story.Story, error) {
		return w.read(fsys, files[0], func(raw []byte) (*story.Story, error) { return w.parse(name, raw) })
	}
	once, _ := readOnce.LoadOrStore(name, sync.OnceValues(read))
	return once.(func() (*story.Story, error))()
}

// readOnce has the built-in stories that were read, by name.
var readOnce sync.Map

func (w *surroundings) read(fsys fs.FS, file string, parse func([]byte) (*story.Story, error)) (*story.Story, error) {
	raw, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	s, err := parse(raw)
	if err != nil {
		return nil, err
	}
	s.File = file
	return s, nil
}

// claim records the owner of a story's names, and returns an error if one of them belongs to another story.
func claim(owners map[string]string, s *story.Story) error {
	for _, b := range s.Bases(0) {
		if other := owners[b]; other != "" {
			return fmt.Errorf("the name %s is used by the story %s: each story needs names of its own", b, other)
		}
	}
	for _, b := range s.Bases(0) {
		owners[b] = s.Name
	}
	return nil
}

// readStory reads one story and builds its world once, so that a mistake in the file is found when it is read.
func (w *surroundings) readStory(name string, raw []byte) (*story.Story, error) {
	s, err := w.parse(name, raw)
	if err == nil {
		err = w.check(s)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// parse reads one story, and of its world what a sandbox needs to know before any of its servers is used.
func (w *surroundings) parse(name string, raw []byte) (*story.Story, error) {
	s, err := story.Parse(name, raw)
	if err != nil {
		return nil, err
	}
	for _, b := range s.Bases(0) {
		if err := w.owns(b); err != nil {
			return nil, err
		}
	}
	start := time.Unix(0, 0)
	in, err := w.outline(s, 0, start)
	if err != nil {
		return nil, err
	}
	s.SetTarget(in.target)
	s.ID, s.Listed = in.id, in.listed
	for addr := range in.edges {
		if addr != cdnAddress {
			s.Servers = append(s.Servers, netip.MustParseAddr(addr))
		}
	}
	if n := len(in.scheduled); n > 0 {
		s.Lasts = in.scheduled[n-1].at.Sub(start)
	}
	return s, nil
}

// check builds the world of a story and applies its changes.
func (w *surroundings) check(s *story.Story) error {
	in, err := w.build(s, 0, time.Unix(0, 0))
	if err == nil {
		_, err = in.applied()
	}
	return err
}

// checkCompanions moves stories that need a broken or missing companion (With) to the broken ones.
func checkCompanions(stories []*story.Story, broken []*StoryError) ([]*story.Story, []*StoryError) {
	byName := map[string]*story.Story{}
	for _, s := range stories {
		byName[s.Name] = s
	}
	var good []*story.Story
	for _, s := range stories {
		i := slices.IndexFunc(s.With, func(name string) bool {
			other := byName[name]
			return other == nil || other == s || other.Alone || s.Alone
		})
		if i >= 0 {
			broken = append(broken, &StoryError{s.Name, fmt.Errorf("it cannot be run with the story %q", s.With[i])})
			continue
		}
		good = append(good, s)
	}
	return good, broken
}

func joined(broken []*StoryError) error {
	errs := make([]error, len(broken))
	for i, e := range broken {
		errs[i] = e
	}
	return errors.Join(errs...)
}
