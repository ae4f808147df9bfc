package dashboard

import "maps"

// domainScreens are the tabs of a domain, each as somebody reaches it.
func domainScreens() map[string]func(b *bench) {
	return map[string]func(b *bench){
		"records":              func(b *bench) { b.load().results().open("name-doubled").press("3") },
		"records-partly":       func(b *bench) { b.load().results().open("servers-disagree").press("3") },
		"certificate":          func(b *bench) { b.load().results().open("caa-forbids").press("4") },
		"registration":         func(b *bench) { b.load().results().open("on-hold").press("5") },
		"registration-unasked": func(b *bench) { b.load().results().open("registry-limited").press("5") },
		"routes":               func(b *bench) { b.load().results().open("name-doubled").press("6") },
		"service":              func(b *bench) { b.load().results().open("name-doubled").press("7") },
		"ledger":               func(b *bench) { b.load().results().open("name-doubled").press("8") },
		"ledger-whole":         func(b *bench) { b.load().results().open("name-doubled").press("8", "down", "enter") },
		"ledger-search":        func(b *bench) { b.load().results().open("name-doubled").press("8", "/", "d", "o", "u") },
	}
}

func allScreens() map[string]func(b *bench) {
	out := screensOf()
	maps.Copy(out, domainScreens())
	return out
}
