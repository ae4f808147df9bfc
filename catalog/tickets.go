package catalog

import "strings"

// The sentences about a ticket: what it says, and what to ask its writer.

// TicketReports says which code the service reported in a ticket.
func TicketReports(c Code) string {
	return "the ticket reports " + c.ID + " " + c.Name + ": " + c.Description
}

// TicketMentions says which code a ticket only mentions; said holds the words if it is not spelled as a code.
func TicketMentions(c Code, said string) string {
	if said != "" {
		return "the ticket says " + Quote(said) + ", the words of " + c.ID + " " + c.Name + " (a hint, no evidence)"
	}
	return "the ticket mentions " + c.ID + " " + c.Name + ": " + c.Description + " (a hint, no evidence)"
}

// TicketShows says which message of other software a ticket shows.
func TicketShows(name, product, meaning string, causes []ID) string {
	s := "the ticket shows " + name + " (" + product + "): " + meaning
	if len(causes) == 0 {
		return s
	}
	return s + "; it points to " + joinIDs(causes)
}

func joinIDs(ids []ID) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return Join(out)
}

// TicketNoCode says that something is no code of the service.
func TicketNoCode(name string) string {
	return name + " is not an error code of the service: they are " + codes[0].ID + " to " + codes[len(codes)-1].ID
}

// TicketVia says why another domain than the host in the ticket is diagnosed.
func TicketVia(host, domain string) string {
	return host + " is not among this tenant's domains; " + domain + " is, in the same zone, and is diagnosed"
}

// TicketUnclear says that a host may belong to several domains.
func TicketUnclear(host string, domains []string) string {
	return host + " is not among this tenant's domains; in its zone are " + Join(domains) +
		", and the ticket does not say which of them it is about"
}

// TicketAside says which names are not taken for the subject of a ticket.
func TicketAside(names []string) string {
	return "only in a signature, disclaimer, link or address of the support: " + Join(names)
}

// TicketLeft says which names in a ticket are not diagnosed.
func TicketLeft(names []string) string {
	return "the ticket also names " + Join(names) + ", which no error is near: not diagnosed (triage --domain does it)"
}

// TicketOpen says which names in a ticket are not diagnosed although it is about them.
func TicketOpen(names []string) string {
	return "not diagnosed, though the ticket is about it: " + Join(names) + " (triage --domain does it)"
}

// JudgedAlone says that a fault at shared infrastructure was judged from one domain.
func JudgedAlone(place string) string {
	return "from this domain alone: whether other domains at " + place +
		" fail in the same way was not checked; domdoc check --all compares them"
}

// AskBack is what a ticket does not say.
type AskBack struct {
	Domain  bool     // the domain
	Choices []string // the domains it may be about
	Host    string   // the host that the choices are in the zone of
	Error   bool     // the error
	NoCode  string   // what is spelled like a code and is none
	When    bool     // when it happened
}

// Sentences returns the questions to the writer of the ticket, each of which is a paragraph or, after the first, an
// item of a list.
func (a AskBack) Sentences() (intro string, questions []string) {
	switch {
	case len(a.Choices) > 0:
		questions = append(questions, "Which of these domains is it about: "+strings.Join(a.Choices, ", ")+"?")
	case a.Domain:
		questions = append(questions, AskDomain)
	}
	switch {
	case a.NoCode != "":
		questions = append(questions,
			a.NoCode+" is not one of our error codes. Which code does the message show exactly?")
	case a.Error:
		questions = append(questions, AskError)
	}
	if a.When {
		questions = append(questions, AskWhen)
	}
	if len(questions) == 1 {
		return AskOne, questions
	}
	return AskSeveral, questions
}

// The fixed sentences of a question to the writer of a ticket.
const (
	AskOne     = "Thank you for your message. To find the cause, we need an answer to this question:"
	AskSeveral = "Thank you for your message. To find the cause, we need answers to these questions:"
	AskDomain  = "Which domain is it about? Please copy it from the address bar of the browser, for example " +
		"shop.example.com."
	AskError = "What does the error message say exactly? Please send it as text, with its code if it has one " +
		"(DOMAIN_ and " +
		"three digits, or for example NET::ERR_CERT_COMMON_NAME_INVALID)."
	AskWhen = "When did it happen, with the time zone, and is there a request ID?"
)
