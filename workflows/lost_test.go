package workflows_test

import (
	"fmt"
	"testing"

	"nasdesk"
)

// Whatever is heard, in whatever state: a message comes to at least one result,
// nobody gets two mails for it, and who wrote within nhs.net gets an answer,
// except where the contract says that there is none: an answer of the awaited
// party that settles nothing (rule 16). A party that settles something is told by
// the mail to the pharmacy alone, or not at all.
func TestNothingIsLost(t *testing.T) {
	if testing.Short() {
		t.Skip("some 40,000 steps")
	}
	words := []nasdesk.Word{nasdesk.SaysNothing, nasdesk.SaysYes, nasdesk.SaysNo, nasdesk.SaysWithdraw}
	names := [][]string{nil, {"ada"}, {"carl"}}
	readings := map[string][]nasdesk.Reading{"nothing": nil, "a removal": asks("unlink-user", "nhs_email=mona").Readings, "a removal of nobody": asks("unlink-user", "").Readings,
		"status": asks("status", "").Readings, "status twice": append(asks("status", "").Readings, asks("status", "").Readings...),
		"status and a removal": append(asks("status", "").Readings, asks("unlink-user", "nhs_email=mona").Readings...), "the same": asks("new-user", ada).Readings}
	values := map[string]nasdesk.Heard{"nothing": {}, "a role": gives("role=owner"), "another person": gives(bob), "an empty reading": gives("")}
	for _, state := range append([]nasdesk.State{""}, lifeStates...) {
		t.Run("in state "+string(state), func(t *testing.T) {
			faults := 0
			for _, from := range []string{"fzz01", string(region), "fzz02", "olga", "somebody@nhs.net"} {
				for _, alone := range []bool{false, true} {
					for _, w := range words {
						for _, of := range names {
							for what, rs := range readings {
								for given, v := range values {
									for _, asked := range []bool{false, true} {
										u := turn{from: from, alone: alone, heard: nasdesk.Heard{Word: w, Of: of, Readings: rs, Values: v.Values, AsksStatus: asked}}
										if state != "" {
											u.stand = []nasdesk.Request{stands(1, "new-user", state, ada)}
										}
										if state == nasdesk.StateAsking {
											u.stand = []nasdesk.Request{stands(1, "new-user", state, without(ada, "role"), lacks("role"))}
										}
										if fault := lost(u, state); fault != "" && faults < 5 {
											faults++
											t.Errorf("%s, alone %v, word %q of %v, asks for %s, gives %s, asks how it stands %v: %s", from, alone, w, of, what, given, asked, fault)
										}
									}
								}
							}
						}
					}
				}
			}
		})
	}
}

func lost(u turn, state nasdesk.State) string {
	d := u.decide()
	if len(d.Results) == 0 {
		return "no result"
	}
	to := map[nasdesk.Address]int{}
	for _, m := range d.Mails {
		if to[m.To]++; to[m.To] > 1 {
			return fmt.Sprint("two mails to ", m.To)
		}
	}
	asker := addressOf(u.from)
	if to[asker] == 0 && !(asker == region && state == nasdesk.StateSeeking && !u.alone) {
		return "no answer to " + string(asker) + ": " + turned(d)
	}
	return ""
}
