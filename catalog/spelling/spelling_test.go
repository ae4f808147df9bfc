package spelling

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	keys := []string{"verdict", "code", "cause", "who", "expires"}
	for word, want := range map[string]string{
		"vredict": "verdict", "verdit": "verdict", "coed": "code", "expire": "expires", "hwo": "who",
		"colour": "", "us": "", "x": "", "": "",
	} {
		if got := Nearest(word, keys); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
