package subject

import "testing"

func TestNamedID(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ message, object, want string }{
		{"Route rt-gone-9 not found", "route", "rt-gone-9"},
		{"no route with id rt-9.", "route", "rt-9"},
		{`unknown route "rt-9"`, "route", "rt-9"},
		{"routeId=rt_9 is unknown", "route", "rt_9"},
		{"Routes: [rt-9]", "route", "rt-9"},
		{"The record with the identifier r-77 was not found", "record", "r-77"},
		{"transfer t-1: authorization code is invalid", "transfer", "t-1"},
		{"Route 17 does not exist", "route", "17"},
		{"Route 53 does not exist", "route", ""},              // a product
		{"no route, answered with 404", "route", ""},          // not behind the word
		{"route 404", "route", ""},                            // an answer
		{"the route was not found", "route", ""},              // no id
		{"Route missing-one not found", "route", ""},          // a word
		{"route a/../9 not found", "route", ""},               // not what ids have
		{"rerouted rt-9", "route", ""},                        // another word
		{"Route rt-9 not found", "", ""},                      // no object
		{"", "route", ""},                                     // no sentence
		{"Route rt-1 not found; Route rt-2", "route", "rt-1"}, // the first
	} {
		if got := NamedID(tt.message, tt.object); got != tt.want {
			t.Errorf("%q about a %s: %q, want %q", tt.message, tt.object, got, tt.want)
		}
	}
}
