package registration

import "time"

// State is whether a name is registered.
type State string

// The states. A rate limit, an unavailable server and a reply that is not understood are all Unknown: never
// NotRegistered.
const (
	Unknown       State = "unknown"
	Registered    State = "registered"
	NotRegistered State = "not-registered"
	Reserved      State = "reserved"
)

// Registration is a registry's data about a domain.
type Registration struct {
	State  State
	Source string // "rdap" or "whois"
	Server string // who said so
	Domain string

	Registrar     string
	RegistrarIANA string // the registrar's IANA id, digits
	// in RDAP's terms (RFC 8056): "client transfer prohibited", "redemption period"; sorted, without duplicates
	Statuses      []string
	Nameservers   []string // lower case, without the final dot
	DNSSEC        bool     // the registry holds DS or key data
	CreatedAt     time.Time
	UpdatedAt     time.Time
	TransferredAt time.Time
	ExpiresAt     time.Time
	SuspendsAt    time.Time // when the registry stops, or stopped, delegating it
	DeletesAt     time.Time // when it is deleted; in the past, when it was
	ReleasesAt    time.Time // when anyone can register it
	OptionUntil   time.Time // until when somebody else may register it first, if it is deleted (.pl)
	// the latest moment that ExpiresAt can mean, if it is a day or has no zone; else zero. It is a reading of the date,
	// and no data of the registry.
	ExpiresLatest time.Time `json:"-"`
	// the same of the other dates
	CreatedLatest, UpdatedLatest, TransferredLatest time.Time `json:"-"`
	SuspendsLatest, DeletesLatest, ReleasesLatest   time.Time `json:"-"`
	OptionLatest                                    time.Time `json:"-"`

	Offer      Offer  // how it is given out, if it is Reserved; OfferClaims with NotRegistered
	Reason     string // why the state is Unknown or Reserved, in a few words
	Throttled  bool   // the registry refused because of too many questions
	RetryAfter time.Duration
	Elsewhere  bool `json:"-"` // the server answered, but not as one that has names of this ending
	// Doubtful is set if the server answers something else than for a free name, and it is not understood.
	Doubtful       bool   `json:"-"`
	general        bool   // Reserved by a notice that can be a part of every answer
	ReferralServer string // the registrar's own WHOIS server, when a thin registry names one
}
