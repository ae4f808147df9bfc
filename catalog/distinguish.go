package catalog

// Why a code of a tenant's domain neither proves nor disproves a prediction.
const (
	ApartPast       = "past"
	ApartUnjudged   = "unjudged"
	ApartUngiven    = "ungiven"
	ApartUnreported = "unreported"
)

// ApartWords says why, for a person.
func ApartWords(why string) string {
	switch why {
	case ApartPast:
		return "reported some time ago, and not seen any more"
	case ApartUnjudged:
		return "reported, and something of the domain could not be asked"
	case ApartUngiven:
		return "reported, and known only with what a ticket holds (domdoc triage)"
	case ApartUnreported:
		return "predicted, and not reported (yet)"
	}
	return why
}
