package foreign

// Hints returns the texts of which a match contains one.
func (m *Message) Hints() []string { return m.hints }
