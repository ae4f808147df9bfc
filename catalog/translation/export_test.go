package translation

// Pairs returns the sentences of a language with their translations.
func (l Language) Pairs() [][2]string { return pairs(l) }
