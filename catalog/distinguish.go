package catalog

// Why a code of a domain counts neither for nor against the predictions in an audit.
const (
	ApartPast       = "past"
	ApartUnjudged   = "unjudged"
	ApartUngiven    = "ungiven"
	ApartUnreported = "unreported"
)

// ApartWords describes the reason.
func ApartWords(why string) string {
	switch why {
	case ApartPast:
		return "reported some time ago, no longer seen"
	case ApartUnjudged:
		return "reported, but some checks could not be completed"
	case ApartUngiven:
		return "reported, but only detectable with data from a ticket (domdoc triage)"
	case ApartUnreported:
		return "predicted, but not reported (yet)"
	}
	return why
}
